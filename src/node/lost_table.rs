//! A table that lost what the local copy has, and who decides what counts: the configuration for a start, else a person.

use super::{
    node::Node,
    session::{Origin, Session},
};
use crate::{
    config::StartFrom,
    ledger::{self, Author},
};
use anylog_values::Address;

/// What is said of a table that lost what the local copy has while nobody has decided.
pub const UNDECIDED: &str =
    "the table lost what the local copy has: decide with 'blockchain start from copy' or '… table'";

impl Node {
    /// Returns how many policies the table lost that the copy has, if that is to be decided here: the copy of a node that follows
    /// another master says nothing of its own table.
    #[must_use]
    pub fn undecided_policies(&self) -> Option<usize> {
        let lost = self.ledger.lost_policies()?;
        let source = self.dictionary.get("ledger_conn").and_then(|address| address.parse::<Address>().ok());
        source.is_none_or(|address| self.is_own_address(&address)).then_some(lost)
    }

    /// Does what `START_FROM` says to a table that a script of the boot has just connected or created, before its next line; the
    /// plan does so in a step of its own. Without the variable the log says how to decide.
    ///
    /// # Errors
    /// The reason, when the database or the disk fails.
    pub async fn decide_for_script(&self, session: &Session) -> Result<(), ledger::Error> {
        if !matches!(session.origin.source(), Origin::Boot) || self.readiness.has_booted() {
            return Ok(());
        }
        let Some(policies) = self.undecided_policies() else { return Ok(()) };
        let decided = self.config.startup.start_from;
        // Whoever decided for the copy need not do so again because the node ended meanwhile.
        let goes_on = self.ledger.is_being_restored().await?;
        let Some(from) = decided.or_else(|| goes_on.then_some(StartFrom::Copy)) else {
            tell_undecided(policies);
            return Ok(());
        };
        let host = self.dictionary.get("ip").unwrap_or_else(|| "127.0.0.1".to_owned());
        let outcome = self.ledger.start_from(from, &host, Author::new("boot")).await?;
        tracing::warn!(START_FROM = %from, ?outcome, "the ledger starts from what was decided");
        Ok(())
    }
}

/// Tells how to decide.
pub fn tell_undecided(policies: usize) {
    tracing::error!(
        policies,
        "{UNDECIDED}, or start with START_FROM=copy or START_FROM=table; members get nothing so far"
    );
}
