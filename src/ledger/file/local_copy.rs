//! Keeps the local copy in step with the view. Writing a file takes longer than a change of the ledger and must not hold one
//! up, so the copy has a lock of its own.

use crate::ledger::{
    error::Error,
    file::{
        export::Export,
        export_cache::ExportCache,
        lines::{DeletionScope, FileView, LinesBeside, deleted_line},
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
}

impl FileState {
    /// Takes note of what the file was found to hold.
    fn was_read(&mut self, unreadable: Option<usize>) {
        self.end = if unreadable.is_some() { FileEnd::Torn } else { FileEnd::Whole };
        self.written = None;
        if let Some(line) = unreadable {
            tracing::warn!(line, "a line of the local ledger file is no policy and is left out");
        }
    }
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

impl LocalCopy {
    /// Returns a view of the file alone; an empty one when there is no file.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub fn read_view(&self, file: &LocalFile) -> Result<FileView, Error> {
        let mut state = self.state();
        let alone = file.read_view()?;
        state.was_read(alone.unreadable);
        Ok(alone)
    }

    /// Returns what the file has beside the rows of a view; nothing when there is no file.
    ///
    /// # Errors
    /// When the file is there but cannot be read.
    pub fn read_beside(&self, file: &LocalFile, view: &View) -> Result<LinesBeside, Error> {
        let mut state = self.state();
        let beside = file.read_beside(view)?;
        state.was_read(beside.lines.unreadable);
        Ok(beside)
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
        whole: impl FnOnce() -> CopyContent,
    ) -> Result<(), Error> {
        let mut state = self.state();
        state.written = None;
        if matches!(state.end, FileEnd::Torn) {
            file.replace(&mut whole().pieces())?;
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
        let changed = replace_if_different(file, || std::iter::once(bytes))?;
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
        let mut content = CopyContent::of(exports, &view, &[]);
        state.ahead.iter().for_each(|(_, lines)| content.rest.extend_from_slice(lines.as_bytes()));
        let changed = replace_if_different(file, || content.pieces())?;
        state.end = FileEnd::Whole;
        state.written = Some(view.generation());
        Ok(changed)
    }

    fn state(&self) -> MutexGuard<'_, FileState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace_if_different<'a, I>(file: &LocalFile, pieces: impl Fn() -> I) -> Result<bool, Error>
where
    I: Iterator<Item = &'a [u8]> + 'a,
{
    if file.holds(&mut pieces())? {
        return Ok(false);
    }
    file.replace(&mut pieces()).map(|()| true)
}

/// What the file has to hold: the export, the lines that only the file has, and the deletions of which the source has not been
/// told yet.
pub struct CopyContent {
    export: Option<Arc<Export>>,
    rest: Vec<u8>,
}

impl CopyContent {
    /// Returns what belongs to a view.
    #[must_use]
    pub fn of(exports: &ExportCache, view: &View, deleted: &[String]) -> Self {
        let export = view.has_rows().then(|| exports.build(view));
        let mut rest = Vec::new();
        for entry in view.lines().filter(|entry| entry.valid) {
            rest.extend_from_slice(entry.text.as_bytes());
            rest.push(b'\n');
        }
        let marks = deleted.iter().map(|id| deleted_line(id, DeletionScope::Local));
        marks.for_each(|line| rest.extend_from_slice(line.as_bytes()));
        if export.is_none() && rest.is_empty() {
            rest.push(b'\n');
        }
        Self { export, rest }
    }

    /// Returns the bytes, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + '_ {
        let export = self.export.as_ref().into_iter().flat_map(|export| export.pieces());
        export.chain(std::iter::once(self.rest.as_slice()))
    }
}
