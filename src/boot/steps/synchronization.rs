//! Step 4: scheduler 1 and the synchronisation of the local copy run.

use crate::boot::{BootFailure, runner::Runner};
use std::sync::Arc;

/// Starts what does not run yet.
///
/// # Errors
/// The command that failed.
pub async fn run(runner: &mut Runner) -> Result<&'static str, BootFailure> {
    let mut outcome = "was there";
    if !runner.node.services.scheduler.status().iter().any(|scheduler| scheduler.id == 1 && scheduler.running) {
        runner.run("run scheduler 1").await?;
        outcome = "done";
    }
    if runner.node.services.synchronizer.status().is_none() {
        let config = Arc::clone(&runner.node.config);
        let words = config.ledger.blockchain_destination.words().iter();
        let destinations: Vec<String> = words.map(|word| format!("dest = {word}")).collect();
        // A relay keeps the ledger in its table: what comes from the chain comes there first.
        let source = if config.ledger.blockchain_source.is_chain() { "master" } else { "!blockchain_source" };
        let text = format!(
            "run blockchain sync where source = {source} and time = !blockchain_sync and {} and connection = !ledger_conn",
            destinations.join(" and ")
        );
        runner.run(&text).await?;
        outcome = "done";
    }
    Ok(outcome)
}
