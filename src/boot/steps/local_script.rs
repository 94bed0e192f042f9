//! Step 6, when `DEPLOY_LOCAL_SCRIPT` asks for it: the operator's own script.

use crate::boot::runner::Runner;

/// Where the script is, below LOCAL_SCRIPTS: as deployments lay it out, or the file alone.
const PLACES: [&str; 2] = ["!local_scripts/node-deployment/local_script.al", "!local_scripts/local_script.al"];

/// Runs the script. The node is a master without it: what fails is told, and the node goes on.
pub async fn run(runner: &mut Runner) -> &'static str {
    for place in PLACES {
        if !runner.ask(&format!("file test {place}")).await.eq_ignore_ascii_case("true") {
            continue;
        }
        return match runner.attempt(&format!("process {place}")).await {
            Ok(_) => "done",
            Err(error) => {
                tracing::warn!(%error, "DEPLOY_LOCAL_SCRIPT: local_script.al failed; the node goes on");
                "failed, the node goes on"
            }
        };
    }
    tracing::warn!("DEPLOY_LOCAL_SCRIPT: no local_script.al in LOCAL_SCRIPTS or its node-deployment; the node goes on");
    "no script, the node goes on"
}
