//! Step 6, when `DEPLOY_LOCAL_SCRIPT` asks for it: the operator's own script.

use crate::boot::runner::Runner;
use std::path::Path;

/// Where the script is, below LOCAL_SCRIPTS: as deployments lay it out, or the file alone.
const PLACES: [&str; 2] = ["node-deployment/local_script.al", "local_script.al"];

/// Runs the script. The node is a master without it: what fails is told, and the node goes on.
pub async fn run(runner: &mut Runner) -> &'static str {
    let scripts = runner.node.dictionary.get("local_scripts").unwrap_or_default();
    let Some(place) = PLACES.into_iter().find(|place| Path::new(&scripts).join(place).exists()) else {
        tracing::warn!(
            "DEPLOY_LOCAL_SCRIPT: no local_script.al in LOCAL_SCRIPTS or its node-deployment; the node goes on"
        );
        return "no script, the node goes on";
    };
    match runner.attempt(&format!("process !local_scripts/{place}")).await {
        Ok(_) => "done",
        Err(error) => {
            tracing::warn!(%error, "DEPLOY_LOCAL_SCRIPT: local_script.al failed; the node goes on");
            "failed, the node goes on"
        }
    }
}
