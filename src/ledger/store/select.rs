//! Reads a database with a statement that somebody wrote: one SELECT, read-only, with limits of rows and time.

use crate::{
    ledger::store::{
        database_error::{DatabaseError, ErrorCode},
        postgres::sql_state::SqlState,
        sqlite::result_code::ResultCode,
        statement_error::StatementError,
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

/// A row as an object, columns in order.
type RowObject = Map<String, Value>;

/// Virtual machine steps of SQLite between two looks at the clock.
const STEPS: i32 = 10_000;
/// The functions of PostgreSQL that begin so reach beyond the data of the database.
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

/// Checks that a statement is one SELECT and calls no function of the server, and returns it without what surrounds it.
///
/// # Errors
/// The rule that it breaks.
pub fn checked(statement: &str) -> Result<&str, StatementError> {
    let statement = statement.trim().trim_end_matches(';').trim();
    if !statement.get(..6).is_some_and(|first| first.eq_ignore_ascii_case("select")) {
        return Err(StatementError::NotSelect(statement.to_owned()));
    }
    if statement.contains(';') {
        return Err(StatementError::SeveralStatements(statement.to_owned()));
    }
    let lower = statement.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    if words.any(|word| FORBIDDEN.iter().any(|start| word.starts_with(start))) {
        return Err(StatementError::ServerFunction(statement.to_owned()));
    }
    Ok(statement)
}

/// Returns the rows of a checked statement from a SQLite file, over a read-only connection of its own, which stops by
/// itself when the time is over.
///
/// # Errors
/// What the database says.
pub async fn from_sqlite(path: &Path, statement: &str) -> Result<Vec<RowObject>, StatementError> {
    sqlite_rows(path, statement).await.map_err(statement_error)
}

async fn sqlite_rows(path: &Path, statement: &str) -> Result<Vec<RowObject>, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
    let mut connection = options.connect().await?;
    let until = Instant::now() + SQL_TIME;
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(STEPS, move || Instant::now() < until);
    drop(handle);
    // The text was checked to be one SELECT, and the connection cannot write.
    let mut rows = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).fetch(&mut connection);
    let mut found = Vec::new();
    while let Some(row) = rows.try_next().await? {
        found.push(sqlite_object(&row));
        if found.len() >= SQL_ROWS {
            break;
        }
    }
    Ok(found)
}

fn sqlite_object(row: &SqliteRow) -> RowObject {
    row.columns().iter().map(|column| (column.name().to_owned(), sqlite_value(row, column.ordinal()))).collect()
}

fn sqlite_value(row: &SqliteRow, at: usize) -> Value {
    let raw = row.try_get_raw(at).map(|raw| (raw.is_null(), raw.type_info().name().to_owned()));
    let kind = raw.map(|(null, kind)| if null { "NULL".to_owned() } else { kind }).unwrap_or_default();
    match kind.as_str() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at).map_or(Value::Null, Value::from),
        "REAL" => row.try_get_unchecked::<f64, _>(at).ok().and_then(Number::from_f64).map_or(Value::Null, Value::from),
        "NULL" => Value::Null,
        _ => row.try_get_unchecked::<String, _>(at).map_or(Value::Null, Value::from),
    }
}

/// Returns the rows of a checked statement from a PostgreSQL database, in a read-only transaction.
///
/// # Errors
/// What the database says.
pub async fn from_postgres(pool: &PgPool, statement: &str) -> Result<Vec<RowObject>, StatementError> {
    let rows = postgres_rows(pool, statement).await.map_err(statement_error)?;
    Ok(rows.iter().filter_map(|row| serde_json::from_str(row).ok()).collect())
}

async fn postgres_rows(pool: &PgPool, statement: &str) -> Result<Vec<String>, sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN READ ONLY").await?;
    let limit = format!("SET LOCAL statement_timeout = {}", SQL_TIME.as_millis());
    transaction.execute(AssertSqlSafe(limit)).await?;
    // The text was checked to be one SELECT, and the transaction cannot write.
    let wrapped = format!("SELECT row_to_json(asked)::text FROM (\n{statement}\n) asked LIMIT {SQL_ROWS}");
    let rows = sqlx::query_scalar(AssertSqlSafe(wrapped)).fetch_all(&mut *transaction).await?;
    transaction.rollback().await?;
    Ok(rows)
}

fn statement_error(error: sqlx::Error) -> StatementError {
    let source = DatabaseError::from(error);
    match missing_name(&source) {
        Some(MissingName::Table(name)) => StatementError::UnknownTable { name, source },
        Some(MissingName::Column(name)) => StatementError::UnknownColumn { name, source },
        None => StatementError::Failed(source),
    }
}

/// A name that the database does not know.
#[derive(Debug, PartialEq, Eq)]
enum MissingName {
    Table(String),
    Column(String),
}

/// Returns the name that a statement uses and the database does not know.
fn missing_name(error: &DatabaseError) -> Option<MissingName> {
    match error.code()? {
        ErrorCode::SqlState(SqlState::UndefinedTable) => Some(MissingName::Table(quoted_name(&error.message())?)),
        ErrorCode::SqlState(SqlState::UndefinedColumn) => Some(MissingName::Column(quoted_name(&error.message())?)),
        ErrorCode::Sqlite(ResultCode::Error) => missing_in_sqlite(&error.message()),
        _ => None,
    }
}

/// Returns the name that a message of PostgreSQL has in quotes; no field of its answer has it.
fn quoted_name(message: &str) -> Option<String> {
    message.split('"').nth(1).map(str::to_owned)
}

/// Reads the message of SQLite. It has one code for all mistakes in a statement, so its message alone says which it is.
fn missing_in_sqlite(message: &str) -> Option<MissingName> {
    let (what, name) = message.split_once(": ")?;
    let name = name.split(' ').next().unwrap_or_default().to_owned();
    match what {
        "no such table" => Some(MissingName::Table(name)),
        "no such column" => Some(MissingName::Column(name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{MissingName, checked, missing_in_sqlite, quoted_name};

    #[test]
    fn one_select_is_offered_and_nothing_else() {
        assert_eq!(checked(" SELECT policy_type FROM ledger ; ").unwrap(), "SELECT policy_type FROM ledger");
        for sql in
            ["drop table ledger", "select 1; drop table ledger", "select pg_read_file('x')", "delete from ledger", ""]
        {
            assert!(checked(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn names_that_are_missing_are_found_in_the_messages() {
        let column = |name: &str| Some(MissingName::Column(name.to_owned()));
        assert_eq!(missing_in_sqlite("no such column: nosuch"), column("nosuch"));
        assert_eq!(missing_in_sqlite("near \"x\": syntax error"), None);
        assert_eq!(quoted_name("relation \"nosuch\" does not exist").as_deref(), Some("nosuch"));
        assert_eq!(quoted_name("column l.nosuch does not exist"), None);
    }
}
