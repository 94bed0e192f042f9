//! The steps of the built-in plan, one file each, in the order of the deployment document.

mod database;
mod former;
mod local_script;
mod lost;
mod parameters;
mod platform;
mod policy;
mod servers;
mod synchronization;

use crate::{
    boot::{BootFailure, runner::Runner},
    config::Config,
};

/// One step of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Variables of the environment become keys of the dictionary.
    Parameters,
    /// TCP and REST listen.
    Servers,
    /// The database is connected and the ledger table is there.
    Database,
    /// The chain is connected, and this master relays to it.
    Platform,
    /// Scheduler 1 and the synchronisation run.
    Synchronization,
    /// The node's own policy is in the ledger.
    Policy,
    /// The operator's own script has run.
    LocalScript,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 7] = [
        Self::Parameters,
        Self::Servers,
        Self::Database,
        Self::Platform,
        Self::Synchronization,
        Self::Policy,
        Self::LocalScript,
    ];

    /// Tells whether a node takes the step.
    pub const fn is_asked(self, config: &Config) -> bool {
        match self {
            Self::LocalScript => config.startup.deploy_local_script,
            Self::Platform => config.ledger.blockchain_source.is_chain(),
            Self::Parameters | Self::Servers | Self::Database | Self::Synchronization | Self::Policy => true,
        }
    }

    /// Returns the name that `get boot` shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::Servers => "servers",
            Self::Database => "database",
            Self::Platform => "platform",
            Self::Synchronization => "synchronization",
            Self::Policy => "policy",
            Self::LocalScript => "local script",
        }
    }

    /// Runs the step and says what came of it.
    ///
    /// # Errors
    /// The command that failed.
    pub async fn run(self, runner: &mut Runner) -> Result<&'static str, BootFailure> {
        match self {
            Self::Parameters => parameters::run(runner).await,
            Self::Servers => servers::run(runner).await,
            Self::Database => database::run(runner).await,
            Self::Platform => platform::run(runner).await,
            Self::Synchronization => synchronization::run(runner).await,
            Self::Policy => policy::run(runner).await,
            Self::LocalScript => Ok(local_script::run(runner).await),
        }
    }
}
