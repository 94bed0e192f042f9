//! The values of a `where` list.

use super::Resolved;
use anylog_values::Address;
use std::time::Duration;

/// The values that a command was given, by key, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    pub(super) values: Vec<(String, Vec<Resolved>)>,
}

impl Arguments {
    /// Tells whether no key was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Tells whether a key was given.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.all(key).next().is_some()
    }

    /// Returns the keys in the order in which they were written.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(key, _)| key.as_str())
    }

    /// Returns every value of a key.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &Resolved> {
        self.values.iter().filter(move |(name, _)| name == key).flat_map(|(_, values)| values)
    }

    /// Returns the text of a key.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.all(key).find_map(|value| if let Resolved::Text(text) = value { Some(text.as_str()) } else { None })
    }

    /// Returns all texts of a key.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        self.all(key).filter_map(|value| if let Resolved::Text(text) = value { Some(text.as_str()) } else { None })
    }

    /// Returns every address of a key, which its list has checked already.
    pub fn addresses(&self, key: &str) -> impl Iterator<Item = Address> {
        self.texts(key).filter_map(|text| text.parse().ok())
    }

    /// Returns the address of a key, which its list has checked already.
    #[must_use]
    pub fn address(&self, key: &str) -> Option<Address> {
        self.text(key).and_then(|text| text.parse().ok())
    }

    /// Returns the number of a key (a count, or bytes).
    #[must_use]
    pub fn int(&self, key: &str) -> Option<i64> {
        self.all(key).find_map(|value| if let Resolved::Int(number) = value { Some(*number) } else { None })
    }

    /// Returns the number of a key with its fraction.
    #[must_use]
    pub fn float(&self, key: &str) -> Option<f64> {
        self.all(key).find_map(|value| if let Resolved::Float(number) = value { Some(*number) } else { None })
    }

    /// Returns the truth value of a key.
    #[must_use]
    pub fn bool(&self, key: &str) -> Option<bool> {
        self.all(key).find_map(|value| if let Resolved::Bool(value) = value { Some(*value) } else { None })
    }

    /// Returns the time of a key; a negative one counts as none.
    #[must_use]
    pub fn seconds(&self, key: &str) -> Option<Duration> {
        self.int(key).and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
    }

    /// Adds a value to a key.
    pub(super) fn add(&mut self, key: &str, value: Resolved) {
        match self.values.iter_mut().find(|(name, _)| name == key) {
            Some((_, values)) => values.push(value),
            None => self.values.push((key.to_owned(), vec![value])),
        }
    }
}
