//! The ledger on both stores: contract, crash safety, several masters.

mod contract;
mod fail_over;
mod file;
mod lost;
mod lost_answers;
mod masters;
mod model;
mod outage;
mod passage;
mod pooler;
mod refusals;
mod security;
mod upgrade;

use crate::support::postgres::Postgres;
use anylog_master::{
    ledger::{
        Author, Change, ConnectedDatabase, DatabaseTarget, Error, Ledger, LedgerSettings, OnDuplicate, PolicyCheck,
        PolicyInsert, PostgresServer, PostgresTls, Written,
    },
    policy::Policy,
    runtime::shutdown::Shutdown,
};
use std::{path::PathBuf, sync::Arc};
use tempfile::TempDir;

/// Where a ledger of a test lives.
enum Place {
    Sqlite(TempDir),
    Postgres(Postgres, TempDir),
}

impl Place {
    fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    fn postgres() -> Self {
        Self::Postgres(Postgres::start(), TempDir::new().unwrap())
    }

    fn directory(&self) -> PathBuf {
        match self {
            Self::Sqlite(directory) | Self::Postgres(_, directory) => directory.path().to_owned(),
        }
    }

    fn file(&self) -> PathBuf {
        self.directory().join("blockchain.json")
    }

    fn target(&self) -> DatabaseTarget {
        match self {
            Self::Sqlite(directory) => DatabaseTarget::File(directory.path().join("blockchain.dbms")),
            Self::Postgres(server, _) => DatabaseTarget::Server(server_at(&format!("127.0.0.1:{}", server.port))),
        }
    }

    async fn connection(&self) -> ConnectedDatabase {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(5);
        loop {
            match ConnectedDatabase::connect("blockchain", self.target(), None).await {
                // A test that starts a program has for a moment, between fork and exec, the lock of a file that another closed.
                Err(error) if format!("{error:?}").contains("InUse") && std::time::Instant::now() < end => {
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
                outcome => return outcome.unwrap(),
            }
        }
    }

    /// Connects a further database of the place.
    async fn database(&self, name: &str) -> ConnectedDatabase {
        let target = match self.target() {
            DatabaseTarget::File(path) => DatabaseTarget::File(path.with_file_name(format!("{name}.dbms"))),
            other => other,
        };
        ConnectedDatabase::connect(name, target, None).await.unwrap()
    }
}

/// Returns the servers at some places, with the administrator of the tests.
fn server_at(hosts: &str) -> PostgresServer {
    PostgresServer {
        hosts: hosts.parse().unwrap(),
        port: 5432,
        user: "admin".to_owned(),
        password: "elpw".into(),
        database: None,
        tls: PostgresTls::default(),
    }
}

/// Connects the ledger's database on a server.
async fn connect(server: PostgresServer) -> Result<ConnectedDatabase, Error> {
    ConnectedDatabase::connect("blockchain", DatabaseTarget::Server(server), None).await
}

/// A ledger with the tasks behind it.
struct Node {
    ledger: Ledger,
    shutdown: Shutdown,
}

impl Node {
    /// Starts a ledger without a database.
    fn alone() -> Self {
        let shutdown = Shutdown::new();
        Self { ledger: Ledger::start(LedgerSettings::default(), &shutdown), shutdown }
    }

    /// Starts a ledger on a place, with its table.
    async fn start(place: &Place) -> Self {
        let node = Self::alone();
        node.ledger.open_file(place.file()).await.unwrap();
        node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        node
    }

    /// Starts a ledger with its table on servers at some places, without a local copy.
    async fn on(hosts: &str) -> Self {
        let node = Self::alone();
        node.ledger.attach(connect(server_at(hosts)).await.unwrap().store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        node
    }

    async fn stop(self) {
        self.shutdown.begin();
        self.shutdown.drain().await;
    }

    async fn insert(&self, text: &str) -> Result<Written, Error> {
        self.ledger.write(insert(text, OnDuplicate::Refuse), Author::new("test")).await
    }

    async fn drop_ids(&self, ids: &[&str]) -> Result<Written, Error> {
        let ids = ids.iter().map(ToString::to_string).collect();
        self.ledger.write(Change::Drop { ids }, Author::new("test")).await
    }

    fn ids(&self) -> Vec<String> {
        self.ledger.view().iter().map(|entry| entry.id.to_string()).collect()
    }

    async fn exported(&self) -> String {
        String::from_utf8(self.ledger.export().await.unwrap().to_vec()).unwrap()
    }
}

fn insert(text: &str, on_duplicate: OnDuplicate) -> Change {
    let policy = Policy::parse(text).unwrap();
    Change::Insert(PolicyInsert { policy, host: "10.0.0.1".to_owned(), on_duplicate, check: PolicyCheck::Structure })
}

fn device(id: &str, second: u32) -> String {
    format!(r#"{{"device": {{"name": "d-{id}", "id": "{id}", "date": "2026-01-01T00:00:{second:02}.000000Z"}}}}"#)
}

fn shared(node: Node) -> Arc<Node> {
    Arc::new(node)
}
