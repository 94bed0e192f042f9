//! The outbox of the relay in SQLite.

use crate::ledger::{
    outbox::row::{
        KnownPolicy, MinedOutbox, OutboxEntry, OutboxFigures, OutboxRow, OutboxSender, OutboxState, OutboxStep,
        OutboxTurn, SignedOutbox,
    },
    store::{
        error::StoreError,
        outbox_store::OutboxStore,
        sqlite::{
            statements::{SqliteQuery, outbox_line},
            store::{SqliteStore, readable},
        },
    },
};
use async_trait::async_trait;
use sqlx::{Error, Row as _, sqlite::SqliteRow};

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
/// Adds rows for policies that have none which is not done.
const ADD: &str = "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
  FROM jsonb_each(?3)
  WHERE EXISTS (SELECT 1 FROM relay_sender WHERE platform = ?1 AND fence = ?4)
    AND NOT EXISTS (SELECT 1 FROM relay_outbox o WHERE o.platform = ?1 AND o.policy_id = value ->> 3 AND o.state IN ('queued', 'signed'))
  ORDER BY key";
const KNOWN: &str = "SELECT policy_id, hash FROM relay_known WHERE platform = ?1";
const NOTE_KNOWN: &str = "INSERT OR REPLACE INTO relay_known (platform, policy_id, hash)
  SELECT ?1, value ->> 0, value ->> 1 FROM jsonb_each(?2)
  WHERE value ->> 1 IS NOT NULL AND EXISTS (SELECT 1 FROM relay_sender WHERE platform = ?1 AND fence = ?3)";
const FORGET_KNOWN: &str = "DELETE FROM relay_known WHERE platform = ?1
  AND policy_id IN (SELECT value ->> 0 FROM jsonb_each(?2) WHERE value ->> 1 IS NULL)
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
        let query = sqlx::query_scalar(TAKE_TURN).bind(platform).bind(holder).bind(fence).bind(seconds);
        let taken: Option<i64> = self.answered(query.fetch_optional(self.pool()).await).await?;
        Ok(taken.map(|fence| OutboxTurn { platform: platform.to_owned(), fence }))
    }

    async fn end_turn(&self, turn: &OutboxTurn) -> Result<(), StoreError> {
        let ended = sqlx::query(END_TURN).bind(&turn.platform).bind(turn.fence).execute(self.pool()).await;
        self.answered(ended).await.map(drop)
    }

    async fn outbox_sender(&self, platform: &str) -> Result<Option<OutboxSender>, StoreError> {
        let found: Option<(String, bool)> =
            self.answered(sqlx::query_as(SENDER).bind(platform).fetch_optional(self.pool()).await).await?;
        Ok(found.map(|(holder, is_current)| OutboxSender { holder, is_current }))
    }

    async fn outbox_waiting(&self, platform: &str, most: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = sqlx::query(WAITING).bind(platform).bind(most).fetch_all(self.pool()).await;
        Ok(readable(&self.answered(rows).await?, outbox_row))
    }

    async fn outbox_mined(&self, platform: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = sqlx::query(MINED).bind(platform).fetch_all(self.pool()).await;
        Ok(readable(&self.answered(rows).await?, outbox_row))
    }

    async fn outbox_ids(&self, platform: &str) -> Result<Vec<String>, StoreError> {
        self.answered(sqlx::query_scalar(IDS).bind(platform).fetch_all(self.pool()).await).await
    }

    async fn outbox_figures(&self, platform: &str) -> Result<OutboxFigures, StoreError> {
        let row = sqlx::query(FIGURES).bind(platform).fetch_one(self.pool()).await;
        let figures = self.answered(row).await.map(|row| outbox_figures(&row))?;
        self.answered(figures).await
    }

    async fn outbox_step(&self, turn: &OutboxTurn, row: &OutboxRow, step: &OutboxStep) -> Result<bool, StoreError> {
        let query = |statement: &'static str| -> SqliteQuery {
            let hash = row.signed.as_ref().map(|signed| signed.hash.clone());
            let query = sqlx::query(statement).bind(turn.platform.clone()).bind(row.number);
            query.bind(row.state.as_str()).bind(hash).bind(turn.fence)
        };
        let query = match step {
            OutboxStep::Sign(signed) => {
                let SignedOutbox { account, nonce, hash, raw } = signed.clone();
                query(SIGN).bind(account).bind(nonce).bind(hash).bind(raw)
            }
            OutboxStep::Requeue => query(REQUEUE),
            OutboxStep::Mine(mined) => {
                let MinedOutbox { block, block_hash, time } = mined.clone();
                query(MINE).bind(block).bind(block_hash).bind(time)
            }
            OutboxStep::Unmine => query(UNMINE),
            OutboxStep::Show => query(SHOW),
            OutboxStep::Refuse(reason) => query(REFUSE).bind(reason.clone()),
            OutboxStep::Settle => query(SETTLE),
        };
        let done = self.answered(query.execute(self.pool()).await).await?.rows_affected() > 0;
        if matches!(step, OutboxStep::Refuse(_)) {
            let forgotten = sqlx::query(FORGET_REFUSED).bind(&turn.platform).execute(self.pool()).await;
            self.answered(forgotten).await?;
        }
        Ok(done)
    }

    async fn outbox_add(&self, turn: &OutboxTurn, time: &str, entries: &[OutboxEntry]) -> Result<u64, StoreError> {
        let lines: Vec<_> = entries.iter().map(outbox_line).collect();
        let lines = self.answered(json(&lines)).await?;
        let query = sqlx::query(ADD).bind(&turn.platform).bind(time).bind(lines).bind(turn.fence);
        Ok(self.answered(query.execute(self.pool()).await).await?.rows_affected())
    }

    async fn known_policies(&self, platform: &str) -> Result<Vec<KnownPolicy>, StoreError> {
        let rows: Vec<(String, String)> =
            self.answered(sqlx::query_as(KNOWN).bind(platform).fetch_all(self.pool()).await).await?;
        Ok(rows.into_iter().map(|(id, hash)| KnownPolicy { id, hash: Some(hash) }).collect())
    }

    async fn note_known(&self, turn: &OutboxTurn, policies: &[KnownPolicy]) -> Result<(), StoreError> {
        let lines: Vec<_> = policies.iter().map(|policy| (&policy.id, &policy.hash)).collect();
        let lines = self.answered(json(&lines)).await?;
        for statement in [NOTE_KNOWN, FORGET_KNOWN] {
            let query = sqlx::query(statement).bind(&turn.platform).bind(&lines).bind(turn.fence);
            self.answered(query.execute(self.pool()).await).await?;
        }
        Ok(())
    }
}

fn json(values: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(values).map_err(|error| Error::Encode(error.into()))
}

fn outbox_row(row: &SqliteRow) -> Result<OutboxRow, Error> {
    let signed = match row.try_get::<Option<String>, _>("hash")? {
        None => None,
        Some(hash) => Some(SignedOutbox {
            account: row.try_get("account")?,
            nonce: row.try_get("nonce")?,
            hash,
            raw: row.try_get("raw")?,
        }),
    };
    let mined = match row.try_get::<Option<i64>, _>("block")? {
        None => None,
        Some(block) => {
            Some(MinedOutbox { block, block_hash: row.try_get("block_hash")?, time: row.try_get("block_time")? })
        }
    };
    Ok(OutboxRow {
        number: row.try_get("number")?,
        time: row.try_get("time")?,
        who: row.try_get("who")?,
        action: row.try_get::<&str, _>("what")?.parse().map_err(Error::decode)?,
        kind: row.try_get("policy_type")?,
        id: row.try_get("policy_id")?,
        before: row.try_get("before")?,
        after: row.try_get("after")?,
        host: row.try_get("host")?,
        shown: row.try_get("shown")?,
        state: row.try_get::<&str, _>("state")?.parse::<OutboxState>().map_err(Error::decode)?,
        signed,
        mined,
    })
}

fn outbox_figures(row: &SqliteRow) -> Result<OutboxFigures, Error> {
    Ok(OutboxFigures {
        waiting: row.try_get::<i64, _>(0)?.unsigned_abs(),
        unsettled: row.try_get::<i64, _>(1)?.unsigned_abs(),
        refused: row.try_get::<i64, _>(2)?.unsigned_abs(),
        oldest: row.try_get(3)?,
        last_block: row.try_get(4)?,
        last_refusal: row.try_get(5)?,
    })
}
