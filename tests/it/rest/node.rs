//! A node with a REST server on a free port.

pub use crate::support::silent::Silent;
use anylog_master::{
    boot,
    config::Config,
    node::{Listening, Node, ServerOptions},
    rest::{RestServer, RestSettings},
    runtime::shutdown::Shutdown,
};
use std::{sync::Arc, time::Duration};

/// A node that listens for REST callers on loopback.
pub struct TestNode {
    pub node: Arc<Node>,
    pub listening: Listening,
    _server: RestServer,
}

/// Options of a server on any free port of loopback.
pub fn options() -> ServerOptions {
    let address: anylog_master::values::ListenAddress = "127.0.0.1:0".parse().unwrap();
    ServerOptions {
        external: address.clone(),
        internal: address,
        bind: true,
        configured: false,
        threads: 6,
        timeout: Duration::from_secs(20),
        tls: None,
    }
}

impl TestNode {
    /// Starts a node with these settings of the REST server.
    pub async fn start(settings: RestSettings) -> Self {
        use anylog_master::node::Server;
        let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).expect("the node is built");
        let server = RestServer::new(settings);
        let listening = server.start(Arc::clone(&node), options()).await.expect("REST listens");
        Self { node, listening, _server: server }
    }

    /// Returns the address of the REST server.
    pub fn address(&self) -> std::net::SocketAddr {
        self.listening.bound
    }

    /// Returns how many connections the server holds.
    pub fn connections(&self) -> usize {
        use anylog_master::node::Server;
        self._server.status().map_or(0, |status| status.connections)
    }

    /// Returns how many requests the server has taken.
    pub fn listening_calls(&self) -> u64 {
        use anylog_master::node::Server;
        self._server.status().map_or(0, |status| status.calls)
    }

    /// Stops the server and waits for the requests under way.
    pub async fn stop(&self) {
        use anylog_master::node::Server;
        self._server.stop().await;
    }
}
