//! Looks at the tables of a SQLite file without changing anything of it, also while a node uses it.

use crate::ledger::store::{
    outage::Outage,
    sqlite::statements::COLUMNS,
    steps::{APPLIED, AppliedStep, MigrationPlan, SQLITE},
};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::Path;

/// Tells whether the file has the table that remembers the steps.
const HAS_STEPS: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";

/// Returns what a start would do to the tables of a file; one that is missing lacks all of them.
///
/// # Errors
/// The file cannot be read, or is no ledger of this program.
pub async fn migration_plan(path: &Path) -> Result<MigrationPlan, Outage> {
    if !path.exists() {
        return MigrationPlan::new(&SQLITE, &[], &[]);
    }
    let failed = |source: sqlx::Error| Outage::CannotOpen { place: path.display().to_string(), source: source.into() };
    let options = SqliteConnectOptions::new().filename(path).read_only(true).disable_statement_logging();
    let mut file = options.connect().await.map_err(failed)?;
    let found = read(&mut file).await.map_err(failed);
    // It was only read: nothing is lost when it does not close.
    let _closed = file.close().await;
    let (columns, applied) = found?;
    MigrationPlan::new(&SQLITE, &columns, &applied)
}

async fn read(file: &mut SqliteConnection) -> Result<(Vec<String>, Vec<AppliedStep>), sqlx::Error> {
    let columns = sqlx::query_scalar(COLUMNS).fetch_all(&mut *file).await?;
    let tables: i64 = sqlx::query_scalar(HAS_STEPS).fetch_one(&mut *file).await?;
    let applied = if tables > 0 { sqlx::query_as(APPLIED).fetch_all(&mut *file).await? } else { Vec::new() };
    Ok((columns, applied))
}
