//! What commands reach, which door may reach it, and what each door is told when it may not: one table.

use crate::node::{Door, PeerSwitch};

/// What a command reaches. Every entry of the catalog names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Reads policies.
    ReadLedger,
    /// Reads what a member or a monitor has to know: status, version, servers, figures.
    ReadNode,
    /// Reads what is the operator's own: logs, variables, the environment.
    ReadInside,
    /// Runs a query in the database of the ledger.
    QueryDatabase,
    /// Asks other nodes, or connects to an address.
    AskNodes,
    /// Adds policies.
    Publish,
    /// Drops or replaces policies that its sender published. Entries name this one: whose policies they are is looked at when
    /// the change is made.
    ChangeOwnPolicies,
    /// Drops or replaces policies that others published. No entry names it; a change is held to it by its author.
    ChangePoliciesOfOthers,
    /// Reports the state of a node to a topic that operators watch.
    Report,
    /// Sets variables and leaves messages.
    Variables,
    /// Changes what the node does: switches, servers, databases, tasks, scripts.
    ChangeNode,
    /// Stops the node or one of its doors.
    StopServers,
    /// Reaches the machine: its files, programs and addresses.
    Host,
}

/// Answer of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The door may.
    Yes,
    /// The door may not.
    No,
    /// A variable of the configuration says whether it may.
    Switch(PeerSwitch),
    /// It may, within limits that stand here in words.
    Within(&'static str),
}

use Permission::{No, Switch, Within, Yes};

/// Most that callers with less than the role admin may ask other nodes for.
const KNOWN_NODES: &str = "nodes of the ledger";

/// The table: one row for each kind of command, one column for each of [`Door::ALL`].
const TABLE: [(Access, [Permission; Door::ALL.len()]); 13] = {
    use Access::{
        AskNodes, ChangeNode, ChangeOwnPolicies, ChangePoliciesOfOthers, Host, Publish, QueryDatabase, ReadInside,
        ReadLedger, ReadNode, Report, StopServers, Variables,
    };
    let few = Within("PEER_DROP_LIMIT a minute");
    let host = Within("'system' only when ALLOW_COMMANDS names it");
    [
        // member, REST read, REST publish, REST admin, other origin, prompt, boot
        (ReadLedger, [Switch(PeerSwitch::Read), Yes, Yes, Yes, Yes, Yes, Yes]),
        (ReadNode, [Yes, Yes, Yes, Yes, Yes, Yes, Yes]),
        (ReadInside, [Switch(PeerSwitch::NodeInfo), Yes, Yes, Yes, No, Yes, Yes]),
        (QueryDatabase, [Switch(PeerSwitch::Sql), Yes, Yes, Yes, No, Yes, Yes]),
        (AskNodes, [No, Within(KNOWN_NODES), Within(KNOWN_NODES), Yes, No, Yes, Yes]),
        (Publish, [Switch(PeerSwitch::Write), No, Yes, Yes, No, Yes, Yes]),
        (ChangeOwnPolicies, [Switch(PeerSwitch::Write), No, Yes, Yes, No, Yes, Yes]),
        (ChangePoliciesOfOthers, [few, No, few, Yes, No, Yes, Yes]),
        (Report, [Switch(PeerSwitch::Write), No, Yes, Yes, No, Yes, Yes]),
        (Variables, [No, No, Within("the request's own"), Yes, No, Yes, Yes]),
        (ChangeNode, [No, No, No, Yes, No, Yes, Yes]),
        (StopServers, [No, No, No, No, No, Yes, Yes]),
        (Host, [No, No, No, No, No, host, host]),
    ]
};

impl Access {
    /// Returns every kind of command in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.into_iter().map(|(access, _)| access)
    }

    /// Returns the words of the table for the kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadLedger => "read the ledger",
            Self::ReadNode => "read the node's state",
            Self::ReadInside => "read logs and variables",
            Self::QueryDatabase => "query the database",
            Self::AskNodes => "ask other nodes",
            Self::Publish => "publish policies",
            Self::ChangeOwnPolicies => "drop or replace own policies",
            Self::ChangePoliciesOfOthers => "drop or replace policies of others",
            Self::Report => "report to a topic",
            Self::Variables => "set variables",
            Self::ChangeNode => "change the node",
            Self::StopServers => "stop the node or a server",
            Self::Host => "reach the machine",
        }
    }
}

/// Returns what the table says about a kind of command at a door.
#[must_use]
pub fn permission(door: Door, access: Access) -> Permission {
    let row = TABLE.iter().find(|(kind, _)| *kind == access).map(|(_, row)| row);
    let column = Door::ALL.iter().position(|one| *one == door);
    row.zip(column).and_then(|(row, column)| row.get(column).copied()).unwrap_or(No)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_in_the_table_once_and_every_door_may_read_the_state() {
        let all: std::collections::HashSet<Access> = Access::all().collect();
        assert_eq!(all.len(), TABLE.len());
        assert!(Door::ALL.iter().all(|door| permission(*door, Access::ReadNode) == Yes));
    }

    #[test]
    fn what_is_closed_to_a_role_is_closed_to_the_ones_below_it() {
        let closed = |door, access| permission(door, access) == No;
        for access in Access::all() {
            assert!(!closed(Door::RestAdmin, access) || closed(Door::RestPublish, access), "{access:?}");
            assert!(!closed(Door::RestPublish, access) || closed(Door::RestRead, access), "{access:?}");
            assert!(!closed(Door::RestRead, access) || closed(Door::OtherOrigin, access), "{access:?}");
        }
    }
}
