//! Writes the changes of one transaction. Each of them is a few statements that are prepared once for all batches.

use crate::ledger::{
    outbox::row::OutboxEntry,
    store::batch::{Batch, PlacedRow, RowChange, RowEdit, RowValues},
};
use rusqlite::{CachedStatement, Connection, Row, Transaction, TransactionBehavior, params};

/// Keeps what a row has beside its text.
const KEEP: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  SELECT policy_id, ?1, host, CAST(date AS TEXT) FROM ledger WHERE policy_id = ?2";
const DELETE: &str = "DELETE FROM ledger WHERE policy_id = ?1";
/// Gives a row other values; where there is no company, date or status, that of the row stays.
const REPLACE: &str = "UPDATE ledger SET host = ?2, policy = ?3, company_name = coalesce(?4, company_name),
    date = coalesce(nullif(?5, ''), date), status = coalesce(?6, status)
  WHERE policy_id = ?1 RETURNING sequence_id, CAST(date AS TEXT)";
const INSERT: &str = "INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING sequence_id, CAST(date AS TEXT)";
/// Adds a line to the history.
const NOTE: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
/// Adds a row to the outbox of a relay.
const QUEUE: &str =
    "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// Writes a batch and returns where the rows stand that were added or replaced.
///
/// # Errors
/// What SQLite says; nothing is written then.
pub fn write(connection: &mut Connection, batch: &Batch) -> rusqlite::Result<Vec<PlacedRow>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    keep(&transaction, batch)?;
    let mut placed = Vec::with_capacity(batch.changes.len());
    // What goes makes room for what comes.
    for change in &batch.changes {
        match &change.edit {
            RowEdit::Drop { .. } => {
                transaction.prepare_cached(DELETE)?.execute([&change.id])?;
            }
            RowEdit::Replace { values, .. } => placed.extend(replace(&transaction, change, values)?),
            RowEdit::Insert(_) => {}
        }
    }
    let mut insert = transaction.prepare_cached(INSERT)?;
    for change in &batch.changes {
        if let RowEdit::Insert(values) = &change.edit {
            placed.push(add(&mut insert, change, values)?);
        }
    }
    drop(insert);
    note(&transaction, batch)?;
    queue(&transaction, &batch.time, &batch.outbox)?;
    transaction.commit()?;
    Ok(placed)
}

/// Keeps what the rows have that change.
fn keep(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    for change in &batch.changes {
        if !matches!(change.edit, RowEdit::Insert(_)) {
            transaction.prepare_cached(KEEP)?.execute(params![batch.time, change.id])?;
        }
    }
    Ok(())
}

fn replace(
    transaction: &Transaction<'_>,
    change: &RowChange,
    values: &RowValues,
) -> rusqlite::Result<Option<PlacedRow>> {
    let RowValues { company, date, host, status, text } = values;
    let mut statement = transaction.prepare_cached(REPLACE)?;
    let mut rows = statement.query(params![change.id, host, text, company, date, status])?;
    rows.next()?.map(|row| placed(change, row)).transpose()
}

fn add(insert: &mut CachedStatement<'_>, change: &RowChange, values: &RowValues) -> rusqlite::Result<PlacedRow> {
    let RowValues { company, date, host, status, text } = values;
    let columns = params![change.kind, change.id, company, date, host, status, text];
    insert.query_row(columns, |row| placed(change, row))
}

fn placed(change: &RowChange, row: &Row<'_>) -> rusqlite::Result<PlacedRow> {
    Ok(PlacedRow { id: change.id.to_string(), sequence: row.get(0)?, date: row.get(1)? })
}

/// Adds the lines of the history.
fn note(transaction: &Transaction<'_>, batch: &Batch) -> rusqlite::Result<()> {
    let mut note = transaction.prepare_cached(NOTE)?;
    for change in &batch.changes {
        let (what, before, after) = (change.action().as_str(), change.before(), change.after());
        note.execute(params![batch.time, change.who, what, change.kind, change.id, before, after])?;
    }
    Ok(())
}

/// Adds rows to the outbox of a relay.
///
/// # Errors
/// What SQLite says.
pub fn queue(transaction: &Transaction<'_>, time: &str, entries: &[OutboxEntry]) -> rusqlite::Result<()> {
    for entry in entries {
        let OutboxEntry { platform, who, action, kind, id, before, after, host, shown } = entry;
        let what = action.as_str();
        let columns = params![platform, time, who, what, kind, id, before, after, host, shown];
        transaction.prepare_cached(QUEUE)?.execute(columns)?;
    }
    Ok(())
}
