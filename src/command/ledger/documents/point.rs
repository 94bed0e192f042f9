//! An earlier moment of the ledger, as programs name it.

use crate::{
    command::ledger::as_of::{self, PastLedger},
    ledger::HistoryPlace,
    node::{Node, Session},
    reply::{Code, Error},
    runtime::clock,
};
use std::sync::Arc;

/// An earlier moment of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointInTime {
    /// After the transaction of a change.
    Version(HistoryPlace),
    /// At a UTC time, in the form of policy dates.
    Time(String),
}

impl PointInTime {
    /// Reads a version (`17`, `17.2`), or a UTC time from the month on (`2026-11`, `2026-11-21T07:00:00Z`).
    ///
    /// # Errors
    /// Code 2 for a text that is neither.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        match text.parse() {
            Ok(place) => Ok(Self::Version(place)),
            Err(_) if text.contains('-') => as_of::policy_date(text).map(Self::Time),
            Err(error) => {
                let detail = format!("{error}; nor is it a UTC time like 2026-11-21T07:00:00Z");
                Err(Error::with(Code::STRUCTURE, detail))
            }
        }
    }

    /// Tells whether it is a time that no change has had yet: until it comes, the ledger of that time is the one of now.
    #[must_use]
    pub fn is_to_come(&self) -> bool {
        match self {
            Self::Version(_) => false,
            Self::Time(time) => *time > clock::policy_date(),
        }
    }

    /// Returns the policies of the moment.
    ///
    /// # Errors
    /// Code 113 for a version that the history does not have; the budget of queries; the database's own.
    pub(in crate::command::ledger) async fn policies(
        &self,
        node: &Arc<Node>,
        session: &Session,
    ) -> Result<PastLedger, Error> {
        let place = match self {
            Self::Time(time) => return as_of::policies(node, session, time).await,
            Self::Version(place) => *place,
        };
        if node.ledger.history_time(place).await?.is_none() {
            let detail = format!("the history of the ledger has no version {place}");
            return Err(Error::with(Code::POLICY_NOT_AVAILABLE, detail));
        }
        as_of::policies_after(node, session, place).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_version_or_a_time() {
        let version = |version, place| Some(PointInTime::Version(HistoryPlace { version, place }));
        for (text, moment) in [
            ("2026", version(2026, 0)),
            (" 17.2", version(17, 2)),
            ("2026-11", Some(PointInTime::Time("2026-11-01T00:00:00.000000Z".to_owned()))),
            ("2026-11-21T07:08:09Z", Some(PointInTime::Time("2026-11-21T07:08:09.000000Z".to_owned()))),
            ("yesterday", None),
            ("2026-13", None),
            ("", None),
            ("-1", None),
        ] {
            assert_eq!(PointInTime::parse(text).ok(), moment, "{text}");
        }
    }

    #[test]
    fn only_a_time_can_be_still_to_come() {
        for (text, is_to_come) in [("2099-01", true), ("2001-01", false), ("20990101", false)] {
            assert_eq!(PointInTime::parse(text).unwrap().is_to_come(), is_to_come, "{text}");
        }
        assert!(!PointInTime::Time(clock::policy_date()).is_to_come());
    }
}
