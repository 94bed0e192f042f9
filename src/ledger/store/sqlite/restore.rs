//! Makes the tables of a SQLite file what a restore says, in one transaction.

use crate::ledger::{
    snapshot::{
        restore::RestoreBatch,
        row::{SnapshotChange, SnapshotRow},
        text::StoredText,
    },
    store::sqlite::{statements::RENUMBER_NEXT, write::queue},
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// Keeps what a row has beside its text, by its number.
const KEEP: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  SELECT policy_id, ?1, host, CAST(date AS TEXT) FROM ledger WHERE sequence_id = ?2";
/// Notes a row that goes.
const NOTE_REMOVED: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before)
  SELECT ?1, ?2, 'drop', policy_type, policy_id, policy FROM ledger WHERE sequence_id = ?3";
/// Notes a row that gets other values, by its number with the text after it.
const NOTE_REPLACED: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after)
  SELECT ?1, ?2, 'replace', policy_type, policy_id, policy, CAST(?4 AS TEXT) FROM ledger WHERE sequence_id = ?3";
/// Makes room.
const REMOVE: &str = "DELETE FROM ledger WHERE sequence_id = ?1";
/// Adds a row, whose columns may hold any bytes; without a number it gets the next one.
const ADD: &str = "INSERT INTO ledger (sequence_id, policy_type, policy_id, company_name, date, host, status, policy)
  VALUES (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS TEXT), CAST(?7 AS TEXT),
    CAST(?8 AS TEXT))";
/// Notes a row that was added.
const NOTE_ADDED: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id)
  VALUES (?1, ?2, 'insert', ?3, ?4)";
/// The number of the first line of the history.
const FIRST_LINE: &str = "SELECT min(change_id) FROM policy_history";
/// Adds a line of another history, whose columns may hold any bytes.
const ADD_LINE: &str = "INSERT INTO policy_history (change_id, time, who, what, policy_type, policy_id, before, after)
  VALUES (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS TEXT), CAST(?7 AS TEXT),
    CAST(?8 AS TEXT))";
/// Adds what a row of another history had beside its text.
const ADD_ROW: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  VALUES (CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT))";

/// Writes a restore. The lines of the history that it brings come first, so that the lines of what it does follow them.
///
/// # Errors
/// What the database says; nothing is written then.
pub fn write(connection: &mut Connection, batch: &RestoreBatch) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    add_history(&transaction, &batch.changes, &batch.rows)?;
    make_room(&transaction, batch)?;
    add_rows(&transaction, batch)?;
    queue(&transaction, &batch.time, &batch.outbox)?;
    transaction.execute(RENUMBER_NEXT, [])?;
    transaction.commit()
}

fn make_room(transaction: &Transaction<'_>, batch: &RestoreBatch) -> rusqlite::Result<()> {
    let (time, who) = (&batch.time, &batch.who);
    let mut keep = transaction.prepare(KEEP)?;
    for number in batch.removed.iter().chain(batch.replaced.iter().map(|(number, _)| number)) {
        keep.execute(params![time, number])?;
    }
    let mut note = transaction.prepare(NOTE_REMOVED)?;
    for number in &batch.removed {
        note.execute(params![time, who, number])?;
    }
    let mut note = transaction.prepare(NOTE_REPLACED)?;
    for (number, row) in &batch.replaced {
        note.execute(params![time, who, number, bytes(&row.policy)])?;
    }
    let mut remove = transaction.prepare(REMOVE)?;
    for number in batch.making_room() {
        remove.execute([number])?;
    }
    Ok(())
}

fn add_rows(transaction: &Transaction<'_>, batch: &RestoreBatch) -> rusqlite::Result<()> {
    let mut add = transaction.prepare(ADD)?;
    for (number, row) in batch.written() {
        let (company, status, policy) = (bytes(&row.company), bytes(&row.status), bytes(&row.policy));
        let [kind, id, date, host] = [&row.kind, &row.id, &row.date, &row.host].map(StoredText::as_bytes);
        add.execute(params![number, kind, id, company, date, host, status, policy])?;
    }
    let mut note = transaction.prepare(NOTE_ADDED)?;
    for row in &batch.added {
        note.execute(params![batch.time, batch.who, row.kind.shown(), row.id.shown()])?;
    }
    Ok(())
}

fn add_history(
    transaction: &Transaction<'_>,
    changes: &[SnapshotChange],
    rows: &[SnapshotRow],
) -> rusqlite::Result<()> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let first: Option<i64> = transaction.query_row(FIRST_LINE, [], |row| row.get(0))?;
    let first = first.map_or(1, |first| first.saturating_sub(count));
    let mut add = transaction.prepare(ADD_LINE)?;
    for (number, line) in (first..).zip(changes) {
        let [time, who, what] = [&line.time, &line.who, &line.what].map(StoredText::as_bytes);
        let [kind, id] = [&line.kind, &line.id].map(StoredText::as_bytes);
        add.execute(params![number, time, who, what, kind, id, bytes(&line.before), bytes(&line.after)])?;
    }
    let mut add = transaction.prepare(ADD_ROW)?;
    for row in rows {
        let [id, time, host, date] = [&row.id, &row.time, &row.host, &row.date].map(StoredText::as_bytes);
        add.execute(params![id, time, host, date])?;
    }
    Ok(())
}

fn bytes(text: &Option<StoredText>) -> Option<&[u8]> {
    text.as_ref().map(StoredText::as_bytes)
}
