//! Where a node that is killed lives: its directory, its ports, its database.

use crate::{
    program::{Program, command, embedded},
    support::{port::free, postgres::Postgres},
};
use std::{
    net::SocketAddr,
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// What keeps the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

/// A place to which a node comes back.
pub struct Home {
    directory: TempDir,
    /// The ports of members and of REST.
    ports: (u16, u16),
    /// The server of PostgreSQL, where there is one.
    pub server: Option<Postgres>,
}

impl Home {
    /// Makes an empty place.
    pub fn new(store: Store) -> Self {
        let server = (store == Store::Postgres).then(Postgres::start);
        Self { directory: tempfile::tempdir().unwrap(), ports: (free(), free()), server }
    }

    /// Returns where REST and members reach the node, whether it runs or not.
    pub fn addresses(&self) -> (SocketAddr, SocketAddr) {
        let (tcp, rest) = self.ports;
        (SocketAddr::from(([127, 0, 0, 1], rest)), SocketAddr::from(([127, 0, 0, 1], tcp)))
    }

    /// Starts the node with further variables, on the ports that it has each time, and waits until it is ready.
    pub fn start(&self, variables: &[(&str, &str)]) -> Program {
        Program::start(self.node(variables))
    }

    /// Starts the node and kills it after a while, whether it is ready by then or not.
    pub fn start_and_kill(&self, after: Duration) {
        let mut node = self.node(&[]).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        let ended = node.try_wait().unwrap();
        node.kill().unwrap();
        node.wait().unwrap();
        assert!(ended.is_none(), "the node ended by itself: {ended:?}");
    }

    /// Returns the command that starts the node.
    fn node(&self, variables: &[(&str, &str)]) -> Command {
        let (tcp, rest) = (self.ports.0.to_string(), self.ports.1.to_string());
        let own = [("ANYLOG_SERVER_PORT", &*tcp), ("ANYLOG_REST_PORT", &*rest), ("NODE_NAME", "m1")];
        let more: Vec<_> = own.into_iter().chain(UNLIMITED).chain(variables.iter().copied()).collect();
        let Some(server) = &self.server else { return embedded(self.directory.path(), &more) };
        let (path, port) = (self.directory.path().join("data").display().to_string(), server.port.to_string());
        let database = [
            ("ANYLOG_PATH", &*path),
            ("INTERNAL_IP", "127.0.0.1"),
            ("AUTH", "off"),
            ("DB_TYPE", "psql"),
            ("DB_PORT", &*port),
            ("DB_USER", "admin"),
            ("DB_PASSWD", "elpw"),
        ];
        let all: Vec<_> = database.into_iter().chain(more).collect();
        command(self.directory.path(), &["run"], &all)
    }
}

/// All writers come from one address.
const UNLIMITED: [(&str, &str); 3] = [
    ("PEER_CHANGES_PER_SECOND", "1000000"),
    ("PEER_CHANGES_PER_MINUTE", "100000000"),
    ("PEER_BYTES_PER_MINUTE", "100 GB"),
];
