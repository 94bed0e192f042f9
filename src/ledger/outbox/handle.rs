//! The handle that the sender of a relay has on the outbox of its platform.

use crate::ledger::{
    error::Error,
    outbox::row::{KnownPolicy, OutboxEntry, OutboxFigures, OutboxRow, OutboxSender, OutboxStep, OutboxTurn},
    store::store::Store,
};
use std::{collections::HashSet, sync::Arc};

/// The outbox of one platform.
#[derive(Clone)]
pub struct Outbox {
    store: Arc<dyn Store>,
    platform: Arc<str>,
}

impl Outbox {
    /// Creates the handle.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, platform: &str) -> Self {
        Self { store, platform: platform.into() }
    }

    /// Takes or keeps the turn to send for some seconds; `fence` is that of the turn that is kept, 0 for none. Nothing when
    /// another master has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_turn(&self, holder: &str, fence: i64, seconds: i64) -> Result<Option<OutboxTurn>, Error> {
        Ok(self.store.take_turn(&self.platform, holder, fence, seconds).await?)
    }

    /// Gives the turn back, so that another master takes it at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_turn(&self, turn: &OutboxTurn) -> Result<(), Error> {
        Ok(self.store.end_turn(turn).await?)
    }

    /// Tells which master sends.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sender(&self) -> Result<Option<OutboxSender>, Error> {
        Ok(self.store.outbox_sender(&self.platform).await?)
    }

    /// Returns the rows that are in no block yet, oldest first, at most so many. More than a look of the relay asks for
    /// ([`limits::RELAY_ROWS`](crate::runtime::limits::RELAY_ROWS)) may take as long as the reading of a history.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting(&self, most: i64) -> Result<Vec<OutboxRow>, Error> {
        Ok(self.store.outbox_waiting(&self.platform, most).await?)
    }

    /// Returns the rows in a block that may still be re-organised, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mined(&self) -> Result<Vec<OutboxRow>, Error> {
        Ok(self.store.outbox_mined(&self.platform).await?)
    }

    /// Returns the ids of the policies with rows that are in no block yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ids(&self) -> Result<HashSet<String>, Error> {
        Ok(self.store.outbox_ids(&self.platform).await?.into_iter().collect())
    }

    /// Returns how much waits.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn figures(&self) -> Result<OutboxFigures, Error> {
        Ok(self.store.outbox_figures(&self.platform).await?)
    }

    /// Takes a step with a row as it was read; false when the turn is over or the row changed since.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn step(&self, turn: &OutboxTurn, row: &OutboxRow, step: &OutboxStep) -> Result<bool, Error> {
        Ok(self.store.outbox_step(turn, row, step).await?)
    }

    /// Adds rows of policies that have none, for changes that the table has already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add(&self, turn: &OutboxTurn, time: &str, entries: &[OutboxEntry]) -> Result<u64, Error> {
        Ok(self.store.outbox_add(turn, time, entries).await?)
    }

    /// Returns the contract that was noted last, as it was noted, and the policies that it is known to have.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known(&self) -> Result<(Option<String>, Vec<KnownPolicy>), Error> {
        let entries = self.store.known_policies(&self.platform).await?;
        let (contracts, policies): (Vec<_>, Vec<_>) = entries.into_iter().partition(KnownPolicy::is_of_contract);
        Ok((contracts.into_iter().find_map(|entry| entry.hash), policies))
    }

    /// Takes note of what the platform has, and of the contract that has it ([`KnownPolicy::of_contract`]), all in one transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_known(&self, turn: &OutboxTurn, policies: &[KnownPolicy]) -> Result<(), Error> {
        Ok(self.store.note_known(turn, policies).await?)
    }
}
