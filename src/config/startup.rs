//! What the boot runs, and how the node stops.

use crate::config::{StartFrom, group::group};
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
        /// True: a node whose database does not answer or takes no changes stays ready, as it can still be read, and tells that
        /// it is degraded; false: it is not ready.
        ready_when_readonly: bool = READY_WHEN_READONLY["true"],
        /// Time between a signal to stop and the end of the ports, in which the node is not ready and still works: as long as a
        /// balancer needs to notice, for example twice the time between two of its probes.
        shutdown_delay: Duration = SHUTDOWN_DELAY["0 seconds"],
        /// What counts when the ledger table lacks most of what the local copy has: `copy` brings the policies back, `table` goes
        /// on without them. Not set: the node starts, and waits for `blockchain start from copy` or `… table`.
        start_from: Option<StartFrom> = START_FROM[""],
        /// How long a stop waits for work under way.
        shutdown_timeout: Duration = SHUTDOWN_TIMEOUT["10 seconds"],
    }
}
