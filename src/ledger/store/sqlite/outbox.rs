//! The outbox of the relay in SQLite.

use crate::ledger::{
    outbox::row::{
        KnownPolicy, MinedOutbox, OutboxEntry, OutboxFigures, OutboxRow, OutboxSender, OutboxStep, OutboxTurn,
        SignedOutbox,
    },
    store::{
        error::StoreError,
        outbox_store::OutboxStore,
        sqlite::{
            rows::{readable, texts, word},
            store::SqliteStore,
        },
    },
};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

/// Takes the turn of a master, when it is over, or so far ahead that the clock was set back since.
const TAKE_TURN: &str = "INSERT INTO relay_sender (platform, holder, fence, until) VALUES (?1, ?2, 1, unixepoch() + ?4)
  ON CONFLICT (platform) DO UPDATE SET holder = excluded.holder, until = excluded.until,
    fence = CASE WHEN relay_sender.holder = excluded.holder AND relay_sender.fence = ?3 THEN ?3
      ELSE relay_sender.fence + 1 END
  WHERE relay_sender.holder = excluded.holder OR relay_sender.until < unixepoch()
    OR relay_sender.until > unixepoch() + 10 * ?4
  RETURNING fence";
const END_TURN: &str = "UPDATE relay_sender SET until = 0 WHERE platform = ?1 AND fence = ?2";
const SENDER: &str = "SELECT holder, until >= unixepoch() FROM relay_sender WHERE platform = ?1";
const WAITING: &str =
    "SELECT number, time, who, what, policy_type, policy_id, before, after, host, shown, state, account, nonce,
    hash, raw, block, block_hash, block_time
  FROM relay_outbox WHERE platform = ?1 AND state IN ('queued', 'signed') ORDER BY number LIMIT ?2";
const MINED: &str =
    "SELECT number, time, who, what, policy_type, policy_id, before, after, host, shown, state, account, nonce,
    hash, raw, block, block_hash, block_time
  FROM relay_outbox WHERE platform = ?1 AND state = 'mined' ORDER BY number";
const IDS: &str = "SELECT DISTINCT policy_id FROM relay_outbox WHERE platform = ?1 AND state IN ('queued', 'signed')";
const FIGURES: &str = "SELECT coalesce(sum(state IN ('queued', 'signed')), 0), coalesce(sum(state = 'mined'), 0),
    coalesce(sum(state = 'refused'), 0), min(CASE WHEN state IN ('queued', 'signed') THEN time END), max(block),
    (SELECT refusal FROM relay_outbox WHERE platform = ?1 AND state = 'refused' ORDER BY number DESC LIMIT 1)
  FROM relay_outbox WHERE platform = ?1";
/// Adds a row for a policy that has none which is not done.
const ADD: &str = "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
  WHERE EXISTS (SELECT 1 FROM relay_sender WHERE platform = ?1 AND fence = ?11)
    AND NOT EXISTS (SELECT 1 FROM relay_outbox o WHERE o.platform = ?1 AND o.policy_id = ?6 AND o.state IN ('queued', 'signed'))";
const KNOWN: &str = "SELECT policy_id, hash FROM relay_known WHERE platform = ?1";
const NOTE_KNOWN: &str = "INSERT OR REPLACE INTO relay_known (platform, policy_id, hash)
  SELECT ?1, ?2, ?4 WHERE EXISTS (SELECT 1 FROM relay_sender WHERE platform = ?1 AND fence = ?3)";
const FORGET_KNOWN: &str = "DELETE FROM relay_known WHERE platform = ?1 AND policy_id = ?2
  AND EXISTS (SELECT 1 FROM relay_sender WHERE platform = ?1 AND fence = ?3)";
/// Refused rows that are remembered, so that somebody can read why.
const FORGET_REFUSED: &str = "DELETE FROM relay_outbox WHERE platform = ?1 AND state = 'refused' AND number <=
  (SELECT number FROM relay_outbox WHERE platform = ?1 AND state = 'refused' ORDER BY number DESC LIMIT 1 OFFSET 1000)";

/// Makes a statement that changes one row, if it is as it was read and the turn is not over.
macro_rules! step {
    ($change:literal) => {
        concat!(
            $change,
            " WHERE platform = ?1 AND number = ?2 AND state = ?3 AND hash IS ?4
    AND EXISTS (SELECT 1 FROM relay_sender WHERE platform = ?1 AND fence = ?5)"
        )
    };
}
const SIGN: &str = step!("UPDATE relay_outbox SET state = 'signed', account = ?6, nonce = ?7, hash = ?8, raw = ?9");
const REQUEUE: &str = step!(
    "UPDATE relay_outbox SET state = 'queued', account = NULL, nonce = NULL, hash = NULL, raw = NULL, block = NULL, block_hash = NULL, block_time = NULL"
);
const MINE: &str =
    step!("UPDATE relay_outbox SET state = 'mined', shown = 1, block = ?6, block_hash = ?7, block_time = ?8");
const UNMINE: &str =
    step!("UPDATE relay_outbox SET state = 'signed', block = NULL, block_hash = NULL, block_time = NULL");
const SHOW: &str = step!("UPDATE relay_outbox SET shown = 1");
const REFUSE: &str = step!("UPDATE relay_outbox SET state = 'refused', raw = NULL, refusal = ?6");
const SETTLE: &str = step!("DELETE FROM relay_outbox");

#[async_trait]
impl OutboxStore for SqliteStore {
    async fn take_turn(
        &self,
        platform: &str,
        holder: &str,
        fence: i64,
        seconds: i64,
    ) -> Result<Option<OutboxTurn>, StoreError> {
        let (platform, holder) = (platform.to_owned(), holder.to_owned());
        let take = move |connection: &mut Connection| {
            let taken = params![platform, holder, fence, seconds];
            let fence = connection.query_row(TAKE_TURN, taken, |row| row.get(0)).optional()?;
            Ok(fence.map(|fence| OutboxTurn { platform, fence }))
        };
        self.ask(take).await
    }

    async fn end_turn(&self, turn: &OutboxTurn) -> Result<(), StoreError> {
        let OutboxTurn { platform, fence } = turn.clone();
        self.ask(move |connection| connection.execute(END_TURN, params![platform, fence])).await.map(drop)
    }

    async fn outbox_sender(&self, platform: &str) -> Result<Option<OutboxSender>, StoreError> {
        let platform = platform.to_owned();
        let read = |row: &Row<'_>| Ok(OutboxSender { holder: row.get(0)?, is_current: row.get(1)? });
        self.ask(move |connection| connection.query_row(SENDER, [platform], read).optional()).await
    }

    async fn outbox_waiting(&self, platform: &str, most: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let platform = platform.to_owned();
        self.ask(move |connection| readable(connection, WAITING, params![platform, most], outbox_row)).await
    }

    async fn outbox_mined(&self, platform: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let platform = platform.to_owned();
        self.ask(move |connection| readable(connection, MINED, [platform], outbox_row)).await
    }

    async fn outbox_ids(&self, platform: &str) -> Result<Vec<String>, StoreError> {
        let platform = platform.to_owned();
        self.ask(move |connection| texts(connection, IDS, [platform])).await
    }

    async fn outbox_figures(&self, platform: &str) -> Result<OutboxFigures, StoreError> {
        let platform = platform.to_owned();
        self.ask(move |connection| connection.query_row(FIGURES, [platform], outbox_figures)).await
    }

    async fn outbox_step(&self, turn: &OutboxTurn, row: &OutboxRow, step: &OutboxStep) -> Result<bool, StoreError> {
        let OutboxTurn { platform, fence } = turn.clone();
        let (number, state, step) = (row.number, row.state.as_str(), step.clone());
        let hash = row.signed.as_ref().map(|signed| signed.hash.clone());
        let done = move |connection: &mut Connection| {
            let same = params![platform, number, state, hash, fence];
            let done = match &step {
                OutboxStep::Sign(SignedOutbox { account, nonce, hash: signed, raw }) => {
                    let values = params![platform, number, state, hash, fence, account, nonce, signed, raw];
                    connection.execute(SIGN, values)?
                }
                OutboxStep::Mine(MinedOutbox { block, block_hash, time }) => {
                    let values = params![platform, number, state, hash, fence, block, block_hash, time];
                    connection.execute(MINE, values)?
                }
                OutboxStep::Refuse(reason) => {
                    let done = connection.execute(REFUSE, params![platform, number, state, hash, fence, reason])?;
                    connection.execute(FORGET_REFUSED, [&platform])?;
                    done
                }
                OutboxStep::Requeue => connection.execute(REQUEUE, same)?,
                OutboxStep::Unmine => connection.execute(UNMINE, same)?,
                OutboxStep::Show => connection.execute(SHOW, same)?,
                OutboxStep::Settle => connection.execute(SETTLE, same)?,
            };
            Ok(done > 0)
        };
        self.ask(done).await
    }

    async fn outbox_add(&self, turn: &OutboxTurn, time: &str, entries: &[OutboxEntry]) -> Result<u64, StoreError> {
        let OutboxTurn { platform, fence } = turn.clone();
        let (time, entries) = (time.to_owned(), entries.to_vec());
        let add = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut added = 0;
            for entry in &entries {
                let OutboxEntry { who, action, kind, id, before, after, host, shown, .. } = entry;
                let what = action.as_str();
                let columns = params![platform, time, who, what, kind, id, before, after, host, shown, fence];
                added += transaction.prepare_cached(ADD)?.execute(columns)? as u64;
            }
            transaction.commit()?;
            Ok(added)
        };
        self.ask(add).await
    }

    async fn known_policies(&self, platform: &str) -> Result<Vec<KnownPolicy>, StoreError> {
        let platform = platform.to_owned();
        let read = |row: &Row<'_>| Ok(KnownPolicy { id: row.get(0)?, hash: row.get(1)? });
        self.ask(move |connection| readable(connection, KNOWN, [platform], read)).await
    }

    async fn note_known(&self, turn: &OutboxTurn, policies: &[KnownPolicy]) -> Result<(), StoreError> {
        let OutboxTurn { platform, fence } = turn.clone();
        let policies = policies.to_vec();
        let note = move |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for KnownPolicy { id, hash } in &policies {
                match hash {
                    Some(hash) => {
                        transaction.prepare_cached(NOTE_KNOWN)?.execute(params![platform, id, fence, hash])?
                    }
                    None => transaction.prepare_cached(FORGET_KNOWN)?.execute(params![platform, id, fence])?,
                };
            }
            transaction.commit()
        };
        self.ask(note).await
    }
}

fn outbox_row(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    let signed = match row.get("hash")? {
        None => None,
        Some(hash) => {
            Some(SignedOutbox { account: row.get("account")?, nonce: row.get("nonce")?, hash, raw: row.get("raw")? })
        }
    };
    let mined = match row.get("block")? {
        None => None,
        Some(block) => Some(MinedOutbox { block, block_hash: row.get("block_hash")?, time: row.get("block_time")? }),
    };
    Ok(OutboxRow {
        number: row.get(0)?,
        time: row.get(1)?,
        who: row.get(2)?,
        action: word(row, 3)?,
        kind: row.get(4)?,
        id: row.get(5)?,
        before: row.get(6)?,
        after: row.get(7)?,
        host: row.get(8)?,
        shown: row.get(9)?,
        state: word(row, 10)?,
        signed,
        mined,
    })
}

fn outbox_figures(row: &Row<'_>) -> rusqlite::Result<OutboxFigures> {
    let count = |at: usize| row.get::<_, i64>(at).map(i64::unsigned_abs);
    Ok(OutboxFigures {
        waiting: count(0)?,
        unsettled: count(1)?,
        refused: count(2)?,
        oldest: row.get(3)?,
        last_block: row.get(4)?,
        last_refusal: row.get(5)?,
    })
}
