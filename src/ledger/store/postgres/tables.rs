//! Makes the tables of a ledger on a server, or what is missing of them. None of it is waited for without end: a start has to say
//! what is in its way, and a master that runs does nothing else meanwhile.

use crate::ledger::store::{
    database_error::DatabaseError,
    outage::Outage,
    postgres::{
        refusal,
        statements::{ALL_EXIST, COLUMNS, REPEATED_MIGRATIONS},
    },
    schema_fault::SchemaFault,
    steps,
};
use sqlx::PgConnection;
use std::time::Duration;
use tokio::time::timeout;

/// Longest time that all of it may take. A primary that waits for its standby answers questions and ends no commit.
const PREPARE_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time until the server has answered the first questions.
const BEGIN_TIMEOUT: Duration = Duration::from_millis(1100);
/// Lets a statement wait for so long for what another session holds. The steps are done under a lock of the server: a master that
/// hangs while it has the lock would keep all others from their start, and they could not say why.
const WAIT_A_WHILE: &str = "SET lock_timeout = '10s'";
/// Lets statements wait as they did before.
const WAIT_AS_BEFORE: &str = "RESET lock_timeout";

/// Why the tables were not made. Their connection is in the middle of something then, and cannot be used again.
#[derive(Debug)]
pub enum TablesFailure {
    /// The server refuses a statement.
    Database(DatabaseError),
    /// The tables that are there are not those of this program.
    Unusable(Outage),
    /// The server does not answer.
    Silent,
}

impl From<sqlx::Error> for TablesFailure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Creates what is missing of the tables.
///
/// # Errors
/// [`TablesFailure`] when they are not all there afterwards.
pub async fn create(connection: &mut PgConnection) -> Result<(), TablesFailure> {
    timeout(PREPARE_TIMEOUT, create_missing(connection)).await.unwrap_or(Err(TablesFailure::Silent))
}

async fn create_missing(connection: &mut PgConnection) -> Result<(), TablesFailure> {
    timeout(BEGIN_TIMEOUT, begin(&mut *connection)).await.unwrap_or(Err(TablesFailure::Silent))?;
    // As `run`, which the compiler takes for a future that cannot change its thread.
    if let Err(error) = steps::POSTGRES.run_direct(None, &mut *connection, false).await {
        return Err(refusal::of_migration(error).map_or_else(TablesFailure::Unusable, TablesFailure::Database));
    }
    let all_exist: bool = sqlx::query_scalar(ALL_EXIST).fetch_one(&mut *connection).await.unwrap_or_default();
    if !all_exist {
        repeat(&mut *connection).await?;
    }
    sqlx::raw_sql(WAIT_AS_BEFORE).execute(&mut *connection).await?;
    Ok(())
}

/// Looks whether a table that is there is a ledger, and sets how long the steps may wait.
async fn begin(connection: &mut PgConnection) -> Result<(), TablesFailure> {
    let columns: Vec<String> = sqlx::query_scalar(COLUMNS).fetch_all(&mut *connection).await?;
    SchemaFault::check_columns(&columns).map_err(|fault| TablesFailure::Unusable(Outage::Schema(fault)))?;
    sqlx::raw_sql(WAIT_A_WHILE).execute(&mut *connection).await?;
    Ok(())
}

/// Makes tables again that somebody dropped after the steps were done.
async fn repeat(connection: &mut PgConnection) -> Result<(), TablesFailure> {
    for step in steps::POSTGRES.iter().filter(|step| REPEATED_MIGRATIONS.contains(&step.version)) {
        sqlx::raw_sql(step.sql.clone()).execute(&mut *connection).await?;
    }
    Ok(())
}
