//! The writing of the local copy, which takes longer than a change of the ledger and must not hold one up.

use crate::ledger::{
    error::Error, local_file::LocalFile, plan::deleted_line, shared::Shared, snapshot::Lines, view::View,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Orders everything that reads or writes the local file. Each call may wait for the disk: not for async code.
#[derive(Default)]
pub(super) struct Copy {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Number of the view that the file shows.
    written: Option<u64>,
    /// True when the file may end in part of a line.
    torn: bool,
    /// Lines that were added for views that are not published yet, with the number of the view.
    pending: Vec<(u64, String)>,
    /// What the file held while there was no table, for the moment when there is one.
    seen: Option<Seen>,
}

/// A text with its lines.
struct Seen {
    text: String,
    lines: Arc<Lines>,
}

impl Copy {
    /// Returns the lines of the file; none when there is no file. What is kept is not taken apart again the next time.
    pub(super) fn read(&self, file: &LocalFile, keep: bool) -> Result<Arc<Lines>, Error> {
        let mut state = self.state();
        let text = file.read()?.unwrap_or_default();
        let seen = state.seen.take().filter(|seen| seen.text == text);
        let lines = seen.map_or_else(|| Arc::new(Lines::read(&text)), |seen| seen.lines);
        if keep {
            state.seen = Some(Seen { text, lines: Arc::clone(&lines) });
        }
        state.torn = lines.unreadable.is_some();
        state.written = None;
        if let Some(line) = lines.unreadable {
            tracing::warn!(line, "a line of the local ledger file is no policy and is left out");
        }
        Ok(lines)
    }

    /// Adds lines that belong to the view with a number. The whole file is written when its end cannot be trusted.
    pub(super) fn append(
        &self,
        file: &LocalFile,
        lines: String,
        generation: u64,
        whole: impl FnOnce() -> Vec<u8>,
    ) -> Result<(), Error> {
        let mut state = self.state();
        state.written = None;
        if state.torn {
            file.replace(&whole())?;
        }
        state.torn = true;
        file.append(&lines)?;
        state.torn = false;
        state.pending.push((generation, lines));
        Ok(())
    }

    /// Makes bytes the file; false when they are its content already.
    pub(super) fn replace(&self, file: &LocalFile, bytes: &[u8]) -> Result<bool, Error> {
        let mut state = self.state();
        state.written = None;
        state.pending.clear();
        let changed = put(file, bytes)?;
        state.torn = false;
        Ok(changed)
    }

    /// Deletes the file; false when there was none.
    pub(super) fn delete(&self, file: &LocalFile) -> Result<bool, Error> {
        let mut state = self.state();
        *state = State::default();
        file.delete()
    }

    /// Writes the published view to the file when the file does not show it yet; true when its content changed.
    pub(super) fn save(&self, file: &LocalFile, shared: &Shared) -> Result<bool, Error> {
        let mut state = self.state();
        let view = shared.view();
        state.pending.retain(|(generation, _)| *generation > view.generation());
        if state.written == Some(view.generation()) && state.pending.is_empty() {
            return Ok(false);
        }
        let mut bytes = content(shared, &view, &[]);
        state.pending.iter().for_each(|(_, lines)| bytes.extend_from_slice(lines.as_bytes()));
        let changed = put(file, &bytes)?;
        state.torn = false;
        state.written = Some(view.generation());
        Ok(changed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(file: &LocalFile, bytes: &[u8]) -> Result<bool, Error> {
    if file.read()?.is_some_and(|old| old.as_bytes() == bytes) {
        return Ok(false);
    }
    file.replace(bytes).map(|()| true)
}

/// Returns what the file has to hold: the export, the lines that only it has, the deletions it still has to tell.
pub(super) fn content(shared: &Shared, view: &Arc<View>, deleted: &[String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    if view.has_rows() {
        bytes.extend_from_slice(&shared.export_of(view).bytes);
    }
    for entry in view.lines().filter(|entry| entry.valid) {
        bytes.extend_from_slice(entry.text.as_bytes());
        bytes.push(b'\n');
    }
    deleted.iter().for_each(|id| bytes.extend_from_slice(deleted_line(id).as_bytes()));
    if bytes.is_empty() {
        bytes.push(b'\n');
    }
    bytes
}
