//! What the boot runs, and how the node stops.

use crate::config::group::group;
use std::{path::PathBuf, time::Duration};

group! {
    /// What the boot runs and how long the stop may take.
    pub struct Startup {
        /// Script that replaces the built-in plan, for example `deployment-scripts/node-deployment/main.al`.
        boot_script: Option<PathBuf> = BOOT_SCRIPT[""],
        /// True: `local_script.al` of LOCAL_SCRIPTS runs last.
        deploy_local_script: bool = DEPLOY_LOCAL_SCRIPT["false"],
        /// True: no prompt on the node's terminal.
        disable_cli: bool = DISABLE_CLI["false"],
        /// How long a stop waits for work under way.
        shutdown_timeout: Duration = SHUTDOWN_TIMEOUT["10 seconds"],
    }
}
