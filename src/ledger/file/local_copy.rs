//! Keeps the local copy in step with the view. Writing a file takes longer than a change of the ledger and must not hold one
//! up, so the copy has a lock of its own.

use crate::ledger::{
    error::Error,
    file::{
        export_cache::ExportCache,
        lines::{DeletionScope, FileLines, deleted_line},
        local_file::LocalFile,
    },
    view::view::View,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Orders everything that reads or writes the local file. Each call may wait for the disk, so none is for async code.
#[derive(Default)]
pub struct LocalCopy {
    state: Mutex<FileState>,
}

#[derive(Default)]
struct FileState {
    /// Number of the view that the file shows.
    written: Option<u64>,
    end: FileEnd,
    /// Lines that were added for views that are not published yet, with the number of the view.
    ahead: Vec<(u64, String)>,
    /// What the file held while there was no table, for the moment when there is one.
    last_read: Option<ReadText>,
}

/// How the file ends.
#[derive(Default)]
enum FileEnd {
    /// With a whole line.
    #[default]
    Whole,
    /// Perhaps with part of a line.
    Torn,
}

/// A text with its lines.
struct ReadText {
    text: String,
    lines: Arc<FileLines>,
}

/// Whether the lines of the file are kept for the next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterReading {
    /// They are kept: the same text is not taken apart again.
    Keep,
    /// They are not.
    Forget,
}

impl LocalCopy {
    /// Returns the lines of the file; none when there is no file.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub fn read(&self, file: &LocalFile, after: AfterReading) -> Result<Arc<FileLines>, Error> {
        let mut state = self.state();
        let text = file.read()?.unwrap_or_default();
        let known = state.last_read.take().filter(|last| last.text == text);
        let lines = known.map_or_else(|| Arc::new(FileLines::read(&text)), |last| last.lines);
        if after == AfterReading::Keep {
            state.last_read = Some(ReadText { text, lines: Arc::clone(&lines) });
        }
        state.end = if lines.unreadable.is_some() { FileEnd::Torn } else { FileEnd::Whole };
        state.written = None;
        if let Some(line) = lines.unreadable {
            tracing::warn!(line, "a line of the local ledger file is no policy and is left out");
        }
        Ok(lines)
    }

    /// Adds lines that belong to the view with a number. When the end of the file cannot be trusted, the file is first
    /// written anew with what `whole` returns.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(
        &self,
        file: &LocalFile,
        lines: String,
        generation: u64,
        whole: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), Error> {
        let mut state = self.state();
        state.written = None;
        if matches!(state.end, FileEnd::Torn) {
            file.replace(&whole())?;
        }
        state.end = FileEnd::Torn;
        file.append(&lines)?;
        state.end = FileEnd::Whole;
        state.ahead.push((generation, lines));
        Ok(())
    }

    /// Makes bytes the file; false when they are its content already.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn replace(&self, file: &LocalFile, bytes: &[u8]) -> Result<bool, Error> {
        let mut state = self.state();
        state.written = None;
        state.ahead.clear();
        let changed = replace_if_different(file, bytes)?;
        state.end = FileEnd::Whole;
        Ok(changed)
    }

    /// Deletes the file; false when there was none.
    ///
    /// # Errors
    /// When the file cannot be deleted.
    pub fn delete(&self, file: &LocalFile) -> Result<bool, Error> {
        let mut state = self.state();
        *state = FileState::default();
        file.delete()
    }

    /// Writes the published view to the file, unless the file shows it already; true when its content changed. The view is
    /// asked for under the lock, so that a later version is never overwritten by an earlier one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_copy(
        &self,
        file: &LocalFile,
        published: impl FnOnce() -> Arc<View>,
        exports: &ExportCache,
    ) -> Result<bool, Error> {
        let mut state = self.state();
        let view = published();
        state.ahead.retain(|(generation, _)| *generation > view.generation());
        if state.written == Some(view.generation()) && state.ahead.is_empty() {
            return Ok(false);
        }
        let mut bytes = content(exports, &view, &[]);
        state.ahead.iter().for_each(|(_, lines)| bytes.extend_from_slice(lines.as_bytes()));
        let changed = replace_if_different(file, &bytes)?;
        state.end = FileEnd::Whole;
        state.written = Some(view.generation());
        Ok(changed)
    }

    fn state(&self) -> MutexGuard<'_, FileState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace_if_different(file: &LocalFile, bytes: &[u8]) -> Result<bool, Error> {
    if file.read()?.is_some_and(|old| old.as_bytes() == bytes) {
        return Ok(false);
    }
    file.replace(bytes).map(|()| true)
}

/// Returns what the file has to hold: the export, the lines that only the file has, and the deletions of which the source
/// has not been told yet.
#[must_use]
pub fn content(exports: &ExportCache, view: &View, deleted: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if view.has_rows() {
        bytes.extend_from_slice(&exports.build(view).bytes);
    }
    for entry in view.lines().filter(|entry| entry.valid) {
        bytes.extend_from_slice(entry.text.as_bytes());
        bytes.push(b'\n');
    }
    let marks = deleted.iter().map(|id| deleted_line(id, DeletionScope::Local));
    marks.for_each(|line| bytes.extend_from_slice(line.as_bytes()));
    if bytes.is_empty() {
        bytes.push(b'\n');
    }
    bytes
}
