//! The relay between a ledger and a contract: commands, outbox, both stores, and what chains and providers do to it.

mod boot;
mod commands;
mod contract_change;
mod contract_sync;
mod fees;
mod keys;
mod masters;
mod outbox;
mod recorded;
mod silence;
mod troubles;

use crate::support::{
    chain::{CONTRACT, DoubleChain},
    postgres::Postgres,
    silent::Silent,
};
use anylog_master::{
    boot as builder, command,
    config::{Config, Sources},
    node::{Node, Origin, Output, RelayStatus, Session, platforms::PlatformMaker, work_directories},
    policy::Policy,
    reply::{Error, Reply},
    runtime::shutdown::Shutdown,
};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Longest wait for something that has to come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Key of the account that signs.
const KEY: &str = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

/// Where the ledger of a test is.
enum Store {
    Sqlite,
    Postgres(Postgres),
}

/// A place for nodes that come and go.
struct Place {
    home: tempfile::TempDir,
    store: Store,
}

impl Place {
    fn sqlite() -> Self {
        Self { home: tempfile::tempdir().unwrap(), store: Store::Sqlite }
    }

    fn postgres() -> Self {
        Self { home: tempfile::tempdir().unwrap(), store: Store::Postgres(Postgres::start()) }
    }

    fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// Returns another master of the same database.
    fn beside(&self) -> tempfile::TempDir {
        tempfile::tempdir_in(self.home.path()).unwrap()
    }

    fn connect(&self) -> String {
        match &self.store {
            Store::Sqlite => "connect dbms blockchain where type = sqlite".to_owned(),
            Store::Postgres(server) => format!(
                "connect dbms blockchain where type = psql and ip = 127.0.0.1 and port = {} and user = admin and password = elpw",
                server.port
            ),
        }
    }
}

/// A node with a chain in memory.
struct Relayed {
    node: Arc<Node>,
    session: Session,
    shutdown: Shutdown,
}

impl Relayed {
    /// Starts a node whose chain is connected; no relay is on.
    async fn start(place: &Place, chain: &DoubleChain) -> Self {
        Self::start_in(place, place.home.path(), chain).await
    }

    async fn start_in(place: &Place, home: &std::path::Path, chain: &DoubleChain) -> Self {
        let relayed = Self::with_maker(place, home, Arc::new(chain.clone()), &[]).await;
        relayed
            .run(&format!(
                "blockchain connect ethereum where provider = http://double and required = false and private_key = {KEY} and contract = {CONTRACT}"
            ))
            .await
            .unwrap();
        relayed
    }

    /// Starts a node with its ledger, and with no chain connected.
    async fn with_maker(
        place: &Place,
        home: &std::path::Path,
        maker: Arc<dyn PlatformMaker>,
        variables: &[(&str, &str)],
    ) -> Self {
        let (output, shutdown): (Arc<dyn Output>, _) = (Arc::new(Silent), Shutdown::new());
        let process = [("BLOCKCHAIN_SYNC", "1 second")].iter().chain(variables);
        let process = process.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let config = Config::load(&Sources { process, ..Sources::default() }).unwrap();
        let node = builder::node_with(config, Arc::clone(&output), shutdown.clone(), maker).unwrap();
        work_directories::locate(&node.dictionary, &home.to_string_lossy());
        node.dictionary.set("ip", "192.0.2.10");
        let session = Session::local(Origin::Prompt, output, "test");
        let relayed = Self { node, session, shutdown };
        relayed.run("create work directories").await.unwrap();
        relayed.run(&place.connect()).await.unwrap();
        relayed.run("create table ledger where dbms = blockchain").await.unwrap();
        relayed
    }

    async fn with_relay(place: &Place, chain: &DoubleChain) -> Self {
        let relayed = Self::start(place, chain).await;
        relayed.run("set relay where platform = ethereum").await.unwrap();
        relayed
    }

    async fn run(&self, text: &str) -> Result<Reply, Error> {
        command::run(&self.node, &mut self.session.clone(), text).await
    }

    async fn push(&self, id: &str) {
        self.run(&format!("blockchain push {}", device(id, "n"))).await.unwrap();
    }

    fn status(&self) -> RelayStatus {
        self.node.services.relay.status().unwrap()
    }

    /// Returns the policies of the table by id.
    fn table(&self) -> BTreeMap<String, String> {
        self.node.ledger.view().iter().map(|entry| (entry.id.to_string(), entry.text.to_string())).collect()
    }

    /// Waits until contract and table agree and nothing waits: in the status, which is of the last round, and in the outbox.
    async fn agrees(&self, chain: &DoubleChain) {
        let started = Instant::now();
        let outbox = self.node.ledger.outbox("ethereum").unwrap();
        loop {
            let there: BTreeMap<String, String> = chain.policies().into_iter().collect();
            let (table, status) = (self.table(), self.status());
            let waiting = outbox.figures().await.unwrap().waiting;
            if there == table && status.outbox.waiting == 0 && waiting == 0 {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "contract {there:#?}, table {table:#?}, {status:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn stop(self) {
        self.shutdown.begin();
        self.shutdown.drain().await;
        self.node.databases.disconnect("blockchain").await;
    }
}

/// Returns the text of a policy.
fn device(id: &str, name: &str) -> String {
    let text = format!(
        r#"{{"device": {{"name": "{name}", "id": "{id}", "date": "2026-01-01T00:00:00.000000Z", "company": "Acme"}}}}"#
    );
    Policy::parse(&text).unwrap().stored_text()
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
