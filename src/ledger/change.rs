//! The changes that the ledger can be asked for, by whom, and what came of them.

use crate::{ledger::view::entry::LedgerEntry, policy::Policy};
use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

/// A change of the policies. The writer validates it against everything committed before it.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds a row to the ledger (`blockchain insert … master=`, `push`; reference/ledger 6.1, 6.2).
    Insert(PolicyInsert),
    /// Like [`Change::Insert`], for a publisher that keeps its local copy in this ledger (`insert … local = true` on the
    /// master itself): the policy reads `"ledger": "local"` here until the next round of the synchroniser (reference/rest 10).
    Publish(PolicyInsert),
    /// Adds a policy that only this node knows, as a line of the local file (`blockchain add`, `insert … local = true`).
    InsertLocal {
        /// The policy, with id and date.
        policy: Policy,
        /// Which rules apply.
        check: PolicyCheck,
    },
    /// Gives the row with an id and the policy's type a new text (`blockchain replace`, reference/ledger 9.2).
    Replace {
        /// Id of the row.
        id: String,
        /// The new policy; its body carries the same id.
        policy: Policy,
        /// Node that publishes the new text.
        host: String,
        /// Which rules apply.
        check: PolicyCheck,
    },
    /// Deletes policies one by one and stops at the first that is not there; the ones before it stay deleted. A policy that
    /// only the local file has is removed from the view, because nobody else would get it from here (reference/ledger 9.1).
    Drop {
        /// Ids of the rows.
        ids: Vec<String>,
    },
    /// Deletes those of several policies that are there.
    DropSome {
        /// Their ids.
        ids: Vec<String>,
    },
    /// Deletes all rows that a node published.
    DropHost {
        /// The node's address, as in the host column.
        host: String,
    },
    /// Adds several policies in one transaction: all of them, or none.
    InsertAll {
        /// The policies; none has the id of another one.
        inserts: Vec<PolicyInsert>,
        /// What each of them becomes.
        each: InsertedAs,
    },
    /// Makes a change of one policy only while its stored text is the one that whoever asks has seen.
    While {
        /// Id of the policy.
        id: String,
        /// The text that was seen.
        text: Arc<str>,
        /// The change.
        change: Box<Change>,
    },
    /// Makes policies what they were before changes that are undone.
    Undo {
        /// What happens to each policy; none is there twice.
        steps: Vec<UndoStep>,
    },
    /// Makes the ledger what somebody planned on a version of it: all steps, or none when one of them breaks a rule or does
    /// not find what the plan was made from.
    Apply {
        /// What happens to each policy; none is there twice.
        steps: Vec<ApplyStep>,
    },
}

/// What a plan does to one policy.
#[derive(Clone, Debug, PartialEq)]
pub enum ApplyStep {
    /// A row is added.
    Create {
        /// Its id.
        id: String,
        /// The policy, with id and date.
        policy: Policy,
        /// Node that publishes it.
        host: String,
        /// True when nobody wrote the id: then no other policy of its type may have its names meanwhile.
        is_named: bool,
    },
    /// A row gets a new text.
    Replace {
        /// Id of the row.
        id: String,
        /// The stored text that the plan was made from.
        before: Arc<str>,
        /// The new policy; its body carries the same id.
        policy: Policy,
        /// Node that publishes the new text.
        host: String,
    },
    /// A row is removed.
    Drop {
        /// Id of the row.
        id: String,
        /// The stored text that the plan was made from.
        before: Arc<str>,
    },
}

impl ApplyStep {
    /// Returns the id of the policy.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Create { id, .. } | Self::Replace { id, .. } | Self::Drop { id, .. } => id,
        }
    }

    /// Returns the policy that the step brings.
    #[must_use]
    pub const fn policy(&self) -> Option<&Policy> {
        match self {
            Self::Create { policy, .. } | Self::Replace { policy, .. } => Some(policy),
            Self::Drop { .. } => None,
        }
    }

    /// Returns the id of the row that the step replaces or removes.
    #[must_use]
    pub fn changed_row(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Replace { id, .. } | Self::Drop { id, .. } => Some(id),
        }
    }
}

/// What undoing does to one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoStep {
    /// Its row is removed, if it is there.
    Remove {
        /// Its id.
        id: String,
    },
    /// Its row comes back, or gets back the values that it had.
    Restore(UndoRow),
    /// Its row comes, unless there is one: that of somebody who was faster stays.
    Add(UndoRow),
    /// Another step, made only while the row is what somebody has seen: a row that is another one meanwhile is left alone.
    While {
        /// The stored text that was seen; nothing when there was no row.
        seen: Option<Arc<str>>,
        /// The step.
        step: Box<Self>,
    },
}

/// A row as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoRow {
    /// Its id.
    pub id: String,
    /// Its stored text.
    pub text: String,
    /// The node that published it.
    pub host: String,
    /// The date column of the row; that of the text when nobody kept it.
    pub date: Option<String>,
}

impl UndoStep {
    /// Returns the id of the policy.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Remove { id } | Self::Restore(UndoRow { id, .. }) | Self::Add(UndoRow { id, .. }) => id,
            Self::While { step, .. } => step.id(),
        }
    }
}

impl Change {
    /// Returns what kind of change it is, for the log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Insert(_) | Self::Publish(_) | Self::InsertLocal { .. } | Self::InsertAll { .. } => "insert",
            Self::While { change, .. } => change.name(),
            Self::Replace { .. } => "replace",
            Self::Drop { .. } | Self::DropSome { .. } | Self::DropHost { .. } => "drop",
            Self::Undo { .. } => "undo",
            Self::Apply { .. } => "apply",
        }
    }

    /// Returns the bytes of the policies that the change brings.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.policies().map(|policy| policy.stored_text().len()).sum()
    }

    /// Returns the policies that the change brings; none for one that only takes policies away.
    pub fn policies(&self) -> Box<dyn Iterator<Item = &Policy> + '_> {
        match self {
            Self::Insert(insert) | Self::Publish(insert) => Box::new(std::iter::once(&insert.policy)),
            Self::InsertLocal { policy, .. } | Self::Replace { policy, .. } => Box::new(std::iter::once(policy)),
            Self::InsertAll { inserts, .. } => Box::new(inserts.iter().map(|insert| &insert.policy)),
            Self::While { change, .. } => change.policies(),
            Self::Apply { steps } => Box::new(steps.iter().filter_map(ApplyStep::policy)),
            Self::Drop { .. } | Self::DropSome { .. } | Self::DropHost { .. } | Self::Undo { .. } => {
                Box::new(std::iter::empty())
            }
        }
    }

    /// Tells whether the change concerns the local copy alone, which needs no database.
    pub(super) const fn is_local(&self) -> bool {
        matches!(self, Self::InsertLocal { .. } | Self::InsertAll { each: InsertedAs::Line, .. })
    }
}

/// A policy to add as a row.
#[derive(Clone, Debug)]
pub struct PolicyInsert {
    /// The policy, with id and date (reference/ledger 2.1).
    pub policy: Policy,
    /// Node that publishes it, for the host column.
    pub host: String,
    /// What becomes of it when its id is there already.
    pub on_duplicate: OnDuplicate,
    /// Which rules apply.
    pub check: PolicyCheck,
}

/// What policies become that are added together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsertedAs {
    /// A row, as with [`Change::Insert`].
    Row,
    /// A row that reads as local for a while, as with [`Change::Publish`].
    Published,
    /// A line of the local file, as with [`Change::InsertLocal`]; nobody publishes it yet, so that its host does not count.
    Line,
}

/// What becomes of a policy whose id the ledger has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDuplicate {
    /// The change fails.
    Refuse,
    /// The first row stays and the change succeeds (`push ignore`).
    Ignore,
    /// Like [`OnDuplicate::Ignore`], and a policy that was dropped after its date stays dropped: a member that does not know of
    /// the drop sends its own copy again (reference/ledger 9.4).
    IgnoreAndStayDropped,
}

/// Which rules of reference/ledger 3 a policy has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyCheck {
    /// Rules per type unless the policy is global already, unique keys (3.2, 3.3), and what other nodes demand (3.6);
    /// `member` and `status` are filled in.
    Rules,
    /// Like [`PolicyCheck::Rules`]; the policy is global afterwards.
    Publish,
    /// Like [`PolicyCheck::Rules`] without what other nodes demand: they do not see the policy yet.
    Added,
    /// Like [`PolicyCheck::Added`]; the policy is flagged `"ledger": "local"`, so that the rules of its type hold in any case.
    Local,
    /// Only what would stop other nodes (3.6): policies pushed over TCP.
    Structure,
    /// None: rows that come from a file the operator loads.
    Nothing,
}

/// Who asked for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Source address, user or token name with its address, or the part of the node: `10.0.0.7`, `rest:alice, 10.0.0.7`, `boot`.
    /// The history keeps it.
    pub who: String,
    /// Whether limits for others apply.
    pub sender: Sender,
    /// True for a change that a contract platform has already, so that it is not relayed to it.
    pub from_platform: bool,
}

/// Where a change came from, as far as limits depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The node itself, or somebody who may change everything.
    Owner,
    /// Somebody else, by the address of the connection: what a message announces is for the sender to choose.
    Other(IpAddr),
}

impl Author {
    /// Creates an author who may change everything.
    pub fn new(who: impl Into<String>) -> Self {
        Self { who: who.into(), sender: Sender::Owner, from_platform: false }
    }

    /// Creates an author to whom the limits for others apply.
    pub fn other(who: impl Into<String>, address: IpAddr) -> Self {
        Self { who: who.into(), sender: Sender::at(address), from_platform: false }
    }

    /// Creates the author of what a contract platform has, or refused: it is not relayed again.
    pub fn platform(name: &str) -> Self {
        Self { from_platform: true, ..Self::new(format!("relay:{name}")) }
    }
}

impl Sender {
    /// Returns the sender behind the address of a connection. Whoever has one address of IPv6 mostly has all of its /64, so
    /// those count as one.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self::Other(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address => address,
        })
    }

    /// Tells whether a row was published from the address of the sender.
    #[must_use]
    pub fn published(self, host: &str) -> bool {
        match self {
            Self::Owner => true,
            Self::Other(_) => host.parse().is_ok_and(|host| Self::at(host) == self),
        }
    }
}

/// What a change did, after its commit.
#[derive(Clone, Debug)]
pub struct Written {
    /// The policies added, replaced or deleted.
    pub entries: Vec<Arc<LedgerEntry>>,
    /// True when nothing changed because the id was there already, or its policy was dropped and stays so.
    pub ignored: bool,
    /// Number of the view that shows the change.
    pub generation: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_the_address_of_its_connection() {
        let at = |text: &str| Sender::at(text.parse().unwrap());
        assert_eq!(at("::ffff:10.0.0.7"), at("10.0.0.7"));
        assert_eq!(at("2001:db8::1"), at("2001:db8::2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert!(at("10.0.0.7").published("10.0.0.7") && !at("10.0.0.7").published("10.0.0.8"));
        assert!(!at("10.0.0.7").published("member.example") && Sender::Owner.published(""));
    }
}
