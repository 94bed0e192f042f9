//! What the relay needs of a database.

use crate::ledger::{
    outbox::row::{KnownPolicy, OutboxEntry, OutboxFigures, OutboxRow, OutboxSender, OutboxStep, OutboxTurn},
    store::error::StoreError,
};
use async_trait::async_trait;

/// The outbox of the relay, in one database. New rows come with the batch of their changes.
#[async_trait]
pub trait OutboxStore: Send + Sync {
    /// Takes or keeps the turn to send for some seconds; `fence` is that of the turn that is kept, 0 for none. Nothing when
    /// somebody else has it.
    async fn take_turn(
        &self,
        platform: &str,
        holder: &str,
        fence: i64,
        seconds: i64,
    ) -> Result<Option<OutboxTurn>, StoreError>;
    /// Gives the turn back.
    async fn end_turn(&self, turn: &OutboxTurn) -> Result<(), StoreError>;
    /// Tells who sends.
    async fn outbox_sender(&self, platform: &str) -> Result<Option<OutboxSender>, StoreError>;
    /// Returns rows that are in no block yet, oldest first, at most so many.
    async fn outbox_waiting(&self, platform: &str, most: i64) -> Result<Vec<OutboxRow>, StoreError>;
    /// Returns rows in a block that may still be re-organised, oldest first.
    async fn outbox_mined(&self, platform: &str) -> Result<Vec<OutboxRow>, StoreError>;
    /// Returns the ids of the policies with rows that are in no block yet.
    async fn outbox_ids(&self, platform: &str) -> Result<Vec<String>, StoreError>;
    /// Returns how much waits.
    async fn outbox_figures(&self, platform: &str) -> Result<OutboxFigures, StoreError>;
    /// Takes a step with a row; false when the turn is over or the row was in another state.
    async fn outbox_step(&self, turn: &OutboxTurn, row: &OutboxRow, step: &OutboxStep) -> Result<bool, StoreError>;
    /// Adds rows of policies that have none, for changes that the table has already.
    async fn outbox_add(&self, turn: &OutboxTurn, time: &str, entries: &[OutboxEntry]) -> Result<u64, StoreError>;
    /// Returns what the platform is known to have.
    async fn known_policies(&self, platform: &str) -> Result<Vec<KnownPolicy>, StoreError>;
    /// Takes note of what the platform has.
    async fn note_known(&self, turn: &OutboxTurn, policies: &[KnownPolicy]) -> Result<(), StoreError>;
}
