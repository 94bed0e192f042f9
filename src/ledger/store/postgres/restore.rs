//! Makes the tables of a PostgreSQL database what a restore says, in one transaction.

use crate::ledger::{
    snapshot::{
        restore::RestoreBatch,
        row::{SnapshotChange, SnapshotPolicy, SnapshotRow},
        text::StoredText,
    },
    store::postgres::statements::{PostgresQuery, QUEUE, RENUMBER, bind_outbox, date_text},
};
use sqlx::{Connection as _, Error, PgConnection};

/// Rows that are bound together.
const TOGETHER: usize = 4096;

/// Claims the next version. Of all that follow the version `$1` only one can; whoever else tries waits for the end of this
/// transaction. The line is one without a policy: other masters read all of the table again.
const CLAIM: &str = "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT $1::bigint + 1, 0, $2, $3, 'outside', '', '' FROM policy_history WHERE version = $1 AND place = 0
  ON CONFLICT DO NOTHING";
/// Keeps what rows have beside their texts, by their numbers.
const KEEP: &str = concat!(
    "INSERT INTO policy_history_rows (policy_id, time, host, date)
  SELECT policy_id, $1, host, ",
    date_text!("date"),
    " FROM ledger WHERE sequence_id = ANY($2::bigint[]) ON CONFLICT DO NOTHING"
);
/// Notes rows that go, behind so many lines of this version.
const NOTE_REMOVED: &str =
    "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before)
  SELECT $1::bigint + 1, $4 + row_number() OVER (ORDER BY sequence_id), $2, $3, 'drop', policy_type, policy_id, policy
  FROM ledger WHERE sequence_id = ANY($5::bigint[])";
/// Notes rows that get other values, by their numbers with the texts after it.
const NOTE_REPLACED: &str = "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT $1::bigint + 1, $4 + n.place, $2, $3, 'replace', l.policy_type, l.policy_id, l.policy, n.text
  FROM unnest($5::bigint[], $6::text[]) WITH ORDINALITY AS n(sequence, text, place) JOIN ledger l ON l.sequence_id = n.sequence";
/// Notes rows that were added.
const NOTE_ADDED: &str = "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT $1::bigint + 1, $4 + n.place, $2, $3, 'insert', n.kind, n.id
  FROM unnest($5::text[], $6::text[]) WITH ORDINALITY AS n(kind, id, place)";
/// Makes room.
const REMOVE: &str = "DELETE FROM ledger WHERE sequence_id = ANY($1::bigint[])";
/// Adds rows with their numbers.
const ADD: &str = "INSERT INTO ledger (sequence_id, policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.sequence, n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
    AS n(kind, id, company, date, host, status, text, sequence)";
/// Adds rows, which get the next numbers in their order.
const ADD_NEXT: &str = "INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS n(kind, id, company, date, host, status, text, place)
  ORDER BY n.place";
/// A version before all that the history has; -1 is the one of changes that leave nothing behind.
const BEFORE_ALL: &str =
    "SELECT coalesce(CASE min(version) WHEN 0 THEN -2 ELSE min(version) - 1 END, 0) FROM policy_history";
/// Adds lines of another history as a version, behind so many of them.
const ADD_LINES: &str =
    "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT $1, $2 + n.place - 1, n.time, n.who, n.what, n.kind, n.id, n.before, n.after
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    WITH ORDINALITY AS n(time, who, what, kind, id, before, after, place)";
/// Adds what rows of another history had beside their texts.
const ADD_ROWS: &str = "INSERT INTO policy_history_rows (policy_id, time, host, date)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING";
/// Notifies the other masters.
const NOTIFY: &str = "SELECT pg_notify('anylog_ledger', $1 || ':' || $2::bigint)";

/// Writes a restore; false, and nothing is written, when another master wrote first.
///
/// # Errors
/// What the database says; nothing is written then.
pub async fn write(connection: &mut PgConnection, batch: &RestoreBatch, own: &str) -> Result<bool, Error> {
    let mut transaction = connection.begin().await?;
    let claim = sqlx::query(CLAIM).bind(batch.version).bind(&batch.time).bind(&batch.who);
    if claim.execute(&mut *transaction).await?.rows_affected() == 0 {
        transaction.rollback().await?;
        return Ok(false);
    }
    let mut noted = 0;
    make_room(&mut transaction, batch, &mut noted).await?;
    add_rows(&mut transaction, batch, &mut noted).await?;
    add_history(&mut transaction, &batch.changes, &batch.rows).await?;
    for entries in batch.outbox.chunks(TOGETHER) {
        let platform = entries.first().map_or("", |first| &*first.platform);
        let query = bind_outbox(sqlx::query(QUEUE).bind(platform).bind(&batch.time), entries);
        query.execute(&mut *transaction).await?;
    }
    sqlx::query(RENUMBER).execute(&mut *transaction).await?;
    sqlx::query(NOTIFY).bind(own).bind(batch.version + 1).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Begins a statement that adds lines to the history of this version.
fn note<'a>(statement: &'static str, batch: &'a RestoreBatch, noted: i64) -> PostgresQuery<'a> {
    sqlx::query(statement).bind(batch.version).bind(&batch.time).bind(&batch.who).bind(noted)
}

async fn make_room(connection: &mut PgConnection, batch: &RestoreBatch, noted: &mut i64) -> Result<(), Error> {
    let replaced: Vec<i64> = batch.replaced.iter().map(|(sequence, _)| *sequence).collect();
    for numbers in batch.removed.chunks(TOGETHER).chain(replaced.chunks(TOGETHER)) {
        sqlx::query(KEEP).bind(&batch.time).bind(numbers).execute(&mut *connection).await?;
    }
    for numbers in batch.removed.chunks(TOGETHER) {
        note(NOTE_REMOVED, batch, *noted).bind(numbers).execute(&mut *connection).await?;
        *noted += length(numbers);
    }
    for rows in batch.replaced.chunks(TOGETHER) {
        let numbers: Vec<i64> = rows.iter().map(|(sequence, _)| *sequence).collect();
        let texts: Vec<Option<&str>> = rows.iter().map(|(_, row)| optional(row.policy.as_ref())).collect();
        note(NOTE_REPLACED, batch, *noted).bind(numbers).bind(texts).execute(&mut *connection).await?;
        *noted += length(rows);
    }
    let leaving: Vec<i64> = batch.making_room().collect();
    for numbers in leaving.chunks(TOGETHER) {
        sqlx::query(REMOVE).bind(numbers).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn add_rows(connection: &mut PgConnection, batch: &RestoreBatch, noted: &mut i64) -> Result<(), Error> {
    for rows in batch.written().chunk_by(|(one, _), (other, _)| one.is_some() == other.is_some()) {
        for rows in rows.chunks(TOGETHER) {
            let numbers: Vec<i64> = rows.iter().filter_map(|(number, _)| *number).collect();
            let rows: Vec<&SnapshotPolicy> = rows.iter().map(|(_, row)| *row).collect();
            let query = if numbers.is_empty() {
                bind_rows(sqlx::query(ADD_NEXT), &rows)
            } else {
                bind_rows(sqlx::query(ADD), &rows).bind(numbers)
            };
            query.execute(&mut *connection).await?;
        }
    }
    for rows in batch.added.chunks(TOGETHER) {
        let (kinds, ids) = (texts(rows, |row| &row.kind), texts(rows, |row| &row.id));
        note(NOTE_ADDED, batch, *noted).bind(kinds).bind(ids).execute(&mut *connection).await?;
        *noted += length(rows);
    }
    Ok(())
}

async fn add_history(
    connection: &mut PgConnection,
    changes: &[SnapshotChange],
    rows: &[SnapshotRow],
) -> Result<(), Error> {
    let version: i64 = sqlx::query_scalar(BEFORE_ALL).fetch_one(&mut *connection).await?;
    let mut place = 0;
    for lines in changes.chunks(TOGETHER) {
        let query = sqlx::query(ADD_LINES).bind(version).bind(place);
        let query = query.bind(texts(lines, |line| &line.time)).bind(texts(lines, |line| &line.who));
        let query = query.bind(texts(lines, |line| &line.what)).bind(texts(lines, |line| &line.kind));
        let query = query.bind(texts(lines, |line| &line.id));
        let query = query.bind(lines.iter().map(|line| optional(line.before.as_ref())).collect::<Vec<_>>());
        let query = query.bind(lines.iter().map(|line| optional(line.after.as_ref())).collect::<Vec<_>>());
        query.execute(&mut *connection).await?;
        place += length(lines);
    }
    for rows in rows.chunks(TOGETHER) {
        let query = sqlx::query(ADD_ROWS).bind(texts(rows, |row| &row.id)).bind(texts(rows, |row| &row.time));
        let query = query.bind(texts(rows, |row| &row.host)).bind(texts(rows, |row| &row.date));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Binds rows, column by column.
fn bind_rows<'a>(query: PostgresQuery<'a>, rows: &[&'a SnapshotPolicy]) -> PostgresQuery<'a> {
    fn column<'a>(
        rows: &[&'a SnapshotPolicy],
        value: fn(&'a SnapshotPolicy) -> Option<&'a StoredText>,
    ) -> Vec<Option<&'a str>> {
        rows.iter().map(|row| optional(value(row))).collect()
    }
    let query = query.bind(column(rows, |row| Some(&row.kind))).bind(column(rows, |row| Some(&row.id)));
    let query = query.bind(column(rows, |row| row.company.as_ref())).bind(column(rows, |row| Some(&row.date)));
    let query = query.bind(column(rows, |row| Some(&row.host))).bind(column(rows, |row| row.status.as_ref()));
    query.bind(column(rows, |row| row.policy.as_ref()))
}

/// Returns one text of each row; the plan has seen that all are texts.
fn texts<T>(rows: &[T], value: impl Fn(&T) -> &StoredText) -> Vec<&str> {
    rows.iter().map(|row| value(row).as_str().unwrap_or_default()).collect()
}

fn optional(text: Option<&StoredText>) -> Option<&str> {
    text.and_then(StoredText::as_str)
}

fn length<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}
