//! The steps that make the tables, as they stand in the folder `migrations`, and what of them a database lacks.

use crate::ledger::store::{outage::Outage, schema_fault::SchemaFault};
use sqlx::migrate::{MigrateError, Migrator};
use std::sync::Arc;

/// The steps of a `PostgreSQL` database.
pub static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
/// The steps of a SQLite file.
pub static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// Reads the steps that a database has, in the dialect of both engines.
pub const APPLIED: &str = "SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version";

/// A step as a database remembers it: its number, the hash of its text, and whether it was done to its end.
pub type AppliedStep = (i64, Vec<u8>, bool);

/// What a start of this program does to the tables of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationPlan {
    /// Steps that were done before.
    pub done: usize,
    /// Steps that are to be done, in their order.
    pub pending: Vec<MigrationStep>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStep {
    /// Its number; steps are done in the order of their numbers.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Its statements, with the comment that says why.
    pub statements: &'static str,
}

impl MigrationPlan {
    /// Compares the steps of this program with what a database has: the columns of its table `ledger`, and its steps.
    ///
    /// # Errors
    /// The database cannot be used by this program, or a step ended in its middle.
    pub fn new(program: &'static Migrator, columns: &[String], applied: &[AppliedStep]) -> Result<Self, Outage> {
        SchemaFault::check_columns(columns).map_err(Outage::Schema)?;
        for (number, checksum, is_whole) in applied {
            let known = program.iter().find(|step| step.version == *number);
            let known = known.ok_or(Outage::Schema(SchemaFault::Newer(*number)))?;
            if *known.checksum != **checksum {
                return Err(Outage::Schema(SchemaFault::Other(*number)));
            }
            if !is_whole {
                return Err(Outage::Migration(Arc::new(MigrateError::Dirty(*number))));
            }
        }
        let lacks = |number: i64| !applied.iter().any(|(there, ..)| *there == number);
        let pending = program.iter().filter(|step| lacks(step.version)).map(|step| MigrationStep {
            number: step.version,
            name: step.description.to_string(),
            statements: step.sql.as_str(),
        });
        Ok(Self { done: applied.len(), pending: pending.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(program: &'static Migrator) -> Vec<AppliedStep> {
        program.iter().map(|step| (step.version, step.checksum.to_vec(), true)).collect()
    }

    #[test]
    fn what_a_database_lacks_is_pending() {
        for program in [&POSTGRES, &SQLITE] {
            let mut there = all(program);
            let plan = MigrationPlan::new(program, &[], &there).unwrap();
            assert_eq!((plan.done, plan.pending.len()), (there.len(), 0));
            let last = there.pop().unwrap();
            let plan = MigrationPlan::new(program, &[], &there).unwrap();
            assert_eq!((plan.done, plan.pending.len(), plan.pending[0].number), (there.len(), 1, last.0));
            assert!(plan.pending[0].statements.starts_with("--"), "each step says why");
            let plan = MigrationPlan::new(program, &[], &[]).unwrap();
            assert_eq!((plan.done, plan.pending.len()), (0, there.len() + 1));
        }
    }

    #[test]
    fn a_database_of_another_program_has_no_plan() {
        let mut there = all(&SQLITE);
        there.push((9999, Vec::new(), true));
        let fault = MigrationPlan::new(&SQLITE, &[], &there).unwrap_err().to_string();
        assert!(fault.contains("a newer version of this program") && fault.contains("step 9999"), "{fault}");
        let fault = MigrationPlan::new(&SQLITE, &[], &[(1, vec![1], true)]).unwrap_err().to_string();
        assert!(fault.contains("its step 1 is another one"), "{fault}");
        let fault = MigrationPlan::new(&SQLITE, &["id".to_owned()], &[]).unwrap_err().to_string();
        assert!(fault.contains("is no ledger"), "{fault}");
        let mut there = all(&SQLITE);
        there[0].2 = false;
        assert!(matches!(MigrationPlan::new(&SQLITE, &[], &there), Err(Outage::Migration(_))));
    }
}
