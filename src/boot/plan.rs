//! The built-in plan: all steps in order; the first failure stops it.

use crate::{
    boot::{BootFailure, runner::Runner, steps::Step},
    telemetry,
};
use std::{sync::Arc, time::Instant};

/// Runs every step.
///
/// # Errors
/// The step and the command that failed.
pub async fn run(runner: &mut Runner) -> Result<(), BootFailure> {
    let config = Arc::clone(&runner.node.config);
    for step in Step::ALL.into_iter().filter(|step| step.is_asked(&config)) {
        let started = Instant::now();
        runner.begin(step.name());
        let result = step.run(runner).await;
        let outcome = result.as_ref().map_or_else(|_| "failed".to_owned(), |text| (*text).to_owned());
        let ms = telemetry::milliseconds(started.elapsed());
        tracing::info!(step = step.name(), outcome, ms, "boot step");
        runner.node.boot.end(outcome, started);
        result?;
    }
    Ok(())
}
