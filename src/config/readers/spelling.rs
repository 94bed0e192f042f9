//! How a value is written so that all read it alike.

use super::{
    node::{Dollars, value_of},
    reader::EnvReader,
    reading::Reading,
};
use crate::config::process_value::unquoted;

/// A way to write a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `NAME=value`.
    Bare,
    /// `NAME='value'`.
    Single,
    /// `NAME="value"`.
    Double,
    /// `NAME="value"` with a backslash before quotes, backslashes and `$`.
    Escaped,
}

impl Spelling {
    /// Returns the first way in which this node and all of some readers see a value.
    #[must_use]
    pub fn alike(value: &str, readers: &[EnvReader]) -> Option<Self> {
        let ways = [Self::Bare, Self::Single, Self::Double, Self::Escaped];
        ways.into_iter().find(|way| way.is_read_alike(value, readers))
    }

    /// Writes a value this way, without the name.
    #[must_use]
    pub fn write(self, value: &str) -> String {
        match self {
            Self::Bare => value.to_owned(),
            Self::Single => format!("'{value}'"),
            Self::Double => format!("\"{value}\""),
            Self::Escaped => {
                let escaped: String = value.chars().flat_map(|c| marked(c).into_iter().chain([c])).collect();
                format!("\"{escaped}\"")
            }
        }
    }

    /// Returns the way with `…` for the value, for secrets.
    #[must_use]
    pub const fn form(self) -> &'static str {
        match self {
            Self::Bare => "… without quotes",
            Self::Single => "'…' in single quotes",
            Self::Double => "\"…\" in double quotes",
            Self::Escaped => "\"…\" in double quotes, with a backslash before each \", \\ and $",
        }
    }

    fn is_read_alike(self, value: &str, readers: &[EnvReader]) -> bool {
        let text = self.write(value);
        let statement = format!("NAME={text}");
        // Nothing is set where the readers look: a text that some take for a reference is not read alike.
        let nothing = |_: &str| None;
        let node = value_of(&text, &nothing, Dollars::All);
        node.as_deref() == Ok(value)
            && !value.contains('\n')
            && readers.iter().all(|reader| match reader.read(&statement, &nothing) {
                Reading::Value(read) if *reader == EnvReader::Docker => unquoted(read.trim()) == value,
                reading => reading == Reading::Value(value.to_owned()),
            })
    }
}

/// Returns the backslash before a character that needs one in double quotes.
fn marked(c: char) -> Option<char> {
    matches!(c, '"' | '\\' | '$' | '`').then_some('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_plainest_spelling_that_all_read() {
        for (value, all) in [
            ("plain", Some("plain")),
            ("", Some("")),
            ("10.0.0.5:32048", Some("10.0.0.5:32048")),
            ("New Company", Some("'New Company'")),
            ("pa$word", Some("'pa$word'")),
            ("abc #def", Some("'abc #def'")),
            ("say \"hi\"", Some("'say \"hi\"'")),
            ("it's", Some("\"it's\"")),
            ("a\\b", Some("'a\\b'")),
            ("# none", Some("'# none'")),
            (" a ", Some("' a '")),
            ("p${HOME}q", None),
        ] {
            let spelled = Spelling::alike(value, &EnvReader::ALL).map(|way| way.write(value));
            assert_eq!(spelled.as_deref(), all, "{value}");
        }
        let quotes = Spelling::alike("a'b\"c", &EnvReader::COMPOSE).map(|way| way.write("a'b\"c"));
        assert_eq!(quotes.as_deref(), Some("a'b\"c"));
    }
}
