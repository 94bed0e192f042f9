//! Looks at the tables of a database on a server without changing anything there.

use crate::ledger::store::{
    outage::Outage,
    postgres::{server::PostgresServer, statements::COLUMNS},
    steps::{APPLIED, AppliedStep, MigrationPlan, POSTGRES},
};
use sqlx::{Connection as _, PgConnection};

/// Tells whether the database has the table that remembers the steps.
const HAS_STEPS: &str = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";

/// Returns what a start would do to the tables of a database, by its logical name; one that is missing lacks all of them.
///
/// # Errors
/// The server does not answer or refuses, or the tables are no ledger of this program.
pub async fn migration_plan(server: &PostgresServer, logical: &str) -> Result<MigrationPlan, Outage> {
    let Some(mut connection) = server.connect_to_look(logical).await? else {
        return MigrationPlan::new(&POSTGRES, &[], &[]);
    };
    let found = read(&mut connection).await;
    // It was only read: nothing is lost when it does not close.
    let _closed = connection.close().await;
    let (columns, applied) =
        found.map_err(|source| Outage::Server { server: server.address(), source: source.into() })?;
    MigrationPlan::new(&POSTGRES, &columns, &applied)
}

async fn read(connection: &mut PgConnection) -> Result<(Vec<String>, Vec<AppliedStep>), sqlx::Error> {
    let columns = sqlx::query_scalar(COLUMNS).fetch_all(&mut *connection).await?;
    let has_steps: bool = sqlx::query_scalar(HAS_STEPS).fetch_one(&mut *connection).await?;
    let applied = if has_steps { sqlx::query_as(APPLIED).fetch_all(&mut *connection).await? } else { Vec::new() };
    Ok((columns, applied))
}
