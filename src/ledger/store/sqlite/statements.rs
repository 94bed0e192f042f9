//! The statements with which the ledger in SQLite is read and written, and what is bound to them.

use crate::ledger::{
    outbox::row::OutboxEntry,
    store::batch::{Batch, RowChange, RowEdit, RowValues},
};
use serde::Serialize;
use sqlx::{Sqlite, query::Query, sqlite::SqliteArguments};

/// A statement with bound values.
pub type SqliteQuery = Query<'static, Sqlite, SqliteArguments>;

/// The columns of the ledger table; none when there is no table.
pub const COLUMNS: &str = "SELECT name FROM pragma_table_info('ledger') ORDER BY cid";
/// Tells whether the ledger table exists.
pub const EXISTS: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ledger'";
/// Changes when another connection changed the file.
pub const DATA_VERSION: &str = "PRAGMA data_version";
/// From now on commits are on the disk when a later one waits for it.
pub const SYNC_LATER: &str = "PRAGMA synchronous = NORMAL";
/// From now on each commit is on the disk when it returns.
pub const SYNC_EACH: &str = "PRAGMA synchronous = FULL";
/// Begins a transaction that writes: it waits for other writers now, and not in the middle of its work.
pub const BEGIN: &str = "BEGIN IMMEDIATE";
/// Ends a transaction of which a statement failed.
pub const ROLLBACK: &str = "ROLLBACK";

/// Makes the statement that writes a batch, with more that it does in the same transaction.
macro_rules! write {
    ($also:literal) => {
        concat!(
            "BEGIN IMMEDIATE;
INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
  SELECT policy_id, ?, host, CAST(date AS TEXT) FROM ledger WHERE policy_id IN (SELECT value FROM json_each(?));
DELETE FROM ledger WHERE policy_id IN (SELECT value FROM json_each(?));
UPDATE ledger SET host = n.host, policy = n.text, company_name = coalesce(n.company, company_name),
    date = coalesce(nullif(n.date, ''), ledger.date), status = coalesce(n.status, ledger.status)
  FROM (SELECT value ->> 1 AS id, value ->> 2 AS company, value ->> 3 AS date, value ->> 4 AS host, value ->> 5 AS status,
      value ->> 6 AS text FROM jsonb_each(?)) AS n
  WHERE policy_id = n.id
  RETURNING policy_id, sequence_id, CAST(date AS TEXT);
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 FROM jsonb_each(?) ORDER BY key
  RETURNING policy_id, sequence_id, CAST(date AS TEXT);
INSERT INTO policy_history (time, who, what, policy_type, policy_id, before, after)
  SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM jsonb_each(?) ORDER BY key;
",
            $also,
            "COMMIT"
        )
    };
}
/// Writes a batch: what the rows had that change, ids to delete, values to replace, rows to add, and the lines of the history with their time. All is one
/// text, because each hand-over to the thread of the database costs more than most of these statements. `jsonb_each` hands
/// each row over in binary form; from `json_each` it would be written out and parsed again for each of its columns.
pub const WRITE: &str = write!("");

/// Does what [`WRITE`] does, and adds rows to the outbox of a relay.
pub const WRITE_RELAYED: &str = write!(
    "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
  FROM jsonb_each(?) ORDER BY key;
"
);

/// Does what [`WRITE`] does, for a batch that adds one policy, as nearly every write of a quiet network does. A single client
/// waits a tenth less by that. The contract test `one_statement_does_what_the_other_does` compares the two.
pub const WRITE_ONE: &str = "BEGIN IMMEDIATE;
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy) VALUES (?, ?, ?, ?, ?, ?, ?)
  RETURNING policy_id, sequence_id, CAST(date AS TEXT);
INSERT INTO policy_history (time, who, what, policy_type, policy_id) VALUES (?, ?, 'insert', ?, ?);
COMMIT";

/// Reads the whole table.
pub const LOAD: &str = "SELECT sequence_id, policy_id, CAST(date AS TEXT), host, policy FROM ledger";

/// Moves a row to which somebody gave the last of all numbers, after which there is none for another row.
pub const RENUMBER: &str = "UPDATE ledger SET sequence_id =
      (SELECT coalesce(max(sequence_id), 0) + 1 FROM ledger WHERE sequence_id < 9000000000000000000)
    WHERE sequence_id = (SELECT max(sequence_id) FROM ledger)";
/// Lets the numbers of rows go on behind the highest that a row has.
pub const RENUMBER_NEXT: &str =
    "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(sequence_id), 0) FROM ledger) WHERE name = 'ledger'";
/// The highest number that a row has.
pub const LAST_NUMBER: &str = "SELECT coalesce(max(sequence_id), 0) FROM ledger";

/// Reads lines of the history. The text that an insert left is what stood before the next change, or stands in the table.
macro_rules! history {
    ($which:expr) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, CASE
               WHEN h.what <> 'insert' OR h.after IS NOT NULL THEN h.after
               WHEN lead(h.what) OVER later IS NULL THEN l.policy
               ELSE lead(h.before) OVER later END
             FROM policy_history h LEFT JOIN ledger l ON l.policy_id = h.policy_id WHERE ",
            $which,
        )
    };
}
/// Reads the history of one policy.
pub const HISTORY: &str = history!("h.policy_id = ?1 WINDOW later AS (ORDER BY h.change_id) ORDER BY h.change_id");
/// Reads the history after a time.
pub const HISTORY_SINCE: &str =
    history!("h.time > ?1 WINDOW later AS (PARTITION BY h.policy_id ORDER BY h.change_id) ORDER BY h.change_id DESC");
/// Reads changes, newest first, with what the rows had before.
macro_rules! past_changes {
    ($which:expr) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, r.host, r.date
             FROM policy_history h LEFT JOIN policy_history_rows r ON r.policy_id = h.policy_id AND r.time = h.time
             WHERE ",
            $which,
            " ORDER BY h.change_id DESC LIMIT ?2"
        )
    };
}
/// Reads the last changes.
pub const LAST_CHANGES: &str = past_changes!("?1 = ''");
/// Reads the changes from a time on.
pub const CHANGES_FROM: &str = past_changes!("h.time >= ?1");
/// Reads the changes from the first one on that somebody made, whatever the history says behind the name.
pub const CHANGES_FROM_FIRST_BY: &str = past_changes!(
    "h.time >= (SELECT min(time) FROM policy_history
       WHERE who = ?1 OR substr(who, 1, length(?1) + 1) IN (?1 || ' ', ?1 || ','))"
);
/// Reads the deletions after a time, each with its time or that of the row, which is later where the clock of its node is ahead.
pub const DROPS: &str = "SELECT h.policy_id, max(max(h.time, coalesce(r.date, ''))) FROM policy_history h
    LEFT JOIN policy_history_rows r ON r.policy_id = h.policy_id AND r.time = h.time
    WHERE h.what = 'drop' AND h.time > ?1 GROUP BY h.policy_id";

/// Reads the most policies that the ledger had.
pub const MOST_POLICIES: &str = "SELECT most FROM ledger_size";
/// Keeps the most policies that the ledger had.
pub const KEEP_MOST_POLICIES: &str = "INSERT OR REPLACE INTO ledger_size (one, most) VALUES (1, ?1)";

/// Notes in the history what the table holds, before it is dropped.
pub const NOTE_CLEAR: &str = "INSERT INTO policy_history (time, who, what, policy_type, policy_id, before)
    SELECT ?1, ?2, 'clear', policy_type, policy_id, policy FROM ledger ORDER BY sequence_id";
/// Keeps what the rows of the table have beside their texts, before it is dropped.
pub const KEEP_ROWS: &str = "INSERT OR IGNORE INTO policy_history_rows (policy_id, time, host, date)
    SELECT policy_id, ?1, host, CAST(date AS TEXT) FROM ledger";
/// Drops the table.
pub const DROP_TABLE: &str = "DROP TABLE ledger";
/// Adds a line that nobody sees, because [`TRY_REMOVING`] removes it in the same transaction.
pub const TRY_ADDING: &str =
    "INSERT INTO policy_history (time, who, what, policy_type, policy_id) VALUES ('', '', 'try', '', '')";
/// Removes the line of [`TRY_ADDING`].
pub const TRY_REMOVING: &str = "DELETE FROM policy_history WHERE what = 'try'";

/// Binds a batch to the statement that writes it.
///
/// # Errors
/// [`sqlx::Error::Encode`] when the values cannot be written as JSON.
pub fn bind_write(batch: &Batch) -> Result<SqliteQuery, sqlx::Error> {
    if let Some((change, values)) = batch.single_insert() {
        return Ok(bind_one(change, values, &batch.time));
    }
    let deleted = |change: &RowChange| matches!(change.edit, RowEdit::Drop { .. });
    let ids: Vec<&str> = batch.changes.iter().filter(|change| deleted(change)).map(|change| &*change.id).collect();
    let replaced = batch.changes.iter().filter_map(|change| match &change.edit {
        RowEdit::Replace { values, .. } => Some(row(change, values)),
        _ => None,
    });
    let added = batch.changes.iter().filter_map(|change| match &change.edit {
        RowEdit::Insert(values) => Some(row(change, values)),
        _ => None,
    });
    let added_only = |change: &RowChange| matches!(change.edit, RowEdit::Insert(_));
    let changed: Vec<&str> =
        batch.changes.iter().filter(|change| !added_only(change)).map(|change| &*change.id).collect();
    let statement = if batch.outbox.is_empty() { WRITE } else { WRITE_RELAYED };
    let query = sqlx::query(statement)
        .bind(batch.time.clone())
        .bind(json(&changed)?)
        .bind(json(&ids)?)
        .bind(json(&replaced.collect::<Vec<_>>())?);
    let lines: Vec<_> = batch.changes.iter().map(line).collect();
    let query = query.bind(json(&added.collect::<Vec<_>>())?).bind(batch.time.clone()).bind(json(&lines)?);
    let Some(first) = batch.outbox.first() else { return Ok(query) };
    let lines: Vec<_> = batch.outbox.iter().map(outbox_line).collect();
    Ok(query.bind(first.platform.to_string()).bind(batch.time.clone()).bind(json(&lines)?))
}

/// Returns a row of the outbox in the order of its columns, without platform and time.
pub fn outbox_line(entry: &OutboxEntry) -> impl Serialize + '_ {
    let (before, after) = (entry.before.as_deref(), entry.after.as_deref());
    (entry.who.as_str(), entry.action.as_str(), &*entry.kind, &*entry.id, before, after, &*entry.host, entry.shown)
}

fn bind_one(change: &RowChange, values: &RowValues, time: &str) -> SqliteQuery {
    let (kind, id) = (change.kind.to_string(), change.id.to_string());
    sqlx::query(WRITE_ONE)
        .bind(kind.clone())
        .bind(id.clone())
        .bind(values.company.clone())
        .bind(values.date.clone())
        .bind(values.host.to_string())
        .bind(values.status.clone())
        .bind(values.text.to_string())
        .bind(time.to_owned())
        .bind(change.who.clone())
        .bind(kind)
        .bind(id)
}

/// Returns a row in the order of its columns.
fn row<'a>(change: &'a RowChange, values: &'a RowValues) -> impl Serialize + use<'a> {
    let (company, status) = (values.company.as_deref(), values.status.as_deref());
    (&*change.kind, &*change.id, company, values.date.as_str(), &*values.host, status, &*values.text)
}

/// Returns a line of the history in the order of its columns, without its time.
fn line(change: &RowChange) -> impl Serialize + '_ {
    (change.who.as_str(), change.action().as_str(), &*change.kind, &*change.id, change.before(), change.after())
}

fn json(values: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(values).map_err(|error| sqlx::Error::Encode(error.into()))
}
