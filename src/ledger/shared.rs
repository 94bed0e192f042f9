//! What the writer publishes and everybody reads.

use crate::ledger::{copy::Copy, export::Export, local_file::LocalFile, store::Store, view::View};
use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::{SignedDuration, Timestamp};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::watch;

/// The published state of the ledger.
pub(super) struct Shared {
    view: ArcSwap<View>,
    export: ArcSwapOption<Export>,
    store: ArcSwapOption<Box<Arc<dyn Store>>>,
    copy: Copy,
    copy_version: ArcSwapOption<String>,
    file: ArcSwapOption<LocalFile>,
    table: AtomicBool,
    changed: watch::Sender<u64>,
    guarded: AtomicUsize,
    /// True while the database takes no changes.
    closed: AtomicBool,
    tombstone_days: u32,
}

impl Shared {
    pub(super) fn new(tombstone_days: u32) -> Self {
        Self {
            view: ArcSwap::default(),
            export: ArcSwapOption::empty(),
            store: ArcSwapOption::empty(),
            copy: Copy::default(),
            copy_version: ArcSwapOption::empty(),
            file: ArcSwapOption::empty(),
            table: AtomicBool::new(false),
            changed: watch::Sender::new(0),
            guarded: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            tombstone_days,
        }
    }

    pub(super) fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Makes a view what everybody reads and returns the one before.
    pub(super) fn publish(&self, view: &View) -> Arc<View> {
        let before = self.view.swap(Arc::new(view.clone()));
        self.changed.send_replace(view.generation());
        before
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn attached(&self, store: Option<Arc<dyn Store>>) {
        self.store.store(store.map(|store| Arc::new(Box::new(store))));
    }

    pub(super) fn store(&self) -> Option<Arc<dyn Store>> {
        self.store.load_full().map(|store| Arc::clone(&**store))
    }

    /// Returns the export of a view if it is built already.
    pub(super) fn ready_export(&self, view: &View) -> Option<Arc<Export>> {
        self.export.load_full().filter(|export| export.generation() == view.generation())
    }

    /// Returns the export of a view; builds what the last one did not have. Work for a thread of its own.
    pub(super) fn export_of(&self, view: &Arc<View>) -> Arc<Export> {
        if let Some(ready) = self.ready_export(view) {
            return ready;
        }
        let export = Arc::new(Export::build(view, self.export.load_full().as_deref()));
        if self.export.load().as_ref().is_none_or(|last| last.generation() < export.generation()) {
            self.export.store(Some(Arc::clone(&export)));
        }
        export
    }

    /// Returns what writes the local copy.
    pub(super) fn copy(&self) -> &Copy {
        &self.copy
    }

    pub(super) fn file(&self) -> Option<Arc<LocalFile>> {
        self.file.load_full()
    }

    pub(super) fn set_file(&self, file: LocalFile) {
        self.file.store(Some(Arc::new(file)));
    }

    pub(super) fn has_table(&self) -> bool {
        self.table.load(Ordering::Acquire)
    }

    pub(super) fn set_table(&self, exists: bool) {
        self.table.store(exists, Ordering::Release);
    }

    /// Returns the version of a local copy that is no export of this node.
    pub(super) fn copy_version(&self) -> Option<Arc<String>> {
        self.copy_version.load_full()
    }

    pub(super) fn set_copy_version(&self, version: Option<String>) {
        self.copy_version.store(version.map(Arc::new));
    }

    pub(super) fn guarded(&self) -> Option<usize> {
        Some(self.guarded.load(Ordering::Acquire)).filter(|count| *count > 0)
    }

    pub(super) fn is_guarded(&self) -> bool {
        self.guarded().is_some()
    }

    pub(super) fn set_guarded(&self, policies: usize) {
        self.guarded.store(policies, Ordering::Release);
    }

    /// Tells whether the database takes no changes.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn set_closed(&self, closed: bool) {
        self.closed.store(closed, Ordering::Release);
    }

    /// Returns the time before which drops are forgotten.
    pub(super) fn tombstones_from(&self) -> String {
        let days = SignedDuration::from_hours(i64::from(self.tombstone_days) * 24);
        let from = Timestamp::now().checked_sub(days).unwrap_or(Timestamp::UNIX_EPOCH);
        from.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
    }
}
