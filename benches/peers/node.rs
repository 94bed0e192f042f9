//! Our node as a process of its own on either store, and its doors as peers: REST, `/v1`, TCP.

use crate::{
    http::{self, Connection},
    load::{Client, Peer},
    payload,
    postgres::{Postgres, port},
    program::{Program, command},
    still,
    tcp::TcpClient,
};
use async_trait::async_trait;
use std::{
    collections::HashSet,
    net::SocketAddr,
    path::Path,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Where a ledger is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// A file of SQLite.
    Sqlite,
    /// A server of PostgreSQL.
    Postgres,
}

impl Store {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A node with its directory and its database.
pub struct Node {
    /// Behind a lock, because nobody reads the log of a program from two sides.
    program: Option<Mutex<Program>>,
    rest: SocketAddr,
    tcp: SocketAddr,
    ports: (String, String),
    store: Store,
    home: TempDir,
    server: Option<Postgres>,
    started: Duration,
}

/// What lets one client send as much as it can; everything else is as it is by default.
const UNLIMITED: [(&str, &str); 4] = [
    ("PEER_CHANGES_PER_SECOND", "100000000"),
    ("PEER_CHANGES_PER_MINUTE", "1000000000"),
    ("PEER_BYTES_PER_MINUTE", "1000 GB"),
    ("LEDGER_QUOTA", "1000 GB"),
];

impl Node {
    /// Starts a node on an empty store.
    pub fn start(store: Store) -> Self {
        let server = (store == Store::Postgres).then(Postgres::start_on_disk);
        let ports = (port::free().to_string(), port::free().to_string());
        let (nowhere, home) = (SocketAddr::from(([127, 0, 0, 1], 0)), tempfile::tempdir().unwrap());
        let started = Duration::ZERO;
        let mut node = Self { program: None, rest: nowhere, tcp: nowhere, ports, store, home, server, started };
        node.run();
        node
    }

    fn run(&mut self) {
        let (path, database) = (self.home.path().join("data").display().to_string(), self.server.as_ref());
        let database_port = database.map(|server| server.port.to_string()).unwrap_or_default();
        let mut variables = vec![
            ("NODE_NAME", "m1"),
            ("ANYLOG_SERVER_PORT", &*self.ports.0),
            ("ANYLOG_REST_PORT", &*self.ports.1),
            ("INTERNAL_IP", "127.0.0.1"),
            ("AUTH", "off"),
        ];
        variables.extend(UNLIMITED);
        let arguments: &[&str] = match self.store {
            Store::Sqlite => &["run", "--embedded"],
            Store::Postgres => {
                variables.extend([("ANYLOG_PATH", &*path), ("DB_TYPE", "psql"), ("DB_PORT", &*database_port)]);
                variables.extend([("DB_USER", "admin"), ("DB_PASSWD", "elpw")]);
                &["run"]
            }
        };
        let begin = Instant::now();
        let started = || Program::start(command(self.home.path(), arguments, &variables));
        let program = tokio::task::block_in_place(started);
        self.started = begin.elapsed();
        (self.rest, self.tcp) = (program.rest, program.tcp);
        self.program = Some(Mutex::new(program));
    }

    /// Kills it and starts it again.
    pub fn crash(&mut self) {
        self.program = None;
        self.run();
    }

    /// Stops it where it is, and then its database server, which has answered it by then.
    pub fn stand_still(&self) {
        still::stand_still(self.process());
        if let Some(server) = &self.server {
            server.signal("STOP");
        }
    }

    /// Lets its database server go on, and then itself.
    pub fn go_on(&self) {
        if let Some(server) = &self.server {
            server.signal("CONT");
        }
        still::go_on(self.process());
    }

    /// Returns how long its last start took until it was ready.
    pub const fn started(&self) -> Duration {
        self.started
    }

    /// Returns where its REST server listens.
    pub const fn rest(&self) -> SocketAddr {
        self.rest
    }

    /// Returns where its TCP server listens.
    pub const fn tcp(&self) -> SocketAddr {
        self.tcp
    }

    /// Returns the number of its process.
    pub fn process(&self) -> u32 {
        self.program().id()
    }

    /// Returns the lines of its log that nobody has read yet.
    pub fn log(&self) -> Vec<serde_json::Value> {
        self.program().log_so_far()
    }

    fn program(&self) -> MutexGuard<'_, Program> {
        self.program.as_ref().unwrap().lock().unwrap()
    }

    /// Returns its database server, where its store is one.
    pub const fn server(&self) -> Option<&Postgres> {
        self.server.as_ref()
    }

    /// Returns its directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Returns the numbers of the policies that it holds.
    pub async fn held(&self) -> HashSet<u64> {
        held(self.rest()).await
    }
}

/// Returns the numbers of the policies that a node holds.
pub async fn held(rest: SocketAddr) -> HashSet<u64> {
    let mut connection = Connection::open(rest).await.unwrap();
    let question = http::command("GET", "blockchain get device bring [device][name] separator = ,");
    let names = connection.ask(&question).await.unwrap();
    String::from_utf8_lossy(names).split(',').filter_map(payload::number).collect()
}

/// How policies come to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// `blockchain insert` on a kept connection.
    Rest,
    /// `POST /v1/policies` on a kept connection.
    Api,
    /// `blockchain push` with a waiting caller; the protocol has one message on each connection.
    Tcp,
}

/// A node behind one of its doors.
pub struct Ours {
    door: Door,
    node: Node,
}

impl Door {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Rest, Self::Api, Self::Tcp];

    /// What tables call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rest => "REST",
            Self::Api => "/v1",
            Self::Tcp => "TCP",
        }
    }
}

impl Ours {
    /// Starts a node for one door.
    pub fn start(store: Store, door: Door) -> Self {
        Self { door, node: Node::start(store) }
    }

    /// Returns where its TCP server listens.
    pub const fn tcp(&self) -> SocketAddr {
        self.node.tcp()
    }
}

#[async_trait]
impl Peer for Ours {
    fn name(&self) -> String {
        format!("ours, {}", self.door.name())
    }

    async fn client(&self) -> Box<dyn Client> {
        match self.door {
            Door::Rest => Box::new(RestClient(Connection::open(self.node.rest()).await.unwrap())),
            Door::Api => Box::new(ApiClient(Connection::open(self.node.rest()).await.unwrap())),
            Door::Tcp => Box::new(TcpClient::new(self.node.tcp()).await),
        }
    }

    async fn held(&self) -> HashSet<u64> {
        self.node.held().await
    }

    fn is_process(&self) -> bool {
        true
    }

    async fn crash(&mut self) {
        self.node.crash();
    }

    fn stand_still(&self) {
        self.node.stand_still();
    }

    fn go_on(&self) {
        self.node.go_on();
    }
}

/// Inserts as clients of the network do.
pub struct RestClient(pub Connection);

#[async_trait]
impl Client for RestClient {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let policy = payload::policy(number);
        let text = format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
        self.0.ask(&http::command("POST", &text)).await.map(drop)
    }
}

/// Adds documents.
struct ApiClient(Connection);

#[async_trait]
impl Client for ApiClient {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        self.0.ask(&http::post("/v1/policies", &payload::policy(number))).await.map(drop)
    }
}
