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

/// Whether the database may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenMissing {
    /// It is an error that there is none.
    Fail,
    /// It is made.
    Create,
}

impl OpenLedger {
    /// Opens the database and reads the ledger table, which is brought to the form of this version as by a start.
    ///
    /// # Errors
    /// The database is not there, refuses, or is used by a node whose REST server does not answer.
    pub async fn open(config: &Config, missing: WhenMissing) -> Result<Self, ExitFailure> {
        let target = own_database(config);
        let target = target.ok_or_else(|| ExitFailure::Usage("DB_TYPE=psql needs a DB_IP".to_owned()))?;
        if let DatabaseTarget::File(path) = &target
            && missing == WhenMissing::Fail
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
        let shutdown = Shutdown::new();
        let ledger = Ledger::start(boot::ledger_settings(config), &shutdown);
        let opened = Self { ledger, shutdown };
        let attached = opened.ledger.attach(database.store().map_err(failed)?).await;
        attached.map_err(failed)?;
        if missing == WhenMissing::Create {
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
