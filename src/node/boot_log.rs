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
    /// Tries that came to that.
    pub tries: u32,
    /// Time that the last of them took.
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
        let (text, outcome) = (secret::masked(text).into_owned(), outcome.into());
        if let Some(step) = self.lock().last_mut() {
            step.commands.push(BootCommand { text, outcome, tries: 1, time: started.elapsed() });
        }
    }

    /// Adds a command that failed as [`BootLog::command`] does. One that is tried again and again is there once for each reason, so
    /// that a boot that waits for days has no longer record than another.
    pub fn failure(&self, text: &str, reason: String, started: Instant) {
        let text = secret::masked(text);
        let mut steps = self.lock();
        let Some(step) = steps.last_mut() else { return };
        let mut tries = step.commands.iter_mut().rev().take_while(|before| before.text == text);
        if let Some(command) = tries.find(|before| before.outcome == reason) {
            command.tries = command.tries.saturating_add(1);
            command.time = started.elapsed();
            return;
        }
        let time = started.elapsed();
        step.commands.push(BootCommand { text: text.into_owned(), outcome: reason, tries: 1, time });
    }

    /// Ends the step that runs, which began at `started`.
    pub fn end(&self, outcome: impl Into<String>, started: Instant) {
        if let Some(step) = self.lock().last_mut() {
            step.outcome = Some(outcome.into());
            step.time = started.elapsed();
        }
    }

    /// Returns the steps so far; the outcome of a command that was tried several times says how often.
    #[must_use]
    pub fn steps(&self) -> Vec<BootStep> {
        let mut steps = self.lock().clone();
        for command in steps.iter_mut().flat_map(|step| &mut step.commands).filter(|command| command.tries > 1) {
            command.outcome = format!("{} ({} tries)", command.outcome, command.tries);
        }
        steps
    }

    fn lock(&self) -> MutexGuard<'_, Vec<BootStep>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_tried_again_and_again_is_there_once_for_each_reason() {
        let (log, started) = (BootLog::default(), Instant::now());
        log.begin("database");
        for _ in 0..100 {
            log.failure("connect", "refused".to_owned(), started);
            log.failure("connect", "no answer".to_owned(), started);
        }
        log.command("connect", "ok", started);
        log.command("connect", "ok", started);
        let commands: Vec<_> =
            log.steps().remove(0).commands.into_iter().map(|command| (command.outcome, command.tries)).collect();
        let told = [("refused (100 tries)", 100), ("no answer (100 tries)", 100), ("ok", 1), ("ok", 1)];
        assert_eq!(commands, told.map(|(outcome, tries)| (outcome.to_owned(), tries)));
    }
}
