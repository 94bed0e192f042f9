//! The statements of the ledger in SQLite; those that write a batch stand in `write`.

/// The columns of the ledger table; none when there is no table.
pub const COLUMNS: &str = "SELECT name FROM pragma_table_info('ledger') ORDER BY cid";
/// Tells whether the ledger table exists.
pub const EXISTS: &str = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'ledger'";
/// Changes when another connection changed the file.
pub const DATA_VERSION: &str = "PRAGMA data_version";
/// Moves a row to which somebody gave the last of all numbers, after which there is none for another row.
pub const RENUMBER: &str = "UPDATE ledger SET sequence_id =
      (SELECT coalesce(max(sequence_id), 0) + 1 FROM ledger WHERE sequence_id < 9000000000000000000)
    WHERE sequence_id = (SELECT max(sequence_id) FROM ledger)";
/// Lets the numbers of rows go on behind the highest that a row has.
pub const RENUMBER_NEXT: &str =
    "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(sequence_id), 0) FROM ledger) WHERE name = 'ledger'";
/// The highest number that a row has.
pub const LAST_NUMBER: &str = "SELECT coalesce(max(sequence_id), 0) FROM ledger";

/// Reads the history of one policy. The text that an insert left is what stood before the next change, or stands in the table.
pub const HISTORY: &str = "SELECT h.time, h.who, h.what, h.policy_type, h.policy_id, h.before, CASE
       WHEN h.what <> 'insert' OR h.after IS NOT NULL THEN h.after
       WHEN lead(h.what) OVER later IS NULL THEN l.policy
       ELSE lead(h.before) OVER later END
     FROM policy_history h LEFT JOIN ledger l ON l.policy_id = h.policy_id
     WHERE h.policy_id = ?1 WINDOW later AS (ORDER BY h.change_id) ORDER BY h.change_id";
/// Reads the history of all policies after a time, newest first. Whoever takes changes back needs no text after them: without it
/// the lines come in the order of their numbers, the first ones at once, and a history that is too long is not sorted to learn
/// that. A million lines take 1.1 s where they took 9.3.
pub const HISTORY_SINCE: &str = "SELECT time, who, what, policy_type, policy_id, before, NULL FROM policy_history
     WHERE time > ?1 ORDER BY change_id DESC";
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
