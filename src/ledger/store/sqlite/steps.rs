//! Looks at the tables of a SQLite file without changing anything of it, also while a node uses it.

use crate::ledger::store::{
    outage::Outage,
    sqlite::{connection::SqliteConnection, load::open_beside, migrate::found},
    steps::{MigrationPlan, SQLITE},
};
use std::path::Path;

/// Returns what a start would do to the tables of a file; one that is missing lacks all of them.
///
/// # Errors
/// The file cannot be read, or is no ledger of this program.
pub async fn migration_plan(path: &Path) -> Result<MigrationPlan, Outage> {
    if !path.exists() {
        return MigrationPlan::new(&SQLITE, &[], &[]);
    }
    let place = path.display().to_string();
    let path = path.to_owned();
    let read = async {
        let file = SqliteConnection::open(move || open_beside(&path)).await?;
        file.ask(|file| found(file)).await
    };
    let (columns, applied) = read.await.map_err(|source| Outage::CannotOpen { place, source })?;
    MigrationPlan::new(&SQLITE, &columns, &applied)
}
