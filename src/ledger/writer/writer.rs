//! The state that only the writer has.

use crate::ledger::{
    history::tombstones::Tombstones,
    published::Published,
    view::view::View,
    writer::{
        copy_state::CopyState,
        health::Health,
        pending::PendingChanges,
        storage::{EmptyTable, Storage},
    },
};
use std::sync::Arc;

/// The writer of the ledger: what it knows, and what it publishes of that.
pub struct Writer {
    /// What everybody reads.
    pub published: Arc<Published>,
    /// The policies, as they are published next.
    pub view: View,
    /// The view before this one: to take it apart takes time, which there is while the database writes. A single client
    /// of a SQLite file waits a tenth less for a change by that.
    pub replaced: Option<Arc<View>>,
    /// The database.
    pub storage: Storage,
    /// What an empty table means.
    pub empty_table: EmptyTable,
    /// Whether the database answers and takes changes.
    pub health: Health,
    /// The policies that wait for the database to take changes again.
    pub pending: PendingChanges,
    /// The local copy.
    pub copy: CopyState,
    /// The deletions that are remembered.
    pub tombstones: Tombstones,
    /// Ids of the rows that read as local until the next round of the synchroniser.
    pub shown_as_local: Vec<Arc<str>>,
}

impl Writer {
    /// Creates a writer without database and local file; deletions are remembered for some days.
    #[must_use]
    pub fn new(published: Arc<Published>, tombstone_days: u32) -> Self {
        Self {
            health: Health::new(Arc::clone(&published)),
            published,
            view: View::default(),
            replaced: None,
            storage: Storage::Detached,
            empty_table: EmptyTable::Unexplained,
            pending: PendingChanges::default(),
            copy: CopyState::default(),
            tombstones: Tombstones::new(tombstone_days),
            shown_as_local: Vec::new(),
        }
    }

    /// Makes the view of the writer the one that everybody reads.
    pub fn publish(&mut self) {
        self.replaced = Some(self.published.set_view(&self.view));
    }

    /// Shows a view that was not made from the one before.
    pub fn show(&mut self, mut view: View) {
        view.follow(self.view.generation());
        self.view = view;
        self.publish();
    }

    /// Takes note of the state of the database; everybody sees whether there is a table that the view shows.
    pub fn set_storage(&mut self, storage: Storage) {
        self.storage = storage;
        self.published.set_table(matches!(self.storage, Storage::Open { .. }));
    }
}
