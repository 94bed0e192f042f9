//! Look-ups by the keys that people and rules filter on: type and name, ip and port, cluster, parent.

use crate::ledger::{
    entry::{Entry, Ranked},
    facts::Facts,
};
use imbl::{HashMap, OrdSet};
use serde_json::Value;
use std::sync::Arc;

/// Entries under text keys, in ledger order under each.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    // Copying a part of the map for the next version copies keys: shared ones cost no memory.
    groups: HashMap<Arc<str>, Group>,
}

/// The entries under one key: mostly one.
#[derive(Clone, Debug)]
enum Group {
    One(Ranked),
    Many(OrdSet<Ranked>),
}

impl Index {
    /// Adds an entry under every key that it has.
    pub(super) fn add(&mut self, entry: &Arc<Entry>, facts: &Facts) {
        for key in keys(&entry.kind, facts) {
            self.add_under(key, Ranked(Arc::clone(entry)));
        }
    }

    /// Removes an entry from every key that it has.
    pub(super) fn remove(&mut self, entry: &Arc<Entry>, facts: &Facts) {
        for key in keys(&entry.kind, facts) {
            self.remove_under(&key, &Ranked(Arc::clone(entry)));
        }
    }

    /// Returns the entries under any of the keys, in ledger order, each once.
    pub(super) fn find<'a>(&'a self, keys: &[String]) -> Vec<&'a Arc<Entry>> {
        let groups: Vec<&Group> = keys.iter().filter_map(|key| self.groups.get(key.as_str())).collect();
        let mut found: Vec<&Arc<Entry>> = groups.iter().flat_map(|group| group.iter()).collect();
        if groups.len() > 1 {
            found.sort_by(|a, b| a.compare(b));
            found.dedup_by(|a, b| a.compare(b).is_eq());
        }
        found
    }

    fn add_under(&mut self, key: String, ranked: Ranked) {
        match self.groups.get_mut(key.as_str()) {
            None => drop(self.groups.insert(key.into(), Group::One(ranked))),
            Some(Group::Many(set)) => drop(set.insert(ranked)),
            Some(group) => {
                let mut set: OrdSet<Ranked> = group.iter().cloned().map(Ranked).collect();
                set.insert(ranked);
                *group = Group::Many(set);
            }
        }
    }

    fn remove_under(&mut self, key: &str, ranked: &Ranked) {
        let empty = match self.groups.get_mut(key) {
            None => false,
            Some(Group::One(one)) => one == ranked,
            Some(Group::Many(set)) => {
                set.remove(ranked);
                set.is_empty()
            }
        };
        if empty {
            self.groups.remove(key);
        }
    }
}

impl Group {
    fn iter(&self) -> Box<dyn Iterator<Item = &Arc<Entry>> + '_> {
        match self {
            Self::One(ranked) => Box::new(std::iter::once(&ranked.0)),
            Self::Many(set) => Box::new(set.iter().map(|ranked| &ranked.0)),
        }
    }
}

/// Returns the keys under which every policy of a type stands that can satisfy `name = text` (reference/ledger 7.2).
pub(super) fn names(kind: &str, text: &str) -> [String; 2] {
    [name(kind, text), other_name(kind)]
}

/// Returns the keys under which every policy stands that can satisfy `ip = IP and port = PORT`.
pub(super) fn addresses(ip: &str, port: &str) -> Vec<String> {
    let mut keys = vec![other_address(), address(ip, port)];
    keys.extend(port.trim().parse::<i128>().ok().map(|port| address(ip, &port.to_string())));
    keys
}

/// Returns the key of the operators of a cluster.
pub(super) fn serving(cluster: &str) -> String {
    format!("cluster\u{0}{cluster}")
}

/// Returns the key of the policies with a parent.
pub(super) fn children(parent: &str) -> String {
    format!("parent\u{0}{parent}")
}

fn name(kind: &str, text: &str) -> String {
    format!("name\u{0}{kind}\u{0}{}", text.to_lowercase())
}

fn address(ip: &str, port: &str) -> String {
    format!("at\u{0}{}\u{0}{}", ip.to_lowercase(), port.to_lowercase())
}

/// Names that are no plain text may equal anything.
fn other_name(kind: &str) -> String {
    format!("names\u{0}{kind}")
}

/// Addresses that are no plain text and number may equal anything.
fn other_address() -> String {
    "at\u{0}".to_owned()
}

fn keys(kind: &str, facts: &Facts) -> impl Iterator<Item = String> {
    let named = match &facts.name {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text != "*" => Some(name(kind, text)),
        Some(_) => Some(other_name(kind)),
    };
    let placed = match (&facts.ip, &facts.port) {
        (None | Some(Value::Null), _) | (_, None | Some(Value::Null)) => None,
        (Some(Value::String(ip)), Some(Value::Number(port))) if ip != "*" && !port.is_f64() => {
            Some(address(ip, &port.to_string()))
        }
        (Some(Value::String(ip)), Some(Value::String(port))) if ip != "*" && port != "*" => Some(address(ip, port)),
        _ => Some(other_address()),
    };
    let cluster = facts.cluster.as_deref().filter(|_| kind == "operator").map(serving);
    let parent = facts.parent.as_deref().map(children);
    [named, placed, cluster, parent].into_iter().flatten()
}
