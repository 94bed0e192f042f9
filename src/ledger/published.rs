//! What the writer publishes and everybody reads.

use crate::ledger::{
    error::Error,
    figures::LedgerFigures,
    file::{export_cache::ExportCache, local_copy::LocalCopy, local_file::LocalFile},
    held_change::HeldChange,
    store::store::Store,
    version_times::VersionTimes,
    view::view::View,
};
use crate::runtime::clock;
use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::watch;

/// The published state of the ledger.
pub struct Published {
    view: ArcSwap<View>,
    /// Sees the number of every new version of the view.
    changed: watch::Sender<u64>,
    /// Sees every transaction that added to the outbox of a relay.
    queued: watch::Sender<u64>,
    /// When the last versions were shown.
    times: Mutex<VersionTimes>,
    exports: ExportCache,
    store: ArcSwapOption<Box<Arc<dyn Store>>>,
    /// True when the ledger table exists and the view shows it.
    table: AtomicBool,
    /// Number of policies that the local file has and the table lost; 0 for none.
    lost: watch::Sender<usize>,
    /// False while the database takes no changes.
    accepts_changes: AtomicBool,
    /// Why the last look-up in the database failed; nothing while it answers.
    silence: ArcSwapOption<Error>,
    /// Why the database took no change; nothing while it takes them.
    refusal: ArcSwapOption<Error>,
    /// The most policies that the ledger had since the start, or since somebody confirmed that it has fewer.
    most: AtomicUsize,
    /// True when the log was told that it has less than half of them.
    told_shrunk: AtomicBool,
    held: ArcSwap<Vec<Arc<HeldChange>>>,
    figures: LedgerFigures,
    /// True while nothing was read yet, because the table comes next.
    unread: watch::Sender<bool>,
    file: ArcSwapOption<LocalFile>,
    copy: LocalCopy,
    copy_version: ArcSwapOption<String>,
}

/// A ledger that lost more than half of its policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// Policies that it had.
    pub before: usize,
    /// Policies that it has.
    pub now: usize,
}

impl Default for Published {
    fn default() -> Self {
        Self {
            view: ArcSwap::default(),
            changed: watch::Sender::new(0),
            queued: watch::Sender::new(0),
            times: Mutex::default(),
            exports: ExportCache::default(),
            store: ArcSwapOption::empty(),
            table: AtomicBool::new(false),
            lost: watch::Sender::new(0),
            accepts_changes: AtomicBool::new(true),
            silence: ArcSwapOption::empty(),
            refusal: ArcSwapOption::empty(),
            most: AtomicUsize::new(0),
            told_shrunk: AtomicBool::new(false),
            held: ArcSwap::default(),
            figures: LedgerFigures::default(),
            unread: watch::Sender::new(false),
            file: ArcSwapOption::empty(),
            copy: LocalCopy::default(),
            copy_version: ArcSwapOption::empty(),
        }
    }
}

impl Published {
    /// Sets whether nothing was read yet, because the table comes next.
    pub fn set_unread(&self, unread: bool) {
        self.unread.send_if_modified(|was| std::mem::replace(was, unread) != unread);
    }

    /// Tells whether nothing was read yet, because the table comes next.
    pub fn is_unread(&self) -> bool {
        *self.unread.borrow()
    }

    /// Returns when something was read; at once where nobody waits for the table. Cancel safe.
    pub async fn until_read(&self) {
        if self.is_unread() {
            let mut unread = self.unread.subscribe();
            // The sender lives as long as this, so the wait does not fail.
            let _ = unread.wait_for(|unread| !unread).await;
        }
    }

    /// Returns the view as of now.
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Makes a view the one that everybody reads, and returns the one before.
    pub fn set_view(&self, view: &View) -> Arc<View> {
        let replaced = self.view.swap(Arc::new(view.clone()));
        self.most.fetch_max(view.len(), Ordering::AcqRel);
        self.times.lock().unwrap_or_else(PoisonError::into_inner).note(view.generation(), clock::now());
        self.changed.send_replace(view.generation());
        if let Some(Shrunk { before, now }) = self.news() {
            tracing::error!(
                before,
                now,
                "the ledger lost more than half of its policies: members get no copy until 'blockchain confirm export'"
            );
        }
        replaced
    }

    /// Takes note that something was added to the outbox of a relay.
    pub fn note_queued(&self) {
        self.queued.send_modify(|transactions| *transactions += 1);
    }

    /// Returns a receiver that sees every such note.
    pub fn watch_queued(&self) -> watch::Receiver<u64> {
        self.queued.subscribe()
    }

    /// Returns since when somebody who holds a version has lacked something.
    pub fn lacking_since(&self, generation: u64) -> Option<Timestamp> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).after(generation)
    }

    /// Returns what the log has not been told yet: that the ledger shrank, while this node ran or before it was started.
    fn news(&self) -> Option<Shrunk> {
        let shrunk = self.shrunk();
        let is_told = self.told_shrunk.swap(shrunk.is_some(), Ordering::AcqRel);
        shrunk.filter(|_| !is_told)
    }

    /// Tells whether the ledger has less than half of the policies that it had.
    pub fn shrunk(&self) -> Option<Shrunk> {
        let (before, now) = (self.most.load(Ordering::Acquire), self.view.load().len());
        (now.saturating_mul(2) < before).then_some(Shrunk { before, now })
    }

    /// Returns the most policies that the ledger had.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Acquire)
    }

    /// Takes note of how many policies the ledger had before this node knew it.
    pub fn had(&self, most: usize) {
        self.most.fetch_max(most, Ordering::AcqRel);
    }

    /// Takes note that the ledger will have fewer policies, because those who published them take them back.
    pub fn expect_fewer(&self, policies: usize) {
        // The closure always gives a value, so that there is nothing to fail.
        let _ = self.most.fetch_update(Ordering::AcqRel, Ordering::Acquire, |most| Some(most.saturating_sub(policies)));
    }

    /// Takes the number of policies as it is for the right one.
    pub fn accept_size(&self) {
        self.most.store(self.view.load().len(), Ordering::Release);
        self.told_shrunk.store(false, Ordering::Release);
    }

    /// Returns the changes that wait for an operator.
    pub fn held(&self) -> Arc<Vec<Arc<HeldChange>>> {
        self.held.load_full()
    }

    /// Sets the changes that wait for an operator.
    pub fn set_held(&self, held: Vec<Arc<HeldChange>>) {
        self.held.store(Arc::new(held));
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

    /// Returns the number of policies that the local file has and the table lost (reference/ledger 8.8), if it lost any. The
    /// table is not handed out, and the local file stays as it is, until somebody says which of them counts.
    pub fn lost_policies(&self) -> Option<usize> {
        Some(*self.lost.borrow()).filter(|count| *count > 0)
    }

    /// Sets the number of policies that the table lost, and returns what it was.
    pub fn set_lost(&self, policies: usize) -> usize {
        self.lost.send_replace(policies)
    }

    /// Returns a receiver that sees the number of policies that the table lost.
    pub fn watch_lost(&self) -> watch::Receiver<usize> {
        self.lost.subscribe()
    }

    /// Tells whether the database takes changes.
    pub fn accepts_changes(&self) -> bool {
        self.accepts_changes.load(Ordering::Acquire)
    }

    /// Sets whether the database takes changes.
    pub fn set_accepts_changes(&self, accepts: bool) {
        self.accepts_changes.store(accepts, Ordering::Release);
    }

    /// Returns what is counted and timed about the ledger.
    pub fn figures(&self) -> &LedgerFigures {
        &self.figures
    }

    /// Returns why the database does not answer, when it does not.
    pub fn silence(&self) -> Option<Arc<Error>> {
        self.silence.load_full()
    }

    /// Sets why the database does not answer.
    pub fn set_silence(&self, reason: Option<Error>) {
        self.silence.store(reason.map(Arc::new));
    }

    /// Returns why the database takes no changes, as far as the last refused one told.
    pub fn refusal(&self) -> Option<Arc<Error>> {
        self.refusal.load_full()
    }

    /// Sets why the database takes no changes.
    pub fn set_refusal(&self, reason: Option<Error>) {
        self.refusal.store(reason.map(Arc::new));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_shrank_is_told_once_also_at_a_start() {
        let published = Published::default();
        assert_eq!(published.news(), None);
        // What the database says that the ledger had, before its rows are read.
        published.had(20);
        let shrunk = Some(Shrunk { before: 20, now: 0 });
        assert_eq!((published.news(), published.news()), (shrunk, None));
        published.accept_size();
        assert_eq!((published.shrunk(), published.news()), (None, None));
        published.had(3);
        assert_eq!(published.news(), Some(Shrunk { before: 3, now: 0 }), "another one is told again");
    }
}
