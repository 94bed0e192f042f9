//! Runs the commands of a step and keeps what came of them.

use crate::{
    boot::BootFailure,
    command,
    config::Source,
    node::{Node, Session, secret},
    policy::Policy,
    reply::{Error, ErrorKind, Reply},
};
use std::{sync::Arc, time::Instant};

/// What a failed command of the plan usually needs.
const REMEDY: &str = "correct the configuration and start again; anylog-master check-config shows the effective values";

/// The node and the session that steps run commands with.
///
/// The commands are those of the deployment documents. The session is that of the boot plan, in which references are bound:
/// what the configuration says comes into a command as a value and is never read as text of the language.
pub struct Runner {
    /// The node.
    pub node: Arc<Node>,
    session: Session,
    step: &'static str,
}

impl Runner {
    /// Creates a runner.
    pub const fn new(node: Arc<Node>, session: Session) -> Self {
        Self { node, session, step: "" }
    }

    /// Begins a step.
    pub fn begin(&mut self, step: &'static str) {
        self.step = step;
        self.node.boot.begin(step);
    }

    /// Runs a command that must succeed.
    ///
    /// # Errors
    /// The step, the command, the reason and what to do.
    pub async fn run(&mut self, text: &str) -> Result<Reply, BootFailure> {
        self.attempt(text).await.map_err(|error| self.failed(text, error, REMEDY))
    }

    /// Runs commands that must succeed, one after the other.
    ///
    /// # Errors
    /// See [`Runner::run`].
    pub async fn run_all<T: AsRef<str>>(&mut self, texts: &[T]) -> Result<(), BootFailure> {
        for text in texts {
            self.run(text.as_ref()).await?;
        }
        Ok(())
    }

    /// Runs a command that may fail.
    ///
    /// # Errors
    /// The command's own.
    pub async fn attempt(&mut self, text: &str) -> Result<Reply, Error> {
        let started = Instant::now();
        let result = command::run(&self.node, &mut self.session, text).await;
        let failure = result.as_ref().err().map(ToString::to_string);
        let outcome = failure.as_deref().unwrap_or("ok");
        tracing::debug!(step = self.step, command = %secret::masked(text), outcome, "boot command");
        match failure {
            None => self.node.boot.command(text, "ok", started),
            Some(reason) => self.node.boot.failure(text, reason, started),
        }
        result
    }

    /// Runs a query and returns the policies that it finds; none when it fails.
    pub async fn policies(&mut self, query: &str) -> Vec<Policy> {
        match self.attempt(query).await {
            Ok(Reply::Policies(found)) => {
                found.into_iter().filter_map(|policy| Policy::from_value(policy.into_value()?).ok()).collect()
            }
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    /// Gives a reference of the commands to come its value; other callers do not see it.
    pub fn bind(&mut self, name: &str, value: String) {
        self.session.locals.get_or_insert_default().insert(name.to_owned(), value);
    }

    /// Describes a command that failed in the step that runs.
    pub fn failed(&self, text: &str, error: Error, remedy: &'static str) -> BootFailure {
        BootFailure::Command { step: self.step, command: secret::masked(text).into_owned(), error, remedy }
    }

    /// Describes a command that failed because something is not there.
    pub fn unavailable(&self, text: &str, error: Error, remedy: String) -> BootFailure {
        BootFailure::Unavailable { step: self.step, command: secret::masked(text).into_owned(), error, remedy }
    }

    /// Returns how a command names the value of a variable: `$NAME` when somebody set it, else the default as text.
    pub fn value_of(&self, variable: &str) -> String {
        let setting = self.node.config.setting(variable);
        match setting {
            Some(setting) if setting.source == Source::Default => quoted(&setting.value),
            Some(setting) if setting.value.is_empty() => String::new(),
            _ => format!("${variable}"),
        }
    }
}

/// Tells whether a failure means that something is not there (yet), so that another try may help.
pub fn may_come(error: &Error) -> bool {
    error.kind == ErrorKind::Unavailable
}

/// Writes a text as one word of a command.
fn quoted(text: &str) -> String {
    if text.is_empty() || !text.contains(char::is_whitespace) { text.to_owned() } else { format!("\"{text}\"") }
}
