//! What backups ask of the ledger.

use crate::ledger::{
    change::Author,
    error::Error,
    handle::Ledger,
    snapshot::{
        restore::{RestoreOrder, RestoreReport},
        row::SnapshotSender,
    },
    store::engine::Engine,
    writer::job::WriterJob,
};

impl Ledger {
    /// Hands over everything that the tables hold, as of one moment; changes go on meanwhile.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn snapshot(&self, items: SnapshotSender) -> Result<(), Error> {
        Ok(self.store()?.snapshot(items).await?)
    }

    /// Returns the kind of the database.
    ///
    /// # Errors
    /// When no database is open.
    pub fn engine(&self) -> Result<Engine, Error> {
        Ok(self.store()?.engine())
    }

    /// Makes the ledger what a backup has, or adds what it lacks of it, in one transaction.
    ///
    /// # Errors
    /// [`Error::NotEmpty`] when it has policies and the order does not say what becomes of them; [`Error::CannotRestore`] for a
    /// row that the database cannot hold; [`Error::Full`]; the reason, when the database does not answer.
    pub async fn restore(&self, order: RestoreOrder, by: Author) -> Result<RestoreReport, Error> {
        self.ask(|responder| WriterJob::Restore(Box::new(order), by, responder)).await
    }
}
