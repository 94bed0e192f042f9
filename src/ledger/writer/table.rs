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
    pub async fn reload(&mut self) -> Result<(), Error> {
        let Some(store) = self.storage.store_with_table().cloned() else { return self.reload_file().await };
        // Whatever fails below, the table is read again: a store that told its version once takes it for known.
        self.storage = Storage::Unread(Arc::clone(&store));
        let (view, version) = load::table_view(&*store, self.view.clone()).await?;
        let beside = self.read_file_beside(&view).await?;
        self.tombstones.replace(store.drops_since(&self.tombstones.oldest()).await?);
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
        self.show(load::with_lines(view, &beside.lines, &self.tombstones, shown));
        self.set_storage(Storage::Open { store, version });
        Ok(())
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
        let missing = || beside.lines.policies.iter().filter(|line| !line.fields.local);
        let lost = missing().filter(|line| !self.tombstones.contains(&line.id)).count();
        let of_the_table = beside.known + missing().count();
        if lost == 0 && is_being_restored {
            // All of it is back, whoever brought it.
            self.forget_restore().await?;
        }
        Ok(if is_being_restored || lost * 2 > of_the_table { lost } else { 0 })
    }

    /// Shows what other masters committed.
    pub async fn catch_up(&mut self) -> Result<(), Error> {
        let (store, version) = match &self.storage {
            Storage::Detached => return Err(Error::NotConnected),
            Storage::NoTable(_) => return Err(Error::NoTable),
            Storage::Unread(_) => return self.reload().await,
            Storage::Open { store, version } => (Arc::clone(store), *version),
        };
        let (rows, version) = match store.changes_since(version).await? {
            ChangeSet::Unchanged => return Ok(()),
            ChangeSet::Unknown => return self.reload().await,
            // Another master may have brought back what was lost.
            ChangeSet::Rows { .. } if self.published.lost_policies().is_some() => return self.reload().await,
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
