//! The log on standard error: text for people, JSON for machines, a level that can be changed while the node runs.

mod log_lines;
#[cfg(feature = "otlp")]
pub mod otlp;
pub mod traces;

pub use log_lines::log_lines;

use log_lines::LogLines;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::{EnvFilter, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt};

/// How the lines of the log are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLayout {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

/// Changes the level of the running log.
#[derive(Clone, Debug)]
pub struct LogLevel {
    handle: reload::Handle<EnvFilter, Registry>,
}

/// Why the log cannot be set up or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter is not understood.
    #[error("it is no level: {0}; write error, warn, info, debug or trace, or module=level pairs")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// There is a log already.
    #[error("the log is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
    /// The log is gone.
    #[error("the level cannot be changed: {0}")]
    Reload(#[from] reload::Error),
}

/// Starts the log of this process; without a format it is text on a terminal and JSON elsewhere.
///
/// # Errors
/// When the level is not understood, or a log was started before.
pub fn start(level: &str, format: Option<LogLayout>) -> Result<LogLevel, Error> {
    let (filter, handle) = reload::Layer::new(filter(level)?);
    let registry = tracing_subscriber::registry().with(filter).with(LogLines);
    let terminal = stderr().is_terminal();
    let format = format.unwrap_or(if terminal { LogLayout::Text } else { LogLayout::Json });
    match format {
        LogLayout::Text => registry.with(fmt::layer().with_writer(stderr).with_ansi(terminal)).try_init()?,
        LogLayout::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(stderr))
            .try_init()?,
    }
    Ok(LogLevel { handle })
}

/// Tells whether a level is understood.
///
/// # Errors
/// Why it is not.
pub fn check(level: &str) -> Result<(), Error> {
    filter(level).map(|_| ())
}

impl LogLevel {
    /// Changes the level.
    ///
    /// # Errors
    /// When the level is not understood; the old one stays.
    pub fn set(&self, level: &str) -> Result<(), Error> {
        self.handle.reload(filter(level)?)?;
        Ok(())
    }
}

/// Reads a level; the libraries' own talk stays at warnings unless they are named.
fn filter(level: &str) -> Result<EnvFilter, Error> {
    let quiet = if level.contains('=') { String::new() } else { format!("warn,anylog_master={level}") };
    let text = if quiet.is_empty() { level } else { &quiet };
    Ok(EnvFilter::try_new(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_filters() {
        assert!(filter("info").is_ok() && filter("warn,anylog_master::peer=debug").is_ok());
        assert!(filter("loud").unwrap_err().to_string().contains("no level"));
    }
}
