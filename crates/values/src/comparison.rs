//! How conditions compare two values.

use std::{fmt, str::FromStr};

/// An operator of a condition (reference/command-language 9, reference/ledger 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `contains`: the right text is somewhere in the left one.
    Contains,
    /// `startswith`: the left text begins with the right one.
    StartsWith,
    /// `endswith`: the left text ends with the right one.
    EndsWith,
    /// `childfrom`: the left text is one level below the right one, whose last character separates levels.
    ChildFrom,
}

/// A text that is no operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no operator; use {names}", names = Comparison::ALL.map(Comparison::as_str).join(" "))]
pub struct UnknownComparison(pub String);

impl Comparison {
    /// All operators.
    pub const ALL: [Self; 10] = [
        Self::Equal,
        Self::NotEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::ChildFrom,
    ];

    /// Returns the operator as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::ChildFrom => "childfrom",
        }
    }

    /// Compares two values by their order; the operators on texts hold for no such values.
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Contains | Self::StartsWith | Self::EndsWith | Self::ChildFrom => false,
        }
    }

    /// Compares two texts. Conditions ignore case: their texts come in lower case.
    #[must_use]
    pub fn holds_text(self, left: &str, right: &str) -> bool {
        match self {
            Self::Contains => left.contains(right),
            Self::StartsWith => left.starts_with(right),
            Self::EndsWith => left.ends_with(right),
            Self::ChildFrom => is_child(left, right),
            _ => self.holds(&left, &right),
        }
    }
}

/// Tells whether a text stands directly below a parent whose last character separates the levels.
fn is_child(text: &str, parent: &str) -> bool {
    let Some(separator) = parent.chars().next_back() else { return false };
    let name = text.strip_prefix(parent).filter(|name| !name.is_empty());
    name.is_some_and(|name| !name.strip_suffix(separator).unwrap_or(name).contains(separator))
}

impl FromStr for Comparison {
    type Err = UnknownComparison;

    fn from_str(text: &str) -> Result<Self, UnknownComparison> {
        let found = Self::ALL.into_iter().find(|operator| operator.as_str() == text);
        found.ok_or_else(|| UnknownComparison(text.to_owned()))
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn operators() -> impl Strategy<Value = Comparison> {
        prop::sample::select(Comparison::ALL.to_vec())
    }

    #[test]
    fn what_is_no_operator_is_told_with_those_there_are() {
        for text in ["", "=", "is", "startwith", "CONTAINS", "=>"] {
            assert!(text.parse::<Comparison>().is_err(), "{text}");
        }
        let text = UnknownComparison("is".to_owned()).to_string();
        assert_eq!(text, "'is' is no operator; use == != > >= < <= contains startswith endswith childfrom");
    }

    #[test]
    fn a_child_is_one_level_below() {
        for (text, parent, holds) in [
            ("root/a", "root/", true),
            ("root/a/", "root/", true),
            ("root/a/b", "root/", false),
            ("root/", "root/", false),
            ("hello", "hello", false),
            ("a", "", false),
        ] {
            assert_eq!(Comparison::ChildFrom.holds_text(text, parent), holds, "{text} {parent}");
        }
    }

    proptest! {
        #[test]
        fn every_operator_is_read_back(operator in operators()) {
            prop_assert_eq!(operator.to_string().parse::<Comparison>(), Ok(operator));
        }

        #[test]
        fn orders_agree_with_numbers(operator in operators(), left: i64, right: i64) {
            let expected = match operator {
                Comparison::Equal => left == right,
                Comparison::NotEqual => left != right,
                Comparison::Less => left < right,
                Comparison::LessOrEqual => left <= right,
                Comparison::Greater => left > right,
                Comparison::GreaterOrEqual => left >= right,
                _ => false,
            };
            prop_assert_eq!(operator.holds(&left, &right), expected);
        }
    }
}
