//! `migrate`: brings the tables of the ledger to the form of this version, as every start does, or shows what that would be.

use crate::{
    cli::{arguments::MigrateOptions, block_on::block_on, exit::ExitFailure, load, output::print},
    config::Config,
    ledger::{self, ConnectedDatabase, DatabaseTarget, MigrationPlan},
    node::{LEDGER_DBMS, own_database},
    runtime::user,
};
use std::fmt::Write as _;

/// Prints the steps that the tables lack, and does them unless they are only to be shown.
///
/// # Errors
/// The database is not there, refuses, or was made by another program; nothing is changed then.
pub fn run(options: &MigrateOptions) -> Result<(), ExitFailure> {
    user::restrict_new_files();
    let config = load::config(&options.sources)?;
    let target = target(&config)?;
    let plan = block_on(target.migration_plan(LEDGER_DBMS))?.map_err(|error| failure(&target, &error))?;
    if options.dry_run || plan.pending.is_empty() {
        return print(&shown(&plan, options.dry_run));
    }
    block_on(migrate(target.clone()))?.map_err(|error| failure(&target, &error))?;
    print(&shown(&plan, false))
}

fn target(config: &Config) -> Result<DatabaseTarget, ExitFailure> {
    own_database(config).ok_or_else(|| ExitFailure::Usage("DB_TYPE=psql needs a DB_IP".to_owned()))
}

/// Does what is pending. Of several that start at once one does it and the others wait: PostgreSQL by a lock of its own, a
/// SQLite file by the one beside it, which a running node holds.
async fn migrate(target: DatabaseTarget) -> Result<(), ledger::Error> {
    let database = ConnectedDatabase::connect(LEDGER_DBMS, target, None).await?;
    let done = match database.store() {
        Ok(store) => store.prepare().await.map_err(ledger::Error::from),
        Err(error) => Err(error),
    };
    database.close().await;
    done
}

fn failure(target: &DatabaseTarget, error: &ledger::Error) -> ExitFailure {
    let lasts = matches!(error, ledger::Error::Unavailable(outage) if outage.is_lasting());
    match target {
        DatabaseTarget::Server(_) if !lasts => ExitFailure::Absent(error.to_string()),
        _ => ExitFailure::Failed(error.to_string()),
    }
}

/// Writes the steps as people read them; of those that were not done also the statements.
fn shown(plan: &MigrationPlan, with_statements: bool) -> String {
    let mut text = match plan.pending.len() {
        0 => format!("nothing to do: all {} steps were done\n", plan.done),
        pending => {
            let tense = if with_statements { "to be done" } else { "done now" };
            format!("{} steps were done before, {pending} {tense}:\n", plan.done)
        }
    };
    for step in &plan.pending {
        let _in_memory = writeln!(text, "{:04} {}", step.number, step.name);
        if with_statements {
            for line in step.statements.trim_end().lines() {
                text.push_str(format!("    {line}").trim_end());
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::MigrationStep;

    #[test]
    fn what_is_shown_says_how_much_was_done_and_what_follows() {
        let step = MigrationStep { number: 5, name: "size".to_owned(), statements: "-- Why.\n\nCREATE TABLE x (y);\n" };
        let mut plan = MigrationPlan { done: 4, pending: vec![step] };
        assert_eq!(
            shown(&plan, true),
            "4 steps were done before, 1 to be done:\n0005 size\n    -- Why.\n\n    CREATE TABLE x (y);\n"
        );
        assert_eq!(shown(&plan, false), "4 steps were done before, 1 done now:\n0005 size\n");
        plan.pending.clear();
        assert_eq!(shown(&plan, true), "nothing to do: all 4 steps were done\n");
    }
}
