//! A node that is booted by its own plan, on either store, as often as a test wants.

use crate::{
    peer::member::{Member, text},
    support::{port::free, postgres::Postgres, silent::Silent},
};
use anylog_master::{
    boot, command,
    config::{Config, Sources},
    node::{Node, Origin, Role, Session},
    reply::{Error, Reply},
    runtime::shutdown::Shutdown,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Where a node keeps its things: a directory, a database, two ports that stay its own.
pub struct House {
    home: tempfile::TempDir,
    server: Option<Postgres>,
    ports: [u16; 2],
    variables: Vec<(String, String)>,
}

/// A node that was booted.
pub struct Inhabitant {
    /// The node.
    pub node: Arc<Node>,
    /// Where members reach it.
    pub address: SocketAddr,
}

impl House {
    /// Builds a house on a SQLite file.
    pub fn sqlite() -> Self {
        Self::new(None)
    }

    /// Builds a house on a server of its own.
    pub fn postgres() -> Self {
        Self::new(Some(Postgres::start()))
    }

    fn new(server: Option<Postgres>) -> Self {
        let (home, ports) = (tempfile::tempdir().unwrap(), [free(), free()]);
        Self { home, server, ports, variables: Vec::new() }
    }

    /// Sets a variable of the configuration.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Tells whether the ledger is on a server.
    pub fn is_postgres(&self) -> bool {
        self.server.is_some()
    }

    /// Boots a node by the built-in plan; a boot that stops fails the test with its reason.
    pub async fn boot(&self) -> Inhabitant {
        let node = boot::node(self.config(), Arc::new(Silent), Shutdown::new()).unwrap();
        boot::run_plan(&node).await.unwrap_or_else(|error| panic!("{error}"));
        node.readiness.boot_finished();
        let address = SocketAddr::from(([127, 0, 0, 1], self.ports[0]));
        Inhabitant { node, address }
    }

    /// Starts the TCP server of a node and nothing else, as it is while the database of a node does not come.
    pub async fn without_database(&self) -> Inhabitant {
        let node = boot::node(self.config(), Arc::new(Silent), Shutdown::new()).unwrap();
        let port = self.ports[0];
        let inhabitant = Inhabitant { node, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        for text in [
            format!("set anylog home {}", self.home.path().display()),
            "create work directories".to_owned(),
            format!("run tcp server where internal_ip = 127.0.0.1 and internal_port = {port} and bind = true"),
        ] {
            inhabitant.run(&text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        inhabitant
    }

    fn config(&self) -> Config {
        let home = self.home.path().display().to_string();
        let [tcp, rest] = self.ports.map(|port| port.to_string());
        let mut process = self.variables.clone();
        let mut set = |name: &str, value: &str| process.push((name.to_owned(), value.to_owned()));
        for (name, value) in [
            ("ANYLOG_PATH", &*home),
            ("ANYLOG_SERVER_PORT", &tcp),
            ("ANYLOG_REST_PORT", &rest),
            ("INTERNAL_IP", "127.0.0.1"),
            ("NODE_NAME", "n1"),
            ("MEMBER_PUSH", "off"),
            ("COMPANY_NAME", "acme"),
            ("AUTH", "off"),
            ("PEER_SQL", "on"),
        ] {
            set(name, value);
        }
        if let Some(server) = &self.server {
            let port = server.port.to_string();
            for (name, value) in [
                ("DB_TYPE", "psql"),
                ("DB_IP", "127.0.0.1"),
                ("DB_PORT", &*port),
                ("DB_USER", "admin"),
                ("DB_PASSWD", "elpw"),
            ] {
                set(name, value);
            }
        }
        Config::load(&Sources { process, ..Sources::default() }).unwrap()
    }

    /// Runs SQL on the database of the ledger as somebody else who has it: psql, or the library of SQLite on the file.
    pub async fn sql(&self, statements: &[&str]) {
        match &self.server {
            Some(server) => statements.iter().for_each(|sql| server.sql("blockchain", sql)),
            None => {
                let file = self.home.path().join("EdgeLake/data/dbms/blockchain.dbms");
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
                let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
                for sql in statements {
                    sqlx::raw_sql(sqlx::AssertSqlSafe((*sql).to_owned())).execute(&pool).await.unwrap();
                }
                pool.close().await;
            }
        }
    }

    /// Puts another database in the place of the one of the ledger, with nothing in it.
    pub async fn swap_database(&self) {
        match &self.server {
            Some(server) => server.sql("blockchain", "DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
            None => std::fs::rename(self.below("data/dbms"), self.below("data/former")).unwrap(),
        }
    }

    /// Returns a path of the node.
    pub fn below(&self, path: &str) -> std::path::PathBuf {
        self.home.path().join("EdgeLake").join(path)
    }

    /// Removes the local copy of the ledger.
    pub fn forget_copy(&self) {
        std::fs::remove_dir_all(self.home.path().join("EdgeLake/blockchain")).unwrap();
    }

    /// Returns the server.
    pub fn server(&self) -> &Postgres {
        self.server.as_ref().unwrap()
    }
}

impl Inhabitant {
    /// Ends the node as a signal does.
    pub async fn stop(self) {
        boot::stop(&self.node, Duration::from_secs(5)).await;
    }

    /// Runs a command as an operator at the node does.
    pub async fn run(&self, text: &str) -> Result<Reply, Error> {
        let mut session = Session::local(Origin::Prompt, Arc::clone(&self.node.console), "test");
        command::run(&self.node, &mut session, text).await
    }

    /// Runs a command as a REST caller with a token does.
    pub async fn rest(&self, role: Role, text: &str) -> Result<Reply, Error> {
        let origin = Origin::Rest { caller: [192, 0, 2, 9].into(), user: Some("alice".to_owned()), is_foreign: false };
        let mut session = Session::new(origin, role, Arc::clone(&self.node.console), "rest");
        command::run(&self.node, &mut session, text).await
    }

    /// Returns a member of the node.
    pub async fn member(&self) -> Member {
        Member::new(self.address).await
    }

    /// Sends a command as one block and returns the code and the text of the answer.
    pub async fn block(&self, command: &str) -> (u16, String) {
        let answer = self.member().await.ask(command).await;
        (answer.header.error, text(&answer))
    }

    /// Returns the ids of the policies that queries find.
    pub fn ids(&self) -> Vec<String> {
        self.node.ledger.view().iter().map(|entry| entry.id.to_string()).collect()
    }

    /// Returns the text of the policy with an id.
    pub fn text_of(&self, id: &str) -> Option<String> {
        self.node.ledger.view().by_id(id).map(|entry| entry.text.to_string())
    }

    /// Returns the id of the only policy of this node.
    pub fn own_id(&self) -> String {
        let view = self.node.ledger.view();
        let own: Vec<_> = view.of_type("master").collect();
        assert_eq!(own.len(), 1, "{own:?}");
        own[0].id.to_string()
    }
}

/// Returns a policy for the ledger.
pub fn device(id: &str) -> String {
    format!(r#"{{"device": {{"name": "d-{id}", "id": "{id}", "date": "2026-01-01T00:00:00.000001Z"}}}}"#)
}
