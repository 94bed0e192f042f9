//! The addresses that node policies name, found without a look at every policy.

use crate::{ledger::View, policy::Policy};
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
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
/// Times that building the index takes between two builds: it is one part in twenty of the work, whoever publishes.
const REST: u32 = 20;

/// The addresses of the node policies of one version of the ledger.
#[derive(Debug, Default)]
pub struct NodeAddresses {
    index: Mutex<Arc<AddressIndex>>,
}

#[derive(Debug)]
struct AddressIndex {
    generation: Option<u64>,
    /// From when on another version may be read.
    next: Instant,
    /// Ports by host.
    ports: HashMap<String, BTreeSet<u16>>,
}

impl Default for AddressIndex {
    fn default() -> Self {
        Self { generation: None, next: Instant::now(), ports: HashMap::new() }
    }
}

impl NodeAddresses {
    /// Tells whether a node policy names this host with this port.
    #[must_use]
    pub fn names(&self, view: &View, host: &str, port: u16) -> bool {
        self.of(view).ports.get(&key(host)).is_some_and(|ports| ports.contains(&port))
    }

    /// Tells whether a node policy names this address.
    #[must_use]
    pub fn has(&self, view: &View, address: IpAddr) -> bool {
        self.of(view).ports.contains_key(&address.to_canonical().to_string())
    }

    fn of(&self, view: &View) -> Arc<AddressIndex> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if index.generation != Some(view.generation()) && now >= index.next {
            let ports = ports_by_host(view);
            let took: Duration = now.elapsed();
            let next = Instant::now() + took.saturating_mul(REST);
            *index = Arc::new(AddressIndex { generation: Some(view.generation()), next, ports });
        }
        Arc::clone(&index)
    }
}

fn ports_by_host(view: &View) -> HashMap<String, BTreeSet<u16>> {
    let mut found: HashMap<String, BTreeSet<u16>> = HashMap::new();
    let policies = TYPES.iter().flat_map(|kind| view.of_type(kind)).filter_map(|entry| entry.policy());
    for policy in policies {
        let ports: BTreeSet<u16> = PORTS.iter().filter_map(|name| port(policy, name)).collect();
        for host in HOSTS.iter().filter_map(|name| policy.text(name)) {
            found.entry(key(host)).or_default().extend(&ports);
        }
    }
    found
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
        let ports = all.iter().map(|(host, port)| (key(host), BTreeSet::from([*port]))).collect();
        let next = Instant::now() + Duration::from_secs(3600);
        Self { index: Mutex::new(Arc::new(AddressIndex { generation: None, next, ports })) }
    }
}
