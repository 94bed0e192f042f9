//! Reads the ledger of another node from its server, in a transaction that cannot write.

use crate::ledger::{
    source::{error::SourceError, raw_row::RawRow},
    store::{
        database_error::DatabaseError,
        outage::Outage,
        postgres::{rows::ledger_row, server::PostgresServer, sql_state::SqlState, statements::COLUMNS},
        schema_fault::SchemaFault,
    },
};
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, PgConnection};
use std::{io, time::Duration};
use tokio::time::timeout;

/// Longest time until the next row comes.
const ROW_TIMEOUT: Duration = Duration::from_secs(30);
/// Begins a transaction that sees one state of the tables and cannot change them.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Ends it.
const END: &str = "ROLLBACK";

/// Reads the rows in the order of the ledger; a date that policies cannot have is left out.
const ROWS: &str = "SELECT sequence_id, policy_id, CASE WHEN date >= '0001-01-01' AND date < '10000-01-01' \
    THEN to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') END, host, policy FROM ledger ORDER BY date, sequence_id";
/// Does what [`ROWS`] does, but gets the texts as bytes: a server whose encoding is `SQL_ASCII` keeps any, and then refuses to
/// send those that are no text.
const ROWS_AS_BYTES: &str = "SELECT sequence_id, convert_to(policy_id, 'SQL_ASCII'), \
    CASE WHEN date >= '0001-01-01' AND date < '10000-01-01' \
    THEN to_char(date, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') END, convert_to(host, 'SQL_ASCII'), \
    convert_to(policy, 'SQL_ASCII') FROM ledger ORDER BY date, sequence_id";

impl PostgresServer {
    /// Returns the rows of the ledger table of another node's database, by its logical name.
    ///
    /// # Errors
    /// [`SourceError`], when the server does not answer or refuses, or has no such table.
    pub async fn ledger_rows(&self, logical: &str) -> Result<Vec<RawRow>, SourceError> {
        let place = format!("{}/{}", self.address(), self.database(logical));
        let failed = |source: Outage| SourceError::Database { place: place.clone(), source };
        let Some(mut connection) = self.connect_to_look(logical).await.map_err(failed)? else {
            return Err(SourceError::NoTable(place));
        };
        let found = read(&mut connection).await;
        // It was only read: nothing is lost when it does not close.
        let _closed = timeout(ROW_TIMEOUT, connection.close()).await;
        let (columns, rows) = found.map_err(|error| failed(outage(self, error)))?;
        if columns.is_empty() {
            return Err(SourceError::NoTable(place));
        }
        SchemaFault::check_columns(&columns).map_err(|fault| failed(Outage::Schema(fault)))?;
        Ok(rows)
    }
}

fn outage(server: &PostgresServer, source: DatabaseError) -> Outage {
    match source.sql_state() {
        None => Outage::Unreachable(source),
        Some(_) => Outage::Server { server: server.address(), source },
    }
}

async fn read(connection: &mut PgConnection) -> Result<(Vec<String>, Vec<RawRow>), DatabaseError> {
    sqlx::raw_sql(BEGIN).execute(&mut *connection).await?;
    let columns: Vec<String> = sqlx::query_scalar(COLUMNS).fetch_all(&mut *connection).await?;
    if columns.is_empty() || SchemaFault::check_columns(&columns).is_err() {
        return Ok((columns, Vec::new()));
    }
    let rows = match table(connection, ROWS).await {
        Err(error) if error.sql_state() == Some(&SqlState::Data) => {
            sqlx::raw_sql(END).execute(&mut *connection).await?;
            sqlx::raw_sql(BEGIN).execute(&mut *connection).await?;
            table(connection, ROWS_AS_BYTES).await?
        }
        rows => rows?,
    };
    sqlx::raw_sql(END).execute(&mut *connection).await?;
    Ok((columns, rows))
}

async fn table(connection: &mut PgConnection, statement: &'static str) -> Result<Vec<RawRow>, DatabaseError> {
    let mut found = sqlx::query(statement).fetch(connection);
    let mut rows = Vec::new();
    let silent = |_| sqlx::Error::Io(io::ErrorKind::TimedOut.into());
    while let Some(row) = timeout(ROW_TIMEOUT, found.try_next()).await.map_err(silent)?? {
        rows.push(RawRow::of_table(ledger_row(&row, 0)));
    }
    Ok(rows)
}
