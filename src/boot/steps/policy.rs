//! Step 5: the node's own policy is in the ledger, once, with the address it has now.
//!
//! Whatever somebody published under its name or its id meanwhile: the step repairs it and never ends the boot.

use crate::{
    boot::{
        Failure,
        addresses::is_overlay_alone,
        runner::{Runner, may_come},
    },
    node::Node,
    policy::Policy,
    reply::Error,
    runtime::random::any_number,
};
use serde_json::Value;
use std::sync::Arc;

/// Attributes of the policy before its addresses.
const NAMES: &str = "\"hostname\": !hostname, \"name\": !node_name";
/// Attributes behind its addresses.
const PLACE: &str = "\"company\": !company_name, \"port\": !anylog_server_port.int, \"rest_port\": !anylog_rest_port.int, \
                     \"loc\": !loc, \"country\": !country, \"state\": !state, \"city\": !city";
/// What finds a policy of this node, whatever its address, and whatever others lay over it.
const OWN: &str =
    "blockchain read master where name = !node_name and company = !company_name and port = !anylog_server_port.int";
const PREPARE: &str = "blockchain prepare policy !new_policy";
const PUBLISH: &str = "blockchain insert where policy=!new_policy and local=true and master=!ledger_conn";
const REPLACE: &str = "blockchain replace policy !policy_id with !new_policy";
/// What the step says when nothing it tried put the policy into the ledger.
const REFUSED: &str = "not published, the ledger refuses the policy of this node: see get error log";

/// Publishes the policy, or replaces the one with an older address.
///
/// # Errors
/// The command that failed because of the configuration, or because the database is away.
pub async fn run(runner: &mut Runner) -> Result<&'static str, Failure> {
    let config = Arc::clone(&runner.node.config);
    if config.identity.is_hidden {
        return Ok("hidden (IS_HIDDEN)");
    }
    runner.node.keep_own_names();
    let overlay = is_overlay_alone(&config.network);
    let addresses = Addresses::new(overlay, overlay || config.network.tcp_bind);
    // The conditions of a query also find values that stand for any (`*`); here counts what a policy says itself.
    let mut own = runner.policies(OWN).await;
    own.retain(|policy| names_this_node(&runner.node, policy));
    if own.iter().any(|policy| addresses.are_in(&runner.node, policy)) {
        return Ok("was there");
    }
    let text = |id: &str| {
        let (documented, looked_up) = (attributes(addresses.documented), attributes(addresses.looked_up));
        format!("new_policy = {{\"master\": {{{NAMES}, {documented}, {PLACE}, {looked_up}{id}}}}}")
    };
    runner.run(&text("")).await?;
    if let Some(id) = own.first().and_then(Policy::id) {
        return match replace(runner, id).await? {
            Ok(()) => Ok("replaced: the address changed"),
            Err(_) => publish_under_new_id(runner, &text(", \"id\": !policy_id")).await,
        };
    }
    runner.run(PREPARE).await?;
    let published = match taken_id(&runner.node) {
        None => attempt(runner, PUBLISH).await?.map(|()| "done"),
        Some(id) => replace(runner, id).await?.map(|()| "repaired: somebody had changed the policy of this node"),
    };
    match published {
        Ok(outcome) => Ok(outcome),
        Err(_) => publish_under_new_id(runner, &text(", \"id\": !policy_id")).await,
    }
}

/// Tells whether a policy has the name, the company and the port of this node, and not values that stand for any.
fn names_this_node(node: &Node, policy: &Policy) -> bool {
    is_same(node, policy, "name", "node_name")
        && is_same(node, policy, "company", "company_name")
        && is_same(node, policy, "port", "anylog_server_port")
}

/// Tells whether an attribute of a policy is what a variable of the node says; capitals do not count, as in queries.
fn is_same(node: &Node, policy: &Policy, attribute: &str, variable: &str) -> bool {
    let value = node.dictionary.get(variable).unwrap_or_default();
    match policy.get(attribute) {
        Some(Value::String(text)) => text.to_lowercase() == value.to_lowercase(),
        Some(Value::Number(number)) => number.to_string() == value,
        _ => false,
    }
}

/// Returns the id of the prepared policy when the ledger has it already: the content was that of this node once.
fn taken_id(node: &Node) -> Option<String> {
    let id = Policy::parse(&node.dictionary.get("new_policy")?).ok()?.id()?;
    node.ledger.view().by_id(&id).is_some().then_some(id)
}

/// Replaces the policy with an id; the inner error is a refusal by the ledger.
async fn replace(runner: &mut Runner, id: String) -> Result<Result<(), Error>, Failure> {
    runner.bind("policy_id", id);
    attempt(runner, REPLACE).await
}

/// Publishes the policy under an id that nobody can know before, because others hold the one that it would have.
async fn publish_under_new_id(runner: &mut Runner, text: &str) -> Result<&'static str, Failure> {
    let id = std::iter::repeat_with(|| format!("{:08x}", any_number())).take(4).collect::<String>();
    runner.bind("policy_id", id);
    runner.run(text).await?;
    runner.run(PREPARE).await?;
    match attempt(runner, PUBLISH).await? {
        Ok(()) => Ok("done, under a new id: somebody else has the one of the policy of this node"),
        Err(error) => {
            runner.node.events.error("boot", &format!("{REFUSED}: {error}"));
            tracing::error!(%error, "{REFUSED}");
            Ok(REFUSED)
        }
    }
}

/// Runs a command that the ledger may refuse because of what others published, which is the inner error.
async fn attempt(runner: &mut Runner, text: &'static str) -> Result<Result<(), Error>, Failure> {
    match runner.attempt(text).await {
        Ok(_) => Ok(Ok(())),
        Err(error) if may_come(&error) => {
            Err(runner.failed(text, error, "start again when the database takes changes"))
        }
        Err(error) => {
            tracing::warn!(command = text, %error, "the policy of this node is published another way");
            Ok(Err(error))
        }
    }
}

/// Attributes of the policy, each with the variable that it comes from.
type Attributes = &'static [(&'static str, &'static str)];

/// The addresses of the policy, in the forms of both deployment documents.
#[derive(Clone, Copy)]
struct Addresses {
    /// `external_ip` (not in an overlay network) and `internal_ip`.
    documented: Attributes,
    /// `ip` and, when the node listens on all addresses, `local_ip`: where members look.
    looked_up: Attributes,
}

impl Addresses {
    const fn new(overlay: bool, bound: bool) -> Self {
        let documented: Attributes = if overlay {
            &[("internal_ip", "internal_ip")]
        } else {
            &[("external_ip", "external_ip"), ("internal_ip", "internal_ip")]
        };
        let looked_up: Attributes =
            if bound { &[("ip", "internal_ip")] } else { &[("ip", "external_ip"), ("local_ip", "internal_ip")] };
        Self { documented, looked_up }
    }

    /// Tells whether a policy has these addresses and leads to the REST server of this node.
    fn are_in(self, node: &Node, policy: &Policy) -> bool {
        let mut attributes = self.documented.iter().chain(self.looked_up).chain(&[("rest_port", "anylog_rest_port")]);
        attributes.all(|(attribute, variable)| is_same(node, policy, attribute, variable))
    }
}

/// Writes attributes with references to their variables.
fn attributes(attributes: Attributes) -> String {
    let written: Vec<_> =
        attributes.iter().map(|(attribute, variable)| format!("\"{attribute}\": !{variable}")).collect();
    written.join(", ")
}
