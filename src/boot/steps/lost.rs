//! A table that lost what the local copy has: the start says so, and does what was decided for it.
//!
//! Without a decision the node comes up all the same: it answers questions from the copy, takes changes, gives members nothing
//! and leaves the copy as it is, until somebody decides at its prompt.

use crate::{
    boot::{BootFailure, runner::Runner},
    config::StartFrom,
    node::{UNDECIDED, tell_undecided},
};

const COPY: &str = "blockchain start from copy";
const TABLE: &str = "blockchain start from table";
const REMEDY: &str = "start again when the database and the disk take changes: the local copy is as it was";

/// Does what `START_FROM` says, if the table lost something; returns what came of it.
///
/// # Errors
/// The command that failed.
pub async fn decide(runner: &mut Runner) -> Result<Option<&'static str>, BootFailure> {
    let decided = runner.node.config.startup.start_from;
    let Some(policies) = runner.node.undecided_policies() else {
        if let Some(from) = decided {
            tracing::info!(START_FROM = %from, "the ledger table lost nothing: START_FROM does nothing and can be removed");
        }
        return Ok(None);
    };
    // Whoever decided for the copy need not do so again because the node ended meanwhile.
    let goes_on = runner.node.ledger.is_being_restored().await.unwrap_or_default();
    let (text, outcome) = match decided {
        Some(StartFrom::Table) => (TABLE, "done: the table counts, the local copy is kept beside (START_FROM=table)"),
        Some(StartFrom::Copy) => (COPY, "done: the policies are back from the local copy (START_FROM=copy)"),
        None if goes_on => (COPY, "done: the rest of the policies is back from the local copy"),
        None => {
            tell_undecided(policies);
            return Ok(Some(UNDECIDED));
        }
    };
    match runner.attempt(text).await {
        Ok(_) => Ok(Some(outcome)),
        Err(error) => Err(runner.failed(text, error, REMEDY)),
    }
}
