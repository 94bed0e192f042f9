//! A node whose console is asked as browsers ask.

use crate::{
    rest::{
        client::{self, Reply},
        node::options,
    },
    support::silent::Silent,
};
use anylog_master::{
    api::{Api, EventHub},
    boot,
    config::Config,
    console::{ConsoleSettings, WebConsole},
    ledger::{ConnectedDatabase, DatabaseTarget},
    node::{Listening, Node, Server},
    rest::{RestServer, RestSettings},
    runtime::shutdown::Shutdown,
};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

/// A node with a ledger and a console.
pub struct ConsoleNode {
    pub node: Arc<Node>,
    pub listening: Listening,
    _server: RestServer,
    _directory: TempDir,
}

impl ConsoleNode {
    /// Starts a node that everybody may read (`AUTH=off`), and change if the console lets them.
    pub async fn start(write: bool) -> Self {
        let directory = TempDir::new().unwrap();
        let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).expect("the node is built");
        let target = DatabaseTarget::File(directory.path().join("blockchain.dbms"));
        let database = ConnectedDatabase::connect("blockchain", target, None).await.unwrap();
        node.ledger.attach(database.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        let hub = EventHub::default();
        let settings = ConsoleSettings { write, ..ConsoleSettings::default() };
        let pages = WebConsole::new(settings, hub.clone()).unwrap();
        let server = RestServer::new(RestSettings::default());
        let server = server.mounting(Arc::new(Api::new(hub))).mounting(Arc::new(pages));
        let listening = server.start(Arc::clone(&node), options()).await.expect("REST listens");
        Self { node, listening, _server: server, _directory: directory }
    }

    /// Asks for a page.
    pub async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[], "").await
    }

    /// Asks for a page that has to be there.
    pub async fn page(&self, target: &str) -> String {
        let reply = self.get(target).await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
        reply.body
    }

    /// Sends a form as htmx does, with the token of the page.
    pub async fn form(&self, target: &str, fields: &[(&str, &str)]) -> Reply {
        let token = token(&self.page("/console/commands").await);
        let headers = [("HX-Request", "true"), ("X-CSRF-Token", token.as_str()), FORM];
        self.send("POST", target, &headers, &encoded(fields)).await
    }

    /// Sends a request under the name of the node.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let address = self.listening.bound;
        let text = client::text(method, target, headers, body).replace("Host: node", &format!("Host: {address}"));
        client::send(address, text).await
    }

    /// Adds policies in one transaction.
    pub async fn add(&self, policies: &Value) {
        let json = [("Content-Type", "application/json")];
        let reply = self.send("POST", "/v1/policies", &json, &policies.to_string()).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
    }
}

/// The type of forms.
pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Returns the token that the forms of a page carry.
pub fn token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

/// Writes the fields of a form.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let field = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    fields.iter().map(field).collect::<Vec<_>>().join("&")
}
