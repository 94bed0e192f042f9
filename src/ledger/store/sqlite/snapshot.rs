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
        sqlite::{load::ReadFailure, restore, store::SqliteStore},
    },
};
use async_trait::async_trait;
use rusqlite::{Connection, Row};
use std::sync::Arc;

/// The number of the last change.
const VERSION: &str = "SELECT coalesce(max(change_id), 0) FROM policy_history";
/// Columns have no strict types, and a text may hold any bytes: all is read as bytes.
const POLICIES: &str =
    "SELECT CAST(sequence_id AS INTEGER), CAST(policy_type AS BLOB), CAST(policy_id AS BLOB), CAST(company_name AS BLOB),
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

#[async_trait]
impl SnapshotStore for SqliteStore {
    async fn snapshot(&self, items: SnapshotSender) -> Result<(), StoreError> {
        self.read_beside(move |connection| {
            // Its first statement decides what all of them see.
            let transaction = connection.transaction()?;
            send_all(&transaction, &items)?;
            Ok(transaction.commit()?)
        })
        .await
    }

    async fn restore(&self, batch: Arc<RestoreBatch>) -> Result<(), StoreError> {
        self.ask(move |connection| restore::write(connection, &batch)).await
    }
}

fn send_all(connection: &Connection, items: &SnapshotSender) -> Result<(), ReadFailure> {
    let version: i64 = connection.query_row(VERSION, [], |row| row.get(0))?;
    send(items, vec![SnapshotItem::Version(version)])?;
    send_rows(connection, POLICIES, items, policy)?;
    send_rows(connection, CHANGES, items, change)?;
    send_rows(connection, ROWS, items, kept_row)?;
    send_rows(connection, TOMBSTONES, items, tombstone)
}

fn send_rows(
    connection: &Connection,
    statement: &'static str,
    items: &SnapshotSender,
    read: fn(&Row<'_>) -> rusqlite::Result<SnapshotItem>,
) -> Result<(), ReadFailure> {
    let mut statement = connection.prepare(statement)?;
    let mut found = statement.query([])?;
    let mut together = Vec::with_capacity(ITEMS_TOGETHER);
    while let Some(row) = found.next()? {
        together.push(read(row)?);
        if together.len() == ITEMS_TOGETHER {
            send(items, std::mem::replace(&mut together, Vec::with_capacity(ITEMS_TOGETHER)))?;
        }
    }
    send(items, together)
}

fn send(items: &SnapshotSender, together: Vec<SnapshotItem>) -> Result<(), ReadFailure> {
    items.blocking_send(together).map_err(|closed| ReadFailure::Receiver(closed.into()))
}

fn optional(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<StoredText>> {
    Ok(row.get_ref(at)?.as_blob_or_null()?.map(|bytes| bytes.to_vec().into()))
}

fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<StoredText> {
    Ok(optional(row, at)?.unwrap_or_default())
}

fn policy(row: &Row<'_>) -> rusqlite::Result<SnapshotItem> {
    Ok(SnapshotItem::Policy(SnapshotPolicy {
        sequence: row.get(0)?,
        kind: text(row, 1)?,
        id: text(row, 2)?,
        company: optional(row, 3)?,
        date: text(row, 4)?,
        host: text(row, 5)?,
        status: optional(row, 6)?,
        policy: optional(row, 7)?,
    }))
}

fn change(row: &Row<'_>) -> rusqlite::Result<SnapshotItem> {
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

fn kept_row(row: &Row<'_>) -> rusqlite::Result<SnapshotItem> {
    let (id, time, host, date) = (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?);
    Ok(SnapshotItem::Row(SnapshotRow { id, time, host, date }))
}

fn tombstone(row: &Row<'_>) -> rusqlite::Result<SnapshotItem> {
    Ok(SnapshotItem::Tombstone(SnapshotTombstone { id: text(row, 0)?, time: text(row, 1)? }))
}
