//! Reads a database with a statement that somebody wrote: one SELECT, read-only, with limits of rows and time.

use crate::{
    ledger::{
        connection::{Connection, Target},
        error::Error,
    },
    runtime::limits::{SQL_ROWS, SQL_TIME},
};
use futures_util::TryStreamExt;
use serde_json::{Map, Number, Value};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Executor, PgPool, Row, TypeInfo, ValueRef,
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::{path::Path, time::Instant};

/// Virtual machine steps of SQLite between two looks at the clock.
const STEPS: i32 = 10_000;
/// Functions of PostgreSQL with these beginnings reach beyond the data of the database.
const FORBIDDEN: [&str; 9] = [
    "pg_",
    "lo_",
    "dblink",
    "set_config",
    "current_setting",
    "query_to_xml",
    "table_to_xml",
    "cursor_to_xml",
    "schema_to_xml",
];

impl Connection {
    /// Returns the rows of a SELECT as objects, columns in order.
    ///
    /// # Errors
    /// [`Error::Statement`] when it is no single SELECT, is refused, or takes too long.
    pub async fn select(&self, sql: &str) -> Result<Vec<Map<String, Value>>, Error> {
        let sql = sql.trim().trim_end_matches(';').trim();
        check(sql)?;
        let work = async {
            match (&self.target, self.postgres()) {
                (Target::File(path), _) => from_sqlite(path, sql).await,
                (_, Some(pool)) => from_postgres(pool, sql).await,
                _ => Err(Error::Statement("a database in memory takes no sql".to_owned())),
            }
        };
        let limit = SQL_TIME.as_secs();
        let late = |_| Error::Statement(format!("the statement takes longer than {limit} s; ask for less"));
        tokio::time::timeout(SQL_TIME, work).await.map_err(late)?
    }
}

fn check(sql: &str) -> Result<(), Error> {
    let refused = |reason: &str| Err(Error::Statement(format!("{reason}: {sql}")));
    if !sql.get(..6).is_some_and(|first| first.eq_ignore_ascii_case("select")) {
        return refused("only SELECT is offered");
    }
    if sql.contains(';') {
        return refused("only one statement is offered");
    }
    let lower = sql.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    if words.any(|word| FORBIDDEN.iter().any(|start| word.starts_with(start))) {
        return refused("functions of the server are not offered");
    }
    Ok(())
}

fn failed(error: &sqlx::Error) -> Error {
    let text = error.as_database_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
    Error::Statement(text)
}

/// Asks over a read-only connection of its own, which stops by itself when the time is over.
async fn from_sqlite(path: &Path, sql: &str) -> Result<Vec<Map<String, Value>>, Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
    let mut connection = options.connect().await.map_err(|error| failed(&error))?;
    let until = Instant::now() + SQL_TIME;
    let mut handle = connection.lock_handle().await.map_err(|error| failed(&error))?;
    handle.set_progress_handler(STEPS, move || Instant::now() < until);
    drop(handle);
    // The text was checked to be one SELECT, and the connection cannot write.
    let mut rows = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).fetch(&mut connection);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await.map_err(|error| failed(&error))? {
        found.push(object(&row));
        if found.len() >= SQL_ROWS {
            break;
        }
    }
    Ok(found)
}

fn object(row: &SqliteRow) -> Map<String, Value> {
    row.columns().iter().map(|column| (column.name().to_owned(), value(row, column.ordinal()))).collect()
}

fn value(row: &SqliteRow, at: usize) -> Value {
    let raw = row.try_get_raw(at).map(|raw| (raw.is_null(), raw.type_info().name().to_owned()));
    let kind = raw.map(|(null, kind)| if null { "NULL".to_owned() } else { kind }).unwrap_or_default();
    match kind.as_str() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at).map_or(Value::Null, Value::from),
        "REAL" => row.try_get_unchecked::<f64, _>(at).ok().and_then(Number::from_f64).map_or(Value::Null, Value::from),
        "NULL" => Value::Null,
        _ => row.try_get_unchecked::<String, _>(at).map_or(Value::Null, Value::from),
    }
}

async fn from_postgres(pool: &PgPool, sql: &str) -> Result<Vec<Map<String, Value>>, Error> {
    let mut transaction = pool.begin_with("BEGIN READ ONLY").await.map_err(|error| failed(&error))?;
    let limit = format!("SET LOCAL statement_timeout = {}", SQL_TIME.as_millis());
    transaction.execute(AssertSqlSafe(limit)).await.map_err(|error| failed(&error))?;
    // The text was checked to be one SELECT, and the transaction cannot write.
    let wrapped = format!("SELECT row_to_json(asked)::text FROM (\n{sql}\n) asked LIMIT {SQL_ROWS}");
    let rows: Result<Vec<String>, _> = sqlx::query_scalar(AssertSqlSafe(wrapped)).fetch_all(&mut *transaction).await;
    let rows = rows.map_err(|error| failed(&error))?;
    transaction.rollback().await.map_err(|error| failed(&error))?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(row).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn one_select_is_offered_and_nothing_else() {
        assert!(check("SELECT policy_type FROM ledger").is_ok());
        for sql in
            ["drop table ledger", "select 1; drop table ledger", "select pg_read_file('x')", "delete from ledger", ""]
        {
            assert!(check(sql).is_err(), "{sql}");
        }
    }
}
