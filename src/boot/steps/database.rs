//! Step 3: the database is connected and the ledger table is there.

use crate::{
    boot::{
        BootFailure,
        runner::{Runner, may_come},
        steps::lost,
    },
    config::DbType,
    node::LEDGER_DBMS,
    reply::Error,
    runtime::limits::DATABASE_BACKOFF,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// First pause between two tries; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// A file does not come later; another node that is just ending may leave it.
const FILE_WAIT: Duration = Duration::from_secs(5);
const FILE_REMEDY: &str = "then start again; a damaged file is put back from a backup, or moved away: START_FROM=copy brings back what the local copy has";

const TABLE_REMEDY: &str =
    "mend what the database says where it runs (room on its disk, rights of DB_USER), and start again";

/// Connects the database, for as long as `DB_WAIT` says, creates the table, and looks whether it lost what the local copy has.
///
/// # Errors
/// The command that failed.
pub async fn run(runner: &mut Runner) -> Result<&'static str, BootFailure> {
    let mut outcome = "was there";
    if runner.node.databases.get(LEDGER_DBMS).is_none() {
        connect(runner).await?;
        outcome = "done";
    }
    // A table that cannot be asked for is created, or the command tells why it cannot be.
    if !runner.node.ledger.table_exists().await.unwrap_or_default() {
        attempt_while_it_may_come(runner, "create table ledger where dbms=blockchain", TABLE_REMEDY).await?;
        outcome = "done";
    }
    Ok(lost::decide(runner).await?.unwrap_or(outcome))
}

async fn connect(runner: &mut Runner) -> Result<(), BootFailure> {
    let config = Arc::clone(&runner.node.config);
    let text = match config.database.db_type {
        DbType::Sqlite => "connect dbms blockchain where type=sqlite",
        DbType::Psql if config.database.db_passwd.is_none() => {
            "connect dbms blockchain where type=psql and ip=!db_ip and port=!db_port and user=!db_user"
        }
        DbType::Psql => {
            "connect dbms blockchain where type=psql and ip=!db_ip and port=!db_port and user=!db_user and password=!db_passwd"
        }
    };
    attempt_while_it_may_come(runner, text, "check the DB_ variables, and start again").await
}

/// Tries a command as long as waiting for the database may help: it is not there yet, or another master makes its tables.
async fn attempt_while_it_may_come(runner: &mut Runner, text: &str, remedy: &'static str) -> Result<(), BootFailure> {
    let config = Arc::clone(&runner.node.config);
    let file = config.database.db_type == DbType::Sqlite;
    let wait = if file { config.database.db_wait.min(FILE_WAIT) } else { config.database.db_wait };
    let mut told = Waiting::new(wait);
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match runner.attempt(text).await {
            Ok(_) => {
                told.end();
                return Ok(());
            }
            Err(error) => error,
        };
        if !may_come(&error) {
            return Err(runner.failed(text, error, remedy));
        }
        if started.elapsed() + pause > wait {
            return Err(if file { runner.failed(text, error, FILE_REMEDY) } else { absent(runner, text, error, wait) });
        }
        told.tell(&error.to_string());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(DATABASE_BACKOFF);
    }
}

/// What the log says of a boot that waits: why, once, and again when the reason is another one, and the end.
struct Waiting {
    limit: Duration,
    since: Instant,
    tries: u32,
    reason: String,
}

impl Waiting {
    fn new(limit: Duration) -> Self {
        Self { limit, since: Instant::now(), tries: 0, reason: String::new() }
    }

    fn tell(&mut self, reason: &str) {
        self.tries += 1;
        if self.reason != reason {
            reason.clone_into(&mut self.reason);
            tracing::warn!(
                "the database is not there yet; it is tried again for {} s (DB_WAIT): {reason}",
                self.limit.as_secs()
            );
        }
    }

    fn end(&self) {
        if self.tries > 0 {
            let seconds = self.since.elapsed().as_secs_f32();
            tracing::info!("the database is there, after {seconds:.1} s and {} tries", self.tries + 1);
        }
    }
}

/// Describes a server that did not come in time.
fn absent(runner: &Runner, text: &str, error: Error, wait: Duration) -> BootFailure {
    let variables = "check that it runs, DB_IP, DB_PORT, DB_USER and DB_PASSWD";
    runner.unavailable(text, error, format!("no database within DB_WAIT={}s: {variables}", wait.as_secs()))
}
