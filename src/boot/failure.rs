//! Why a boot stopped.

use crate::{boot::unusable::Unusable, reply, rest};
use std::{io, path::PathBuf};

/// Why a boot stopped, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum BootFailure {
    /// Directories or files of the node cannot be used.
    #[error("{0}")]
    Home(#[source] Unusable),
    /// A server is to listen on an address alone that this machine does not have.
    #[error(
        "{variable}={value} {reason}, and {}=true: servers listen on it alone; set {} to false and they listen on all addresses, or run where the address is (in compose: docker-compose/overlay.yml); addresses of this machine: {own}",
        .bound.join("=true, "),
        .bound.join(" and ")
    )]
    Address {
        /// Name of the variable.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What is wrong with it.
        reason: String,
        /// Variables that bind a server to it.
        bound: Vec<&'static str>,
        /// The addresses that the machine has.
        own: String,
    },
    /// A command of the plan failed.
    #[error("boot stopped at step {step}: {command}: {error}; {remedy}")]
    Command {
        /// Name of the step.
        step: &'static str,
        /// Text of the command; secrets are stars.
        command: String,
        /// The error.
        #[source]
        error: reply::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// Something the node depends on did not come in time.
    #[error("boot stopped at step {step}: {command}: {error}; {remedy}")]
    Unavailable {
        /// Name of the step.
        step: &'static str,
        /// Text of the command; secrets are stars.
        command: String,
        /// The last error.
        #[source]
        error: reply::Error,
        /// What to do.
        remedy: String,
    },
    /// The tokens of REST callers are wrong; [`crate::boot::check`] tells so before a start.
    #[error("REST_TOKENS: {0}")]
    Tokens(#[from] rest::WrongToken),
    /// The token that the node made for itself cannot be read again.
    #[error("{path}: {error}; remove the file, and the next start makes another token", path = .path.display())]
    KeptTokens {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        error: rest::WrongToken,
    },
    /// The roles of client certificates are wrong; [`crate::boot::check`] tells so before a start.
    #[error("REST_CERT_ROLES: {0}")]
    CertificateRoles(#[from] rest::WrongCertificateRole),
    /// The program's words started nothing that works, and nobody can type what is missing.
    #[error(
        "the commands of the start are done and nobody can type here, but {missing}; {errors}; set NODE_TYPE=master, LOCAL_SCRIPTS and the database as docs/operations.md says, and start again"
    )]
    Abandoned {
        /// What the node lacks.
        missing: String,
        /// The errors of the start.
        errors: String,
        /// True when the ledger is what is missing: a database may come later.
        later: bool,
    },
    /// A signal ended the boot.
    #[error("stopped by a signal before the node was ready")]
    Stopped,
    /// The system refused something.
    #[error("{what}: {error}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        error: io::Error,
    },
}

impl BootFailure {
    /// Returns the exit code: 64 for a place that cannot be used, 75 for a dependency that is not there, else 1.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Home(_)
            | Self::Address { .. }
            | Self::Tokens(_)
            | Self::KeptTokens { .. }
            | Self::CertificateRoles(_) => 64,
            Self::Unavailable { .. } | Self::Abandoned { later: true, .. } => 75,
            Self::Abandoned { .. } | Self::Command { .. } | Self::System { .. } => 1,
            Self::Stopped => 0,
        }
    }
}
