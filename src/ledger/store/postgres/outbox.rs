//! The outbox of the relay in PostgreSQL. Its time is that of the server, which all masters share.

use crate::{
    ledger::{
        outbox::row::{
            KnownPolicy, MinedOutbox, OutboxEntry, OutboxFigures, OutboxRow, OutboxSender, OutboxState, OutboxStep,
            OutboxTurn, SignedOutbox,
        },
        store::{
            error::StoreError,
            outbox_store::OutboxStore,
            postgres::{
                statements::{PostgresQuery, bind_outbox},
                store::{ANSWER_TIMEOUT, HISTORY_TIMEOUT, PostgresStore, readable},
            },
        },
    },
    runtime::limits,
};
use async_trait::async_trait;
use sqlx::{Error, PgConnection, Row as _, postgres::PgRow};

/// Takes the turn of a master, when it is over, or so far ahead that the clock was set back since.
const TAKE_TURN: &str = "INSERT INTO relay_sender (platform, holder, fence, until)
  VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $4::float8))
  ON CONFLICT (platform) DO UPDATE SET holder = excluded.holder, until = excluded.until,
    fence = CASE WHEN relay_sender.holder = excluded.holder AND relay_sender.fence = $3 THEN $3
      ELSE relay_sender.fence + 1 END
  WHERE relay_sender.holder = excluded.holder OR relay_sender.until < clock_timestamp()
    OR relay_sender.until > clock_timestamp() + make_interval(secs => 10 * $4::float8)
  RETURNING fence";
const END_TURN: &str = "UPDATE relay_sender SET until = clock_timestamp() WHERE platform = $1 AND fence = $2";
const SENDER: &str = "SELECT holder, until >= clock_timestamp() FROM relay_sender WHERE platform = $1";
const WAITING: &str =
    "SELECT number, time, who, what, policy_type, policy_id, before, after, host, shown, state, account, nonce,
    hash, raw, block, block_hash, block_time
  FROM relay_outbox WHERE platform = $1 AND state IN ('queued', 'signed') ORDER BY number LIMIT $2";
const MINED: &str =
    "SELECT number, time, who, what, policy_type, policy_id, before, after, host, shown, state, account, nonce,
    hash, raw, block, block_hash, block_time
  FROM relay_outbox WHERE platform = $1 AND state = 'mined' ORDER BY number";
const IDS: &str = "SELECT DISTINCT policy_id FROM relay_outbox WHERE platform = $1 AND state IN ('queued', 'signed')";
const FIGURES: &str =
    "SELECT count(*) FILTER (WHERE state IN ('queued', 'signed')), count(*) FILTER (WHERE state = 'mined'),
    count(*) FILTER (WHERE state = 'refused'), min(time) FILTER (WHERE state IN ('queued', 'signed')), max(block),
    (SELECT refusal FROM relay_outbox WHERE platform = $1 AND state = 'refused' ORDER BY number DESC LIMIT 1)
  FROM relay_outbox WHERE platform = $1";
/// Adds rows for policies that have none which is not done.
const ADD: &str =
    "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT $1, $2, n.who, n.what, n.kind, n.id, n.before, n.after, n.host, n.shown
  FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[])
    WITH ORDINALITY AS n(who, what, kind, id, before, after, host, shown, place)
  WHERE EXISTS (SELECT 1 FROM relay_sender WHERE platform = $1 AND fence = $3)
    AND NOT EXISTS (SELECT 1 FROM relay_outbox o WHERE o.platform = $1 AND o.policy_id = n.id AND o.state IN ('queued', 'signed'))
  ORDER BY n.place";
const KNOWN: &str = "SELECT policy_id, hash FROM relay_known WHERE platform = $1";
const NOTE_KNOWN: &str = "WITH n AS (SELECT * FROM unnest($3::text[], $4::text[]) AS n(id, hash)
    WHERE EXISTS (SELECT 1 FROM relay_sender WHERE platform = $1 AND fence = $2)
), gone AS (
  DELETE FROM relay_known USING n WHERE platform = $1 AND policy_id = n.id AND n.hash IS NULL
)
INSERT INTO relay_known (platform, policy_id, hash) SELECT $1, n.id, n.hash FROM n WHERE n.hash IS NOT NULL
  ON CONFLICT (platform, policy_id) DO UPDATE SET hash = excluded.hash";
/// Refused rows that are remembered, so that somebody can read why.
const FORGET_REFUSED: &str = "DELETE FROM relay_outbox WHERE platform = $1 AND state = 'refused' AND number <=
  (SELECT number FROM relay_outbox WHERE platform = $1 AND state = 'refused' ORDER BY number DESC LIMIT 1 OFFSET 1000)";

/// Makes a statement that changes one row, if it is as it was read and the turn is not over.
macro_rules! step {
    ($change:literal) => {
        concat!(
            $change,
            " WHERE platform = $1 AND number = $2 AND state = $3 AND hash IS NOT DISTINCT FROM $4
    AND EXISTS (SELECT 1 FROM relay_sender WHERE platform = $1 AND fence = $5)"
        )
    };
}
const SIGN: &str = step!("UPDATE relay_outbox SET state = 'signed', account = $6, nonce = $7, hash = $8, raw = $9");
const REQUEUE: &str = step!(
    "UPDATE relay_outbox SET state = 'queued', account = NULL, nonce = NULL, hash = NULL, raw = NULL, block = NULL, block_hash = NULL, block_time = NULL"
);
const MINE: &str =
    step!("UPDATE relay_outbox SET state = 'mined', shown = true, block = $6, block_hash = $7, block_time = $8");
const UNMINE: &str =
    step!("UPDATE relay_outbox SET state = 'signed', block = NULL, block_hash = NULL, block_time = NULL");
const SHOW: &str = step!("UPDATE relay_outbox SET shown = true");
const REFUSE: &str = step!("UPDATE relay_outbox SET state = 'refused', raw = NULL, refusal = $6");
const SETTLE: &str = step!("DELETE FROM relay_outbox");

#[async_trait]
impl OutboxStore for PostgresStore {
    async fn take_turn(
        &self,
        platform: &str,
        holder: &str,
        fence: i64,
        seconds: i64,
    ) -> Result<Option<OutboxTurn>, StoreError> {
        let query = sqlx::query_scalar(TAKE_TURN).bind(platform).bind(holder).bind(fence).bind(seconds);
        let asked = self.connections().ask(ANSWER_TIMEOUT, async |connection| query.fetch_optional(connection).await);
        let taken: Option<i64> = asked.await?;
        Ok(taken.map(|fence| OutboxTurn { platform: platform.to_owned(), fence }))
    }

    async fn end_turn(&self, turn: &OutboxTurn) -> Result<(), StoreError> {
        let query = sqlx::query(END_TURN).bind(&turn.platform).bind(turn.fence);
        let ended = self.connections().ask(ANSWER_TIMEOUT, async |connection| query.execute(connection).await);
        ended.await.map(drop)
    }

    async fn outbox_sender(&self, platform: &str) -> Result<Option<OutboxSender>, StoreError> {
        let query = sqlx::query_as(SENDER).bind(platform);
        let found = self.connections().ask(ANSWER_TIMEOUT, async |connection| query.fetch_optional(connection).await);
        let found: Option<(String, bool)> = found.await?;
        Ok(found.map(|(holder, is_current)| OutboxSender { holder, is_current }))
    }

    async fn outbox_waiting(&self, platform: &str, most: i64) -> Result<Vec<OutboxRow>, StoreError> {
        // A look of the relay is at a few rows. All of them, with their texts, may be as much as a history.
        let query = sqlx::query(WAITING).bind(platform).bind(most);
        let ask = async |connection: &mut PgConnection| query.fetch_all(connection).await;
        let rows = if most > limits::RELAY_ROWS {
            self.connections().ask_long(HISTORY_TIMEOUT, ask).await?
        } else {
            self.connections().ask(ANSWER_TIMEOUT, ask).await?
        };
        Ok(readable(&rows, outbox_row))
    }

    async fn outbox_mined(&self, platform: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(MINED).bind(platform);
        let rows = self.connections().ask_long(HISTORY_TIMEOUT, async |connection| query.fetch_all(connection).await);
        Ok(readable(&rows.await?, outbox_row))
    }

    async fn outbox_ids(&self, platform: &str) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar(IDS).bind(platform);
        self.connections().ask_long(HISTORY_TIMEOUT, async |connection| query.fetch_all(connection).await).await
    }

    async fn outbox_figures(&self, platform: &str) -> Result<OutboxFigures, StoreError> {
        let query = sqlx::query(FIGURES).bind(platform);
        let read = self.connections().ask(ANSWER_TIMEOUT, async |connection| {
            query.fetch_one(connection).await.and_then(|row| outbox_figures(&row))
        });
        read.await
    }

    async fn outbox_step(&self, turn: &OutboxTurn, row: &OutboxRow, step: &OutboxStep) -> Result<bool, StoreError> {
        let query = |statement: &'static str| -> PostgresQuery<'_> {
            let hash = row.signed.as_ref().map(|signed| signed.hash.as_str());
            let query = sqlx::query(statement).bind(&turn.platform).bind(row.number);
            query.bind(row.state.as_str()).bind(hash).bind(turn.fence)
        };
        let query = match step {
            OutboxStep::Sign(SignedOutbox { account, nonce, hash, raw }) => {
                query(SIGN).bind(account).bind(nonce).bind(hash).bind(raw)
            }
            OutboxStep::Requeue => query(REQUEUE),
            OutboxStep::Mine(MinedOutbox { block, block_hash, time }) => {
                query(MINE).bind(block).bind(block_hash).bind(time)
            }
            OutboxStep::Unmine => query(UNMINE),
            OutboxStep::Show => query(SHOW),
            OutboxStep::Refuse(reason) => query(REFUSE).bind(reason),
            OutboxStep::Settle => query(SETTLE),
        };
        let done = self.connections().ask(ANSWER_TIMEOUT, async |connection| query.execute(connection).await).await?;
        if matches!(step, OutboxStep::Refuse(_)) {
            let query = sqlx::query(FORGET_REFUSED).bind(&turn.platform);
            self.connections().ask(ANSWER_TIMEOUT, async |connection| query.execute(connection).await).await?;
        }
        Ok(done.rows_affected() > 0)
    }

    async fn outbox_add(&self, turn: &OutboxTurn, time: &str, entries: &[OutboxEntry]) -> Result<u64, StoreError> {
        let query = bind_outbox(sqlx::query(ADD).bind(&turn.platform).bind(time).bind(turn.fence), entries);
        let added = self.connections().ask(HISTORY_TIMEOUT, async |connection| query.execute(connection).await);
        Ok(added.await?.rows_affected())
    }

    async fn known_policies(&self, platform: &str) -> Result<Vec<KnownPolicy>, StoreError> {
        let query = sqlx::query_as(KNOWN).bind(platform);
        let rows = self.connections().ask_long(HISTORY_TIMEOUT, async |connection| query.fetch_all(connection).await);
        let rows: Vec<(String, String)> = rows.await?;
        Ok(rows.into_iter().map(|(id, hash)| KnownPolicy { id, hash: Some(hash) }).collect())
    }

    async fn note_known(&self, turn: &OutboxTurn, policies: &[KnownPolicy]) -> Result<(), StoreError> {
        let ids: Vec<&str> = policies.iter().map(|policy| policy.id.as_str()).collect();
        let hashes: Vec<Option<&str>> = policies.iter().map(|policy| policy.hash.as_deref()).collect();
        let query = sqlx::query(NOTE_KNOWN).bind(&turn.platform).bind(turn.fence).bind(ids).bind(hashes);
        let noted = self.connections().ask(HISTORY_TIMEOUT, async |connection| query.execute(connection).await);
        noted.await.map(drop)
    }
}

fn outbox_row(row: &PgRow) -> Result<OutboxRow, Error> {
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

fn outbox_figures(row: &PgRow) -> Result<OutboxFigures, Error> {
    Ok(OutboxFigures {
        waiting: row.try_get::<i64, _>(0)?.unsigned_abs(),
        unsettled: row.try_get::<i64, _>(1)?.unsigned_abs(),
        refused: row.try_get::<i64, _>(2)?.unsigned_abs(),
        oldest: row.try_get(3)?,
        last_block: row.try_get(4)?,
        last_refusal: row.try_get(5)?,
    })
}
