//! `test node` and `test connection`: whether this node can be reached (reference/rest 10).

use crate::{
    command::{
        engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, parsed},
        network::known_nodes,
    },
    node::{Listening, Node, Session},
    reply::{Code, Error, Reply, Table},
    runtime::{
        fetch::BoxError,
        http_client::{HttpClient, public_authorities},
        limits, net,
    },
    script::resolve,
};
use anylog_values::{Address, host_and_port};
use async_trait::async_trait;
use http_body_util::Full;
use hyper::{Request, StatusCode, header};
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpStream, time::timeout};

/// Bytes of a REST reply that are read.
const REPLY_LIMIT: usize = 64 * 1024;

/// A test of this node's doors, or of somebody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestNode {
    /// `test node`.
    Node,
    /// `test connection HOST:PORT`.
    Connection(Address),
}

#[async_trait]
impl Command for TestNode {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Node => Ok(whole(node).await),
            Self::Connection(address) => {
                known_nodes::may_ask(node, session, [address.to_string().as_str()])?;
                connection(&address).await.map(Reply::Text)
            }
        }
    }
}

/// Runs all tests at once and shows them in a table.
async fn whole(node: &Node) -> Reply {
    let version = node.ledger.version().await.unwrap_or_else(|| "0".to_owned());
    let (tcp, rest) = tokio::join!(tcp(node), rest(node));
    let passed = if version == "0" { "Failed" } else { "Pass" };
    let own = [("Metadata Version".to_owned(), version), ("Metadata Test".to_owned(), passed.to_owned())];
    let rows = own.into_iter().chain([tcp, rest]);
    let rows = rows.map(|(test, status)| vec![Value::String(test), Value::String(status)]).collect();
    Reply::Table(Table::new(["Test", "Status"], rows))
}

fn address(listening: Option<Listening>) -> Option<String> {
    listening.map(|listening| listening.options.external.to_string())
}

async fn tcp(node: &Node) -> (String, String) {
    let Some(address) = address(node.services.peers.status()) else {
        return ("TCP test".to_owned(), "TCP server not running".to_owned());
    };
    let (to, limit, most) = (std::slice::from_ref(&address), limits::PEER_TEST_TIME, limits::PEER_SHORT_ANSWER);
    let answers = node.services.peers.ask(node, to, "get status", limit, most);
    let said = match answers.await.into_iter().next().map(|answer| answer.outcome) {
        Some(Ok(said)) => format!("[From Node {address}] {said}"),
        Some(Err(error)) => format!("Failed to send a message with error: {error}"),
        None => "Failed to send a message".to_owned(),
    };
    (format!("TCP test using {address}"), said)
}

async fn rest(node: &Node) -> (String, String) {
    let Some(listening) = node.services.rest.status() else {
        return ("REST test".to_owned(), "REST server not running".to_owned());
    };
    let secure = listening.options.tls.is_some();
    let Some(address) = address(Some(listening)) else { return Default::default() };
    let scheme = if secure { "https" } else { "http" };
    let test = format!("REST test using {scheme}://{address} ");
    let said = if secure {
        opened(&address).await
    } else {
        timeout(limits::PEER_TEST_TIME, request(&address)).await.unwrap_or_else(|_| Err("no answer".into()))
    };
    (test, said.unwrap_or_else(|reason| format!("Failed to send a request with error: {reason}")))
}

/// Connects alone: the certificate of a server that is asked by its address would not fit.
async fn opened(address: &str) -> Result<String, BoxError> {
    let connected = timeout(limits::PEER_CONNECT_TIME, TcpStream::connect(address)).await;
    connected.map_err(|_| "no answer")??;
    Ok("port is open (TLS)".to_owned())
}

/// Asks the REST server for its status.
async fn request(address: &str) -> Result<String, BoxError> {
    let request = Request::get(format!("http://{address}/"))
        .header(header::USER_AGENT, "AnyLog/1.23")
        .header("command", "get status")
        .body(Full::default())?;
    let response = HttpClient::new(public_authorities()?, None, REPLY_LIMIT).send(request).await?;
    match response.status() {
        StatusCode::OK => Ok(String::from_utf8(response.into_body().into())?),
        status => Err(format!("HTTP status {}", status.as_u16()).into()),
    }
}

/// Tries to connect and says what came of it, as the reference words it.
///
/// # Errors
/// 20 for a name that has no address.
async fn connection(to: &Address) -> Result<String, Error> {
    let refused = |number: i32| format!("Not able to connect to '{to}' with error #{number}");
    let (host, port) = (to.host(), to.port());
    let addresses =
        net::resolve(&host.to_string()).await.map_err(|error| Error::with(Code::DESTINATION, error.to_string()))?;
    let addresses: Vec<SocketAddr> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
    Ok(match timeout(limits::PEER_CONNECT_TIME, TcpStream::connect(addresses.as_slice())).await {
        Ok(Ok(_)) => format!("Port '{port}' on host {host} is open"),
        // 11: the text that tools know for a time-out.
        Err(_) => refused(11),
        Ok(Err(error)) => refused(error.raw_os_error().unwrap_or(-2)),
    })
}

fn parse_connection(line: &Line<'_>) -> Parsed {
    let wrong = || Error::with(Code::DESTINATION, "write: test connection HOST:PORT");
    let [word] = line.arguments() else { return Err(Error { code: Code::STRUCTURE, ..wrong() }) };
    let text = match word.text.rsplit_once(':') {
        Some((host, port)) => {
            let [host, port] = [host, port].map(|part| resolve(part, line.scope).into_text());
            host_and_port(&host, &port)
        }
        None => resolve(&word.text, line.scope).into_text(),
    };
    parsed(TestNode::Connection(text.parse().map_err(|_| wrong())?))
}

fn parse_node(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [] => parsed(TestNode::Node),
        [first, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", first.text))),
    }
}

/// Describes a row of this family.
const fn entry(words: &'static str, help: Help, access: Access, parse: crate::command::engine::Parse) -> Entry {
    Entry { min_words: 2, network: NetworkCallers::Rest, access, ..Entry::read(words, parse, help) }
}

/// The rows of the command table.
pub const ENTRIES: &[Entry] = &[
    entry(
        "test node",
        Help {
            usage: "test node",
            text: "Tests the metadata of this node, and its TCP and REST servers from outside.",
            examples: &["test node"],
            index: &["monitor"],
        },
        Access::ReadNode,
        parse_node,
    ),
    entry(
        "test connection",
        Help {
            usage: "test connection [ip]:[port]",
            text: "Tells whether a port of a host accepts connections.",
            examples: &["test connection 10.0.0.7:32048", "test connection !ip:!port"],
            index: &["monitor", "network"],
        },
        Access::AskNodes,
        parse_connection,
    ),
];
