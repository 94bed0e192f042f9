//! Who is calling, by `AnyLog-Agent` or `User-Agent` (spec/rest 2).

/// The kinds of callers that are treated apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// An AnyLog client, any version.
    AnyLog,
    /// `curl`: an AnyLog client that asks for the status when it sends no command.
    Curl,
    /// The Grafana connector.
    Grafana,
    /// Anything else, or nothing.
    Unknown,
}

impl Agent {
    /// Returns the kind of a product name as [`product`] gives it.
    #[must_use]
    pub fn of(product: Option<&str>) -> Self {
        match product {
            Some("anylog") => Self::AnyLog,
            Some("curl") => Self::Curl,
            Some("grafana") => Self::Grafana,
            _ => Self::Unknown,
        }
    }
}

/// Returns the product of an agent value: the part before the first `/`, trimmed, in lower case.
#[must_use]
pub fn product(value: &str) -> Option<String> {
    let name = value.split('/').next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.to_lowercase())
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
            assert_eq!(Agent::of(product(value).as_deref()), kind, "{value}");
        }
    }
}
