//! The handle that commands have on the ledger.

use crate::{
    ledger::{
        change::{Author, Change, Written},
        disk::RealDisk,
        error::Error,
        export::Export,
        local_file::LocalFile,
        merge::{Merge, blocking},
        shared::Shared,
        store::{HistoryRow, Store},
        view::View,
        writer::{Answer, Job, Request, Writer},
    },
    runtime::{limits, shutdown::Shutdown},
};
use std::{collections::HashMap, path::PathBuf, sync::Arc};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

/// What the ledger is started with.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Days for which a dropped policy does not come back from a local file (`TOMBSTONE_DAYS`).
    pub tombstone_days: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self { tombstone_days: 7 }
    }
}

/// The policies of the network as this node knows them. Cloning shares the same ledger.
#[derive(Clone)]
pub struct Ledger {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Job>,
    exporting: Arc<Semaphore>,
    shutdown: Shutdown,
}

impl Ledger {
    /// Starts the writer; no database and no local file yet.
    #[must_use]
    pub fn start(options: Options, shutdown: &Shutdown) -> Self {
        let shared = Arc::new(Shared::new(options.tombstone_days));
        let (jobs, waiting) = mpsc::channel(limits::LEDGER_QUEUE);
        let writer = Writer {
            shared: Arc::clone(&shared),
            view: View::default(),
            store: None,
            version: 0,
            table: false,
            drops: HashMap::new(),
            deleted: Vec::new(),
            unsettled: Vec::new(),
            file: None,
            down: None,
            away: false,
            retired: None,
            owed: Vec::new(),
            unkept: 0,
            wrote: false,
            emptied: false,
            follows: false,
        };
        shutdown.spawn(writer.run(waiting, shutdown.token()));
        Self { shared, jobs, exporting: Arc::new(Semaphore::new(1)), shutdown: shutdown.clone() }
    }

    /// Returns the policies as of now; the version never changes under the reader.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.shared.view()
    }

    /// Returns a receiver that sees the number of every new version.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.subscribe()
    }

    /// Makes a change; returns after its commit.
    ///
    /// # Errors
    /// The reason, when nothing was changed ([`Error::Missing`]: the ids before the missing one are deleted).
    pub async fn write(&self, change: Change, author: Author) -> Result<Written, Error> {
        let (answer, outcome) = oneshot::channel();
        let job = Job::Write(Box::new(Request { change, author, answer }));
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Stopping,
        })?;
        outcome.await.unwrap_or(Err(Error::Stopping))
    }

    /// Returns the ledger as members pull it, built once per version.
    ///
    /// # Errors
    /// When no ledger table is open, or it is empty while the local copy is not.
    pub async fn export(&self) -> Result<Arc<Export>, Error> {
        if self.shared.store().is_none() {
            return Err(Error::NotConnected);
        }
        if !self.shared.has_table() {
            return Err(Error::NoTable);
        }
        if let Some(count) = self.shared.guarded() {
            return Err(Error::Guarded(count));
        }
        self.build_export().await
    }

    /// Tells whether members may take the ledger now. While the database refuses what they send, a copy without it would
    /// make them forget it (reference/ledger 8.4).
    ///
    /// # Errors
    /// [`Error::Unavailable`] until the database takes changes again.
    pub fn may_deliver(&self) -> Result<(), Error> {
        if self.shared.is_closed() {
            return Err(Error::Unavailable(
                "the database takes no changes; members keep the copy they have".to_owned(),
            ));
        }
        Ok(())
    }

    /// Returns the version of the metadata: the MD5 of what members pull here, or of the local copy when this node
    /// follows another master (reference/ledger 4.2). Nothing before there is any.
    pub async fn version(&self) -> Option<String> {
        if let Some(version) = self.shared.copy_version() {
            return Some((*version).clone());
        }
        if self.view().is_empty() {
            return None;
        }
        self.export().await.ok().map(|export| export.md5.clone())
    }

    async fn build_export(&self) -> Result<Arc<Export>, Error> {
        if let Some(ready) = self.shared.ready_export(&self.view()) {
            return Ok(ready);
        }
        let _turn = self.exporting.acquire().await.map_err(|_| Error::Stopping)?;
        let (shared, view) = (Arc::clone(&self.shared), self.view());
        let build = tokio::task::spawn_blocking(move || shared.export_of(&view));
        build.await.map_err(|_| Error::Stopping)
    }

    /// Opens a database as the ledger and, when its table exists, reads it.
    ///
    /// # Errors
    /// The reason, when the database does not answer.
    pub async fn attach(&self, store: Arc<dyn Store>) -> Result<(), Error> {
        self.job(|answer| Job::Attach(Arc::clone(&store), answer)).await?;
        self.follow(store);
        Ok(())
    }

    /// Watches for the commits of other masters as long as the store is the ledger.
    fn follow(&self, store: Arc<dyn Store>) {
        let (shared, jobs, stop) = (Arc::downgrade(&self.shared), self.jobs.clone(), self.shutdown.token());
        self.shutdown.spawn(async move {
            let mut changes = store.changes().await;
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = changes.next() => {}
                }
                let current = shared.upgrade().and_then(|shared| shared.store());
                if !current.is_some_and(|current| Arc::ptr_eq(&current, &store)) || jobs.send(Job::News).await.is_err()
                {
                    return;
                }
            }
        });
    }

    /// Closes the ledger database; reads go on from memory.
    pub async fn detach(&self) {
        let (answer, done) = oneshot::channel();
        if self.jobs.send(Job::Detach(answer)).await.is_ok() {
            let _ = done.await;
        }
    }

    /// Tells whether a database is open as the ledger.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        self.shared.store().is_some()
    }

    /// Returns the number of policies of the local file that the empty table is protected for (reference/ledger 8.8).
    #[must_use]
    pub fn guarded(&self) -> Option<usize> {
        self.shared.guarded()
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
        self.job(Job::Prepare).await
    }

    /// Drops the ledger table (`blockchain drop table`); the history keeps what it held.
    ///
    /// # Errors
    /// When no database is open, or the table is not there.
    pub async fn drop_table(&self, author: Author) -> Result<(), Error> {
        self.job(|answer| Job::DropTable(author, answer)).await
    }

    /// Reads table and local file again (`blockchain load metadata`).
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub async fn reload(&self) -> Result<(), Error> {
        self.job(Job::Reload).await
    }

    /// Makes a file the local copy (`!blockchain_file`), recovers it after a crash, and shows what only it has.
    /// Does nothing when it is the local copy already.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub async fn open_file(&self, path: impl Into<PathBuf>) -> Result<(), Error> {
        let file = LocalFile::new(path, Arc::new(RealDisk));
        self.job(|answer| Job::Open(file, answer)).await
    }

    /// Brings table and local file in step, the source being this node (reference/ledger 8.4): policies that only the file
    /// has become rows published by `host`, and the file becomes the export.
    ///
    /// # Errors
    /// When the table or the file cannot be written.
    pub async fn settle(&self, host: &str) -> Result<Merge, Error> {
        let mut merge = self.job(|answer| Job::Settle(host.to_owned(), answer)).await?;
        if let Some(file) = self.shared.file() {
            let shared = Arc::clone(&self.shared);
            merge.changed = blocking(move || shared.copy().save(&file, &shared)).await?;
        }
        Ok(merge)
    }

    /// Merges the ledger text of another master into the local copy (reference/ledger 8.4).
    ///
    /// # Errors
    /// [`Error::Line`] when a line is no policy; the local copy is then unchanged.
    pub async fn receive(&self, text: &str) -> Result<Merge, Error> {
        self.job(|answer| Job::Receive(text.to_owned(), answer)).await
    }

    /// Makes bytes the local file and reads it (`blockchain update file`, `blockchain seed`).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn adopt_file(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.job(|answer| Job::Adopt(bytes, answer)).await
    }

    /// Deletes the local file and forgets what only it had (`blockchain delete local file`).
    ///
    /// # Errors
    /// [`Error::NoFile`] when there was none.
    pub async fn delete_file(&self) -> Result<(), Error> {
        self.job(Job::DeleteFile).await
    }

    /// Returns the changes of one policy, oldest first (`get policy history`).
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history(&self, id: &str) -> Result<Vec<HistoryRow>, Error> {
        Ok(self.store()?.history(id).await?)
    }

    /// Returns all changes after a UTC time in the form of policy dates, newest first.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history_since(&self, time: &str) -> Result<Vec<HistoryRow>, Error> {
        Ok(self.store()?.history_since(time).await?)
    }

    fn store(&self) -> Result<Arc<dyn Store>, Error> {
        self.shared.store().ok_or(Error::NotConnected)
    }

    async fn job<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, Error> {
        let (answer, outcome) = oneshot::channel();
        self.jobs.send(job(answer)).await.map_err(|_| Error::Stopping)?;
        outcome.await.unwrap_or(Err(Error::Stopping))
    }
}
