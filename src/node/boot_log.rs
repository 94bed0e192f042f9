//! What the boot did: steps, the commands they ran, what came of them and how long they took.

use super::secret;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The record of one boot; `get boot` shows it.
#[derive(Debug, Default)]
pub struct BootLog {
    steps: Mutex<Vec<BootStep>>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootStep {
    /// Name of the step.
    pub name: &'static str,
    /// Its commands in order.
    pub commands: Vec<BootCommand>,
    /// What came of it; nothing while it runs.
    pub outcome: Option<String>,
    /// Time it took.
    pub time: Duration,
}

/// One command of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootCommand {
    /// Its text; secrets are stars.
    pub text: String,
    /// What came of it.
    pub outcome: String,
    /// Time it took.
    pub time: Duration,
}

impl BootLog {
    /// Begins a step.
    pub fn begin(&self, name: &'static str) {
        let step = BootStep { name, commands: Vec::new(), outcome: None, time: Duration::ZERO };
        self.lock().push(step);
    }

    /// Adds a command that began at `started` to the step that runs.
    pub fn command(&self, text: &str, outcome: impl Into<String>, started: Instant) {
        let command =
            BootCommand { text: secret::masked(text).into_owned(), outcome: outcome.into(), time: started.elapsed() };
        if let Some(step) = self.lock().last_mut() {
            step.commands.push(command);
        }
    }

    /// Ends the step that runs, which began at `started`.
    pub fn end(&self, outcome: impl Into<String>, started: Instant) {
        if let Some(step) = self.lock().last_mut() {
            step.outcome = Some(outcome.into());
            step.time = started.elapsed();
        }
    }

    /// Returns the steps so far.
    #[must_use]
    pub fn steps(&self) -> Vec<BootStep> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<BootStep>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
