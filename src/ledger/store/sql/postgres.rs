//! Reads PostgreSQL with a statement: as a login of its own, in a transaction that cannot write, with limits of time and bytes.

use crate::{
    ledger::store::{
        database_error::DatabaseError,
        outage::Outage,
        postgres::{connections::Connections, sql_state::SqlState},
        sql::{
            reader::{ReaderLogin, SqlReader},
            row::{ReadLimits, ReadRows, RowObject},
            statement::SqlStatement,
        },
        statement_error::StatementError,
    },
    runtime::{
        limits::{SQL_AT_ONCE, SQL_ROWS, SQL_VALUE},
        workers::Workers,
    },
};
use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use std::net::IpAddr;
use tokio::time::timeout;

/// Reads one database.
#[derive(Debug)]
pub struct PostgresReads {
    reader: SqlReader,
    turns: Workers,
}

impl PostgresReads {
    /// Reads a database with two statements at a time, as the configured login or one that is made for it.
    #[must_use]
    pub fn new(database: &str, owner: Connections, configured: Option<ReaderLogin>) -> Self {
        let reader = SqlReader::new(database, owner, configured);
        Self { reader, turns: Workers::with_threads("sql", SQL_AT_ONCE) }
    }

    /// Returns the rows of a statement.
    ///
    /// # Errors
    /// What the database says, and when a limit is reached.
    pub async fn rows(
        &self,
        caller: Option<IpAddr>,
        statement: &SqlStatement,
        limits: ReadLimits,
    ) -> Result<Vec<RowObject>, StatementError> {
        let _turn = self.turns.turn(caller).await.map_err(|_| StatementError::Busy)?;
        let reading = async {
            match self.read(statement, limits).await {
                // The table was made anew, or somebody else has changed the login.
                Err(QueryFailure::Rights(_)) => {
                    self.reader.forget().await;
                    self.read(statement, limits).await
                }
                outcome => outcome,
            }
        };
        let rows = timeout(limits.time, reading).await.map_err(|_| StatementError::TooLong(limits.time))?;
        let titles = statement.titles();
        Ok(rows?.into_iter().map(|row| titled(row, titles)).collect())
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.reader.forget().await;
    }

    async fn read(&self, statement: &SqlStatement, limits: ReadLimits) -> Result<Vec<RowObject>, QueryFailure> {
        let connections = self.reader.connections().await?;
        // Unless it is given back it is closed with whoever waits for it, and the server gives the statement up.
        let mut lent = connections.lend().await.map_err(QueryFailure::from)?;
        let rows = transaction(lent.connection(), statement, limits).await?;
        lent.give_back();
        Ok(rows)
    }
}

async fn transaction(
    connection: &mut PgConnection,
    statement: &SqlStatement,
    limits: ReadLimits,
) -> Result<Vec<RowObject>, QueryFailure> {
    connection.execute("BEGIN READ ONLY").await?;
    let time = format!("SET LOCAL statement_timeout = {}", limits.time.as_millis());
    connection.execute(AssertSqlSafe(time)).await?;
    // The text is what was made of a statement that was checked, and the login can do nothing but read. A row that is too
    // long stays at the server.
    let wrapped = format!(
        "SELECT CASE WHEN octet_length(line) <= {SQL_VALUE} THEN line END FROM (SELECT row_to_json(asked)::text AS line \
         FROM (\n{}\n) AS asked LIMIT {SQL_ROWS}) AS lines",
        statement.text()
    );
    let mut rows = ReadRows::new(limits);
    {
        let query = sqlx::query_scalar::<_, Option<String>>(AssertSqlSafe(wrapped)).persistent(false);
        let mut found = query.fetch(&mut *connection);
        while let Some(line) = found.try_next().await? {
            let line = line.ok_or(StatementError::LargeValue(SQL_VALUE.unsigned_abs()))?;
            let Ok(Value::Object(row)) = serde_json::from_str(&line) else { continue };
            rows.add(row)?;
        }
    }
    connection.execute("ROLLBACK").await?;
    Ok(rows.into_rows())
}

/// Why there are no rows.
enum QueryFailure {
    /// The login may not do what it has to.
    Rights(StatementError),
    /// Anything else.
    Other(StatementError),
}

impl From<StatementError> for QueryFailure {
    fn from(error: StatementError) -> Self {
        Self::Other(error)
    }
}

impl From<sqlx::Error> for QueryFailure {
    fn from(error: sqlx::Error) -> Self {
        let error = DatabaseError::from(error);
        match error.sql_state() {
            Some(SqlState::UndefinedTable) => Self::Other(StatementError::UnknownTable(quoted_name(&error))),
            Some(SqlState::UndefinedColumn) => Self::Other(StatementError::UnknownColumn(quoted_name(&error))),
            Some(SqlState::InsufficientPrivilege | SqlState::NotAllowed | SqlState::WrongPassword) => {
                Self::Rights(StatementError::NoReader(error.message()))
            }
            _ => Self::Other(StatementError::Failed(error.message())),
        }
    }
}

impl From<Outage> for QueryFailure {
    fn from(outage: Outage) -> Self {
        match &outage {
            Outage::Refused { .. } => Self::Rights(StatementError::NoReader(outage.to_string())),
            _ => Self::Other(StatementError::Failed(outage.to_string())),
        }
    }
}

impl From<QueryFailure> for StatementError {
    fn from(failure: QueryFailure) -> Self {
        match failure {
            QueryFailure::Rights(error) | QueryFailure::Other(error) => error,
        }
    }
}

/// Returns the name that a message has in quotes, or the last but two of its words; no field of the answer has it.
fn quoted_name(error: &DatabaseError) -> String {
    name_in(&error.message())
}

fn name_in(message: &str) -> String {
    let quoted = message.split('"').nth(1).map(str::to_owned);
    quoted.unwrap_or_else(|| message.split(' ').nth(1).unwrap_or_default().to_owned())
}

/// Calls the columns of functions as they were written, as the other engine does: `count(*)`, not `count`.
fn titled(row: RowObject, titles: &[Option<String>]) -> RowObject {
    if titles.len() != row.len() {
        return row;
    }
    row.into_iter().zip(titles).map(|((name, value), title)| (title.clone().unwrap_or(name), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_that_are_missing_are_found_in_the_messages() {
        assert_eq!(name_in("column \"nosuch\" does not exist"), "nosuch");
        assert_eq!(name_in("column l.nosuch does not exist"), "l.nosuch");
        assert_eq!(name_in(""), "");
    }

    #[test]
    fn functions_are_called_as_they_were_written() {
        let row = json!({"max": 1, "n": 2}).as_object().cloned().unwrap();
        let titles = [Some("max(a)".to_owned()), None];
        assert_eq!(Value::from(titled(row.clone(), &titles)), json!({"max(a)": 1, "n": 2}));
        assert_eq!(titled(row.clone(), &[]), row);
    }
}
