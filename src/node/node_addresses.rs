//! The addresses that node policies name, found without a look at every policy.

use crate::{ledger::View, policy::Policy};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Types of policies that describe nodes.
const TYPES: [&str; 4] = ["master", "operator", "query", "publisher"];
/// Attributes that hold an address or a name of a node.
const HOSTS: [&str; 4] = ["ip", "local_ip", "external_ip", "internal_ip"];
/// Attributes that hold a port on which a node takes messages.
const PORTS: [&str; 2] = ["port", "local_port"];
/// Attributes that say whose address it is.
const NAMES: [&str; 3] = ["id", "name", "company"];
/// Times that building the index takes between two builds: it is one part in twenty of the work, whoever publishes.
const REST: u32 = 20;

/// What the policy of a node says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePolicy {
    /// `master`, `operator`, `query` or `publisher`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Name of the node.
    pub name: Option<String>,
    /// Company of the node.
    pub company: Option<String>,
}

/// The addresses of the node policies of one version of the ledger.
#[derive(Debug, Default)]
pub struct NodeAddresses {
    index: Mutex<Arc<AddressIndex>>,
}

/// The ports of one host, each with the first policy of the ledger that names it there.
type Ports = BTreeMap<u16, Arc<NodePolicy>>;

#[derive(Debug)]
struct AddressIndex {
    generation: Option<u64>,
    /// From when on another version may be read.
    next: Instant,
    /// Hosts with their ports, and the policy that names both.
    hosts: HashMap<String, Ports>,
}

impl Default for AddressIndex {
    fn default() -> Self {
        Self { generation: None, next: Instant::now(), hosts: HashMap::new() }
    }
}

impl NodeAddresses {
    /// Tells whether a node policy names this host with this port.
    #[must_use]
    pub fn names(&self, view: &View, host: &str, port: u16) -> bool {
        self.of(view).hosts.get(&key(host)).is_some_and(|ports| ports.contains_key(&port))
    }

    /// Returns the node policy that names this host with this port.
    #[must_use]
    pub fn policy_at(&self, view: &View, host: &str, port: u16) -> Option<Arc<NodePolicy>> {
        self.of(view).hosts.get(&key(host))?.get(&port).cloned()
    }

    /// Tells whether a node policy names this address.
    #[must_use]
    pub fn has(&self, view: &View, address: IpAddr) -> bool {
        self.of(view).hosts.contains_key(&address.to_canonical().to_string())
    }

    fn of(&self, view: &View) -> Arc<AddressIndex> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if index.generation != Some(view.generation()) && now >= index.next {
            let hosts = hosts(view);
            let took: Duration = now.elapsed();
            let next = Instant::now() + took.saturating_mul(REST);
            *index = Arc::new(AddressIndex { generation: Some(view.generation()), next, hosts });
        }
        Arc::clone(&index)
    }
}

fn hosts(view: &View) -> HashMap<String, Ports> {
    let mut found: HashMap<String, Ports> = HashMap::new();
    let reads = HOSTS.iter().chain(&PORTS).chain(&NAMES).copied().collect();
    let policies = TYPES.iter().flat_map(|kind| view.of_type(kind)).filter_map(|entry| entry.unread().part(&reads));
    for policy in policies {
        let node = Arc::new(NodePolicy::of(&policy));
        let ports: Vec<u16> = PORTS.iter().filter_map(|name| port(&policy, name)).collect();
        for host in HOSTS.iter().filter_map(|name| policy.text(name)) {
            let known = found.entry(key(host)).or_default();
            for port in &ports {
                known.entry(*port).or_insert_with(|| Arc::clone(&node));
            }
        }
    }
    found
}

impl NodePolicy {
    fn of(policy: &Policy) -> Self {
        let text = |key| policy.text(key).map(str::to_owned);
        let kind = policy.kind().to_owned();
        Self { kind, id: policy.id().unwrap_or_default(), name: text("name"), company: text("company") }
    }
}

/// Tells whether a policy is that of a node.
#[must_use]
pub fn is_of_a_node(policy: &Policy) -> bool {
    TYPES.contains(&policy.kind())
}

fn port(policy: &Policy, name: &str) -> Option<u16> {
    match policy.get(name)? {
        Value::Number(number) => u16::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Returns the one spelling of a host.
fn key(host: &str) -> String {
    let host = host.trim().trim_matches(['[', ']']);
    host.parse::<IpAddr>().map_or_else(|_| host.to_ascii_lowercase(), |address| address.to_canonical().to_string())
}

#[cfg(test)]
impl NodeAddresses {
    /// Makes an index of some addresses that no later version replaces.
    pub fn of_ports(all: &[(&str, u16)]) -> Self {
        let node = Arc::new(NodePolicy { kind: "query".into(), id: "x".into(), name: None, company: None });
        let hosts = all.iter().map(|(host, port)| (key(host), Ports::from([(*port, Arc::clone(&node))]))).collect();
        let next = Instant::now() + Duration::from_secs(3600);
        Self { index: Mutex::new(Arc::new(AddressIndex { generation: None, next, hosts })) }
    }
}
