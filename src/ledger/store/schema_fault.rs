//! Tables in the database that this program cannot use as they are.

use crate::ledger::store::outage::Outage;
use sqlx::migrate::MigrateError;
use std::sync::Arc;

/// The columns of the ledger table, as all nodes of the network know them (reference/ledger 4.3).
const COLUMNS: [&str; 8] =
    ["sequence_id", "policy_type", "policy_id", "company_name", "date", "host", "status", "policy"];

/// Why the tables of a database cannot be those of the ledger. Nothing of it passes by itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaFault {
    /// The tables were made by a program that knows more steps than this one.
    #[error(
        "a newer version of this program made the tables of the ledger (step {0}, which this one does not know): start that \
         version, or put back a backup from before it; another start of this one changes nothing"
    )]
    Newer(i64),
    /// The tables were made by another text of a step that this program knows.
    #[error(
        "another program made the tables of the ledger (its step {0} is another one, see the table _sqlx_migrations): start \
         that one, or use another database; another start of this one changes nothing"
    )]
    Other(i64),
    /// There is a table with the name of the ledger that is something else.
    #[error(
        "the database has a table 'ledger' that is no ledger: it lacks the columns {missing}, and has {found}; use another \
         database, or rename that table (ALTER TABLE ledger RENAME TO ledger_before); another start changes nothing"
    )]
    ForeignTable {
        /// Columns that a ledger has and the table lacks, with commas.
        missing: String,
        /// Columns that the table has, with commas.
        found: String,
    },
}

impl SchemaFault {
    /// Looks at the columns of the table that is to be the ledger; no columns mean that there is none.
    ///
    /// # Errors
    /// [`SchemaFault::ForeignTable`] when it is something else.
    pub fn check_columns(found: &[String]) -> Result<(), Self> {
        let lacks = |column: &&str| !found.iter().any(|there| there.eq_ignore_ascii_case(column));
        let missing: Vec<&str> = COLUMNS.into_iter().filter(lacks).collect();
        if found.is_empty() || missing.is_empty() {
            return Ok(());
        }
        Err(Self::ForeignTable { missing: missing.join(", "), found: found.join(", ") })
    }
}

/// Sorts what became of the steps that make the tables.
#[must_use]
pub fn migration_outage(error: MigrateError) -> Outage {
    match error {
        MigrateError::VersionMissing(step) | MigrateError::VersionTooNew(step, _) => {
            Outage::Schema(SchemaFault::Newer(step))
        }
        MigrateError::VersionMismatch(step) => Outage::Schema(SchemaFault::Other(step)),
        error => Outage::Migration(Arc::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &str) -> Vec<String> {
        names.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_table_with_all_columns_is_a_ledger_whatever_else_it_has() {
        assert_eq!(SchemaFault::check_columns(&[]), Ok(()));
        let mut all = columns("POLICY date host status policy sequence_id policy_type policy_id company_name more");
        assert_eq!(SchemaFault::check_columns(&all), Ok(()));
        all.retain(|column| column != "host" && column != "status");
        let fault = SchemaFault::check_columns(&all).unwrap_err().to_string();
        assert!(fault.contains("lacks the columns host, status, and has POLICY, date"), "{fault}");
    }

    #[test]
    fn a_step_that_is_not_known_is_of_a_newer_version() {
        let told = |error| migration_outage(error).to_string();
        assert!(told(MigrateError::VersionMissing(99)).contains("newer version"));
        assert!(told(MigrateError::VersionMismatch(1)).contains("its step 1 is another one"));
    }
}
