//! The statements with which the ledger in PostgreSQL is read and written, and what is bound to them.

use crate::ledger::{
    outbox::row::OutboxEntry,
    store::batch::{Batch, RowChange, RowValues},
};
use sqlx::{Postgres, postgres::PgArguments, query::Query};

/// A statement with bound values.
pub type PostgresQuery<'a> = Query<'a, Postgres, PgArguments>;

/// The time of a row as text. One that is no moment of the calendar (`infinity`, a day before our era) has no form but that of
/// the server, and is told when the row is read.
macro_rules! date_text {
    ($column:literal) => {
        concat!(
            "CASE WHEN ",
            $column,
            " >= '0001-01-01' THEN coalesce(to_char(",
            $column,
            ", 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), ",
            $column,
            "::text) ELSE ",
            $column,
            "::text END"
        )
    };
}

pub(super) use date_text;

/// Makes the statement that writes a batch, with more that it does in the same transaction.
macro_rules! write {
    ($also:literal) => {
        concat!(
            "WITH n AS MATERIALIZED (
  SELECT * FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
      $13::text[], $14::text[], $15::text[])
    WITH ORDINALITY AS n(who, what, kind, id, company, date, host, status, text, before, after, place)
), head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT $1::bigint + 1, 0, $4, n.who, n.what, n.kind, n.id, n.before, n.after FROM n, policy_history h
  WHERE n.place = 1 AND h.version = $1 AND h.place = 0
  ON CONFLICT DO NOTHING
  RETURNING version, CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
), noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT head.version, n.place - 1, $4, n.who, n.what, n.kind, n.id, n.before, n.after FROM head, n WHERE n.place > 1
), kept AS (
  INSERT INTO policy_history_rows (policy_id, time, host, date)
  SELECT n.id, $4, l.host, ", date_text!("l.date"), "
  FROM head, n JOIN ledger l ON l.policy_id = n.id WHERE n.what IN ('drop', 'replace') ON CONFLICT DO NOTHING
), dropped AS (
  DELETE FROM ledger USING head, n WHERE n.what = 'drop' AND policy_id = n.id
), replaced AS (
  UPDATE ledger SET host = n.host, policy = n.text, company_name = coalesce(n.company, company_name),
    date = coalesce(nullif(n.date, '')::timestamp, ledger.date), status = coalesce(n.status, ledger.status)
  FROM head, n WHERE n.what = 'replace' AND policy_id = n.id
  RETURNING policy_id, sequence_id, ", date_text!("ledger.date"), " AS date
), added AS (
  INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text FROM head, n WHERE n.what = 'insert'
  ORDER BY n.place
  RETURNING policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
), ", $also, "placed AS (
  SELECT * FROM replaced UNION ALL SELECT * FROM added
)
SELECT head.version, placed.policy_id, placed.sequence_id, placed.date FROM head LEFT JOIN placed ON true")
    };
}
/// Writes a batch, whatever is in it. The first line of history decides: only one write can follow the version `$1`, whoever
/// else tries waits for the end of that write and then adds nothing.
pub const WRITE: &str = write!("");
/// Does what [`WRITE`] does, and adds rows to the outbox of a relay.
pub const WRITE_RELAYED: &str = write!(
    "queued AS (
  INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT $16, $4, o.who, o.what, o.kind, o.id, o.before, o.after, o.host, o.shown
  FROM head, unnest($17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::boolean[])
    WITH ORDINALITY AS o(who, what, kind, id, before, after, host, shown, place)
  ORDER BY o.place
), "
);
/// Adds rows to the outbox of a relay and changes nothing else.
pub const QUEUE: &str =
    "INSERT INTO relay_outbox (platform, time, who, what, policy_type, policy_id, before, after, host, shown)
  SELECT $1, $2, o.who, o.what, o.kind, o.id, o.before, o.after, o.host, o.shown
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[])
    WITH ORDINALITY AS o(who, what, kind, id, before, after, host, shown, place)
  ORDER BY o.place";

/// Does what [`WRITE`] does, for a batch that adds one policy, as nearly every write of a quiet network does. It takes the
/// server 100 us where the general statement takes 184, without the disk. The line of history comes first here as well,
/// because the row is made of what it returns. Reading the version that it follows costs 9 us of them and stays: a history
/// that somebody put back or cut off would take a line that follows nothing, and the view of this node would never be read
/// anew. The contract tests `one_statement_does_what_the_other_does` and `a_batch_for_an_old_version_writes_nothing` compare
/// the two.
pub const WRITE_ONE: &str = "WITH head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT version + 1, 0, $4, $5, 'insert', $6, $7 FROM policy_history WHERE version = $1 AND place = 0
  ON CONFLICT DO NOTHING
  RETURNING CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
)
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
SELECT $6, $7, $8, $9::text::timestamp, $10, $11, $12 FROM head
RETURNING $1 + 1, policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";

/// Does what [`WRITE`] does, for a batch that only adds policies, as every list of them does. It takes the server 10 us a row
/// where the general statement takes 13, without the disk.
pub const WRITE_ADDED: &str = "WITH head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT version + 1, 0, $4, ($5::text[])[1], 'insert', ($6::text[])[1], ($7::text[])[1] FROM policy_history
  WHERE version = $1 AND place = 0
  ON CONFLICT DO NOTHING
  RETURNING version, CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
), noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT head.version, n.place - 1, $4, n.who, 'insert', n.kind, n.id
  FROM head, unnest($5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS n(who, kind, id, place) WHERE n.place > 1
)
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text
FROM head, unnest($6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
  WITH ORDINALITY AS n(kind, id, company, date, host, status, text, place)
ORDER BY n.place
RETURNING $1 + 1, policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";

/// The columns of the ledger table; none when there is no table.
pub const COLUMNS: &str = "SELECT attname::text FROM pg_attribute
    WHERE attrelid = to_regclass('ledger') AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
/// Tells whether the ledger table exists.
pub const EXISTS: &str = "SELECT to_regclass('ledger') IS NOT NULL";
/// Tells whether all tables exist.
pub const ALL_EXIST: &str = "SELECT to_regclass('ledger') IS NOT NULL AND to_regclass('policy_history') IS NOT NULL \
    AND to_regclass('policy_history_rows') IS NOT NULL AND to_regclass('ledger_size') IS NOT NULL \
    AND to_regclass('relay_outbox') IS NOT NULL AND to_regclass('relay_sender') IS NOT NULL \
    AND to_regclass('relay_known') IS NOT NULL";
/// The migrations that make what is missing when somebody dropped tables.
pub const REPEATED_MIGRATIONS: [i64; 6] = [1, 4, 5, 7, 8, 10];

/// Reads the whole table.
pub const LOAD: &str = concat!("SELECT sequence_id, policy_id, ", date_text!("date"), ", host, policy FROM ledger");
/// Does what [`LOAD`] does, but gets the texts as bytes: a server whose encoding is `SQL_ASCII` keeps any, and then refuses to
/// send those that are no text.
pub const LOAD_BYTES: &str = concat!(
    "SELECT sequence_id, convert_to(policy_id, 'SQL_ASCII'), ",
    date_text!("date"),
    ", \
    convert_to(host, 'SQL_ASCII'), convert_to(policy, 'SQL_ASCII') FROM ledger"
);
/// Reads the version of the table.
pub const VERSION: &str = "SELECT coalesce(max(version), 0) FROM policy_history";
/// Reads the version of the table and the time of the write that made it.
pub const LAST_WRITE: &str = "SELECT version, time FROM policy_history WHERE place = 0 ORDER BY version DESC LIMIT 1";
/// Reads what changed since the version `$1`: the version now with the time of its write, whether that of `$1` was made at the
/// time `$2`, each changed id, and the row of the id as it is now. More than 20,000 lines are too many for the time that this may
/// take: then no id is read, as where somebody else changed the table, and all of it is read again.
pub const CHANGES_SINCE: &str = concat!(
    "WITH lines AS MATERIALIZED ( \
      SELECT CASE WHEN what <> 'outside' THEN policy_id END AS policy_id FROM policy_history \
      WHERE version > $1 ORDER BY version LIMIT 20001) \
    SELECT v.version, coalesce(w.time, ''), coalesce(k.time, '') = $2, h.policy_id, l.sequence_id, l.policy_id, \
    ",
    date_text!("l.date"),
    ", l.host, l.policy \
    FROM (SELECT coalesce(max(version), 0) AS version FROM policy_history) v \
    LEFT JOIN policy_history w ON w.version = v.version AND w.place = 0 \
    LEFT JOIN policy_history k ON k.version = $1 AND k.place = 0 \
    LEFT JOIN (SELECT DISTINCT policy_id FROM lines WHERE (SELECT count(*) FROM lines) <= 20000) h ON true \
    LEFT JOIN ledger l ON l.policy_id = h.policy_id"
);
/// Is answered at once unless the server, or whoever holds the tables, keeps everybody waiting.
pub const ANSWERS: &str = "SELECT EXISTS (SELECT FROM ledger), EXISTS (SELECT FROM policy_history)";

/// Begins a look at the history: the server ends it by itself a moment after nobody waits for it any more, because its time is over.
pub const BEGIN_HISTORY: &str = "BEGIN READ ONLY; SET LOCAL statement_timeout = '21s'";
/// Ends it.
pub const END_HISTORY: &str = "COMMIT";
/// Reads the history of one policy. The text that an insert left is what stood before the next change, or stands in the table.
pub const HISTORY: &str = "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, CASE
       WHEN h.what <> 'insert' OR h.after IS NOT NULL THEN h.after
       WHEN lead(h.what) OVER later IS NULL THEN l.policy
       ELSE lead(h.before) OVER later END
     FROM policy_history h LEFT JOIN ledger l ON l.policy_id = h.policy_id
     WHERE h.policy_id = $1 AND h.what <> 'outside'
     WINDOW later AS (PARTITION BY h.policy_id ORDER BY h.version, h.place) ORDER BY h.version, h.place";
/// Reads the history of all policies, newest first. Whoever takes changes back needs no text after them: without it the lines
/// come in the order of their index, the first ones at once, and a history that is too long is not sorted to learn that.
macro_rules! history_of_all {
    ($which:literal) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, NULL::text FROM policy_history h WHERE ",
            $which,
            " AND h.what <> 'outside' ORDER BY h.version DESC, h.place DESC"
        )
    };
}
/// Reads the history after a time.
pub const HISTORY_SINCE: &str = history_of_all!("h.time > $1");
/// Reads the history after a version.
pub const HISTORY_AFTER: &str = history_of_all!("h.version > $1");
/// Reads changes, newest first, with what the rows had before.
macro_rules! past_changes {
    ($which:expr) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, r.host, r.date
             FROM policy_history h LEFT JOIN policy_history_rows r ON r.policy_id = h.policy_id AND r.time = h.time
             WHERE h.what <> 'outside' AND ",
            $which,
            " ORDER BY h.version DESC, h.place DESC LIMIT $2"
        )
    };
}
/// Reads the last changes.
pub const LAST_CHANGES: &str = past_changes!("$1 = ''");
/// Reads the changes from a time on.
pub const CHANGES_FROM: &str = past_changes!("h.time >= $1");
/// Reads the changes from the first one on that somebody made, whatever the history says behind the name.
pub const CHANGES_FROM_FIRST_BY: &str = past_changes!(
    "h.time >= (SELECT min(time) FROM policy_history
       WHERE who = $1 OR substr(who, 1, length($1) + 1) IN ($1 || ' ', $1 || ','))"
);
/// Reads the deletions after a time.
pub const DROPS: &str = "SELECT h.policy_id, max(greatest(h.time, r.date || 'Z')) FROM policy_history h
    LEFT JOIN policy_history_rows r ON r.policy_id = h.policy_id AND r.time = h.time
    WHERE h.what = 'drop' AND h.time > $1 GROUP BY h.policy_id";

/// Reads the most policies that the ledger had.
pub const MOST_POLICIES: &str = "SELECT most FROM ledger_size";
/// Keeps the most policies that the ledger had.
pub const KEEP_MOST_POLICIES: &str =
    "INSERT INTO ledger_size (most) VALUES ($1) ON CONFLICT (one) DO UPDATE SET most = excluded.most";

/// Notes in the history what the table holds, before it is dropped.
pub const NOTE_CLEAR: &str =
    "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before)
    SELECT v.version, row_number() OVER (ORDER BY l.sequence_id) - 1, $1, $2, 'clear', l.policy_type, l.policy_id, l.policy
    FROM ledger l, (SELECT coalesce(max(version), 0) + 1 AS version FROM policy_history) v";
/// Keeps what the rows of the table have beside their texts, before it is dropped.
pub const KEEP_ROWS: &str = concat!(
    "INSERT INTO policy_history_rows (policy_id, time, host, date)
    SELECT policy_id, $1, host, ",
    date_text!("date"),
    " FROM ledger
    ON CONFLICT DO NOTHING"
);
/// Lets the numbers of rows go on behind those that somebody else gave by hand, unless they are near the end of all numbers.
pub const RENUMBER: &str = "SELECT setval(pg_get_serial_sequence('ledger', 'sequence_id'), max(sequence_id))
    FROM ledger WHERE sequence_id < 2000000000";
/// Drops the table.
pub const DROP_TABLE: &str = "DROP TABLE ledger";
/// Adds a line that nobody sees, because [`TRY_REMOVING`] removes it in the same transaction.
pub const TRY_ADDING: &str = "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
    VALUES (-1, 0, '', '', 'outside', '', '')";
/// Removes the line of [`TRY_ADDING`].
pub const TRY_REMOVING: &str = "DELETE FROM policy_history WHERE version = -1";
/// Tells the other masters of commits that are on the disk already: the notification need not wait for the disk once more,
/// nor hold up the commits that come next.
pub const NOTIFY: &str = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)";

/// Binds a batch to the statement that writes it; `own` and `notify` say whom a notification is of, and whether there is one.
pub fn bind_write<'a>(batch: &'a Batch, own: &'a str, notify: bool) -> PostgresQuery<'a> {
    let start = |statement| sqlx::query(statement).bind(batch.version).bind(own).bind(notify).bind(&batch.time);
    if let Some(first) = batch.outbox.first() {
        return bind_outbox(bind_all(start(WRITE_RELAYED), &batch.changes).bind(&*first.platform), &batch.outbox);
    }
    match batch.single_insert() {
        Some((change, values)) => bind_one(start(WRITE_ONE), change, values),
        None if batch.only_inserts() => bind_added(start(WRITE_ADDED), &batch.changes),
        None => bind_all(start(WRITE), &batch.changes),
    }
}

/// Binds the rows of the outbox of a batch to the statement that writes nothing else.
pub fn bind_queue(batch: &Batch) -> PostgresQuery<'_> {
    let platform = batch.outbox.first().map_or("", |first| &first.platform);
    bind_outbox(sqlx::query(QUEUE).bind(platform).bind(&batch.time), &batch.outbox)
}

/// Binds rows of an outbox, column by column.
pub fn bind_outbox<'a>(query: PostgresQuery<'a>, entries: &'a [OutboxEntry]) -> PostgresQuery<'a> {
    fn texts<'a>(entries: &'a [OutboxEntry], value: impl Fn(&'a OutboxEntry) -> &'a str) -> Vec<&'a str> {
        entries.iter().map(value).collect()
    }
    let query = query
        .bind(texts(entries, |entry| &entry.who))
        .bind(texts(entries, |entry| entry.action.as_str()))
        .bind(texts(entries, |entry| &entry.kind))
        .bind(texts(entries, |entry| &entry.id));
    let query = query
        .bind(entries.iter().map(|entry| entry.before.as_deref()).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| entry.after.as_deref()).collect::<Vec<_>>());
    query.bind(texts(entries, |entry| &entry.host)).bind(entries.iter().map(|entry| entry.shown).collect::<Vec<_>>())
}

fn bind_one<'a>(query: PostgresQuery<'a>, change: &'a RowChange, values: &'a RowValues) -> PostgresQuery<'a> {
    let query = query.bind(&change.who).bind(&*change.kind).bind(&*change.id);
    let query = query.bind(&values.company).bind(&values.date).bind(&*values.host);
    query.bind(&values.status).bind(&*values.text)
}

fn bind_added<'a>(query: PostgresQuery<'a>, changes: &'a [RowChange]) -> PostgresQuery<'a> {
    bind_rows(query.bind(column(changes, |change| change.who.as_str())), changes)
}

fn bind_all<'a>(query: PostgresQuery<'a>, changes: &'a [RowChange]) -> PostgresQuery<'a> {
    let query = query
        .bind(column(changes, |change| change.who.as_str()))
        .bind(column(changes, |change| change.action().as_str()));
    let query = bind_rows(query, changes);
    query.bind(column(changes, RowChange::before)).bind(column(changes, RowChange::after))
}

/// Binds the columns of the ledger.
fn bind_rows<'a>(query: PostgresQuery<'a>, changes: &'a [RowChange]) -> PostgresQuery<'a> {
    let query = query.bind(column(changes, |change| &*change.kind)).bind(column(changes, |change| &*change.id));
    query
        .bind(column(changes, |change| change.values()?.company.as_deref()))
        .bind(column(changes, |change| Some(change.values()?.date.as_str())))
        .bind(column(changes, |change| Some(&*change.values()?.host)))
        .bind(column(changes, |change| change.values()?.status.as_deref()))
        .bind(column(changes, |change| Some(&*change.values()?.text)))
}

/// Returns one value of each change.
fn column<'a, T>(changes: &'a [RowChange], value: impl Fn(&'a RowChange) -> T) -> Vec<T> {
    changes.iter().map(value).collect()
}
