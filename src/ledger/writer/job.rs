//! What the writer is asked for.

use crate::ledger::{
    change::{Author, Change, Written},
    error::Error,
    file::local_file::LocalFile,
    held_change::ConfirmedChange,
    outbox::rule::RelayRule,
    snapshot::restore::{RestoreOrder, RestoreReport},
    start_from::{StartFrom, StartedFrom},
    store::store::Store,
    writer::{plan::outcome::PlannedChange, sync_report::SyncReport},
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Where the answer to a job goes.
pub type Responder<T> = oneshot::Sender<Result<T, Error>>;

/// What the writer is asked for.
pub enum WriterJob {
    /// Makes a change.
    Write(Box<QueuedChange>),
    /// Makes changes that waited for an operator: one by its number, or all.
    Confirm(Option<u64>, Author, Responder<Vec<ConfirmedChange>>),
    /// Forgets changes that waited for an operator: one by its number, or all.
    Reject(Option<u64>, Responder<usize>),
    /// Makes a database the ledger.
    Attach(Arc<dyn Store>, Responder<()>),
    /// Closes the database.
    Detach(Responder<()>),
    /// Creates the ledger table if it is not there.
    CreateTable(Responder<()>),
    /// Drops the ledger table.
    DropTable(Author, Responder<()>),
    /// Reads table and file again.
    Reload(Responder<()>),
    /// Reads the local file that waits for a table, if no table was read meanwhile.
    ReadFile(Responder<()>),
    /// Reads what other masters committed. Nobody waits for an answer.
    Refresh,
    /// Reads what other masters committed, for who waits for it.
    CatchUp(Responder<()>),
    /// Makes a file the local copy.
    OpenFile(LocalFile, Responder<()>),
    /// Brings table and file in step, the source being this node, which publishes under a host.
    SyncFromSelf(String, Responder<SyncReport>),
    /// Merges the ledger text of another master into the local copy.
    SyncFromMaster(String, Responder<SyncReport>),
    /// Makes bytes the local file.
    AdoptFile(Vec<u8>, Responder<()>),
    /// Says what goes to a contract platform from now on.
    Relay(Option<Arc<RelayRule>>, Responder<()>),
    /// Deletes the local file.
    DeleteFile(Responder<()>),
    /// Says what counts for a table that lacks most of what the local copy has: the copy, whose policies this host then
    /// publishes, or the table.
    StartFrom(StartFrom, String, Author, Responder<StartedFrom>),
    /// Makes the ledger what a backup has, or adds what it lacks of it.
    Restore(Box<RestoreOrder>, Author, Responder<RestoreReport>),
}

/// A change that waits for its turn, and where its answer goes.
pub struct QueuedChange {
    /// The change.
    pub change: Change,
    /// Who asked for it.
    pub author: Author,
    /// Where the answer goes.
    pub responder: Responder<Written>,
    /// What was planned for it each time that the answer to its commit was lost: the commit may come through all the same.
    pub lost: Vec<PlannedChange>,
}

impl QueuedChange {
    /// Creates a change that was not tried yet.
    #[must_use]
    pub const fn new(change: Change, author: Author, responder: Responder<Written>) -> Self {
        Self { change, author, responder, lost: Vec::new() }
    }

    /// Creates a change of the writer's own, for whose answer nobody waits.
    #[must_use]
    pub fn unanswered(change: Change, author: Author) -> Self {
        Self::new(change, author, oneshot::channel().0)
    }
}

/// Answers; whoever asked may have left meanwhile.
pub fn respond<T>(responder: Responder<T>, outcome: Result<T, Error>) {
    let _ = responder.send(outcome);
}
