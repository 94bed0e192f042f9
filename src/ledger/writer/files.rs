//! What the writer does with the local file.

use crate::ledger::{
    error::Error,
    file::{lines::LinesBeside, local_copy::CopyContent, local_file::LocalFile},
    view::view::View,
    writer::{blocking::blocking, writer::Writer},
};
use std::{collections::HashMap, sync::Arc};

impl Writer {
    /// Opens another local file: recovers it after a crash and shows what only it has, unless a table comes first.
    pub async fn open_file(&mut self, file: LocalFile) -> Result<(), Error> {
        if self.copy.file.as_ref().is_some_and(|open| open.path() == file.path()) {
            return Ok(());
        }
        let opened = file.clone();
        let untold = blocking(move || opened.recover().and_then(|()| opened.read_untold())).await?;
        self.published.set_file(file.clone());
        self.copy.file = Some(file);
        self.copy.was_read = false;
        self.copy.untold_policies = untold;
        if self.published.is_unread() && self.storage.store_with_table().is_none() {
            return Ok(());
        }
        self.reload().await
    }

    /// Shows the local file that waits for a table, unless something was read meanwhile.
    pub async fn read_waiting_file(&mut self) -> Result<(), Error> {
        if self.published.is_unread() { self.reload_file().await } else { Ok(()) }
    }

    /// Shows the local file alone, for a node without a ledger table.
    pub async fn reload_file(&mut self) -> Result<(), Error> {
        let Some(file) = self.copy.file.clone() else {
            self.copy.untold_deletions.clear();
            self.show(View::default());
            return Ok(());
        };
        let published = Arc::clone(&self.published);
        let alone = blocking(move || published.copy().read_view(&file)).await?;
        self.copy.was_read = true;
        self.copy.untold_deletions = alone.deleted;
        self.show(alone.view);
        Ok(())
    }

    /// Returns what the local file has beside the rows of a view; nothing when there is no file.
    pub async fn read_file_beside(&mut self, view: &View) -> Result<LinesBeside, Error> {
        let Some(file) = self.copy.file.clone() else { return Ok(LinesBeside::default()) };
        let (published, view) = (Arc::clone(&self.published), view.clone());
        let beside = blocking(move || published.copy().read_beside(&file, &view)).await?;
        self.copy.was_read = true;
        self.copy.untold_deletions.clone_from(&beside.lines.deleted);
        Ok(beside)
    }

    /// Adds lines to the local file, for the view that comes next.
    pub async fn append(&mut self, lines: String) -> Result<(), Error> {
        let (file, published) = (self.copy.open_file()?, Arc::clone(&self.published));
        let (view, deleted) = (self.view.clone(), self.copy.untold_deletions.clone());
        let next = view.generation() + 1;
        let append = move || {
            let whole = || CopyContent::of(published.exports(), &view, &deleted);
            published.copy().append(&file, lines, next, whole)
        };
        blocking(append).await
    }

    /// Makes bytes the local file; false when they are its content already.
    pub async fn replace_file(&self, file: &LocalFile, bytes: Vec<u8>) -> Result<bool, Error> {
        let (file, published) = (file.clone(), Arc::clone(&self.published));
        blocking(move || published.copy().replace(&file, &bytes)).await
    }

    /// Makes other bytes the local file and shows them (`blockchain update file`, `blockchain seed`).
    pub async fn adopt_file(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        let file = self.copy.open_file()?;
        self.replace_file(&file, bytes).await?;
        self.reload().await
    }

    /// Deletes the local file and what only it had. An operator who does so confirms an empty table.
    pub async fn delete_file(&mut self) -> Result<(), Error> {
        let file = self.copy.open_file()?;
        let path = file.path().display().to_string();
        self.forget_untold().await?;
        let published = Arc::clone(&self.published);
        let existed = blocking(move || published.copy().delete(&file)).await?;
        self.published.set_lost(0);
        self.copy.untold_deletions.clear();
        self.reload().await?;
        self.published.accept_size();
        if existed { Ok(()) } else { Err(Error::NoFile(path)) }
    }

    /// Forgets of which policies the source has not been told.
    pub async fn forget_untold(&mut self) -> Result<(), Error> {
        if self.copy.untold_policies.is_empty() {
            return Ok(());
        }
        let file = self.copy.open_file()?;
        blocking(move || file.keep_untold(&HashMap::new())).await?;
        self.copy.untold_policies.clear();
        Ok(())
    }
}
