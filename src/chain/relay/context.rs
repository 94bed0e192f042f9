//! What every part of a round needs.

use super::{error::RelayError, tally::RelayTally, turn_rule};
use crate::{
    ledger::{Author, Change, KnownPolicy, Outbox, OutboxRow, OutboxStep, OutboxTurn, UndoRow, UndoStep},
    node::{Node, RelayOptions, platforms::ConnectedPlatform},
    policy::id,
    runtime::limits,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// One round of the master that sends.
pub(super) struct RelayContext<'a> {
    /// The node.
    pub(super) node: &'a Arc<Node>,
    /// The chain.
    pub(super) platform: &'a ConnectedPlatform,
    /// What is relayed.
    pub(super) options: &'a RelayOptions,
    /// What waits for it.
    pub(super) outbox: &'a Outbox,
    /// The right to send.
    pub(super) turn: &'a OutboxTurn,
    /// Name of this master among those that share the database.
    pub(super) holder: &'a str,
    /// When the right was taken or kept last.
    pub(super) kept: Mutex<Instant>,
    /// What is counted.
    pub(super) tally: &'a RelayTally,
}

impl RelayContext<'_> {
    /// Keeps the turn during a long round.
    ///
    /// # Errors
    /// [`RelayError::TurnOver`] when another master has it.
    pub(super) async fn keep_turn(&self) -> Result<(), RelayError> {
        let is_fresh = self.kept.lock().unwrap_or_else(PoisonError::into_inner).elapsed() < limits::RELAY_TURN_KEPT;
        if is_fresh {
            return Ok(());
        }
        self.confirm_turn().await
    }

    /// Asks the database whether this master still has the turn: before what cannot be refused to another one afterwards.
    ///
    /// # Errors
    /// [`RelayError::TurnOver`] when another master has it.
    pub(super) async fn confirm_turn(&self) -> Result<(), RelayError> {
        match self.outbox.take_turn(self.holder, self.turn.fence, turn_rule::seconds()).await? {
            Some(turn) if turn == *self.turn => {
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
                Ok(())
            }
            Some(_) | None => Err(RelayError::TurnOver),
        }
    }

    /// Takes a step with a row.
    ///
    /// # Errors
    /// [`RelayError::TurnOver`] when another master did so meanwhile.
    pub(super) async fn step(&self, row: &OutboxRow, step: OutboxStep) -> Result<(), RelayError> {
        match self.outbox.step(self.turn, row, &step).await? {
            true => Ok(()),
            false => Err(RelayError::TurnOver),
        }
    }

    /// Returns who changes the ledger for the relay.
    pub(super) fn author(&self) -> Author {
        Author::platform(self.options.platform.as_str())
    }

    /// Brings the change of a row that was held back into the table.
    pub(super) async fn show(&self, row: &OutboxRow) -> Result<(), RelayError> {
        let (id, host) = (row.id.clone(), row.host.clone());
        let step = match &row.after {
            Some(text) => UndoStep::Restore(UndoRow { id, text: text.clone(), host, date: None }),
            None => UndoStep::Remove { id },
        };
        let who = format!("{}, relay:{}", row.who, self.options.platform);
        let author = Author { who, ..self.author() };
        self.node.ledger.write(Change::Undo { steps: vec![step] }, author).await?;
        Ok(())
    }

    /// Takes note of what the contract has after the change of a row.
    pub(super) async fn note(&self, row: &OutboxRow) -> Result<(), RelayError> {
        let hash = row.after.as_deref().map(text_hash);
        let known = KnownPolicy { id: row.id.clone(), hash };
        // A policy without an id, as other programs leave them in the table, would take the place of the contract's name.
        if known.is_of_contract() {
            return Ok(());
        }
        Ok(self.outbox.note_known(self.turn, &[known]).await?)
    }
}

/// Returns what tells two texts of a policy from each other.
pub(super) fn text_hash(text: &str) -> String {
    id::hash(text.as_bytes())
}
