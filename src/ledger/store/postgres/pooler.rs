//! Finds out whether a pooler stands before the server that gives a connection to somebody else after each transaction. A
//! master listens, and its settings belong to its session: behind such a pooler it would hear nothing, and its settings would
//! reach strangers.

use crate::ledger::store::{
    database_error::DatabaseError,
    outage::Outage,
    postgres::{connector::Connector, server::PostgresServer},
};
use sqlx::{Error, PgConnection, Row as _};
use std::time::Duration;
use tokio::time::timeout;

/// Connections that compete for the one of the server.
const RIVALS: usize = 4;
/// Longest time that one of them may take, and each question over it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

const BACKEND: &str = "SELECT pg_backend_pid()";

/// Refuses a pooler that takes the connection to the server away between two statements. The other connections hold a
/// transaction each, so that one of them has, or takes, what the first was given.
///
/// # Errors
/// [`Outage::TransactionPooler`], or what the pooler says.
pub async fn refuse_transactions(
    connector: &Connector,
    server: &PostgresServer,
    connection: &mut PgConnection,
) -> Result<(), Outage> {
    let first = backend(server, connection).await?;
    let mut rivals = Vec::with_capacity(RIVALS);
    for _ in 0..RIVALS {
        // Where the pooler has no further connection, those that are there have said enough.
        let Ok(mut rival) = connector.connect(CONNECT_TIMEOUT).await else { break };
        let begun = in_time(server, sqlx::raw_sql("BEGIN").execute(&mut rival.connection)).await?;
        // Statements alone are shared where a transaction is not taken.
        begun.map_err(|_| Outage::TransactionPooler(server.address()))?;
        let taken = backend(server, &mut rival.connection).await?;
        rivals.push(rival);
        if taken == first || backend(server, connection).await? != first {
            return Err(Outage::TransactionPooler(server.address()));
        }
    }
    Ok(())
}

async fn backend(server: &PostgresServer, connection: &mut PgConnection) -> Result<i32, Outage> {
    let asked = in_time(server, sqlx::raw_sql(BACKEND).fetch_one(connection)).await?;
    let refused = |error: Error| Outage::Server { server: server.address(), source: DatabaseError::from(error) };
    asked.and_then(|row| row.try_get(0)).map_err(refused)
}

/// Waits for an answer; who gives none ends the try, and does not hold up the start.
async fn in_time<T>(server: &PostgresServer, answer: impl Future<Output = T>) -> Result<T, Outage> {
    timeout(CONNECT_TIMEOUT, answer).await.map_err(|_| Outage::NoAnswer(server.address()))
}
