//! Exit codes: 0 well, 1 failed, 2 something would change, 64 wrong usage or configuration, 75 something it depends on is not there.

use crate::{boot, cli::output::tell, config::Mistakes, render};
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

/// Why the program ends with another code than 0.
#[derive(Debug, thiserror::Error)]
pub enum ExitFailure {
    /// The configuration is wrong.
    #[error("{0}")]
    Configuration(#[from] Mistakes),
    /// Something that is needed is not there at the moment.
    #[error("{0}")]
    Absent(String),
    /// Words that make no sense here, or a place that cannot be used.
    #[error("{0}")]
    Usage(String),
    /// The boot stopped.
    #[error("{0}")]
    Boot(#[from] boot::BootFailure),
    /// The node is not ready, or a command failed; it was said already or is the text.
    #[error("{0}")]
    Failed(String),
    /// Something would change, which is what was asked.
    #[error("{0}")]
    Differs(String),
    /// The system refused something.
    #[error("{what}: {error}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        error: io::Error,
    },
}

impl ExitFailure {
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Absent(_) => 75,
            Self::Configuration(_) | Self::Usage(_) => 64,
            Self::Boot(failure) => failure.exit_code(),
            Self::Differs(_) => 2,
            Self::Failed(_) | Self::System { .. } => 1,
        }
    }
}

/// Prints why the program failed and returns its exit code.
pub fn code(result: Result<(), ExitFailure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            // Names of policies and answers of nodes are in it, which others wrote.
            let is_shown = io::stderr().is_terminal();
            tell(&format!("anylog-master: {}", if is_shown { render::visible(&text) } else { text.as_str().into() }));
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Prints help, version, or what is wrong with the arguments.
pub fn usage(error: &clap::Error) -> ExitCode {
    let _unprinted = error.print();
    if error.use_stderr() { ExitCode::from(64) } else { ExitCode::SUCCESS }
}
