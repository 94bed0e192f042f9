//! Makes the tables of a SQLite file what a restore says, in one transaction.

use crate::ledger::{
    snapshot::{
        restore::RestoreBatch,
        row::{SnapshotChange, SnapshotPolicy, SnapshotRow},
        text::StoredText,
    },
    store::sqlite::statements::{BEGIN, RENUMBER_NEXT, outbox_line},
};
use sqlx::{Error, SqliteConnection, SqlitePool};

/// Rows that are bound together: each hand-over to the thread of the database costs more than most of them.
const TOGETHER: usize = 1024;

/// Keeps what rows have beside their texts, by their numbers.
const KEEP: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  SELECT policy_id, ?1, host, CAST(date AS TEXT) FROM ledger WHERE sequence_id IN (SELECT value FROM json_each(?2))";
/// Notes rows that go.
const NOTE_REMOVED: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before)
  SELECT ?1, ?2, 'drop', policy_type, policy_id, policy FROM ledger
  WHERE sequence_id IN (SELECT value FROM json_each(?3)) ORDER BY sequence_id";
/// Notes rows that get other values, each by its number with the text after it.
const NOTE_REPLACED: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after)
  SELECT ?1, ?2, 'replace', l.policy_type, l.policy_id, l.policy, n.value ->> 1
  FROM jsonb_each(?3) n JOIN ledger l ON l.sequence_id = n.value ->> 0 ORDER BY n.key";
/// Makes room.
const REMOVE: &str = "DELETE FROM ledger WHERE sequence_id IN (SELECT value FROM json_each(?1))";
/// Adds rows; those without a number get the next one.
const ADD: &str = "INSERT INTO ledger (sequence_id, policy_type, policy_id, company_name, date, host, status, policy)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
  FROM jsonb_each(?1) ORDER BY key";
/// Adds one row whose columns hold any bytes.
const ADD_BYTES: &str = "INSERT INTO ledger (sequence_id, policy_type, policy_id, company_name, date, host, status, policy)
  VALUES (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS TEXT), CAST(?7 AS TEXT),
    CAST(?8 AS TEXT))";
/// Notes rows that were added: pairs of type and id.
const NOTE_ADDED: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id)
  SELECT ?1, ?2, 'insert', value ->> 0, value ->> 1 FROM jsonb_each(?3) ORDER BY key";
/// The number of the first line of the history.
const FIRST_LINE: &str = "SELECT min(change_id) FROM policy_history";
/// Adds lines of another history, from a number on.
const ADD_LINES: &str = "INSERT INTO policy_history (change_id, time, who, what, policy_type, policy_id, before, after)
  SELECT ?1 + key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
  FROM jsonb_each(?2)";
/// Adds one line whose columns hold any bytes.
const ADD_LINE_BYTES: &str = "INSERT INTO policy_history (change_id, time, who, what, policy_type, policy_id, before, after)
  VALUES (?1, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS TEXT), CAST(?7 AS TEXT),
    CAST(?8 AS TEXT))";
/// Adds what rows of another history had beside their texts.
const ADD_ROWS: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM jsonb_each(?1)";
/// The same of one row whose columns hold any bytes.
const ADD_ROW_BYTES: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  VALUES (CAST(?1 AS TEXT), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT))";
/// Adds rows to the outbox of a relay.
const QUEUE: &str =
    "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT ?1, ?2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
  FROM jsonb_each(?3) ORDER BY key";

/// Writes a restore. The lines of the history that it brings come first, so that the lines of what it does follow them.
///
/// # Errors
/// What the database says; nothing is written then.
pub async fn write(pool: &SqlitePool, batch: &RestoreBatch) -> Result<(), Error> {
    let mut transaction = pool.begin_with(BEGIN).await?;
    add_history(&mut transaction, &batch.changes, &batch.rows).await?;
    make_room(&mut transaction, batch).await?;
    add_rows(&mut transaction, batch).await?;
    if let Some(first) = batch.outbox.first() {
        for entries in batch.outbox.chunks(TOGETHER) {
            let lines: Vec<_> = entries.iter().map(outbox_line).collect();
            let query = sqlx::query(QUEUE).bind(first.platform.to_string()).bind(&batch.time).bind(json(&lines)?);
            query.execute(&mut *transaction).await?;
        }
    }
    sqlx::query(RENUMBER_NEXT).execute(&mut *transaction).await?;
    transaction.commit().await
}

async fn make_room(connection: &mut SqliteConnection, batch: &RestoreBatch) -> Result<(), Error> {
    let (time, who) = (&batch.time, &batch.who);
    let replaced: Vec<i64> = batch.replaced.iter().map(|(sequence, _)| *sequence).collect();
    for numbers in batch.removed.chunks(TOGETHER).chain(replaced.chunks(TOGETHER)) {
        sqlx::query(KEEP).bind(time).bind(json(&numbers)?).execute(&mut *connection).await?;
    }
    for numbers in batch.removed.chunks(TOGETHER) {
        sqlx::query(NOTE_REMOVED).bind(time).bind(who).bind(json(&numbers)?).execute(&mut *connection).await?;
    }
    for rows in batch.replaced.chunks(TOGETHER) {
        let text = |row: &SnapshotPolicy| row.policy.as_ref().and_then(plain).map(str::to_owned);
        let lines: Vec<_> = rows.iter().map(|(sequence, row)| (*sequence, text(row))).collect();
        sqlx::query(NOTE_REPLACED).bind(time).bind(who).bind(json(&lines)?).execute(&mut *connection).await?;
    }
    let leaving: Vec<i64> = batch.making_room().collect();
    for numbers in leaving.chunks(TOGETHER) {
        sqlx::query(REMOVE).bind(json(&numbers)?).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn add_rows(connection: &mut SqliteConnection, batch: &RestoreBatch) -> Result<(), Error> {
    // Rows of bytes stand between the others, so each run of texts is a statement of its own.
    for rows in batch.written().chunk_by(|(_, one), (_, other)| is_plain(one) == is_plain(other)) {
        if rows.first().is_some_and(|(_, row)| is_plain(row)) {
            for rows in rows.chunks(TOGETHER) {
                let rows: Vec<_> = rows.iter().map(|(number, row)| columns(*number, row)).collect();
                sqlx::query(ADD).bind(json(&rows)?).execute(&mut *connection).await?;
            }
            continue;
        }
        for (number, row) in rows {
            let query = sqlx::query(ADD_BYTES).bind(*number).bind(bytes(&row.kind)).bind(bytes(&row.id));
            let query = query.bind(row.company.as_ref().map(bytes)).bind(bytes(&row.date)).bind(bytes(&row.host));
            let query = query.bind(row.status.as_ref().map(bytes)).bind(row.policy.as_ref().map(bytes));
            query.execute(&mut *connection).await?;
        }
    }
    for rows in batch.added.chunks(TOGETHER) {
        let lines: Vec<_> = rows.iter().map(|row| (row.kind.shown(), row.id.shown())).collect();
        let query = sqlx::query(NOTE_ADDED).bind(&batch.time).bind(&batch.who).bind(json(&lines)?);
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn add_history(
    connection: &mut SqliteConnection,
    changes: &[SnapshotChange],
    rows: &[SnapshotRow],
) -> Result<(), Error> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let first: Option<i64> = sqlx::query_scalar(FIRST_LINE).fetch_one(&mut *connection).await?;
    let mut number = first.map_or(1, |first| first.saturating_sub(count));
    for lines in changes.chunk_by(|one, other| line_is_plain(one) == line_is_plain(other)) {
        for lines in lines.chunks(TOGETHER) {
            if lines.first().is_some_and(line_is_plain) {
                let lines: Vec<_> = lines.iter().map(line_columns).collect();
                sqlx::query(ADD_LINES).bind(number).bind(json(&lines)?).execute(&mut *connection).await?;
            } else {
                for (at, line) in (number..).zip(lines) {
                    let query = sqlx::query(ADD_LINE_BYTES).bind(at).bind(bytes(&line.time)).bind(bytes(&line.who));
                    let query = query.bind(bytes(&line.what)).bind(bytes(&line.kind)).bind(bytes(&line.id));
                    let query = query.bind(line.before.as_ref().map(bytes)).bind(line.after.as_ref().map(bytes));
                    query.execute(&mut *connection).await?;
                }
            }
            number = number.saturating_add(i64::try_from(lines.len()).unwrap_or(i64::MAX));
        }
    }
    let row_is_plain = |row: &&SnapshotRow| row.texts().into_iter().all(StoredText::is_plain);
    let (texts, others): (Vec<_>, Vec<_>) = rows.iter().partition(row_is_plain);
    for rows in texts.chunks(TOGETHER) {
        let rows: Vec<_> = rows.iter().map(|row| row.texts().map(StoredText::as_str)).collect();
        sqlx::query(ADD_ROWS).bind(json(&rows)?).execute(&mut *connection).await?;
    }
    for row in others {
        let query = sqlx::query(ADD_ROW_BYTES).bind(bytes(&row.id)).bind(bytes(&row.time));
        query.bind(bytes(&row.host)).bind(bytes(&row.date)).execute(&mut *connection).await?;
    }
    Ok(())
}

fn plain(text: &StoredText) -> Option<&str> {
    text.as_str().filter(|text| !text.contains('\0'))
}

fn is_plain(row: &SnapshotPolicy) -> bool {
    row.texts().all(StoredText::is_plain)
}

fn line_is_plain(line: &SnapshotChange) -> bool {
    line.texts().all(StoredText::is_plain)
}

fn bytes(text: &StoredText) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// Returns a row in the order of its columns.
fn columns(number: Option<i64>, row: &SnapshotPolicy) -> impl serde::Serialize + '_ {
    (number, &row.kind, &row.id, &row.company, &row.date, &row.host, &row.status, &row.policy)
}

/// Returns a line of the history in the order of its columns.
fn line_columns(line: &SnapshotChange) -> impl serde::Serialize + '_ {
    (&line.time, &line.who, &line.what, &line.kind, &line.id, &line.before, &line.after)
}

fn json(values: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(values).map_err(|error| Error::Encode(error.into()))
}
