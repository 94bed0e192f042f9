//! Everything that a SQLite file holds of a ledger, as of one moment.

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
        snapshot_store::SnapshotStore,
        sqlite::{restore, store::SqliteStore},
    },
};
use async_trait::async_trait;
use futures_util::TryStreamExt;
use sqlx::{ConnectOptions, Connection as _, Error, Row as _, SqliteConnection, sqlite::SqliteRow};

/// Begins a transaction whose first statement decides what all of them see.
const BEGIN: &str = "BEGIN";
/// Ends it.
const END: &str = "COMMIT";
/// The number of the last change.
const VERSION: &str = "SELECT coalesce(max(change_id), 0) FROM policy_history";
/// Columns have no strict types, and a text may hold any bytes: all is read as bytes.
const POLICIES: &str =
    "SELECT sequence_id, CAST(policy_type AS BLOB), CAST(policy_id AS BLOB), CAST(company_name AS BLOB),
    CAST(date AS BLOB), CAST(host AS BLOB), CAST(status AS BLOB), CAST(policy AS BLOB)
  FROM ledger ORDER BY sequence_id";
const CHANGES: &str = "SELECT CAST(time AS BLOB), CAST(who AS BLOB), CAST(what AS BLOB), CAST(policy_type AS BLOB),
    CAST(policy_id AS BLOB), CAST(before AS BLOB), CAST(after AS BLOB)
  FROM policy_history ORDER BY change_id";
const ROWS: &str = "SELECT CAST(policy_id AS BLOB), CAST(time AS BLOB), CAST(host AS BLOB), CAST(date AS BLOB)
  FROM policy_history_rows ORDER BY policy_id, time";
const TOMBSTONES: &str =
    "SELECT CAST(policy_id AS BLOB), CAST(max(time) AS BLOB) FROM policy_history h WHERE what = 'drop'
    AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.policy_id = h.policy_id)
  GROUP BY policy_id ORDER BY policy_id";

/// Why the items did not all arrive.
enum Interrupted {
    Database(Error),
    /// Nobody takes them any more.
    Receiver(StoreError),
}

impl From<Error> for Interrupted {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

#[async_trait]
impl SnapshotStore for SqliteStore {
    async fn snapshot(&self, items: SnapshotSender) -> Result<(), StoreError> {
        let sent = match self.beside() {
            Some(options) => match options.connect().await {
                Ok(mut connection) => {
                    let sent = in_transaction(&mut connection, &items).await;
                    let _ = connection.close().await;
                    sent
                }
                Err(error) => Err(error.into()),
            },
            None => match self.pool().acquire().await {
                Ok(mut connection) => in_transaction(&mut connection, &items).await,
                Err(error) => Err(error.into()),
            },
        };
        match sent {
            Ok(()) => Ok(()),
            Err(Interrupted::Receiver(error)) => Err(error),
            Err(Interrupted::Database(error)) => self.answered(Err(error)).await,
        }
    }

    async fn restore(&self, batch: &RestoreBatch) -> Result<(), StoreError> {
        let done = restore::write(self.pool(), batch).await;
        self.answered(done).await
    }
}

async fn in_transaction(connection: &mut SqliteConnection, items: &SnapshotSender) -> Result<(), Interrupted> {
    sqlx::query(BEGIN).execute(&mut *connection).await?;
    let sent = send_all(connection, items).await;
    // Whatever came of it, the connection may be used again.
    let ended = sqlx::query(END).execute(&mut *connection).await;
    sent?;
    ended?;
    Ok(())
}

async fn send_all(connection: &mut SqliteConnection, items: &SnapshotSender) -> Result<(), Interrupted> {
    let version: i64 = sqlx::query_scalar(VERSION).fetch_one(&mut *connection).await?;
    send(items, vec![SnapshotItem::Version(version)]).await?;
    send_rows(connection, POLICIES, items, policy).await?;
    send_rows(connection, CHANGES, items, change).await?;
    send_rows(connection, ROWS, items, kept_row).await?;
    send_rows(connection, TOMBSTONES, items, tombstone).await
}

async fn send_rows(
    connection: &mut SqliteConnection,
    statement: &'static str,
    items: &SnapshotSender,
    read: fn(&SqliteRow) -> Result<SnapshotItem, Error>,
) -> Result<(), Interrupted> {
    let mut found = sqlx::query(statement).fetch(connection);
    let mut together = Vec::with_capacity(ITEMS_TOGETHER);
    while let Some(row) = found.try_next().await? {
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

fn optional(row: &SqliteRow, at: usize) -> Result<Option<StoredText>, Error> {
    Ok(row.try_get_unchecked::<Option<Vec<u8>>, _>(at)?.map(StoredText::from))
}

fn text(row: &SqliteRow, at: usize) -> Result<StoredText, Error> {
    Ok(optional(row, at)?.unwrap_or_default())
}

fn policy(row: &SqliteRow) -> Result<SnapshotItem, Error> {
    Ok(SnapshotItem::Policy(SnapshotPolicy {
        sequence: row.try_get_unchecked(0)?,
        kind: text(row, 1)?,
        id: text(row, 2)?,
        company: optional(row, 3)?,
        date: text(row, 4)?,
        host: text(row, 5)?,
        status: optional(row, 6)?,
        policy: optional(row, 7)?,
    }))
}

fn change(row: &SqliteRow) -> Result<SnapshotItem, Error> {
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

fn kept_row(row: &SqliteRow) -> Result<SnapshotItem, Error> {
    let (id, time, host, date) = (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?);
    Ok(SnapshotItem::Row(SnapshotRow { id, time, host, date }))
}

fn tombstone(row: &SqliteRow) -> Result<SnapshotItem, Error> {
    Ok(SnapshotItem::Tombstone(SnapshotTombstone { id: text(row, 0)?, time: text(row, 1)? }))
}
