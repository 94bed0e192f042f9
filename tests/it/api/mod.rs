//! The interface `/v1` from outside, on both stores.

mod documents;
mod events;
mod keys;
mod pages;
mod problems;
mod rights;

use crate::{
    rest::{
        client::{self, Reply},
        node::options,
    },
    support::{postgres::Postgres, silent::Silent},
};
use anylog_master::{
    api::Api,
    boot,
    config::Config,
    ledger::{ConnectedDatabase, DatabaseTarget, PostgresServer, PostgresTls},
    node::{Listening, Node, Server},
    rest::{RestServer, RestSettings},
    runtime::shutdown::Shutdown,
};
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

/// Where the ledger of a test lives.
enum Place {
    Sqlite(TempDir),
    Postgres(Postgres),
}

/// A node with a ledger that answers `/v1`.
struct Master {
    node: Arc<Node>,
    listening: Listening,
    _server: RestServer,
}

impl Place {
    fn both() -> [Self; 2] {
        [Self::sqlite(), Self::Postgres(Postgres::start())]
    }

    fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    fn target(&self) -> DatabaseTarget {
        match self {
            Self::Sqlite(directory) => DatabaseTarget::File(directory.path().join("blockchain.dbms")),
            Self::Postgres(server) => DatabaseTarget::Server(PostgresServer {
                hosts: format!("127.0.0.1:{}", server.port).parse().unwrap(),
                port: 5432,
                user: "admin".to_owned(),
                password: "elpw".into(),
                database: None,
                tls: PostgresTls::default(),
            }),
        }
    }
}

impl Master {
    /// Starts a node whose callers may do everything.
    async fn start(place: &Place) -> Self {
        Self::with(place, RestSettings::default()).await
    }

    /// Starts a node with these settings of the REST server.
    async fn with(place: &Place, settings: RestSettings) -> Self {
        let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).expect("the node is built");
        let database = ConnectedDatabase::connect("blockchain", place.target(), None).await.unwrap();
        node.ledger.attach(database.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        let server = RestServer::new(settings).mounting(Arc::new(Api::default()));
        let listening = server.start(Arc::clone(&node), options()).await.expect("REST listens");
        Self { node, listening, _server: server }
    }

    /// Sends a request, with a body in JSON when there is one.
    async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let json = ("Content-Type", "application/json");
        let headers: Vec<_> = headers.iter().copied().chain((!body.is_empty()).then_some(json)).collect();
        client::send(self.listening.bound, client::text(method, target, &headers, body)).await
    }

    async fn get(&self, target: &str) -> Value {
        let reply = self.send("GET", target, &[], "").await;
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
        read(&reply)
    }

    async fn post(&self, target: &str, body: &str) -> Reply {
        self.send("POST", target, &[], body).await
    }

    /// Adds a policy and returns its id.
    async fn add(&self, body: &str) -> String {
        let reply = self.post("/v1/policies", body).await;
        assert_eq!(reply.status, 201, "{body}: {}", reply.body);
        read(&reply)["policies"][0]["id"].as_str().unwrap().to_owned()
    }
}

fn read(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or_else(|error| panic!("{error}: {}", reply.body))
}

/// Returns the name behind the `type` of a problem, and that it is a whole one.
fn problem(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.header("content-type"), "application/problem+json", "{}", reply.body);
    let document = read(reply);
    for member in ["type", "title", "detail", "instance"] {
        assert!(document[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {document}");
    }
    assert_eq!(document["status"], reply.status);
    let name = document["type"].as_str().unwrap().strip_prefix("/v1/docs#").unwrap().to_owned();
    (reply.status, name)
}

fn ids(list: &Value) -> Vec<&str> {
    list["policies"].as_array().unwrap().iter().map(|policy| policy["id"].as_str().unwrap()).collect()
}
