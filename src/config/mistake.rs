//! A wrong value, told with its place, what was expected and what to do.

use crate::config::{Source, Variable, without_passwords};
use std::fmt;
use strsim::osa_distance;

/// One mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// `file:line`, `environment`, or an option of the command line.
    pub place: String,
    /// What is written there, as `NAME="value"`; secrets are stars.
    pub written: String,
    /// Why it is wrong.
    pub reason: String,
    /// What was expected and a value that works.
    pub expected: String,
}

impl Mistake {
    /// Describes a value that is none of its variable's type; a default is the better example, where there is one.
    #[must_use]
    pub fn value(source: &Source, variable: &Variable, text: &str, reason: impl Into<String>) -> Self {
        let example = if variable.default.is_empty() { variable.example } else { variable.default };
        let expected = format!("expected {}, for example {}={example}", variable.expected, variable.name);
        Self { expected, ..Self::refused(source, variable, text, reason) }
    }

    /// Describes a value whose reason already says what was expected.
    #[must_use]
    pub fn refused(source: &Source, variable: &Variable, text: &str, reason: impl Into<String>) -> Self {
        // Where a path is wanted, somebody may have given the key itself.
        let is_hidden = (variable.secret && !text.is_empty()) || text.starts_with("-----BEGIN");
        let shown = if is_hidden { "********" } else { text };
        Self {
            place: source.to_string(),
            written: format!("{}={shown:?}", variable.name),
            reason: reason.into(),
            expected: String::new(),
        }
    }

    /// Describes something that no single value is to blame for.
    #[must_use]
    pub fn general(reason: impl Into<String>) -> Self {
        Self {
            place: "configuration".to_owned(),
            written: String::new(),
            reason: reason.into(),
            expected: String::new(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        for (separator, part) in [(" ", &self.written), (": ", &self.reason), ("; ", &self.expected)] {
            if !part.is_empty() {
                // Whoever writes a URL where an address is wanted is told so, and its password is not.
                write!(f, "{separator}{}", without_passwords(part))?;
            }
        }
        Ok(())
    }
}

/// Mistakes that are told one by one; a file that is no env file has one in every line.
const TOLD: usize = 50;

/// All mistakes of one run, one per line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.len();
        write!(f, "{number} mistake{} in the configuration:", if number == 1 { "" } else { "s" })?;
        self.0.iter().take(TOLD).try_for_each(|mistake| write!(f, "\n  {mistake}"))?;
        if number > TOLD { write!(f, "\n  and {} more", number - TOLD) } else { Ok(()) }
    }
}

/// Returns the known name that is nearest to a wrong one, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = match name.len() {
        0..=4 => 0,
        5..=7 => 1,
        _ => 2,
    };
    let name = name.to_ascii_uppercase();
    known.map(|k| (osa_distance(&name, k), k)).filter(|(d, _)| *d <= most).min().map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_env_file_does_not_fill_the_screen() {
        let text = Mistakes(vec![Mistake::general("no"); TOLD + 7]).to_string();
        assert!(text.starts_with("57 mistakes") && text.ends_with("\n  and 7 more"), "{text}");
        assert_eq!(text.lines().count(), TOLD + 2);
    }

    #[test]
    fn typing_errors_find_the_name_that_was_meant() {
        let known = ["ANYLOG_SERVER_PORT", "COMPANY_NAME", "DB_IP", "STATE"];
        let near = |name| nearest(name, known.into_iter());
        assert_eq!(near("ANYLOG_SERVER_PROT"), Some("ANYLOG_SERVER_PORT"));
        assert_eq!(near("COMPNY_NAME"), Some("COMPANY_NAME"));
        assert_eq!(near("company_name"), Some("COMPANY_NAME"));
        assert_eq!(near("STATES"), Some("STATE"));
        assert_eq!(near("PATH"), None);
        assert_eq!(near("MQTT_TOPIC"), None);
    }
}
