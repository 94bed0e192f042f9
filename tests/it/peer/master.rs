//! A master of the tests: an SQLite ledger in a directory of its own, a TCP server on a port of its own.

use crate::support::silent::Silent;
use anylog_master::{
    boot, command,
    config::{Config, Sources},
    node::{Node, Origin, Session},
    reply::{Error, Reply},
    runtime::shutdown::Shutdown,
};
use std::{net::SocketAddr, sync::Arc};

/// A running master; dropped with its directory.
pub struct Master {
    /// The node.
    pub node: Arc<Node>,
    /// Where members reach it.
    pub address: SocketAddr,
    _home: tempfile::TempDir,
}

impl Master {
    /// Starts a master with an empty ledger.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts a master with some variables of its configuration. Members get nothing unasked, unless one of them says so.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        Self::on("connect dbms blockchain where type = sqlite", variables).await
    }

    /// Starts a master on a database.
    pub async fn on(connect: &str, variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_str().unwrap().to_owned();
        let mut process: Vec<_> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        if !variables.iter().any(|(name, _)| *name == "MEMBER_PUSH") {
            process.push(("MEMBER_PUSH".to_owned(), "off".to_owned()));
        }
        process.push(("ANYLOG_PATH".to_owned(), path.clone()));
        process.push(("NODE_NAME".to_owned(), "m1".to_owned()));
        let config = Config::load(&Sources { process, ..Sources::default() }).unwrap();
        let node = boot::node(config, Arc::new(Silent), Shutdown::new()).unwrap();
        for text in [
            format!("set anylog home {path}"),
            "create work directories".to_owned(),
            connect.to_owned(),
            "create table ledger where dbms = blockchain".to_owned(),
            "set node name m1".to_owned(),
            "run tcp server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true".to_owned(),
        ] {
            run(&node, &text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let address = node.services.peers.status().unwrap().bound;
        Self { node, address, _home: home }
    }

    /// Runs a command as the boot does.
    pub async fn run(&self, text: &str) -> Result<Reply, Error> {
        run(&self.node, text).await
    }
}

async fn run(node: &Arc<Node>, text: &str) -> Result<Reply, Error> {
    let mut session = Session::local(Origin::Boot, Arc::clone(&node.console), "test");
    command::run(node, &mut session, text).await
}
