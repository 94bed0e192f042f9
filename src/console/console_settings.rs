//! What the operator sets for the console.

use crate::runtime::limits;
use std::time::Duration;

/// Settings of the console; boot fills them from the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSettings {
    /// `CONSOLE_WRITE`: with `AUTH=off` everybody may change something, not only read.
    pub write: bool,
    /// `CONSOLE_TIMEOUT`: time without a request after which who signed in has to do so again.
    pub timeout: Duration,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        Self { write: false, timeout: limits::CONSOLE_TIMEOUT }
    }
}
