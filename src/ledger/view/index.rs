//! Look-ups by the keys that people and rules filter on: type and name, ip and port, cluster, parent.

use crate::ledger::view::{entry::LedgerEntry, fields::PolicyFields, order::InLedgerOrder};
use imbl::{HashMap, OrdSet};
use serde_json::Value;
use std::sync::Arc;

/// Entries under text keys, in ledger order under each.
#[derive(Clone, Debug, Default)]
pub struct Index {
    // The next version of the map copies the keys of the part that changes, so they are shared and not owned.
    buckets: HashMap<Arc<str>, Bucket>,
}

/// The entries under one key. Most keys have one entry, for which a set would cost much memory.
#[derive(Clone, Debug)]
enum Bucket {
    One(InLedgerOrder),
    Many(OrdSet<InLedgerOrder>),
}

impl Index {
    /// Adds an entry under every key that it has.
    pub fn add(&mut self, entry: &Arc<LedgerEntry>, fields: &PolicyFields) {
        for key in keys(&entry.kind, fields) {
            self.add_under(key, InLedgerOrder(Arc::clone(entry)));
        }
    }

    /// Removes an entry from every key that it has.
    pub fn remove(&mut self, entry: &Arc<LedgerEntry>, fields: &PolicyFields) {
        for key in keys(&entry.kind, fields) {
            self.remove_under(&key, &InLedgerOrder(Arc::clone(entry)));
        }
    }

    /// Returns the entries under any of the keys, in ledger order, each once.
    pub fn find<'a>(&'a self, keys: &[String]) -> Vec<&'a Arc<LedgerEntry>> {
        let buckets: Vec<&Bucket> = keys.iter().filter_map(|key| self.buckets.get(key.as_str())).collect();
        let mut found: Vec<&Arc<LedgerEntry>> = buckets.iter().flat_map(|bucket| bucket.iter()).collect();
        if buckets.len() > 1 {
            found.sort_by(|a, b| a.compare(b));
            found.dedup_by(|a, b| a.compare(b).is_eq());
        }
        found
    }

    fn add_under(&mut self, key: String, entry: InLedgerOrder) {
        match self.buckets.get_mut(key.as_str()) {
            None => drop(self.buckets.insert(key.into(), Bucket::One(entry))),
            Some(Bucket::Many(set)) => drop(set.insert(entry)),
            Some(bucket) => {
                let mut set: OrdSet<InLedgerOrder> = bucket.iter().cloned().map(InLedgerOrder).collect();
                set.insert(entry);
                *bucket = Bucket::Many(set);
            }
        }
    }

    fn remove_under(&mut self, key: &str, entry: &InLedgerOrder) {
        let empty = match self.buckets.get_mut(key) {
            None => false,
            Some(Bucket::One(one)) => one == entry,
            Some(Bucket::Many(set)) => {
                set.remove(entry);
                set.is_empty()
            }
        };
        if empty {
            self.buckets.remove(key);
        }
    }
}

impl Bucket {
    fn iter(&self) -> Box<dyn Iterator<Item = &Arc<LedgerEntry>> + '_> {
        match self {
            Self::One(entry) => Box::new(std::iter::once(&entry.0)),
            Self::Many(set) => Box::new(set.iter().map(|entry| &entry.0)),
        }
    }
}

/// Returns the keys under which every policy of a type stands that can satisfy `name = text` (reference/ledger 7.2).
pub fn name_keys(kind: &str, text: &str) -> [String; 2] {
    [name_key(kind, text), other_names_key(kind)]
}

/// Returns the keys under which every policy stands that can satisfy `ip = IP and port = PORT`.
pub fn address_keys(ip: &str, port: &str) -> Vec<String> {
    let mut keys = vec![other_addresses_key(), address_key(ip, port)];
    keys.extend(port.trim().parse::<i128>().ok().map(|port| address_key(ip, &port.to_string())));
    keys
}

/// Returns the key of the operators of a cluster.
pub fn cluster_key(cluster: &str) -> String {
    format!("cluster\u{0}{cluster}")
}

/// Returns the key of the policies with a parent.
pub fn parent_key(parent: &str) -> String {
    format!("parent\u{0}{parent}")
}

fn name_key(kind: &str, text: &str) -> String {
    format!("name\u{0}{kind}\u{0}{}", text.to_lowercase())
}

fn address_key(ip: &str, port: &str) -> String {
    format!("at\u{0}{}\u{0}{}", ip.to_lowercase(), port.to_lowercase())
}

/// Returns the key of the names that are no plain text: they may equal anything.
fn other_names_key(kind: &str) -> String {
    format!("names\u{0}{kind}")
}

/// Returns the key of the addresses that are no plain text and number: they may equal anything.
fn other_addresses_key() -> String {
    "at\u{0}".to_owned()
}

fn keys(kind: &str, fields: &PolicyFields) -> impl Iterator<Item = String> {
    let named = match &fields.name {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text != "*" => Some(name_key(kind, text)),
        Some(_) => Some(other_names_key(kind)),
    };
    let placed = match (&fields.ip, &fields.port) {
        (None | Some(Value::Null), _) | (_, None | Some(Value::Null)) => None,
        (Some(Value::String(ip)), Some(Value::Number(port))) if ip != "*" && !port.is_f64() => {
            Some(address_key(ip, &port.to_string()))
        }
        (Some(Value::String(ip)), Some(Value::String(port))) if ip != "*" && port != "*" => Some(address_key(ip, port)),
        _ => Some(other_addresses_key()),
    };
    let cluster = fields.cluster.as_deref().filter(|_| kind == "operator").map(cluster_key);
    let parent = fields.parent.as_deref().map(parent_key);
    [named, placed, cluster, parent].into_iter().flatten()
}
