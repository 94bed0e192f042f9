//! The web console from outside: who may see and do what, and that nothing in a policy becomes markup.

mod access;
mod changes;
mod commands;
mod hostile;
mod live;
mod node;
mod own_port;
mod pages;
mod policies;

use crate::rest::{
    client::{self, Reply},
    node::{Silent, options},
};
use anylog_master::{
    api::EventHub,
    boot,
    config::Config,
    console::{ConsoleSettings, WebConsole},
    ledger::{ConnectedDatabase, DatabaseTarget},
    node::{Listening, Node, Role, Server},
    rest::{Mode, NewToken, RestServer, RestSettings, Tokens},
    runtime::shutdown::Shutdown,
};
use std::sync::Arc;
use tempfile::TempDir;

/// A node with a ledger and a console.
struct ConsoleNode {
    node: Arc<Node>,
    listening: Listening,
    server: RestServer,
    _directory: TempDir,
}

impl ConsoleNode {
    async fn start(auth: Mode, tokens: &[&NewToken], console: ConsoleSettings) -> Self {
        let directory = TempDir::new().unwrap();
        let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).expect("the node is built");
        let target = DatabaseTarget::File(directory.path().join("blockchain.dbms"));
        let database = ConnectedDatabase::connect("blockchain", target, None).await.unwrap();
        node.ledger.attach(database.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        let lines: String = tokens.iter().map(|token| format!("{}\n", token.line)).collect();
        let settings = RestSettings {
            auth: Some(auth),
            tokens: Tokens::parse(&lines).unwrap(),
            hosts: vec!["node".to_owned()],
            ..RestSettings::default()
        };
        let pages = WebConsole::new(console, EventHub::default()).unwrap();
        let server = RestServer::new(settings).mounting(Arc::new(pages));
        let listening = server.start(Arc::clone(&node), options()).await.expect("REST listens");
        Self { node, listening, server, _directory: directory }
    }

    /// Starts a node that everybody may read.
    async fn open(console: ConsoleSettings) -> Self {
        Self::start(Mode::Off, &[], console).await
    }

    async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        client::send(self.listening.bound, client::text(method, target, headers, body)).await
    }

    async fn get(&self, target: &str, cookie: &str) -> Reply {
        let lines = [("Cookie", cookie)];
        self.send("GET", target, if cookie.is_empty() { &[] } else { &lines }, "").await
    }

    /// Sends a form as a page of the node does.
    async fn post(&self, target: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
        let lines =
            [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://node"), ("Cookie", cookie)];
        self.send("POST", target, &lines, &form(fields)).await
    }

    /// Signs in and returns the cookie.
    async fn sign_in(&self, token: &NewToken) -> String {
        let page = self.get("/console/sign-in", "").await;
        assert_eq!(page.status, 200, "{}", page.body);
        let csrf = csrf(&page);
        let fields = [("csrf", csrf.as_str()), ("token", &token.secret), ("next", "/console/network")];
        let reply = self.post("/console/sign-in", "", &fields).await;
        assert_eq!((reply.status, reply.header("location")), (303, "/console/network"), "{}", reply.body);
        let line = reply.header("set-cookie").to_owned();
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
        assert!(!line.contains(&token.secret), "the cookie is not the token");
        line.split(';').next().unwrap().to_owned()
    }
}

/// Makes a token with a role.
fn token(role: Role) -> NewToken {
    NewToken::generate(&format!("{role:?}").to_lowercase(), role).unwrap()
}

/// Writes the fields of a form.
fn form(fields: &[(&str, &str)]) -> String {
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let fields = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// Finds the token of changes in a page.
fn csrf(page: &Reply) -> String {
    let (_, behind) = page.body.split_once("X-CSRF-Token\":\"").expect("the page has a token");
    behind.split('"').next().unwrap().to_owned()
}
