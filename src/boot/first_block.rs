//! The first block of the log: who this node is, where it is reached, what keeps its ledger, and how members join. One line
//! where machines read, a block where people do.

use crate::{
    node::{LEDGER_DBMS, Listening, Node},
    policy::Policy,
    telemetry,
};
use anylog_values::{Address, host_and_port};
use std::{sync::Arc, time::Instant};

/// The type of the policy of a master.
const MASTER: &str = "master";
/// Name and version of the program.
const PROGRAM: &str = concat!("anylog-master ", env!("CARGO_PKG_VERSION"));

/// Tells that the node is ready.
pub async fn tell(node: &Arc<Node>, started: Instant) {
    let listening = (node.services.peers.status(), node.services.rest.status());
    let bound = |server: &Option<Listening>| server.as_ref().map(|server| server.bound.to_string());
    let (tcp, rest) = (bound(&listening.0), bound(&listening.1));
    let advertised = advertised(node);
    let url = listening.1.as_ref().map(|server| url(node, server, advertised.as_deref()));
    let page = |path: &str| url.as_ref().map(|url| format!("{url}{path}"));
    let (health, metrics) = (page("/readyz"), page("/metrics"));
    let (database, database_bytes) = database(node).await;
    let policies = node.ledger.view().len();
    let join = format!("LEDGER_CONN={}", node.join_address());
    let name = node.name.load_full();
    let ms = telemetry::milliseconds(started.elapsed());
    tracing::info!(
        block = true,
        node = name.as_ref().map(|name| name.as_str()),
        version = PROGRAM,
        address = advertised,
        tcp,
        rest,
        database,
        database_bytes,
        policies,
        health,
        metrics,
        join,
        ms,
        "ready"
    );
}

/// Returns the address that members are told: the one of the node's own policy, else what its TCP server announces.
fn advertised(node: &Node) -> Option<String> {
    let view = node.ledger.view();
    let name = node.dictionary.get("node_name").unwrap_or_default();
    let own = view.named(MASTER, &name);
    let own = own.into_iter().filter_map(|entry| entry.policy()).find(|policy| node.is_own_policy(policy));
    let told = || node.services.peers.status().map(|listening| listening.options.external.to_string());
    own.as_ref().and_then(address_of).or_else(told)
}

/// Returns the address in a policy of a node.
fn address_of(policy: &Policy) -> Option<String> {
    let port = policy.get("port").map(|port| port.as_str().map_or_else(|| port.to_string(), str::to_owned))?;
    Some(host_and_port(policy.text("ip")?, &port))
}

/// Returns where the REST server is reached.
fn url(node: &Node, server: &Listening, advertised: Option<&str>) -> String {
    let tls = node.config.security.rest_tls_cert.is_some() || server.options.tls.is_some();
    let scheme = if tls { "https" } else { "http" };
    let told = || advertised?.parse::<Address>().ok().map(|address| address.host().clone());
    let all = server.bound.ip().is_unspecified();
    let host =
        if all { told().unwrap_or_else(|| server.options.internal.host.clone()) } else { server.bound.ip().into() };
    format!("{scheme}://{}", host_and_port(&host.to_string(), &server.bound.port().to_string()))
}

/// Returns what the database of the ledger is, without a secret, and the bytes that it occupies.
async fn database(node: &Node) -> (Option<String>, Option<u64>) {
    let Some(database) = node.databases.get(LEDGER_DBMS) else { return (None, None) };
    let bytes = database.size().await.ok();
    (Some(database.description().await), bytes)
}
