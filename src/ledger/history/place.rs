//! Places in the history: every change has one, and later ones come behind earlier ones, also across restarts.

use crate::ledger::history::action::HistoryAction;
use std::{fmt, str::FromStr};

/// The place of a line in the history. Several masters of one database give the same places to the same lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryPlace {
    /// The number of the transaction, or in a SQLite file of the line.
    pub version: i64,
    /// The place of the line among those of its transaction, from 0.
    pub place: i32,
}

impl HistoryPlace {
    /// Returns a place behind which this one is the first, whatever the history has before it.
    #[must_use]
    pub const fn before(self) -> Self {
        match self {
            Self { version, place: ..=0 } => Self { version: version.saturating_sub(1), place: i32::MAX },
            Self { version, place } => Self { version, place: place - 1 },
        }
    }
}

/// A text that is no place of a history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no version of the ledger: a number, or two with a point between them")]
pub struct WrongPlace(String);

impl fmt::Display for HistoryPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            0 => write!(f, "{}", self.version),
            place => write!(f, "{}.{place}", self.version),
        }
    }
}

impl FromStr for HistoryPlace {
    type Err = WrongPlace;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (version, place) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let read = || Some(Self { version: version.parse().ok()?, place: place.parse().ok()? });
        let found = if are_digits(version) && are_digits(place) { read() } else { None };
        found.ok_or_else(|| WrongPlace(text.chars().take(64).collect()))
    }
}

/// A change as the history tells it, without the texts of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// Its place.
    pub place: HistoryPlace,
    /// UTC time of the change, in the form of policy dates.
    pub time: String,
    /// Who asked for it.
    pub who: String,
    /// What happened; nothing where somebody else changed the table, who says no more.
    pub action: Option<HistoryAction>,
    /// Policy type.
    pub kind: String,
    /// Policy id.
    pub id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_first_behind_the_one_before() {
        for (version, place) in [(17, 0), (17, 3)] {
            let at = HistoryPlace { version, place };
            let before = at.before();
            assert!(before < at && before.version >= version - 1);
            assert!(HistoryPlace { version: version - 1, place: 9 } < before);
            assert!(place == 0 || before == HistoryPlace { version, place: place - 1 });
        }
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for (text, version, place) in [("0", 0, 0), ("17", 17, 0), ("17.3", 17, 3)] {
            let at = HistoryPlace { version, place };
            assert_eq!((text.parse(), at.to_string().as_str()), (Ok(at), text));
        }
        for wrong in ["", ".", "1.", ".1", "-1", "+1", "1.2.3", "1e3", "99999999999999999999", "a"] {
            assert!(wrong.parse::<HistoryPlace>().is_err(), "{wrong}");
        }
    }
}
