//! etcd behind its JSON gateway, with its own durability: every write is synchronised before it is acknowledged.

use crate::{
    http::{Connection, post},
    load::{Client, Peer},
    payload,
    postgres::port,
    still,
};
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Keys of one page when all are read.
const PAGE: usize = 10_000;
/// Longest wait for the server.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server of its own.
pub struct Etcd {
    process: Child,
    directory: TempDir,
    address: SocketAddr,
    peers: u16,
}

impl Etcd {
    /// Tells whether it is installed.
    pub fn version() -> Option<String> {
        let output = Command::new("etcd").arg("--version").output().ok()?;
        String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
    }

    /// Starts a server on an empty directory.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (address, peers) = (SocketAddr::from(([127, 0, 0, 1], port::free())), port::free());
        let etcd = Self { process: spawn(&directory, address, peers), directory, address, peers };
        etcd.ready().await;
        etcd
    }

    async fn ready(&self) {
        let begin = Instant::now();
        let question = post("/v3/kv/range", &json!({ "key": encoded("x") }).to_string());
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && connection.ask(&question).await.is_ok()
            {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "etcd does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns a client that looks policies up by their keys.
    pub async fn reader(&self, first: u64, count: u64) -> Box<dyn Client> {
        Box::new(Reader { connection: self.connect().await, first, count })
    }

    async fn connect(&self) -> Connection {
        Connection::open(self.address).await.unwrap()
    }
}

fn spawn(directory: &TempDir, address: SocketAddr, peers: u16) -> Child {
    let (clients, peers) = (format!("http://{address}"), format!("http://127.0.0.1:{peers}"));
    let mut command = Command::new("etcd");
    command.arg("--data-dir").arg(directory.path().join("data"));
    command.args(["--listen-client-urls", &clients, "--advertise-client-urls", &clients]);
    command.args(["--listen-peer-urls", &peers, "--initial-advertise-peer-urls", &peers]);
    command.args(["--initial-cluster", &format!("default={peers}")]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn encoded(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

#[async_trait]
impl Peer for Etcd {
    fn name(&self) -> String {
        "etcd, JSON gateway".to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(Writer(self.connect().await))
    }

    async fn held(&self) -> HashSet<u64> {
        let (mut connection, mut found, mut from) = (self.connect().await, HashSet::new(), "d".to_owned());
        loop {
            let page = json!({ "key": encoded(&from), "range_end": encoded("e"), "keys_only": true, "limit": PAGE });
            let body = connection.ask(&post("/v3/kv/range", &page.to_string())).await.unwrap();
            let answer: Value = serde_json::from_slice(body).unwrap();
            let key = |item: &Value| {
                String::from_utf8(BASE64_STANDARD.decode(item["key"].as_str().unwrap()).unwrap()).unwrap()
            };
            let names: Vec<String> = answer["kvs"].as_array().into_iter().flatten().map(key).collect();
            found.extend(names.iter().filter_map(|name| payload::number(name)));
            match names.last() {
                Some(last) if answer["more"] == true => from = format!("{last}\0"),
                _ => return found,
            }
        }
    }

    fn is_process(&self) -> bool {
        true
    }

    async fn crash(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = spawn(&self.directory, self.address, self.peers);
        self.ready().await;
    }

    fn stand_still(&self) {
        still::stand_still(self.process.id());
    }

    fn go_on(&self) {
        still::go_on(self.process.id());
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Writer(Connection);

#[async_trait]
impl Client for Writer {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let (key, value) = (encoded(&payload::name(number)), encoded(&payload::policy(number)));
        self.0.ask(&post("/v3/kv/put", &json!({ "key": key, "value": value }).to_string())).await.map(drop)
    }
}

struct Reader {
    connection: Connection,
    first: u64,
    count: u64,
}

#[async_trait]
impl Client for Reader {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let key = encoded(&payload::name(self.first + number % self.count));
        self.connection.ask(&post("/v3/kv/range", &json!({ "key": key }).to_string())).await.map(drop)
    }
}
