//! The backups of a node: those that commands ask for, and those of the schedule.

use crate::{
    backup::{
        compare::{compare_backup, compare_copy},
        error::BackupError,
        file_names::BackupFiles,
        read,
        schedule::next_due,
        write::{Progress, write_file, write_stream},
    },
    config::BackupSchedule,
    ledger::{RestoreMode, RestoreOrder},
    node::{
        BackupStatus, BackupSummary, Backups, ComparedWith, Comparison, Node, Pull, backup_directory, backup_prefix,
    },
    reply::{Code, Error},
    runtime::{clock, limits},
};
use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What a stream is called where something is wrong with it; the end of the name says that it is packed.
const STREAM_NAME: &str = "download.jsonl.gz";

/// The backups of a node.
#[derive(Default)]
pub struct BackupService {
    status: Arc<Mutex<Option<BackupStatus>>>,
    /// One file is written at a time: two would only hold up each other.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[async_trait]
impl Backups for BackupService {
    async fn write(&self, node: &Node, file: Option<PathBuf>) -> Result<BackupSummary, Error> {
        let _turn = self.turn.lock().await;
        let files = files_of(node);
        let file = file.unwrap_or_else(|| files.at(clock::now()));
        if file.parent() == Some(files.directory()) {
            make_directory(files.directory())?;
            remove_unfinished(&files);
        }
        Ok(write_file(&node.ledger, &file, &Progress::default()).await?)
    }

    async fn stream(&self, node: &Node, out: Box<dyn io::Write + Send>) -> Result<BackupSummary, Error> {
        let _turn = self.turn.lock().await;
        Ok(write_stream(&node.ledger, out, STREAM_NAME, &Progress::default()).await?)
    }

    async fn read(&self, file: PathBuf, mode: RestoreMode, is_dry: bool) -> Result<RestoreOrder, Error> {
        let read = tokio::task::spawn_blocking(move || read::read_order(&file, mode, is_dry)).await;
        Ok(read.map_err(|failure| Error::with(Code::PROCESS_FAILURE, failure.to_string()))??)
    }

    async fn compare(&self, node: &Node, with: ComparedWith) -> Result<Comparison, Error> {
        match with {
            ComparedWith::Backup(path) => Ok(compare_backup(&node.ledger, &path).await?),
            ComparedWith::LocalCopy(path) => {
                let copy = tokio::fs::read(&path).await.map_err(|error| BackupError::file(&path, error))?;
                let name = format!("local copy {}", path.display());
                Ok(compare_copy(&node.ledger, &name, copy).await?)
            }
            ComparedWith::Member(address) => {
                let copy = node.services.peers.pull(node, &address, Pull::Seed, limits::SEED_TIME).await?;
                Ok(compare_copy(&node.ledger, &format!("copy of {address}"), copy).await?)
            }
        }
    }

    fn start(&self, node: &Arc<Node>) {
        let files = files_of(node);
        // What an earlier start left goes also where none is written by itself; nobody waits for it.
        let of_earlier = files.clone();
        tokio::task::spawn_blocking(move || remove_unfinished(&of_earlier));
        let Some(schedule) = node.config.ledger.backup_schedule else { return };
        let keep = node.config.ledger.backup_keep;
        let scheduled =
            Scheduled { schedule, keep, files, status: Arc::clone(&self.status), turn: Arc::clone(&self.turn) };
        let (shutdown, stop, node) = (node.shutdown.clone(), node.shutdown.token(), Arc::downgrade(node));
        shutdown.spawn(async move {
            loop {
                // The task keeps no node alive that is gone.
                let Some(node) = node.upgrade() else { return };
                let pause = scheduled.look(&node).await;
                drop(node);
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        });
    }

    fn status(&self) -> Option<BackupStatus> {
        locked(&self.status).clone()
    }
}

fn files_of(node: &Node) -> BackupFiles {
    BackupFiles::new(backup_directory(&node.config), backup_prefix(&node.config))
}

fn make_directory(path: &Path) -> Result<(), BackupError> {
    fs::create_dir_all(path).map_err(|error| BackupError::file(path, error))
}

/// Removes what is left of earlier files; that it cannot be is no reason to write none.
fn remove_unfinished(files: &BackupFiles) {
    match files.remove_unfinished() {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(
                "{}: what is left of earlier backups cannot be removed: {error}",
                files.directory().display()
            );
        }
        _ => {}
    }
}

fn locked(status: &Mutex<Option<BackupStatus>>) -> MutexGuard<'_, Option<BackupStatus>> {
    status.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The backups that the node writes by itself.
struct Scheduled {
    schedule: BackupSchedule,
    keep: usize,
    files: BackupFiles,
    status: Arc<Mutex<Option<BackupStatus>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Scheduled {
    /// Writes a backup when one is due, and returns how long to wait for the next look.
    async fn look(&self, node: &Node) -> Duration {
        let now = clock::now();
        let newest = match self.files.newest(now) {
            Ok(newest) => newest,
            Err(error) => {
                self.failed(now, &BackupError::file(self.files.directory(), error).to_string());
                return limits::BACKUP_AGAIN;
            }
        };
        let due = next_due(self.schedule, newest, now, &TimeZone::system());
        self.note(newest, due);
        // A ledger that is not there yet, or lost what members have, is not worth one.
        let is_whole = node.ledger.has_table() && node.ledger.lost_policies().is_none();
        if !is_whole {
            return Duration::from_secs(1);
        }
        if due > now {
            let left = Duration::try_from(due.duration_since(now)).unwrap_or_default();
            return left.min(limits::BACKUP_LOOK).max(Duration::from_millis(20));
        }
        match self.write(node, now).await {
            Ok(summary) => {
                let (file, size) = (summary.file.display().to_string(), summary.size);
                tracing::info!(file, size, "a backup was written: {}", summary.counts);
                self.written(now);
                Duration::from_millis(20)
            }
            Err(error) => {
                self.failed(due, &error.to_string());
                limits::BACKUP_AGAIN
            }
        }
    }

    /// Writes a backup; older ones go only when it is there.
    async fn write(&self, node: &Node, now: Timestamp) -> Result<BackupSummary, BackupError> {
        let _turn = self.turn.lock().await;
        make_directory(self.files.directory())?;
        self.files.remove_unfinished().map_err(|error| BackupError::file(self.files.directory(), error))?;
        let summary = write_file(&node.ledger, &self.files.at(now), &Progress::default()).await?;
        let (files, keep, written) = (self.files.clone(), self.keep, summary.file.clone());
        let removed = tokio::task::spawn_blocking(move || files.keep(keep, &written, now)).await;
        let removed = removed.unwrap_or_else(|failure| Err(io::Error::other(failure)));
        removed.map_err(|error| BackupError::file(self.files.directory(), error))?;
        Ok(summary)
    }

    fn note(&self, last: Option<Timestamp>, due: Timestamp) {
        let mut status = locked(&self.status);
        match &mut *status {
            Some(known) => (known.last, known.due) = (last, due),
            None => *status = Some(BackupStatus { last, due, written: 0, failed: 0, trouble: None }),
        }
    }

    fn written(&self, now: Timestamp) {
        if let Some(status) = &mut *locked(&self.status) {
            status.written += 1;
            status.trouble = None;
            status.last = Some(now);
        }
    }

    fn failed(&self, due: Timestamp, reason: &str) {
        tracing::error!("a backup was not written: {reason}");
        let mut status = locked(&self.status);
        let known = status.get_or_insert(BackupStatus { last: None, due, written: 0, failed: 0, trouble: None });
        known.failed += 1;
        known.trouble = Some(reason.to_owned());
    }
}
