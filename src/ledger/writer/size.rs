//! How many policies the ledger had, kept in the database: a node that starts without its local copy, or on another machine,
//! sees that most of them are gone.

use crate::ledger::{
    store::{error::StoreError, store::Store},
    writer::writer::Writer,
};

impl Writer {
    /// Reads how many policies the ledger had.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read_size(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let most = store.most_policies().await?.and_then(|most| usize::try_from(most).ok()).unwrap_or_default();
        self.kept_most = most;
        self.published.had(most);
        Ok(())
    }

    /// Keeps how many policies the ledger had, when that is something else by more than a twentieth. What is kept decides
    /// whether more than half is gone, so a little less does no harm, and a growing ledger costs few writes.
    pub async fn keep_size(&mut self, store: &dyn Store) {
        let most = self.published.most();
        let is_near = most >= self.kept_most && most - self.kept_most <= self.kept_most / 20;
        let Ok(size) = i64::try_from(most) else { return };
        if !is_near && store.keep_most_policies(size).await.is_ok() {
            self.kept_most = most;
        }
    }
}
