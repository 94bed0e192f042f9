//! A table that lost what the local copy has: the start says so, and does what was decided for it.
//!
//! Without a decision the node comes up all the same: it answers questions from the copy, takes changes, gives members nothing
//! and leaves the copy as it is, until somebody decides at its prompt.

use crate::{
    boot::{BootFailure, runner::Runner},
    config::StartFrom,
    node::Node,
};
use anylog_values::Address;

/// What the step says when nobody decided.
const WAITS: &str = "the table lost what the local copy has: decide with 'blockchain start from copy' or '… table'";
const COPY: &str = "blockchain start from copy";
const TABLE: &str = "blockchain start from table";
const REMEDY: &str = "start again when the database and the disk take changes: the local copy is as it was";

/// Does what `START_FROM` says, if the table lost something; returns what came of it.
///
/// # Errors
/// The command that failed.
pub async fn decide(runner: &mut Runner) -> Result<Option<&'static str>, BootFailure> {
    let decided = runner.node.config.startup.start_from;
    let Some(policies) = undecided(&runner.node) else {
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
            tracing::error!(
                policies,
                "{WAITS}, or start with START_FROM=copy or START_FROM=table; members get nothing so far"
            );
            return Ok(Some(WAITS));
        }
    };
    match runner.attempt(text).await {
        Ok(_) => Ok(Some(outcome)),
        Err(error) => Err(runner.failed(text, error, REMEDY)),
    }
}

/// Returns how many policies the table lost that the copy has, if that is to be decided here: the copy of a node that follows
/// another master says nothing of its own table.
pub fn undecided(node: &Node) -> Option<usize> {
    let lost = node.ledger.lost_policies()?;
    let source = node.dictionary.get("ledger_conn").and_then(|address| address.parse::<Address>().ok());
    source.is_none_or(|address| node.is_own_address(&address)).then_some(lost)
}
