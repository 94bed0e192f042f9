//! The nodes of the network: those of the ledger and those that ask for it, put together by their policies.

use crate::{
    console::words,
    node::{NODE_TYPES, Node, NotedTrouble},
    policy::Policy,
    reply::Reply,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::HashMap;

/// Characters that are shown of what somebody wrote into a policy.
const SHOWN: usize = 100;

/// How it stands with a node, as this one sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    /// It holds the ledger as it is now.
    Current,
    /// It holds an older one.
    Behind,
    /// It asks, and nothing was delivered to it since this node started.
    Unknown,
    /// It does not ask any more.
    Silent,
    /// What it is sent does not arrive.
    Failing,
    /// It has a policy and has not asked this node for the ledger.
    NeverAsked,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkNode {
    /// The type of its policy; empty without one.
    pub kind: String,
    /// Its name; its address without one.
    pub name: String,
    /// Its company.
    pub company: String,
    /// Where it is.
    pub address: String,
    /// The id of its policy; nothing for one that asks and has none.
    pub policy: Option<String>,
    /// How it stands with it.
    pub state: NodeState,
    /// How far it is behind, in words.
    pub lag: String,
    /// When it asked last, in words.
    pub last_seen: String,
    /// Bytes that it was sent, in words.
    pub bytes: String,
    /// Why it does not join, or what went wrong with it.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl NodeState {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] =
        [Self::Failing, Self::Silent, Self::Behind, Self::Unknown, Self::Current, Self::NeverAsked];

    /// Reads the word of the members' book.
    fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// Returns the word that people read.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Behind => "behind",
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::Failing => "failing",
            Self::NeverAsked => "not asking",
        }
    }

    /// Tells whether it has asked for the ledger.
    #[must_use]
    pub const fn has_asked(self) -> bool {
        !matches!(self, Self::NeverAsked)
    }

    /// Returns the class of its colour.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Current => "good",
            Self::Behind => "warn",
            Self::Silent | Self::Failing => "bad",
            Self::Unknown | Self::NeverAsked => "dim",
        }
    }
}

impl NetworkNode {
    /// Tells whether somebody looks for it.
    #[must_use]
    pub fn is_meant(&self, find: &str, state: &str) -> bool {
        let find = find.to_lowercase();
        let texts = [&self.name, &self.kind, &self.company, &self.address];
        (state.is_empty() || self.state.as_str() == state)
            && (find.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&find)))
    }
}

/// Returns the other nodes: those with which something is wrong first, and behind those that ask the ones that never did.
#[must_use]
pub fn nodes(node: &Node, book: &Reply) -> Vec<NetworkNode> {
    let members = match book {
        Reply::Value(Value::Array(members)) => members.as_slice(),
        _ => &[],
    };
    let mut by_policy: HashMap<&str, &Value> = HashMap::new();
    for member in members {
        if let Some(policy) = member.get("policy").and_then(Value::as_str) {
            by_policy.entry(policy).or_insert(member);
        }
    }
    let (view, recent) = (node.ledger.view(), node.joining.troubles.recent());
    let entries = NODE_TYPES.iter().flat_map(|kind| view.of_type(kind)).filter_map(|entry| entry.policy());
    let others = entries.filter(|policy| !node.is_own_policy(policy));
    let mut nodes: Vec<NetworkNode> = others
        .map(|policy| {
            let member = policy.id().and_then(|id| by_policy.get(id.as_str()).copied());
            of_policy(&recent, &policy, member)
        })
        .collect();
    nodes.extend(members.iter().filter(|member| member.get("policy").is_none_or(Value::is_null)).map(of_stranger));
    let place = |state: NodeState| NodeState::ALL.iter().position(|one| *one == state);
    nodes.sort_by(|a, b| (place(a.state), &a.kind, &a.name).cmp(&(place(b.state), &b.kind, &b.name)));
    nodes
}

fn of_policy(recent: &[NotedTrouble], policy: &Policy, member: Option<&Value>) -> NetworkNode {
    let text = |key: &str| words::short(policy.text(key).unwrap_or_default(), SHOWN);
    let host = ["ip", "external_ip", "local_ip", "internal_ip"].iter().find_map(|key| policy.text(key));
    let port = policy.get("port").map(|port| port.as_str().map_or_else(|| port.to_string(), str::to_owned));
    let address = match (host, port) {
        (Some(host), Some(port)) => anylog_values::host_and_port(host, &port),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    };
    let address = words::short(&address, SHOWN);
    let base = NetworkNode {
        kind: policy.kind().to_owned(),
        name: text("name"),
        company: text("company"),
        policy: policy.id(),
        ..member.map_or_else(|| never_asked(&address), of_member)
    };
    with_trouble(
        recent,
        NetworkNode { address: if address.is_empty() { base.address.clone() } else { address }, ..base },
    )
}

/// Describes a node of which only its policy is known.
fn never_asked(address: &str) -> NetworkNode {
    NetworkNode {
        kind: String::new(),
        name: String::new(),
        company: String::new(),
        address: address.to_owned(),
        policy: None,
        state: NodeState::NeverAsked,
        lag: String::new(),
        last_seen: String::new(),
        bytes: String::new(),
        // The page says once what all of them have in common.
        reason: String::new(),
        remedy: String::new(),
    }
}

fn of_stranger(member: &Value) -> NetworkNode {
    let found = of_member(member);
    let reason = if found.reason.is_empty() { "no node policy names its address".to_owned() } else { found.reason };
    let remedy = if found.remedy.is_empty() {
        "it asks for the ledger and has not published itself: look at its boot, or correct the address in its policy"
            .to_owned()
    } else {
        found.remedy
    };
    NetworkNode { name: found.address.clone(), reason, remedy, ..found }
}

/// Reads a page of the members' book.
fn of_member(member: &Value) -> NetworkNode {
    let text = |key: &str| member.get(key).and_then(Value::as_str).unwrap_or_default();
    let reason = |key: &str| member.get(key)?.get("reason")?.as_str();
    let failures = member.get("failures").and_then(Value::as_u64).unwrap_or_default();
    let refused = reason("refused_policy").map(|reason| {
        (format!("its policy was refused: {reason}"), "correct the policy at that node, and start it again")
    });
    let failed = reason("last_error").filter(|_| failures > 0).map(|reason| {
        let remedy =
            "start it, open its TCP port to this node, and set EXTERNAL_IP there to an address that this node reaches";
        (format!("{failures} deliveries in a row did not arrive: {reason}"), remedy)
    });
    let state = NodeState::of_word(text("state"));
    let silent = (state == NodeState::Silent).then(|| {
        let remedy = "look whether it runs, and at its get synchronizer; drop its policy when it is gone";
        ("it has stopped asking for the ledger".to_owned(), remedy)
    });
    let (reason, remedy) = refused.or(failed).or(silent).unwrap_or_default();
    let behind = |key: &str| member.get("behind")?.get(key);
    let lag = behind("changes").and_then(Value::as_u64).map(|changes| {
        let seconds = behind("since").and_then(Value::as_str).and_then(|since| since.parse::<Timestamp>().ok());
        format!(
            "{changes} {}{}",
            if changes == 1 { "change" } else { "changes" },
            seconds.map(|since| format!(", since {}", words::ago(since))).unwrap_or_default()
        )
    });
    NetworkNode {
        kind: String::new(),
        name: String::new(),
        company: words::short(text("company"), SHOWN),
        address: text("address").to_owned(),
        policy: None,
        state,
        lag: lag.unwrap_or_default(),
        last_seen: text("last_seen").parse().map(words::ago).unwrap_or_default(),
        bytes: member.get("bytes").and_then(Value::as_u64).map(words::size).unwrap_or_default(),
        reason,
        remedy: remedy.to_owned(),
    }
}

/// Adds what this node recognised of a node that does not join, unless something is known of it already that is wrong.
fn with_trouble(recent: &[NotedTrouble], found: NetworkNode) -> NetworkNode {
    if !matches!(found.state, NodeState::NeverAsked | NodeState::Silent | NodeState::Failing | NodeState::Unknown) {
        return found;
    }
    let host = found.address.parse::<anylog_values::Address>().ok().map(|address| address.host().to_string());
    let is_about = |noted: &&NotedTrouble| {
        let about = noted.trouble.about();
        (!about.is_empty() && (about == found.address || about == found.name))
            || host.as_deref().is_some_and(|host| host == noted.sender.to_string() && !noted.sender.is_loopback())
    };
    match recent.iter().find(is_about) {
        Some(noted) => NetworkNode { reason: noted.trouble.to_string(), remedy: noted.trouble.remedy(), ..found },
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_of_the_book_is_read_in_words() {
        let member = json!({
            "address": "10.0.0.7:32148", "policy": null, "company": null, "state": "failing",
            "behind": {"changes": 3, "seconds": 1.5, "since": "2026-01-01T00:00:00Z"},
            "last_seen": "2026-01-01T00:00:00Z", "bytes": 2048, "failures": 4,
            "last_error": {"time": "x", "reason": "nobody listens"}, "refused_policy": null,
        });
        let node = of_stranger(&member);
        assert_eq!(
            (node.name.as_str(), node.state, node.bytes.as_str()),
            ("10.0.0.7:32148", NodeState::Failing, "2.0 KB")
        );
        assert!(node.lag.starts_with("3 changes, since "), "{}", node.lag);
        assert!(node.reason.contains("nobody listens") && node.remedy.contains("EXTERNAL_IP"));
        let quiet = of_stranger(&json!({"address": "a:1", "state": "current"}));
        assert_eq!(quiet.reason, "no node policy names its address");
    }

    #[test]
    fn a_node_is_found_by_what_is_seen_of_it() {
        let node = NetworkNode { name: "Edge ONE".to_owned(), ..never_asked("10.0.0.1:32148") };
        assert!(node.is_meant("", "") && node.is_meant("one", "") && node.is_meant("10.0.0.1", "not asking"));
        assert!(!node.is_meant("two", "") && !node.is_meant("", "current"));
    }

    #[test]
    fn every_state_has_a_word_of_its_own() {
        let words: std::collections::HashSet<_> = NodeState::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(words.len(), NodeState::ALL.len());
        for state in NodeState::ALL {
            assert_eq!(NodeState::of_word(state.as_str()), state);
        }
    }
}
