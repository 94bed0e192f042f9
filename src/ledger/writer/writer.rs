//! The state that only the writer has.

use crate::ledger::{
    history::tombstones::Tombstones,
    outbox::rule::RelayRule,
    published::Published,
    settings::LedgerSettings,
    view::view::View,
    writer::{
        blast_radius::BlastRadius,
        copy_state::CopyState,
        health::DatabaseHealth,
        held::HeldChanges,
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
    pub health: DatabaseHealth,
    /// The policies that wait for the database to take changes again.
    pub pending: PendingChanges,
    /// Bytes that the texts of all policies may have.
    pub quota: u64,
    /// True while they have most of that, which was logged.
    pub nearly_full: bool,
    /// The most policies that the ledger had, as the database keeps it.
    pub kept_most: usize,
    /// What senders changed lately of what others published.
    pub radius: BlastRadius,
    /// The changes that wait for an operator.
    pub held: HeldChanges,
    /// The local copy.
    pub copy: CopyState,
    /// The deletions that are remembered.
    pub tombstones: Tombstones,
    /// True when rows read as local until the next round of the synchroniser.
    pub shows_local_rows: bool,
    /// What goes to a contract platform; nothing while no relay is on.
    pub relay: Option<Arc<RelayRule>>,
}

impl Writer {
    /// Creates a writer without database and local file.
    #[must_use]
    pub fn new(published: Arc<Published>, settings: LedgerSettings) -> Self {
        Self {
            health: DatabaseHealth::new(Arc::clone(&published)),
            published,
            view: View::default(),
            replaced: None,
            storage: Storage::Detached,
            empty_table: EmptyTable::Unexplained,
            pending: PendingChanges::default(),
            quota: settings.quota,
            nearly_full: false,
            kept_most: 0,
            radius: BlastRadius::new(settings.drop_limit),
            held: HeldChanges::default(),
            copy: CopyState::default(),
            tombstones: Tombstones::new(settings.tombstone_days),
            shows_local_rows: false,
            relay: None,
        }
    }

    /// Makes the view of the writer the one that everybody reads.
    pub fn publish(&mut self) {
        self.replaced = Some(self.published.set_view(&self.view));
        let nearly_full = is_nearly_full(self.view.bytes(), self.quota);
        if nearly_full && !self.nearly_full {
            let (bytes, quota) = (self.view.bytes(), self.quota);
            tracing::error!(bytes, quota, "the ledger is nearly full: drop policies or raise LEDGER_QUOTA");
        }
        self.nearly_full = nearly_full;
    }

    /// Shows a view that was not made from the one before.
    pub fn show(&mut self, mut view: View) {
        view.follow(self.view.generation());
        self.view = view;
        self.publish();
        self.published.set_unread(false);
    }

    /// Takes note of the state of the database; everybody sees whether there is a table that the view shows.
    pub fn set_storage(&mut self, storage: Storage) {
        self.storage = storage;
        self.published.set_table(matches!(self.storage, Storage::Open { .. }));
    }
}

/// Tells whether the texts of all policies have four fifths of the bytes that they may have.
#[must_use]
pub const fn is_nearly_full(bytes: u64, quota: u64) -> bool {
    bytes >= quota.saturating_sub(quota / 5)
}
