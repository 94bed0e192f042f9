//! The types that values of variables may have, with the spellings that real env files use.

use anylog_values::{TimeSpan, TimeSpanError};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{path::PathBuf, time::Duration};
use strsim::osa_distance;

/// A type that the text of a variable is read into.
pub trait Field: Sized {
    /// What a text must look like, after "expected".
    const EXPECTED: &'static str;
    /// A value that works.
    const EXAMPLE: &'static str;
    /// True when the value must never be shown.
    const SECRET: bool = false;
    /// True when any text may be the value.
    const TEXT: bool = false;

    /// Reads a text without blanks around it; an empty text stands for "not set".
    ///
    /// # Errors
    /// The reason, when the text is no value of this type.
    fn read(text: &str) -> Result<Self, String>;
}

/// Reads a field inside a group that serde deserialises.
pub fn deserialize<'de, D: Deserializer<'de>, T: Field>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    T::read(&text).map_err(D::Error::custom)
}

impl<T: Field> Field for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const EXAMPLE: &'static str = T::EXAMPLE;
    const SECRET: bool = T::SECRET;
    const TEXT: bool = T::TEXT;

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }
}

impl Field for String {
    const EXPECTED: &'static str = "a text";
    const EXAMPLE: &'static str = "anylog";
    const TEXT: bool = true;

    fn read(text: &str) -> Result<Self, String> {
        match text.chars().find(|c| c.is_control() && *c != '\t') {
            Some(c) => Err(format!("it holds the control character {:#04x}", u32::from(c))),
            None => Ok(text.to_owned()),
        }
    }
}

impl Field for PathBuf {
    const EXPECTED: &'static str = "a path";
    const EXAMPLE: &'static str = "/app";

    fn read(text: &str) -> Result<Self, String> {
        if text.starts_with("-----BEGIN") {
            return Err(
                "it is the content of a file: write the path of the file, and no _FILE behind the name".to_owned()
            );
        }
        // A shell fills these in; Docker, Kubernetes and this program take them as they are, as the name of a directory.
        if text == "~" || text.starts_with("~/") {
            return Err("~ is filled in by a shell alone; write the whole path".to_owned());
        }
        if text.starts_with('$') || text.contains("${") {
            return Err("nobody filled in what $ refers to; write the whole path".to_owned());
        }
        String::read(text).map(Self::from)
    }
}

impl Field for SecretString {
    const EXPECTED: &'static str = "a secret text";
    const EXAMPLE: &'static str = "a text, or the same name with _FILE and a path";
    const SECRET: bool = true;
    const TEXT: bool = true;

    fn read(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

impl Field for bool {
    const EXPECTED: &'static str = "true or false";
    const EXAMPLE: &'static str = "true";

    fn read(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "y" | "t" | "enabled" | "enable" => Ok(true),
            "false" | "no" | "off" | "0" | "" | "n" | "f" | "disabled" | "disable" => Ok(false),
            other => {
                let meant = ["true", "false"].into_iter().find(|word| osa_distance(other, word) == 1);
                let meant = meant.map(|word| format!("; did you mean {word}?"));
                Err(format!("it is neither true nor false{}", meant.unwrap_or_default()))
            }
        }
    }
}

impl Field for u16 {
    const EXPECTED: &'static str = "a port from 0 to 65535 (0 takes a free one)";
    const EXAMPLE: &'static str = "32048";

    fn read(text: &str) -> Result<Self, String> {
        integer(text, u64::from(Self::MAX))
    }
}

impl Field for u32 {
    const EXPECTED: &'static str = "a whole number";
    const EXAMPLE: &'static str = "6";

    fn read(text: &str) -> Result<Self, String> {
        integer(text, u64::from(Self::MAX))
    }
}

impl Field for u64 {
    const EXPECTED: &'static str = "a whole number";
    const EXAMPLE: &'static str = "11155111";

    fn read(text: &str) -> Result<Self, String> {
        integer(text, Self::MAX)
    }
}

impl Field for usize {
    const EXPECTED: &'static str = "a whole number";
    const EXAMPLE: &'static str = "4096";

    fn read(text: &str) -> Result<Self, String> {
        integer(text, u64::from(u32::MAX))
    }
}

/// Reads an unsigned whole number up to `most`.
fn integer<T: TryFrom<u64>>(text: &str, most: u64) -> Result<T, String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX)).ok_or("it is not a whole number")?;
    let fits = (number <= most).then(|| T::try_from(number).ok()).flatten();
    fits.ok_or_else(|| format!("it is larger than {most}"))
}

impl Field for Duration {
    const EXPECTED: &'static str = "a number with a unit (ms, seconds, minutes, hours, days)";
    const EXAMPLE: &'static str = "30 seconds";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map(TimeSpan::duration).map_err(|error: TimeSpanError| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_accept_the_spellings_of_real_files() {
        for text in ["true", "True", "TRUE", "1", "yes", "Y", "on", "t", "Enabled"] {
            assert_eq!(bool::read(text), Ok(true), "{text}");
        }
        for text in ["false", "False", "FALSE", "0", "", "No", "n", "off", "F", "disabled"] {
            assert_eq!(bool::read(text), Ok(false), "{text}");
        }
        assert_eq!(bool::read("flase"), Err("it is neither true nor false; did you mean false?".to_owned()));
        assert_eq!(bool::read("fals"), Err("it is neither true nor false; did you mean false?".to_owned()));
        assert_eq!(bool::read("maybe"), Err("it is neither true nor false".to_owned()));
    }

    #[test]
    fn durations_accept_the_spellings_of_real_files() {
        for (text, seconds) in [("30 second", 30), ("30 seconds", 30), ("30", 30), ("2minutes", 120), ("1 day", 86400)]
        {
            assert_eq!(Duration::read(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "soon", "3 fortnights", "-5 seconds", "1e400"] {
            assert!(Duration::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths_are_whole() {
        for text in ["~", "~/x", "$HOME/x", "${HOME}", "/srv/${NODE}/x", "-----BEGIN X"] {
            assert!(PathBuf::read(text).is_err(), "{text}");
        }
        for text in ["/app", "x", "./~x", "/a$b", "~user"] {
            assert_eq!(PathBuf::read(text), Ok(PathBuf::from(text)));
        }
    }

    #[test]
    fn numbers_are_digits_in_range() {
        assert_eq!(u16::read("32048"), Ok(32048));
        for text in ["", "65536", "-1", "32048x", "3 2", "99999999999999999999999"] {
            assert!(u16::read(text).is_err(), "{text}");
        }
    }
}
