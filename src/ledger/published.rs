//! What the writer publishes and everybody reads.

use crate::ledger::{
    file::{export_cache::ExportCache, local_copy::LocalCopy, local_file::LocalFile},
    store::store::Store,
    view::view::View,
};
use arc_swap::{ArcSwap, ArcSwapOption};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::watch;

/// The published state of the ledger.
pub struct Published {
    view: ArcSwap<View>,
    /// Sees the number of every new version of the view.
    changed: watch::Sender<u64>,
    exports: ExportCache,
    store: ArcSwapOption<Box<Arc<dyn Store>>>,
    /// True when the ledger table exists and the view shows it.
    table: AtomicBool,
    /// Number of policies of the local file for which the empty table is not handed out; 0 for none.
    protected: AtomicUsize,
    /// False while the database takes no changes.
    accepts_changes: AtomicBool,
    file: ArcSwapOption<LocalFile>,
    copy: LocalCopy,
    copy_version: ArcSwapOption<String>,
}

impl Default for Published {
    fn default() -> Self {
        Self {
            view: ArcSwap::default(),
            changed: watch::Sender::new(0),
            exports: ExportCache::default(),
            store: ArcSwapOption::empty(),
            table: AtomicBool::new(false),
            protected: AtomicUsize::new(0),
            accepts_changes: AtomicBool::new(true),
            file: ArcSwapOption::empty(),
            copy: LocalCopy::default(),
            copy_version: ArcSwapOption::empty(),
        }
    }
}

impl Published {
    /// Returns the view as of now.
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Makes a view the one that everybody reads, and returns the one before.
    pub fn set_view(&self, view: &View) -> Arc<View> {
        let replaced = self.view.swap(Arc::new(view.clone()));
        self.changed.send_replace(view.generation());
        replaced
    }

    /// Returns a receiver that sees the number of every new version of the view.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns what builds the exports.
    pub fn exports(&self) -> &ExportCache {
        &self.exports
    }

    /// Returns the connected database.
    pub fn store(&self) -> Option<Arc<dyn Store>> {
        self.store.load_full().map(|store| Arc::clone(&**store))
    }

    /// Sets the connected database.
    pub fn set_store(&self, store: Option<Arc<dyn Store>>) {
        self.store.store(store.map(|store| Arc::new(Box::new(store))));
    }

    /// Tells whether the ledger table exists and the view shows it.
    pub fn has_table(&self) -> bool {
        self.table.load(Ordering::Acquire)
    }

    /// Sets whether the ledger table exists and the view shows it.
    pub fn set_table(&self, shown: bool) {
        self.table.store(shown, Ordering::Release);
    }

    /// Returns the number of policies of the local file that the empty table has lost (reference/ledger 8.8), if it has.
    pub fn protected_policies(&self) -> Option<usize> {
        Some(self.protected.load(Ordering::Acquire)).filter(|count| *count > 0)
    }

    /// Sets the number of policies that the empty table has lost.
    pub fn protect(&self, policies: usize) {
        self.protected.store(policies, Ordering::Release);
    }

    /// Tells whether the database takes changes.
    pub fn accepts_changes(&self) -> bool {
        self.accepts_changes.load(Ordering::Acquire)
    }

    /// Sets whether the database takes changes.
    pub fn set_accepts_changes(&self, accepts: bool) {
        self.accepts_changes.store(accepts, Ordering::Release);
    }

    /// Returns the local file.
    pub fn file(&self) -> Option<Arc<LocalFile>> {
        self.file.load_full()
    }

    /// Sets the local file.
    pub fn set_file(&self, file: LocalFile) {
        self.file.store(Some(Arc::new(file)));
    }

    /// Returns what reads and writes the local file.
    pub fn copy(&self) -> &LocalCopy {
        &self.copy
    }

    /// Returns the version of a local copy that is no export of this node.
    pub fn copy_version(&self) -> Option<Arc<String>> {
        self.copy_version.load_full()
    }

    /// Sets the version of a local copy that is no export of this node.
    pub fn set_copy_version(&self, version: Option<String>) {
        self.copy_version.store(version.map(Arc::new));
    }
}
