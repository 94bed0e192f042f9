//! Who is calling, by `AnyLog-Agent` or `User-Agent` (reference/rest 2).

/// The kinds of callers that are treated apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    /// An AnyLog client, any version.
    AnyLog,
    /// `curl`: an AnyLog client that asks for the status when it sends no command.
    Curl,
    /// The Grafana connector.
    Grafana,
    /// Anything else, or nothing.
    #[default]
    Unknown,
}

impl Agent {
    /// Returns the kind of an agent value: its product is the part before the first `/`, in any case.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let product = value.split_once('/').map_or(value, |(product, _)| product).trim();
        let known = [Self::AnyLog, Self::Curl, Self::Grafana];
        known.into_iter().find(|agent| product.eq_ignore_ascii_case(agent.product())).unwrap_or(Self::Unknown)
    }

    /// Returns the name of the product in lower case; empty for one that is not known.
    #[must_use]
    pub const fn product(self) -> &'static str {
        match self {
            Self::AnyLog => "anylog",
            Self::Curl => "curl",
            Self::Grafana => "grafana",
            Self::Unknown => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_part_before_the_slash() {
        for (value, kind) in [
            ("AnyLog/1.23", Agent::AnyLog),
            ("anylog", Agent::AnyLog),
            ("ANYLOG / 9", Agent::AnyLog),
            ("curl/8.5.0", Agent::Curl),
            ("Grafana/10.4.2", Agent::Grafana),
            ("/AnyLog", Agent::Unknown),
            ("", Agent::Unknown),
            ("python-requests/2.32.3", Agent::Unknown),
        ] {
            assert_eq!(Agent::parse(value), kind, "{value}");
        }
    }
}
