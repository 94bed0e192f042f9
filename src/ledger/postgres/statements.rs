//! The statements that the ledger in PostgreSQL is read and written with, and what is bound to them.

use crate::ledger::store::{Batch, HistoryRow, NewRow};
use sqlx::{Postgres, postgres::PgArguments, query::Query};

/// Adds one policy in the usual form of dates, when no other master writes.
pub(super) const INSERT_ALONE: &str = "WITH noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  VALUES ($1::bigint + 1, 0, $2, $3, 'insert', $4, $5)
)
INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
VALUES ($4, $5, $6, $7::text::timestamp, $8, $9, $10)
RETURNING sequence_id";

/// Adds policies. The first line of history comes first: only one write can follow the version `$1`, whoever else tries
/// waits for its end and then adds nothing.
pub(super) const INSERT: &str = "WITH n AS MATERIALIZED (
  SELECT * FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
    WITH ORDINALITY AS n(who, kind, id, company, date, host, status, text, place)
), head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT $1::bigint + 1, 0, $4, n.who, 'insert', n.kind, n.id FROM n, policy_history h
  WHERE n.place = 1 AND h.version = $1 AND h.place = 0
  ON CONFLICT DO NOTHING
  RETURNING version, CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
), noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
  SELECT head.version, n.place - 1, $4, n.who, 'insert', n.kind, n.id FROM head, n WHERE n.place > 1
), put AS (
  INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text FROM head, n ORDER BY n.place
  RETURNING policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
)
SELECT head.version, put.policy_id, put.sequence_id, put.date FROM head, put";

/// Does whatever a batch asks for.
pub(super) const CHANGE: &str = "WITH n AS MATERIALIZED (
  SELECT * FROM unnest($11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
    WITH ORDINALITY AS n(time, who, what, kind, id, before, after, place)
), head AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT $1::bigint + 1, 0, n.time, n.who, n.what, n.kind, n.id, n.before, n.after FROM n, policy_history h
  WHERE n.place = 1 AND h.version = $1 AND h.place = 0
  ON CONFLICT DO NOTHING
  RETURNING version, CASE WHEN $3 THEN pg_notify('anylog_ledger', $2 || ':' || version) END
), noted AS (
  INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before, after)
  SELECT head.version, n.place - 1, n.time, n.who, n.what, n.kind, n.id, n.before, n.after
  FROM head, n WHERE n.place > 1
), gone AS (
  DELETE FROM ledger USING head WHERE policy_id = ANY($18::text[])
), changed AS (
  UPDATE ledger SET host = n.host, policy = n.text, company_name = coalesce(n.company, company_name),
    date = coalesce(nullif(n.date, '')::timestamp, ledger.date), status = coalesce(n.status, ledger.status)
  FROM head, unnest($19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[])
    AS n(id, company, date, host, status, text)
  WHERE policy_id = n.id
  RETURNING policy_id, sequence_id, to_char(ledger.date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
), put AS (
  INSERT INTO ledger (policy_type, policy_id, company_name, date, host, status, policy)
  SELECT n.kind, n.id, n.company, n.date::timestamp, n.host, n.status, n.text
  FROM head, unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    WITH ORDINALITY AS n(kind, id, company, date, host, status, text, place)
  ORDER BY n.place
  RETURNING policy_id, sequence_id, to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS date
), placed AS (
  SELECT * FROM changed UNION ALL SELECT * FROM put
)
SELECT head.version, placed.policy_id, placed.sequence_id, placed.date FROM head LEFT JOIN placed ON true";

/// Migrations that make what is missing when somebody dropped tables.
pub(super) const AGAIN: [i64; 3] = [1, 4, 5];
pub(super) const WHOLE: &str = "SELECT to_regclass('ledger') IS NOT NULL AND to_regclass('policy_history') IS NOT NULL";
pub(super) const LOAD: &str = "SELECT (SELECT coalesce(max(version), 0) FROM policy_history), sequence_id, policy_id, \
    to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), host, policy FROM ledger";
pub(super) const VERSION: &str = "SELECT coalesce(max(version), 0) FROM policy_history";
pub(super) const NEWS: &str = "SELECT v.version, h.policy_id, l.sequence_id, \
    to_char(l.date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), l.host, l.policy \
    FROM (SELECT coalesce(max(version), 0) AS version FROM policy_history) v \
    LEFT JOIN (SELECT DISTINCT CASE WHEN what <> 'outside' THEN policy_id END AS policy_id \
      FROM policy_history WHERE version > $1) h ON true \
    LEFT JOIN ledger l ON l.policy_id = h.policy_id";
/// The text that an insert left is what stood before the next change, or stands in the table.
macro_rules! history {
    ($which:expr, $order:expr) => {
        concat!(
            "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, CASE
               WHEN h.what <> 'insert' OR h.after IS NOT NULL THEN h.after
               WHEN lead(h.what) OVER later IS NULL THEN l.policy
               ELSE lead(h.before) OVER later END
             FROM policy_history h LEFT JOIN ledger l ON l.policy_id = h.policy_id WHERE ",
            $which,
            " AND h.what <> 'outside' WINDOW later AS (PARTITION BY h.policy_id ORDER BY h.version, h.place) ORDER BY ",
            $order
        )
    };
}
pub(super) const HISTORY: &str = history!("h.policy_id = $1", "h.version, h.place");
pub(super) const HISTORY_SINCE: &str = history!("h.time > $1", "h.version DESC, h.place DESC");
pub(super) const CLEAR: &str = "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id, before)
    SELECT v.version, row_number() OVER (ORDER BY l.sequence_id) - 1, $1, $2, 'clear', l.policy_type, l.policy_id, l.policy
    FROM ledger l, (SELECT coalesce(max(version), 0) + 1 AS version FROM policy_history) v";
/// A line that nobody sees: it is gone in the same transaction.
pub(super) const TRY_ADDING: &str =
    "INSERT INTO policy_history (version, place, time, who, what, policy_type, policy_id)
    VALUES (-1, 0, '', '', 'outside', '', '')";
pub(super) const TRY_REMOVING: &str = "DELETE FROM policy_history WHERE version = -1";
pub(super) const DROPS: &str =
    "SELECT policy_id, max(time) FROM policy_history WHERE what = 'drop' AND time > $1 GROUP BY policy_id";

pub(super) type Statement<'a> = Query<'a, Postgres, PgArguments>;

/// Tells whether a date reads in the column as it is here, apart from its zone.
pub(super) fn is_column_text(date: &str) -> bool {
    let like = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    let shape = b"0000-00-00T00:00:00.000000Z";
    date.len() == shape.len()
        && date.bytes().zip(*shape).all(like)
        && date.get(11..13) < Some("24")
        && date.get(14..16) < Some("60")
        && date.get(17..19) < Some("60")
}

pub(super) fn bind_inserts<'a>(query: Statement<'a>, rows: &'a [NewRow], notes: &'a [HistoryRow]) -> Statement<'a> {
    let query = query.bind(notes.first().map_or("", |note| &note.time)).bind(texts(notes, |note| &note.who));
    bind_rows(query.bind(texts(rows, |row| &row.kind)), rows)
}

fn bind_rows<'a>(query: Statement<'a>, rows: &'a [NewRow]) -> Statement<'a> {
    query
        .bind(texts(rows, |row| &row.id))
        .bind(options(rows, |row| &row.company))
        .bind(texts(rows, |row| &row.date))
        .bind(texts(rows, |row| &row.host))
        .bind(options(rows, |row| &row.status))
        .bind(texts(rows, |row| &row.text))
}

pub(super) fn bind_change<'a>(query: Statement<'a>, batch: &'a Batch) -> Statement<'a> {
    let notes = &batch.history;
    let query = bind_rows(query.bind(texts(&batch.inserts, |row| &row.kind)), &batch.inserts)
        .bind(texts(notes, |note| &note.time))
        .bind(texts(notes, |note| &note.who))
        .bind(notes.iter().map(|note| note.what.word()).collect::<Vec<_>>())
        .bind(texts(notes, |note| &note.kind))
        .bind(texts(notes, |note| &note.id))
        .bind(options(notes, |note| &note.before))
        .bind(options(notes, |note| &note.after))
        .bind(&batch.deletes);
    bind_rows(query, &batch.updates)
}

fn texts<'a, T>(rows: &'a [T], of: impl Fn(&'a T) -> &'a String) -> Vec<&'a str> {
    rows.iter().map(|row| of(row).as_str()).collect()
}

fn options<'a, T>(rows: &'a [T], of: impl Fn(&'a T) -> &'a Option<String>) -> Vec<Option<&'a str>> {
    rows.iter().map(|row| of(row).as_deref()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_column_text;

    #[test]
    fn only_a_date_in_its_usual_form_reads_in_the_column_as_it_is() {
        assert!(is_column_text("2026-01-01T23:59:59.000001Z"));
        for other in ["2026-01-01T24:00:00.000000Z", "2026-01-01T00:00:60.000000Z", "2026-01-01T00:60:00.000000Z"] {
            assert!(!is_column_text(other), "{other}");
        }
        for other in
            ["", "2026-01-01", "2026-01-01 00:00:00.000000Z", "2026-01-01T00:00:00.00000Z", "2026-01-01T00:00:00.é000Z"]
        {
            assert!(!is_column_text(other), "{other}");
        }
    }
}
