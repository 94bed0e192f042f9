//! Does the steps that make the tables of a SQLite file, all that it lacks in one transaction.

use crate::ledger::store::{
    outage::Outage,
    sqlite::{rows::texts, statements::COLUMNS},
    steps::{APPLIED, AppliedStep, MigrationPlan, SQLITE},
};
use rusqlite::{Connection, TransactionBehavior, params};

/// Tells whether the file has the table that remembers the steps.
const HAS_STEPS: &str = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";
/// The table that remembers the steps, as every version of this program knows it.
const CREATE_STEPS: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
)";
const NOTE_STEP: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
  VALUES (?1, ?2, TRUE, ?3, 0)";

/// Returns the columns of the ledger table, none when there is none, and the steps that were done.
///
/// # Errors
/// What SQLite says.
pub fn found(connection: &Connection) -> rusqlite::Result<(Vec<String>, Vec<AppliedStep>)> {
    let columns = texts(connection, COLUMNS, [])?;
    let tables: i64 = connection.query_row(HAS_STEPS, [], |row| row.get(0))?;
    if tables == 0 {
        return Ok((columns, Vec::new()));
    }
    let mut applied = connection.prepare(APPLIED)?;
    // Another program may keep its hashes as texts.
    let applied = applied.query_map([], |row| Ok((row.get(0)?, row.get_ref(1)?.as_bytes()?.to_vec(), row.get(2)?)))?;
    Ok((columns, applied.collect::<rusqlite::Result<_>>()?))
}

/// Why the steps were not done.
#[derive(Debug)]
pub enum MigrationFailure {
    /// The tables are not those of this program.
    Tables(Outage),
    /// SQLite says no.
    File(rusqlite::Error),
}

impl From<rusqlite::Error> for MigrationFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error)
    }
}

/// Does the steps that the file lacks, and those that make the ledger table again where somebody dropped it.
///
/// # Errors
/// Tables that this program cannot use, and what SQLite says; nothing is done then.
pub fn migrate(connection: &mut Connection) -> Result<(), MigrationFailure> {
    let (columns, applied) = found(connection)?;
    let plan = MigrationPlan::new(&SQLITE, &columns, &applied).map_err(MigrationFailure::Tables)?;
    if plan.pending.is_empty() && !columns.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(CREATE_STEPS, [])?;
    let is_pending = |number: i64| plan.pending.iter().any(|step| step.number == number);
    for step in SQLITE.iter() {
        // Each step may run again, and does where the ledger table is gone.
        if columns.is_empty() || is_pending(step.version) {
            transaction.execute_batch(step.sql.as_str())?;
        }
        if is_pending(step.version) {
            transaction.execute(NOTE_STEP, params![step.version, step.description, step.checksum])?;
        }
    }
    transaction.commit()?;
    Ok(())
}
