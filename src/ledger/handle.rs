//! The handle that commands have on the ledger.

use crate::{
    ledger::{
        change::{Author, Change, Written},
        change_limiter::ChangeLimiter,
        error::Error,
        figures::LedgerFigures,
        file::{
            disk::{LocalDisk, RealDisk},
            export::Export,
            local_file::LocalFile,
            packed::PackedExport,
        },
        held_change::{ConfirmedChange, HeldChange},
        history::{
            past_change::{HistorySelection, PastChange},
            row::HistoryRow,
        },
        outbox::{handle::Outbox, rule::RelayRule},
        published::{Published, Shrunk},
        settings::LedgerSettings,
        start_from::{StartFrom, StartedFrom},
        store::{outage::Outage, store::Store},
        view::view::View,
        writer::{
            blocking::blocking,
            job::{QueuedChange, Responder, WriterJob},
            sync_report::SyncReport,
            writer::{Writer, is_nearly_full},
        },
    },
    runtime::{limits, shutdown::Shutdown},
};
use jiff::Timestamp;
use std::{path::PathBuf, sync::Arc, time::Instant};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// The policies of the network as this node knows them. Cloning shares the same ledger.
#[derive(Clone)]
pub struct Ledger {
    published: Arc<Published>,
    jobs: mpsc::Sender<WriterJob>,
    limiter: Arc<ChangeLimiter>,
    quota: u64,
    /// Whoever holds its permit builds the export; the others wait for what it builds.
    export_turn: Arc<Semaphore>,
    /// The same for the compressed export.
    packing_turn: Arc<Semaphore>,
    shutdown: Shutdown,
}

impl Ledger {
    /// Starts the writer; no database and no local file yet.
    #[must_use]
    pub fn start(settings: LedgerSettings, shutdown: &Shutdown) -> Self {
        let published = Arc::new(Published::default());
        let (jobs, waiting) = mpsc::channel(limits::LEDGER_QUEUE);
        let writer = Writer::new(Arc::clone(&published), settings);
        shutdown.spawn(writer.run(waiting, shutdown.token()));
        let LedgerSettings { changes_per_second, changes_per_minute, bytes_per_minute, .. } = settings;
        let limiter = Arc::new(ChangeLimiter::new(changes_per_second, changes_per_minute, bytes_per_minute));
        let (export_turn, packing_turn) = (Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(1)));
        let shutdown = shutdown.clone();
        Self { published, jobs, limiter, quota: settings.quota, export_turn, packing_turn, shutdown }
    }

    /// Returns the policies as of now; the version never changes under the reader.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.published.view()
    }

    /// Says that a start connects the database next: a local file that is opened before is read beside its table, and not twice.
    /// Who asks meanwhile waits, see [`Ledger::until_read`]. When no table comes for a while, the file is read alone.
    pub fn await_table(&self) {
        self.published.set_unread(true);
        let (ledger, stop) = (self.clone(), self.shutdown.token());
        self.shutdown.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = ledger.published.until_read() => {}
                () = tokio::time::sleep(limits::TABLE_PATIENCE) => {
                    // What cannot be read is told by the step of the boot that needs it.
                    let _ = ledger.ask(WriterJob::ReadFile).await;
                }
            }
            ledger.published.set_unread(false);
        });
    }

    /// Returns when the view shows what the node has of the ledger, which it does all the time but at a start. Cancel safe.
    pub async fn until_read(&self) {
        self.published.until_read().await;
    }

    /// Returns a receiver that sees the number of every new version.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// Makes a change; returns after its commit.
    ///
    /// # Errors
    /// The reason, when nothing was changed ([`Error::Missing`]: the ids before the missing one are deleted).
    pub async fn write(&self, change: Change, author: Author) -> Result<Written, Error> {
        let started = Instant::now();
        let outcome = self.send(change, author).await;
        self.published.figures().answered(&outcome, started.elapsed());
        outcome
    }

    async fn send(&self, change: Change, author: Author) -> Result<Written, Error> {
        self.limiter.admit(author.sender, &change)?;
        let (responder, outcome) = oneshot::channel();
        let job = WriterJob::Write(Box::new(QueuedChange::new(change, author, responder)));
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopping,
        })?;
        outcome.await.unwrap_or(Err(Error::Stopping))
    }

    /// Returns the ledger as members pull it, built once per version.
    ///
    /// # Errors
    /// When no ledger table is open, or it lost what the local copy has.
    pub async fn export(&self) -> Result<Arc<Export>, Error> {
        if self.published.store().is_none() {
            return Err(Error::NotConnected);
        }
        if !self.published.has_table() {
            return Err(Error::NoTable);
        }
        if let Some(lost) = self.published.lost_policies() {
            return Err(Error::LostPolicies(lost));
        }
        self.build_export().await
    }

    /// Returns the ledger as members pull it, if somebody has asked for this version already.
    #[must_use]
    pub fn built_export(&self) -> Option<Arc<Export>> {
        self.published.exports().ready(&self.view())
    }

    /// Returns since when somebody who holds an older version has lacked something; a lower bound when that is long ago, and
    /// nothing when the version is the one that is shown.
    #[must_use]
    pub fn lacking_since(&self, generation: u64) -> Option<Timestamp> {
        self.published.lacking_since(generation)
    }

    async fn build_export(&self) -> Result<Arc<Export>, Error> {
        if let Some(ready) = self.published.exports().ready(&self.view()) {
            return Ok(ready);
        }
        let _turn = self.export_turn.acquire().await.map_err(|_| Error::Stopping)?;
        let (published, view) = (Arc::clone(&self.published), self.view());
        blocking(move || Ok(published.exports().build(&view))).await
    }

    /// Returns an export as a gzip file, made once per version.
    ///
    /// # Errors
    /// [`Error::Stopping`], and when the file cannot be made.
    pub async fn packed(&self, export: &Arc<Export>) -> Result<Arc<PackedExport>, Error> {
        if let Some(ready) = self.published.exports().ready_packed(export) {
            return Ok(ready);
        }
        let _turn = self.packing_turn.acquire().await.map_err(|_| Error::Stopping)?;
        let (published, export) = (Arc::clone(&self.published), Arc::clone(export));
        blocking(move || published.exports().pack(&export).map_err(|error| Error::Packing(Arc::new(error)))).await
    }

    /// Checks whether members may take the ledger now. While the database refuses what they send, a copy without it would
    /// make them forget it (reference/ledger 8.4).
    ///
    /// # Errors
    /// [`Error::Unavailable`] until the database takes changes again; [`Error::Shrunk`], see [`Ledger::check_whole`].
    pub fn may_deliver(&self) -> Result<(), Error> {
        if !self.published.accepts_changes() {
            return Err(Outage::TakesNoChanges.into());
        }
        self.check_whole()
    }

    /// Checks that the ledger did not lose more than half of its policies without an operator who confirmed it.
    ///
    /// # Errors
    /// [`Error::Shrunk`] until somebody confirms what is left.
    pub fn check_whole(&self) -> Result<(), Error> {
        match self.published.shrunk() {
            None => Ok(()),
            Some(Shrunk { before, now }) => Err(Error::Shrunk { before, now }),
        }
    }

    /// Lets members have a ledger that shrank, and returns how many policies it had and has.
    ///
    /// # Errors
    /// [`Error::NotShrunk`] when no delivery is held back.
    pub fn confirm_export(&self) -> Result<(usize, usize), Error> {
        let Shrunk { before, now } = self.published.shrunk().ok_or(Error::NotShrunk)?;
        self.published.accept_size();
        Ok((before, now))
    }

    /// Returns the number of policies that the local copy has and the table lost, if there is that to decide
    /// (reference/ledger 8.8). A copy that follows another master says nothing of the table of this node.
    #[must_use]
    pub fn lost_policies(&self) -> Option<usize> {
        self.published.lost_policies().filter(|_| self.published.copy_version().is_none())
    }

    /// Returns when the table had lost what the local copy has, and it was decided which of them counts. Cancel safe.
    pub async fn decided(&self) {
        let mut lost = self.published.watch_lost();
        // The sender lives as long as the ledger, so neither wait fails.
        let _ = lost.wait_for(|lost| *lost > 0).await;
        let _ = lost.wait_for(|lost| *lost == 0).await;
    }

    /// Tells whether a node that ended was bringing back what the table lost.
    ///
    /// # Errors
    /// When the node is stopping.
    pub async fn is_being_restored(&self) -> Result<bool, Error> {
        let Some(file) = self.published.file() else { return Ok(false) };
        blocking(move || Ok(file.is_being_restored())).await
    }

    /// Says what counts for a table that lacks most of what the local copy has (`blockchain start from …`). What comes back
    /// from the copy is published by `host`, because the copy does not tell who did.
    ///
    /// # Errors
    /// [`Error::NothingLost`] when there is nothing to decide; the reason, when the database or the disk fails.
    pub async fn start_from(&self, which: StartFrom, host: &str, by: Author) -> Result<StartedFrom, Error> {
        self.ask(|responder| WriterJob::StartFrom(which, host.to_owned(), by, responder)).await
    }

    /// Returns the changes that wait until an operator confirms them, oldest first.
    #[must_use]
    pub fn held_changes(&self) -> Arc<Vec<Arc<HeldChange>>> {
        self.published.held()
    }

    /// Makes one change that waited, or all of them, and returns what came of each.
    ///
    /// # Errors
    /// [`Error::NotHeld`] when no change with the number waits.
    pub async fn confirm_changes(&self, number: Option<u64>, by: Author) -> Result<Vec<ConfirmedChange>, Error> {
        self.ask(|responder| WriterJob::Confirm(number, by, responder)).await
    }

    /// Forgets one change that waited, or all of them, and returns how many.
    ///
    /// # Errors
    /// [`Error::NotHeld`] when no change with the number waits.
    pub async fn reject_changes(&self, number: Option<u64>) -> Result<usize, Error> {
        self.ask(|responder| WriterJob::Reject(number, responder)).await
    }

    /// Tells whether the texts of all policies have most of the bytes that they may have.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        is_nearly_full(self.view().bytes(), self.quota)
    }

    /// Returns the bytes that the texts of all policies may have.
    #[must_use]
    pub const fn quota(&self) -> u64 {
        self.quota
    }

    /// Tells whether the database of the ledger takes changes, as far as the last of them showed.
    #[must_use]
    pub fn takes_changes(&self) -> bool {
        self.published.accepts_changes()
    }

    /// Returns why the database of the ledger does not answer, when the last look-up failed. Looks follow each other within
    /// seconds, whether anybody writes or not.
    #[must_use]
    pub fn silence(&self) -> Option<Arc<Error>> {
        self.published.silence()
    }

    /// Returns why the database of the ledger takes no changes, when one was refused and none was taken since.
    #[must_use]
    pub fn refusal(&self) -> Option<Arc<Error>> {
        self.published.refusal()
    }

    /// Tells whether the ledger table exists and its rows are in the view.
    #[must_use]
    pub fn has_table(&self) -> bool {
        self.published.has_table()
    }

    /// Returns what is counted and timed about the ledger, for monitoring.
    #[must_use]
    pub fn figures(&self) -> &LedgerFigures {
        self.published.figures()
    }

    /// Returns how many changes and look-ups wait for the writer, and how many may.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let most = self.jobs.max_capacity();
        (most.saturating_sub(self.jobs.capacity()), most)
    }

    /// Tells whether the writer has ended, so that no change will ever be made again.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.jobs.is_closed()
    }

    /// Returns the version of the metadata: the MD5 of what members pull here, or of the local copy when this node
    /// follows another master (reference/ledger 4.2). Nothing before there is any.
    pub async fn version(&self) -> Option<String> {
        if let Some(version) = self.published.copy_version() {
            return Some((*version).clone());
        }
        if self.view().is_empty() {
            return None;
        }
        self.export().await.ok().map(|export| export.md5.clone())
    }

    /// Opens a database as the ledger and, when its table exists, reads it.
    ///
    /// # Errors
    /// The reason, when the database does not answer.
    pub async fn attach(&self, store: Arc<dyn Store>) -> Result<(), Error> {
        self.ask(|responder| WriterJob::Attach(Arc::clone(&store), responder)).await?;
        self.watch(store);
        Ok(())
    }

    /// Watches for the commits of other masters as long as the store is the ledger.
    fn watch(&self, store: Arc<dyn Store>) {
        let (published, jobs, stop) = (Arc::downgrade(&self.published), self.jobs.clone(), self.shutdown.token());
        self.shutdown.spawn(async move {
            let mut listener = store.listen().await;
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = listener.next() => {}
                }
                let current = published.upgrade().and_then(|published| published.store());
                let is_current = current.is_some_and(|current| Arc::ptr_eq(&current, &store));
                if !is_current || jobs.send(WriterJob::Refresh).await.is_err() {
                    return;
                }
            }
        });
    }

    /// Closes the ledger database; reads go on from memory.
    pub async fn detach(&self) {
        // A writer that has stopped has closed its database.
        let _ = self.ask(WriterJob::Detach).await;
    }

    /// Tells whether a database is open as the ledger.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.published.store().is_some()
    }

    /// Tells whether the ledger table exists.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn table_exists(&self) -> Result<bool, Error> {
        Ok(self.store()?.exists().await?)
    }

    /// Creates the ledger table if it is not there (`create table ledger`).
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn create_table(&self) -> Result<(), Error> {
        self.ask(WriterJob::CreateTable).await
    }

    /// Drops the ledger table (`blockchain drop table`); the history keeps what it held.
    ///
    /// # Errors
    /// When no database is open, or the table is not there.
    pub async fn drop_table(&self, author: Author) -> Result<(), Error> {
        self.ask(|responder| WriterJob::DropTable(author, responder)).await
    }

    /// Reads table and local file again (`blockchain load metadata`).
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub async fn reload(&self) -> Result<(), Error> {
        self.ask(WriterJob::Reload).await
    }

    /// Makes a file the local copy (`!blockchain_file`), recovers it after a crash, and shows what only it has.
    /// Does nothing when it is the local copy already.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub async fn open_file(&self, path: impl Into<PathBuf>) -> Result<(), Error> {
        self.open_file_on(path, Arc::new(RealDisk)).await
    }

    /// Does what [`Ledger::open_file`] does, with a file on another disk than that of the machine.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub async fn open_file_on(&self, path: impl Into<PathBuf>, disk: Arc<dyn LocalDisk>) -> Result<(), Error> {
        let file = LocalFile::new(path, disk);
        self.ask(|responder| WriterJob::OpenFile(file, responder)).await
    }

    /// Brings table and local file in step, the source being this node (reference/ledger 8.4): policies that only the file
    /// has become rows published by `host`, and the file becomes the export.
    ///
    /// # Errors
    /// When the table or the file cannot be written.
    pub async fn sync_from_self(&self, host: &str) -> Result<SyncReport, Error> {
        let mut report = self.ask(|responder| WriterJob::SyncFromSelf(host.to_owned(), responder)).await?;
        // A copy of more than there is now is kept: it shows after a restart that policies are missing.
        if let Some(file) = self.published.file().filter(|_| self.published.shrunk().is_none()) {
            let published = Arc::clone(&self.published);
            let write = move || published.copy().write_copy(&file, || published.view(), published.exports());
            report.changed = blocking(write).await?;
        }
        Ok(report)
    }

    /// Merges the ledger text of another master, or of a contract, into the local copy (reference/ledger 8.4).
    ///
    /// A line that reads `"ledger": "local"` and has the id of a policy that the source was sent is none of the source's: it says that
    /// the source gave no answer when it was sent the policy last, so that this round is not among those after which it is given up.
    ///
    /// # Errors
    /// [`Error::Line`] when a line is no policy; the local copy is then unchanged.
    pub async fn sync_from_master(&self, text: &str) -> Result<SyncReport, Error> {
        self.ask(|responder| WriterJob::SyncFromMaster(text.to_owned(), responder)).await
    }

    /// Makes bytes the local file and reads it (`blockchain update file`, `blockchain seed`).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn adopt_file(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.ask(|responder| WriterJob::AdoptFile(bytes, responder)).await
    }

    /// Deletes the local file and forgets what only it had (`blockchain delete local file`).
    ///
    /// # Errors
    /// [`Error::NoFile`] when there was none.
    pub async fn delete_file(&self) -> Result<(), Error> {
        self.ask(WriterJob::DeleteFile).await
    }

    /// Makes a change that leaves nothing behind, to learn whether the database takes changes now.
    ///
    /// # Errors
    /// Why it takes none.
    pub async fn try_change(&self) -> Result<(), Error> {
        Ok(self.store()?.try_writing().await?)
    }

    /// Returns the changes of one policy, oldest first, however many there are.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, Error> {
        Ok(self.history_within(id, u64::MAX).await?.unwrap_or_default())
    }

    /// Returns all changes after a UTC time in the form of policy dates, newest first; absent when they take more than so many
    /// bytes of memory.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history_since(&self, time: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, Error> {
        Ok(self.store()?.history_since(time, most).await?)
    }

    /// Returns changes that were made, newest first, at most so many.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn past_changes(&self, which: &HistorySelection, most: usize) -> Result<Vec<PastChange>, Error> {
        Ok(self.store()?.past_changes(which, most).await?)
    }

    /// Says what goes to a contract platform from now on: every change that is written after this is answered.
    ///
    /// # Errors
    /// [`Error::Stopping`].
    pub async fn relay(&self, rule: Option<RelayRule>) -> Result<(), Error> {
        self.ask(|responder| WriterJob::Relay(rule.map(Arc::new), responder)).await
    }

    /// Returns a receiver that sees every transaction that added to the outbox.
    #[must_use]
    pub fn subscribe_outbox(&self) -> watch::Receiver<u64> {
        self.published.watch_queued()
    }

    /// Shows what other masters committed until now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn catch_up(&self) -> Result<(), Error> {
        self.ask(WriterJob::CatchUp).await
    }

    /// Returns the outbox of a platform.
    ///
    /// # Errors
    /// When no database is open.
    pub fn outbox(&self, platform: &str) -> Result<Outbox, Error> {
        Ok(Outbox::new(self.store()?, platform))
    }

    /// Returns the connected database.
    pub(in crate::ledger) fn store(&self) -> Result<Arc<dyn Store>, Error> {
        self.published.store().ok_or(Error::NotConnected)
    }

    /// Gives the writer a job and waits for its answer.
    pub(in crate::ledger) async fn ask<T>(&self, job: impl FnOnce(Responder<T>) -> WriterJob) -> Result<T, Error> {
        let (responder, outcome) = oneshot::channel();
        self.jobs.send(job(responder)).await.map_err(|_| Error::Stopping)?;
        outcome.await.unwrap_or(Err(Error::Stopping))
    }
}
