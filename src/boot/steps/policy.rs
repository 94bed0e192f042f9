//! Step 5: the node's own policy is in the ledger, once, with the address it has now.

use crate::{
    boot::{Failure, runner::Runner},
    policy::Policy,
};
use std::sync::Arc;

/// Attributes of the policy before its addresses.
const NAMES: &str = "\"hostname\": !hostname, \"name\": !node_name";
/// Attributes behind its addresses.
const PLACE: &str = "\"company\": !company_name, \"port\": !anylog_server_port.int, \"rest_port\": !anylog_rest_port.int, \
                     \"loc\": !loc, \"country\": !country, \"state\": !state, \"city\": !city";
/// What finds a policy of this node, whatever its address.
const OWN: &str =
    "blockchain get master where name = !node_name and company = !company_name and port = !anylog_server_port.int";

/// Publishes the policy, or replaces the one with an older address.
///
/// # Errors
/// The command that failed.
pub async fn run(runner: &mut Runner) -> Result<&'static str, Failure> {
    let config = Arc::clone(&runner.node.config);
    if config.identity.is_hidden {
        return Ok("hidden (IS_HIDDEN)");
    }
    let overlay = config.network.overlay_ip.is_some();
    let addresses = Addresses::new(overlay, overlay || config.network.tcp_bind);
    if !runner.policies(&format!("{OWN} and {}", addresses.condition)).await.is_empty() {
        return Ok("was there");
    }
    let moved = runner.policies(OWN).await.first().and_then(Policy::id);
    let text =
        format!("new_policy = {{\"master\": {{{NAMES}, {}, {PLACE}, {}}}}}", addresses.documented, addresses.looked_up);
    runner.run(&text).await?;
    let Some(id) = moved else {
        let publish = "blockchain insert where policy=!new_policy and local=true and master=!ledger_conn";
        runner.run_all(&["blockchain prepare policy !new_policy", publish]).await?;
        return Ok("done");
    };
    runner.bind("policy_id", id);
    runner.run("blockchain replace policy !policy_id with !new_policy").await?;
    Ok("replaced: the address changed")
}

/// The addresses of the policy, in the forms of both deployment documents.
struct Addresses {
    /// `external_ip` (not in an overlay network) and `internal_ip`.
    documented: &'static str,
    /// `ip` and, when the node listens on all addresses, `local_ip`: where members look.
    looked_up: &'static str,
    /// What finds a policy with these addresses.
    condition: &'static str,
}

impl Addresses {
    const fn new(overlay: bool, bound: bool) -> Self {
        let documented = if overlay {
            "\"internal_ip\": !internal_ip"
        } else {
            "\"external_ip\": !external_ip, \"internal_ip\": !internal_ip"
        };
        if bound {
            Self { documented, looked_up: "\"ip\": !internal_ip", condition: "ip = !internal_ip" }
        } else {
            let looked_up = "\"ip\": !external_ip, \"local_ip\": !internal_ip";
            Self { documented, looked_up, condition: "ip = !external_ip and local_ip = !internal_ip" }
        }
    }
}
