//! Where a node that is killed lives: its directory, its ports, its database.

use crate::{
    program::{Program, command},
    support::{port::free, postgres::Postgres},
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
    ports: (String, String),
    /// The server of PostgreSQL, where there is one.
    pub server: Option<Postgres>,
}

impl Home {
    /// Makes an empty place.
    pub fn new(store: Store) -> Self {
        let server = (store == Store::Postgres).then(Postgres::start);
        Self { directory: tempfile::tempdir().unwrap(), ports: (free().to_string(), free().to_string()), server }
    }

    /// Starts the node with further variables, on the ports that it has each time.
    pub fn start(&self, variables: &[(&str, &str)]) -> Program {
        let ports = [("ANYLOG_SERVER_PORT", &*self.ports.0), ("ANYLOG_REST_PORT", &*self.ports.1), ("NODE_NAME", "m1")];
        let more: Vec<_> = ports.into_iter().chain(UNLIMITED).chain(variables.iter().copied()).collect();
        let Some(server) = &self.server else { return Program::embedded(self.directory.path(), &more) };
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
        Program::start(command(self.directory.path(), &["run"], &all))
    }
}

/// All writers come from one address.
const UNLIMITED: [(&str, &str); 3] = [
    ("PEER_CHANGES_PER_SECOND", "1000000"),
    ("PEER_CHANGES_PER_MINUTE", "100000000"),
    ("PEER_BYTES_PER_MINUTE", "100 GB"),
];
