//! What other nodes may do here, by who they are: `PEER_READ`, `PEER_WRITE`, `PEER_SQL` and `PEER_NODE_INFO`.

use super::node_addresses::NodeAddresses;
use crate::{
    config::{Networks, Security, Senders},
    ledger::View,
};
use std::{fmt, net::IpAddr};

/// A variable of the configuration that opens something to other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerSwitch {
    /// `PEER_READ`: the ledger may be read.
    Read,
    /// `PEER_WRITE`: policies may be published, dropped and replaced.
    Write,
    /// `PEER_SQL`: the database of the ledger may be queried.
    Sql,
    /// `PEER_NODE_INFO`: logs, variables and the environment may be read.
    NodeInfo,
}

/// What the configuration opens to other nodes, and who of them is known.
#[derive(Debug)]
pub struct PeerAccess {
    read: Senders,
    write: Senders,
    sql: bool,
    node_info: bool,
    trusted: Networks,
    nodes: NodeAddresses,
}

impl PeerAccess {
    /// Takes the switches of the configuration.
    #[must_use]
    pub fn new(security: &Security) -> Self {
        Self {
            read: security.peer_read,
            write: security.peer_write,
            sql: security.peer_sql,
            node_info: security.peer_node_info,
            trusted: security.peer_allow.clone(),
            nodes: NodeAddresses::default(),
        }
    }

    /// Tells whether a sender may reach what a switch opens.
    ///
    /// # Errors
    /// The reason and what opens it, in words.
    pub fn check(&self, switch: PeerSwitch, sender: IpAddr, view: &View) -> Result<(), String> {
        match switch {
            PeerSwitch::Read => self.check_sender(switch, self.read, sender, view),
            PeerSwitch::Write => self.check_sender(switch, self.write, sender, view),
            PeerSwitch::Sql | PeerSwitch::NodeInfo => {
                let is_on = if switch == PeerSwitch::Sql { self.sql } else { self.node_info };
                if !is_on {
                    return Err(format!("{switch}=on in the configuration of this node opens it to other nodes"));
                }
                self.check(PeerSwitch::Read, sender, view)
            }
        }
    }

    /// Tells whether other nodes may see the variables of this node.
    #[must_use]
    pub const fn shows_variables(&self) -> bool {
        self.node_info
    }

    /// Tells whether the operator names an address as one of a trusted node.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.has(address)
    }

    /// Returns the addresses that node policies name.
    #[must_use]
    pub const fn nodes(&self) -> &NodeAddresses {
        &self.nodes
    }

    fn check_sender(&self, switch: PeerSwitch, who: Senders, sender: IpAddr, view: &View) -> Result<(), String> {
        let sender = sender.to_canonical();
        let is_known = || self.nodes.has(view, sender);
        let may = match who {
            Senders::Open => true,
            Senders::Known => self.trusts(sender) || is_known(),
            Senders::Allow => self.trusts(sender),
        };
        if may {
            return Ok(());
        }
        let ledger = if who == Senders::Known { "no node policy has this address and " } else { "" };
        Err(format!(
            "{switch} is {who} on this node, {ledger}PEER_ALLOW does not name {sender}; {switch}=open lets in everybody"
        ))
    }
}

impl PeerSwitch {
    /// Returns the name of the variable.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "PEER_READ",
            Self::Write => "PEER_WRITE",
            Self::Sql => "PEER_SQL",
            Self::NodeInfo => "PEER_NODE_INFO",
        }
    }
}

impl fmt::Display for PeerSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
impl PeerAccess {
    /// Opens everything to everybody, with these addresses of nodes and these trusted ones.
    pub fn of(nodes: &[(&str, u16)], trusted: &[&str]) -> Self {
        let trusted = trusted.iter().map(|address| address.parse::<IpAddr>().unwrap()).collect();
        let nodes = NodeAddresses::of_ports(nodes);
        Self { read: Senders::Open, write: Senders::Open, sql: true, node_info: true, trusted, nodes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(read: Senders, write: Senders) -> PeerAccess {
        PeerAccess { read, write, ..PeerAccess::of(&[("10.0.0.7", 32148)], &["10.0.0.9"]) }
    }

    #[test]
    fn senders_are_let_in_by_who_they_are() {
        use PeerSwitch::{Read, Write};
        for (who, stranger, known, allowed) in [
            (Senders::Open, true, true, true),
            (Senders::Known, false, true, true),
            (Senders::Allow, false, false, true),
        ] {
            for (sender, may) in [("192.0.2.1", stranger), ("10.0.0.7", known), ("::ffff:10.0.0.9", allowed)] {
                let sender = sender.parse().unwrap();
                let (read, write) = (access(who, Senders::Open), access(Senders::Open, who));
                assert_eq!(read.check(Read, sender, &View::default()).is_ok(), may, "{who} {sender}");
                assert_eq!(write.check(Write, sender, &View::default()).is_ok(), may, "{who} {sender}");
                assert!(read.check(Write, sender, &View::default()).is_ok());
            }
        }
    }

    #[test]
    fn a_refusal_names_what_opens_the_door() {
        let stranger = "192.0.2.1".parse().unwrap();
        let refusal = |access: &PeerAccess, switch| access.check(switch, stranger, &View::default()).unwrap_err();
        let closed = PeerAccess { sql: false, node_info: false, ..access(Senders::Known, Senders::Allow) };
        for (switch, parts) in [
            (PeerSwitch::Read, ["PEER_READ is known", "PEER_ALLOW does not name 192.0.2.1"]),
            (PeerSwitch::Write, ["PEER_WRITE is allow", "PEER_WRITE=open"]),
            (PeerSwitch::Sql, ["PEER_SQL=on", "opens it"]),
            (PeerSwitch::NodeInfo, ["PEER_NODE_INFO=on", "opens it"]),
        ] {
            let text = refusal(&closed, switch);
            assert!(parts.iter().all(|part| text.contains(part)), "{text}");
        }
        let open = PeerAccess { sql: true, ..closed };
        assert!(refusal(&open, PeerSwitch::Sql).contains("PEER_READ"), "sql reads the ledger");
    }
}
