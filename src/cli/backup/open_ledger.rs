//! The ledger in the database of the configuration, opened by this program itself.

use crate::{
    boot,
    cli::exit::ExitFailure,
    config::Config,
    ledger::{self, ConnectedDatabase, DatabaseTarget, Ledger},
    node::{LEDGER_DBMS, own_database},
    runtime::shutdown::Shutdown,
};

/// The ledger of a database that no node uses, or that several masters share.
pub struct OpenLedger {
    /// The ledger.
    pub ledger: Ledger,
    shutdown: Shutdown,
}

/// What the database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFor {
    /// To look at it: nothing of it is changed, its tables included.
    Looking,
    /// To read it: it is an error that there is none, and its tables are brought to the form of this version.
    Reading,
    /// To write into it: it is made when there is none.
    Writing,
}

impl OpenLedger {
    /// Opens the database and reads the ledger table, which is brought to the form of this version as by a start, unless it is
    /// only to be looked at.
    ///
    /// # Errors
    /// The database is not there, refuses, or is used by a node whose REST server does not answer; it is to be looked at and is
    /// that of an older version.
    pub async fn open(config: &Config, purpose: OpenFor) -> Result<Self, ExitFailure> {
        let target = own_database(config);
        let target = target.ok_or_else(|| ExitFailure::Usage("DB_TYPE=psql needs a DB_IP".to_owned()))?;
        if let DatabaseTarget::File(path) = &target
            && purpose != OpenFor::Writing
            && !path.exists()
        {
            let text = format!("no node answers, and there is no ledger at {}", path.display());
            return Err(ExitFailure::Failed(text));
        }
        let failed = |error: ledger::Error| match &target {
            DatabaseTarget::Server(_) if error.may_pass() => ExitFailure::Absent(error.to_string()),
            _ => ExitFailure::Failed(error.to_string()),
        };
        let database = ConnectedDatabase::connect(LEDGER_DBMS, target.clone(), None).await.map_err(failed)?;
        if purpose == OpenFor::Looking {
            let refusal = match lacking_steps(&target, &database).await {
                Ok(0) => None,
                Ok(steps) => Some(ExitFailure::Failed(older(steps))),
                Err(error) => Some(failed(error)),
            };
            if let Some(refusal) = refusal {
                database.close().await;
                return Err(refusal);
            }
        }
        let shutdown = Shutdown::new();
        let ledger = Ledger::start(boot::ledger_settings(config), &shutdown);
        let opened = Self { ledger, shutdown };
        let attached = opened.ledger.attach(database.store().map_err(failed)?).await;
        attached.map_err(failed)?;
        if purpose == OpenFor::Writing {
            opened.ledger.create_table().await.map_err(failed)?;
        }
        Ok(opened)
    }

    /// Closes the database.
    pub async fn close(self) {
        self.shutdown.begin();
        self.shutdown.drain().await;
    }
}

/// Returns how many steps a ledger that is there lacks to have the form of this version.
async fn lacking_steps(target: &DatabaseTarget, database: &ConnectedDatabase) -> Result<usize, ledger::Error> {
    // Where no ledger is there is nothing to be brought to another form.
    if !database.store()?.exists().await? {
        return Ok(0);
    }
    Ok(target.migration_plan(LEDGER_DBMS).await?.pending.len())
}

fn older(steps: usize) -> String {
    format!(
        "the tables are those of an older version: without --dry-run they would be migrated first ({steps} steps, which 'migrate \
         --dry-run' shows); what would be done afterwards cannot be told before that, and nothing was changed"
    )
}
