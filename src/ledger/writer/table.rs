//! What the writer does with the ledger table: opens it, reads it, and follows what other masters write into it.

use crate::{
    ledger::{
        change::Author,
        error::Error,
        file::lines::LinesBeside,
        store::{change_set::ChangeSet, store::Store},
        view::view::View,
        writer::{
            blocking::blocking,
            copy_state::CopySource,
            load::{self, ShownLines},
            storage::{EmptyTable, Storage},
            writer::Writer,
        },
    },
    runtime::clock,
};
use std::sync::Arc;

impl Writer {
    /// Makes a database the ledger and, when its table exists, reads it.
    pub async fn attach(&mut self, store: Arc<dyn Store>) -> Result<(), Error> {
        self.detach().await;
        self.empty_table = EmptyTable::Unexplained;
        self.health.reset();
        let exists = store.exists().await?;
        self.published.set_store(Some(Arc::clone(&store)));
        if exists {
            self.set_storage(Storage::Unread(store));
            self.prepare_table().await
        } else {
            self.set_storage(Storage::NoTable(store));
            Ok(())
        }
    }

    /// Closes the database; the view stays.
    pub async fn detach(&mut self) {
        self.published.set_store(None);
        let store = self.storage.store().cloned();
        self.set_storage(Storage::Detached);
        if let Some(store) = store {
            store.close().await;
        }
    }

    /// Creates the table unless it is there.
    pub async fn create_table(&mut self) -> Result<(), Error> {
        match self.storage.store_with_table() {
            Some(store) if store.exists().await? => self.catch_up().await,
            _ => self.prepare_table().await,
        }
    }

    /// Creates the table for a change that needs it, as members expect of a push (reference/ledger 6.2).
    pub async fn recreate_table(&mut self) -> Result<(), Error> {
        let store = self.storage.store().cloned().ok_or(Error::NotConnected)?;
        self.set_storage(Storage::NoTable(store));
        self.prepare_table().await
    }

    /// Creates what is missing of the tables, and reads them.
    async fn prepare_table(&mut self) -> Result<(), Error> {
        let store = self.storage.store().cloned().ok_or(Error::NotConnected)?;
        store.prepare().await?;
        self.read_size(&*store).await?;
        self.set_storage(Storage::Unread(store));
        self.reload().await
    }

    /// Drops the table; the history keeps what it held.
    pub async fn drop_table(&mut self, author: &Author) -> Result<(), Error> {
        let store = self.storage.store().cloned().ok_or(Error::NotConnected)?;
        store.drop_table(&author.who, &clock::policy_date()).await?;
        self.set_storage(Storage::NoTable(store));
        self.empty_table = EmptyTable::Accepted;
        self.show(View::default());
        self.published.accept_size();
        Ok(())
    }

    /// Reads the whole table and shows it with the lines that only the local file has.
    ///
    /// # Errors
    /// When one of them cannot be read. When it is the file, the table is shown all the same if it was before.
    pub async fn reload(&mut self) -> Result<(), Error> {
        self.show_again().await?.map_or(Ok(()), Err)
    }

    /// Does what [`Writer::reload`] does. Changes of the table need no file, so one that cannot be read is not in their way: the view
    /// that was shown stands for it until the next look, and the reason is returned.
    async fn show_again(&mut self) -> Result<Option<Error>, Error> {
        let Some(store) = self.storage.store_with_table().cloned() else {
            self.reload_file().await?;
            return Ok(None);
        };
        // Whatever fails below, the table is read again: a store that told its version once takes it for known.
        self.storage = Storage::Unread(Arc::clone(&store));
        let (view, version) = load::table_view(&*store, self.view.clone()).await?;
        let (mut beside, unread) = match self.read_file_beside(&view).await {
            // Before both were shown nobody knows what the file has, nor whether the table lost it.
            Err(error @ Error::File { .. }) if self.published.has_table() && self.copy.was_read => {
                (self.shown_beside(&view).await?, Some(error))
            }
            beside => (beside?, None),
        };
        self.tombstones.replace(store.drops_since(&self.tombstones.oldest()).await?);
        if unread.is_some() {
            // Rows that others dropped are shown until now, and are no lines of the file.
            let tombstones = &self.tombstones;
            beside.lines.policies.retain(|line| !tombstones.covers(&line.id, line.fields.date.as_deref()));
        }
        // The clock may have been set back while nobody looked.
        store.last_lines(1).await?.first().into_iter().for_each(|last| clock::follow(&last.time));
        let lost = self.lost_policies(&beside).await?;
        let is_known = self.published.set_lost(lost) > 0;
        if lost > 0 && !is_known && self.copy.source == CopySource::ThisNode {
            tracing::error!(error = %Error::LostPolicies(lost), "members get nothing from here, and the local copy stays as it is");
        }
        let shown = if lost > 0 || self.copy.source == CopySource::OtherMaster {
            ShownLines::All
        } else {
            ShownLines::LocalOnly
        };
        self.show(load::with_lines(view, &beside.lines, &self.copy.untold_policies, &self.tombstones, shown));
        self.set_storage(Storage::Open { store, version });
        if let Some(error) = unread.as_ref().filter(|_| !self.copy.is_unread) {
            tracing::error!(%error, "the local copy cannot be read: what only it has is shown as it was, and each look tries again");
        }
        self.copy.is_unread = unread.is_some();
        Ok(unread)
    }

    /// Returns what the view that is shown has beside the rows of a table.
    async fn shown_beside(&self, table: &View) -> Result<LinesBeside, Error> {
        let (shown, table) = (self.view.clone(), table.clone());
        blocking(move || Ok(LinesBeside::of_view(&shown, &table))).await
    }

    /// Returns the number of policies that the table has lost (reference/ledger 8.8): most of those that the local file has of
    /// it are neither there nor deleted, and nobody said that this is right. While they are being brought back each counts.
    async fn lost_policies(&self, beside: &LinesBeside) -> Result<usize, Error> {
        if self.empty_table == EmptyTable::Accepted {
            return Ok(0);
        }
        let is_being_restored = match self.copy.file.clone() {
            Some(file) => blocking(move || Ok(file.is_being_restored())).await?,
            None => false,
        };
        let (lines, untold) = (&beside.lines.policies, &self.copy.untold_policies);
        let missing = || lines.iter().filter(|line| !line.fields.local && !untold.contains_key(&line.id));
        let lost = missing().filter(|line| !self.tombstones.contains(&line.id)).count();
        let of_the_table = beside.known + missing().count();
        // All of it is back, whoever brought it. A mark that cannot be removed now is removed by a later look.
        if lost == 0
            && is_being_restored
            && let Err(error) = self.forget_restore().await
        {
            tracing::warn!(%error, "the mark of a restore that has ended stays beside the local copy for now");
        }
        Ok(if is_being_restored || lost * 2 > of_the_table { lost } else { 0 })
    }

    /// Shows what other masters committed.
    pub async fn catch_up(&mut self) -> Result<(), Error> {
        let (store, version) = match &self.storage {
            Storage::Detached => return Err(Error::NotConnected),
            Storage::NoTable(_) => return Err(Error::NoTable),
            Storage::Unread(_) => return self.show_again().await.map(drop),
            Storage::Open { store, version } => (Arc::clone(store), *version),
        };
        let (rows, version) = match store.changes_since(version).await? {
            ChangeSet::Unchanged if !self.copy.is_unread => return Ok(()),
            // The table is as it is shown: nothing is read and shown anew before the file can be.
            ChangeSet::Unchanged => {
                let shown = self.view.clone();
                return match self.read_file_beside(&shown).await {
                    Ok(_) => self.show_again().await.map(drop),
                    Err(Error::File { .. }) => Ok(()),
                    Err(error) => Err(error),
                };
            }
            ChangeSet::Unknown => return self.show_again().await.map(drop),
            // Another master may have brought back what was lost, and a file that could not be read waits for no pause of theirs.
            ChangeSet::Rows { .. } if self.copy.is_unread || self.published.lost_policies().is_some() => {
                return self.show_again().await.map(drop);
            }
            ChangeSet::Rows { rows, version } => (rows, version),
        };
        // All is asked before anything is taken over: after a failure the next look finds the same changes again.
        let drops = store.drops_since(&self.tombstones.oldest()).await?;
        self.view.advance();
        for (id, row) in rows {
            match row {
                None => drop(self.view.remove(&id)),
                Some(row) => self.view.insert(Arc::new(load::entry_from_row(row))),
            }
        }
        self.storage = Storage::Open { store, version };
        self.tombstones.replace(drops);
        self.publish();
        Ok(())
    }

    /// Shows what other masters committed, for a change that is tried again. A table that somebody else dropped is created, as for
    /// any change that finds none; where that fails, each look asks again whether somebody else has created it.
    pub async fn catch_up_for_change(&mut self) -> Result<(), Error> {
        match self.catch_up().await {
            Err(Error::NoTable) => self.prepare_table().await,
            looked => looked,
        }
    }

    /// Shows what other masters committed, and takes note whether the database is there and takes changes again.
    pub async fn refresh(&mut self) {
        let Some(store) = self.storage.store_with_table().cloned() else { return };
        if let Err(error) = self.catch_up().await {
            return self.health.lookup_failed(&error);
        }
        self.health.lookup_answered();
        self.keep_size(&*store).await;
        if self.health.refuses_changes() && store.try_writing().await.is_ok() {
            self.health.change_committed();
        }
    }
}
