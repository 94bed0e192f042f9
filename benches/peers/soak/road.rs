//! The way of a worker to the node, the same four requests through each door.

use super::window::Held;
use crate::{
    http::{self, Connection},
    node::{Door, Node},
    tcp::{PATIENCE, TcpClient},
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::time::timeout;

/// Longest wait for an answer over HTTP.
const HTTP_PATIENCE: Duration = Duration::from_secs(30);

/// A worker's connection.
pub enum Road {
    /// Commands over REST.
    Rest(Http),
    /// Documents.
    Api(Http),
    /// Messages.
    Tcp(TcpClient),
}

impl Road {
    /// Makes a way through a door.
    pub async fn open(node: &Node, door: Door) -> Self {
        match door {
            Door::Rest => Self::Rest(Http { address: node.rest(), connection: None }),
            Door::Api => Self::Api(Http { address: node.rest(), connection: None }),
            Door::Tcp => Self::Tcp(TcpClient::new(node.tcp()).await),
        }
    }

    /// Adds a policy.
    pub async fn insert(&mut self, held: &Held) -> Result<(), String> {
        let policy = held.policy();
        match self {
            Self::Rest(http) => {
                let text =
                    format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
                http.ask(&http::command("POST", &text)).await
            }
            Self::Api(http) => http.ask(&http::post("/v1/policies", &policy)).await,
            Self::Tcp(client) => done(client, &format!("blockchain push {policy}")).await,
        }
    }

    /// Gives a policy its next revision.
    pub async fn replace(&mut self, held: &Held) -> Result<(), String> {
        let (policy, id) = (held.next().policy(), &held.id);
        let text = || format!("blockchain replace policy {id} with {policy}");
        match self {
            Self::Rest(http) => http.ask(&http::command("POST", &text())).await,
            Self::Api(http) => http.ask(&http::put(&format!("/v1/policies/{id}"), &policy)).await,
            Self::Tcp(client) => done(client, &text()).await,
        }
    }

    /// Removes a policy.
    pub async fn drop(&mut self, held: &Held) -> Result<(), String> {
        let id = &held.id;
        let text = || format!("blockchain drop policy where id = {id}");
        match self {
            Self::Rest(http) => http.ask(&http::command("POST", &text())).await,
            Self::Api(http) => http.ask(&http::delete(&format!("/v1/policies/{id}"))).await,
            Self::Tcp(client) => done(client, &text()).await,
        }
    }

    /// Tells whether the ledger has the policy with an id, and a text in it.
    pub async fn shows(&mut self, id: &str, text: &str) -> Result<bool, String> {
        let question = || format!("blockchain get device where id = {id}");
        let body = match self {
            Self::Rest(http) => http.found(&http::command("GET", &question())).await?,
            Self::Api(http) => http.found(&http::get(&format!("/v1/policies/{id}"))).await?,
            // Nothing that is found is an answer without data and without an error; policies come in Python's quotes.
            Self::Tcp(client) => match answer(client, &question()).await? {
                (0, text) => text.replace('\'', "\""),
                (error, text) => return Err(format!("error {error}: {text}")),
            },
        };
        Ok(body.contains(text))
    }
}

/// Sends a command over TCP that has to succeed.
async fn done(client: &mut TcpClient, command: &str) -> Result<(), String> {
    match answer(client, command).await? {
        (0, _) => Ok(()),
        (error, text) => Err(format!("error {error}: {text}")),
    }
}

/// Sends a command over TCP and returns the error of its answer and its text.
async fn answer(client: &mut TcpClient, command: &str) -> Result<(u16, String), String> {
    match timeout(PATIENCE, client.ask(command)).await {
        Ok(Ok(answer)) => Ok((answer.header.error, String::from_utf8_lossy(&answer.data).into_owned())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    }
}

/// A connection that is made when it is needed, and again after a failure.
pub struct Http {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl Http {
    /// Sends a request that has to succeed.
    async fn ask(&mut self, request: &[u8]) -> Result<(), String> {
        match self.send(request).await? {
            (200..=299, _) => Ok(()),
            (status, body) => Err(format!("{status}: {}", body.chars().take(200).collect::<String>())),
        }
    }

    /// Sends a question of which it is no failure when nothing is found.
    async fn found(&mut self, request: &[u8]) -> Result<String, String> {
        match self.send(request).await? {
            (200..=299 | 404, body) => Ok(body),
            (status, body) => Err(format!("{status}: {}", body.chars().take(200).collect::<String>())),
        }
    }

    async fn send(&mut self, request: &[u8]) -> Result<(u16, String), String> {
        let sent = async {
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => Connection::open(self.address).await?,
            };
            let (status, body) = connection.send(request).await?;
            let answer = (status, String::from_utf8_lossy(body).into_owned());
            self.connection = Some(connection);
            Ok::<_, io::Error>(answer)
        };
        match timeout(HTTP_PATIENCE, sent).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err("no answer".to_owned()),
        }
    }
}
