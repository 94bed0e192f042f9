//! `blockchain …`: queries, changes and copies of the policies (reference/ledger 6).

pub(super) mod copy;
mod files;
pub(super) mod foreign;
mod given;
pub(super) mod insert;
mod mapping;
mod past;
pub(super) mod push;
pub(super) mod query;
pub(super) mod remove;
pub(super) mod replace;
pub(super) mod test;
pub(super) mod wait;

use super::{Entry, Error, Network, Node, Reply, Role, Session, table::Parse};
use crate::command::table::Help;
use std::sync::Arc;

/// A command of this family.
#[derive(Clone, Debug, PartialEq)]
pub enum Blockchain {
    /// `blockchain get`, `blockchain read`, `blockchain query metadata`.
    Query(Box<query::Query>),
    /// `blockchain test`.
    Test(test::Test),
    /// `blockchain prepare policy`, `insert`, `add`.
    Insert(insert::Insert),
    /// `blockchain push`.
    Push(push::Push),
    /// `blockchain replace policy`.
    Replace(replace::Replace),
    /// `blockchain drop …`, `blockchain delete policy`.
    Remove(remove::Remove),
    /// `blockchain pull`, `update`, `load`, `seed`, and the table and file as a whole.
    Copy(copy::Copy),
    /// `blockchain wait`.
    Wait(wait::Wait),
}

impl Blockchain {
    pub(super) async fn execute(self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match self {
            Self::Query(command) => Box::pin(command.execute(node)).await,
            Self::Test(command) => command.execute(node),
            Self::Insert(command) => Box::pin(command.execute(node, session)).await,
            Self::Push(command) => Box::pin(command.execute(node, session)).await,
            Self::Replace(command) => Box::pin(command.execute(node, session)).await,
            Self::Remove(command) => Box::pin(command.execute(node, session)).await,
            Self::Copy(command) => Box::pin(command.execute(node, session)).await,
            Self::Wait(command) => Box::pin(command.execute(node, session)).await,
        }
    }
}

/// Keeps a command from other nodes: what they may send are pushes, drops and replacements (reference/tcp-protocol 8.4).
const fn not_for_peers(entry: Entry) -> Entry {
    Entry { network: Network::Rest, ..entry }
}

/// Describes a command that changes policies; callers with the role to publish may run it.
const fn publishes(words: &'static str, parse: Parse, help: Help) -> Entry {
    Entry { role: Role::Publish, ..Entry::change(words, parse, help) }
}
