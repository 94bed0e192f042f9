//! Everything that a PostgreSQL database holds of a ledger, as of one moment.

use crate::ledger::{
    snapshot::{
        restore::RestoreBatch,
        row::{
            ITEMS_TOGETHER, SnapshotChange, SnapshotItem, SnapshotPolicy, SnapshotRow, SnapshotSender,
            SnapshotTombstone,
        },
        text::StoredText,
    },
    store::{
        error::StoreError,
        outage::Outage,
        postgres::{
            restore,
            statements::{VERSION, date_text},
            store::{HISTORY_TIMEOUT, PostgresStore},
        },
        snapshot_store::SnapshotStore,
    },
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{Error, PgConnection, Row as _, postgres::PgRow};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Longest time that a restore may take in the database.
const RESTORE_TIMEOUT: Duration = Duration::from_secs(300);

/// Begins a transaction of which every statement sees the same.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Ends it.
const END: &str = "COMMIT";
/// Tells whether texts may be any bytes, which the server would refuse to send as texts.
const HOLDS_BYTES: &str = "SELECT getdatabaseencoding() = 'SQL_ASCII'";

/// Makes the statements that read the tables; what stands around a column makes it text or bytes.
macro_rules! tables {
    ($open:literal, $close:literal) => {
        [
            concat!(
                "SELECT sequence_id::bigint, ",
                $open, "policy_type", $close, ", ", $open, "policy_id", $close, ", ", $open, "company_name", $close, ", ",
                $open, date_text!("date"), $close, ", ", $open, "host", $close, ", ", $open, "status", $close, ", ",
                $open, "policy", $close, " FROM ledger ORDER BY sequence_id"
            ),
            concat!(
                "SELECT ",
                $open, "time", $close, ", ", $open, "who", $close, ", ", $open, "what", $close, ", ",
                $open, "policy_type", $close, ", ", $open, "policy_id", $close, ", ", $open, "before", $close, ", ",
                $open, "after", $close, " FROM policy_history WHERE what <> 'outside' ORDER BY version, place"
            ),
            concat!(
                "SELECT ",
                $open, "policy_id", $close, ", ", $open, "time", $close, ", ", $open, "host", $close, ", ",
                $open, "date", $close, " FROM policy_history_rows ORDER BY policy_id, time"
            ),
            concat!(
                "SELECT ",
                $open, "policy_id", $close, ", ", $open, "max(time)", $close, " FROM policy_history h WHERE what = 'drop' \
                 AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.policy_id = h.policy_id) GROUP BY policy_id ORDER BY policy_id"
            ),
        ]
    };
}
/// Reads the tables as texts, which the server brings into UTF-8.
const AS_TEXTS: [&str; 4] = tables!("(", ")::text");
/// Reads them as bytes.
const AS_BYTES: [&str; 4] = tables!("convert_to(", ", 'SQL_ASCII')");

/// Why the items did not all arrive.
enum Interrupted {
    Database(Error),
    /// None came for long.
    Silent,
    /// Nobody takes them any more.
    Receiver(StoreError),
}

impl From<Error> for Interrupted {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

#[async_trait]
impl SnapshotStore for PostgresStore {
    async fn snapshot(&self, items: SnapshotSender) -> Result<(), StoreError> {
        let mut lent = self.connections().lend_long().await?;
        match in_transaction(lent.connection(), &items).await {
            Ok(()) => {
                lent.give_back();
                Ok(())
            }
            // The connection is in the middle of something: it is closed, not given back.
            Err(Interrupted::Database(error)) => self.connections().judge(Some(Err(error)), || {}),
            // The other connections may serve all the same.
            Err(Interrupted::Silent) => Err(Outage::Silent.into()),
            Err(Interrupted::Receiver(error)) => Err(error),
        }
    }

    async fn restore(&self, batch: Arc<RestoreBatch>) -> Result<(), StoreError> {
        let own = self.own();
        let write = async |connection: &mut PgConnection| restore::write(connection, &batch, own).await;
        let written = self.connections().ask(RESTORE_TIMEOUT, write).await?;
        if written { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

async fn in_transaction(connection: &mut PgConnection, items: &SnapshotSender) -> Result<(), Interrupted> {
    sqlx::query(BEGIN).execute(&mut *connection).await?;
    let holds_bytes: bool = sqlx::query_scalar(HOLDS_BYTES).fetch_one(&mut *connection).await?;
    let version: i64 = sqlx::query_scalar(VERSION).fetch_one(&mut *connection).await?;
    send(items, vec![SnapshotItem::Version(version)]).await?;
    let [policies, changes, rows, tombstones] = if holds_bytes { AS_BYTES } else { AS_TEXTS };
    send_rows(connection, policies, items, policy).await?;
    send_rows(connection, changes, items, change).await?;
    send_rows(connection, rows, items, kept_row).await?;
    send_rows(connection, tombstones, items, tombstone).await?;
    sqlx::query(END).execute(&mut *connection).await?;
    Ok(())
}

async fn send_rows(
    connection: &mut PgConnection,
    statement: &'static str,
    items: &SnapshotSender,
    read: fn(&PgRow) -> Result<SnapshotItem, Error>,
) -> Result<(), Interrupted> {
    let mut found = sqlx::query(statement).fetch(connection);
    let mut together = Vec::with_capacity(ITEMS_TOGETHER);
    while let Some(row) = timeout(HISTORY_TIMEOUT, found.try_next()).await.map_err(|_| Interrupted::Silent)?? {
        together.push(read(&row)?);
        if together.len() == ITEMS_TOGETHER {
            send(items, std::mem::replace(&mut together, Vec::with_capacity(ITEMS_TOGETHER))).await?;
        }
    }
    send(items, together).await
}

async fn send(items: &SnapshotSender, together: Vec<SnapshotItem>) -> Result<(), Interrupted> {
    items.send(together).await.map_err(|error| Interrupted::Receiver(error.into()))
}

fn optional(row: &PgRow, at: usize) -> Result<Option<StoredText>, Error> {
    match row.try_get::<Option<String>, _>(at) {
        Ok(text) => Ok(text.map(StoredText::from)),
        Err(_) => Ok(row.try_get::<Option<Vec<u8>>, _>(at)?.map(StoredText::from)),
    }
}

fn text(row: &PgRow, at: usize) -> Result<StoredText, Error> {
    Ok(optional(row, at)?.unwrap_or_default())
}

fn policy(row: &PgRow) -> Result<SnapshotItem, Error> {
    Ok(SnapshotItem::Policy(SnapshotPolicy {
        sequence: row.try_get(0)?,
        kind: text(row, 1)?,
        id: text(row, 2)?,
        company: optional(row, 3)?,
        date: text(row, 4)?,
        host: text(row, 5)?,
        status: optional(row, 6)?,
        policy: optional(row, 7)?,
    }))
}

fn change(row: &PgRow) -> Result<SnapshotItem, Error> {
    Ok(SnapshotItem::Change(SnapshotChange {
        time: text(row, 0)?,
        who: text(row, 1)?,
        what: text(row, 2)?,
        kind: text(row, 3)?,
        id: text(row, 4)?,
        before: optional(row, 5)?,
        after: optional(row, 6)?,
    }))
}

fn kept_row(row: &PgRow) -> Result<SnapshotItem, Error> {
    let (id, time, host, date) = (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?);
    Ok(SnapshotItem::Row(SnapshotRow { id, time, host, date }))
}

fn tombstone(row: &PgRow) -> Result<SnapshotItem, Error> {
    Ok(SnapshotItem::Tombstone(SnapshotTombstone { id: text(row, 0)?, time: text(row, 1)? }))
}
