//! Replays the recorded exchanges (`tests/vectors/rest`) against a node that was booted like the recorded one.

use super::{
    client::{Reply, receive},
    deviations,
    node::Silent,
};
use anylog_master::{
    boot, command,
    config::{Config, Sources},
    node::{Node, Origin, Session},
    runtime::shutdown::Shutdown,
};
use regex::Regex;
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// How a `better` begins that is about the form of the message alone: its answer is the recorded one.
const FORMS: [&str; 4] = ["send the JSON as", "Content-Length", "exactly one 400", "200, Content-Length: 0"];
/// How one begins that has the node answer what the recorded one refused.
const ANSWERS: [&str; 4] = ["accept", "MAY accept", "answer", "find"];

/// Ports of the recorded node.
const PORTS: [&str; 2] = ["33210", "33211"];

/// A booted master with the policies of the recordings.
pub struct Master {
    pub node: Arc<Node>,
    pub rest: SocketAddr,
    /// Recorded texts and what this node says in their place.
    names: Vec<(String, String)>,
    _home: tempfile::TempDir,
}

fn config(home: &std::path::Path) -> Config {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let process = vec![
        set("NODE_TYPE", "master"),
        set("NODE_NAME", "edgelake-master"),
        set("COMPANY_NAME", "New Company"),
        set("OVERLAY_IP", "127.0.0.1"),
        set("TCP_BIND", "true"),
        set("REST_BIND", "true"),
        set("LOCATION", "37.7749,-122.4194"),
        set("COUNTRY", "US"),
        set("STATE", "CA"),
        set("CITY", "San Francisco"),
        set("ANYLOG_PATH", &home.display().to_string()),
    ];
    Config::load(&Sources { options: Vec::new(), process, file: None }).expect("a good configuration")
}

impl Master {
    /// Boots a node on free ports of loopback, with its own directory.
    pub async fn boot() -> Self {
        let home = tempfile::tempdir().unwrap();
        let node = boot::node(config(home.path()), Arc::new(Silent), Shutdown::new()).expect("the node is built");
        let mut master = Self { node, rest: SocketAddr::from(([127, 0, 0, 1], 0)), names: Vec::new(), _home: home };
        let path = master._home.path().display().to_string();
        master.run(&format!("set anylog home {path}")).await;
        master.run("create work directories").await;
        master.run("set node name edgelake-master").await;
        for (key, value) in [
            ("node_name", "edgelake-master"),
            ("node_type", "master"),
            ("company_name", "\"New Company\""),
            ("ip", "127.0.0.1"),
            ("external_ip", "127.0.0.1"),
            ("broker_bind", "false"),
            ("tcp_bind", "true"),
            ("rest_bind", "true"),
            ("broker_threads", "6"),
            ("operator_threads", "3"),
            ("rest_threads", "6"),
            ("tcp_threads", "6"),
        ] {
            master.run(&format!("set {key} = {value}")).await;
        }
        let address =
            "external_ip=127.0.0.1 and external_port=0 and internal_ip=127.0.0.1 and internal_port=0 and bind=true";
        master.run(&format!("run tcp server where {address} and threads=6")).await;
        master.run(&format!("run rest server where {address} and timeout=20 and threads=6")).await;
        let tcp = master.node.services.peers.status().expect("TCP listens").bound.port();
        let rest = master.node.services.rest.status().expect("REST listens").bound;
        master.rest = rest;
        master.names = vec![
            (PORTS[0].to_owned(), tcp.to_string()),
            (PORTS[1].to_owned(), rest.port().to_string()),
            ("master-host".to_owned(), hostname::get().unwrap().to_string_lossy().into_owned()),
            ("/srv".to_owned(), path),
        ];
        master.run(&format!("anylog_server_port = {tcp}")).await;
        master.run(&format!("anylog_rest_port = {}", rest.port())).await;
        master.run(&format!("ledger_conn = 127.0.0.1:{tcp}")).await;
        master.publish_itself(tcp, rest.port()).await;
        master.node.readiness.boot_finished();
        master
    }

    async fn publish_itself(&self, tcp: u16, rest: u16) {
        self.run("connect dbms blockchain where type=sqlite").await;
        self.run("create table ledger where dbms=blockchain").await;
        self.run("run scheduler 1").await;
        let sync =
            "run blockchain sync where source=master and time=\"30 seconds\" and dest=file and connection=!ledger_conn";
        self.run(sync).await;
        let policy = format!(
            r#"new_policy = {{"master": {{"name": "edgelake-master", "company": "New Company", "hostname": "master-host", "ip": "127.0.0.1", "port": {tcp}, "rest_port": {rest}, "loc": "37.7749,-122.4194", "country": "US", "state": "CA", "city": "San Francisco"}}}}"#
        );
        self.run(&policy).await;
        self.run("blockchain insert where policy=!new_policy and local=true and master=!ledger_conn").await;
        self.run("run blockchain sync").await;
    }

    async fn run(&self, text: &str) {
        let mut session = Session::local(Origin::Plan, Arc::new(Silent), "main");
        if let Err(error) = command::run(&self.node, &mut session, text).await {
            panic!("{text}: {error}");
        }
    }

    /// Writes a recorded text as this node would have to.
    fn here(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (recorded, own)| text.replace(recorded, own))
    }

    async fn send(&self, request: &Value) -> Reply {
        let bytes = self.here(&raw(request));
        let mut stream = TcpStream::connect(self.rest).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let reply = if bytes.starts_with("HEAD") { head(&mut stream).await } else { receive(&mut stream).await };
        if reply.status == 100 { receive(&mut stream).await } else { reply }
    }

    async fn set_up(&self, file: &Value) {
        for request in file["setup"]["requests"].as_array().into_iter().flatten() {
            let reply = self.send(request).await;
            assert_eq!(reply.status, 200, "{request}: {}", reply.body);
        }
        self.run("run blockchain sync").await;
    }
}

/// Reads a reply without the body that its header announces.
async fn head(stream: &mut TcpStream) -> Reply {
    use tokio::io::AsyncReadExt;
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.unwrap());
    }
    let text = String::from_utf8(bytes).unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, phrase: String::new(), headers: Vec::new(), body: String::new() }
}

fn raw(request: &Value) -> String {
    if let Some(raw) = request["raw"].as_str() {
        return raw.to_owned();
    }
    let text = |key: &str| request[key].as_str().unwrap_or_default();
    let headers = request["headers"].as_array().into_iter().flatten();
    let headers: String =
        headers.map(|pair| format!("{}: {}\r\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap())).collect();
    let length = request["body"].as_str().map(|body| format!("Content-Length: {}\r\n", body.len())).unwrap_or_default();
    format!("{} {} HTTP/1.1\r\nHost: node\r\n{headers}{length}\r\n{}", text("method"), text("path"), text("body"))
}

/// Returns how a reply differs from the recorded one.
fn difference(master: &Master, exchange: &Value, reply: &Reply) -> Option<String> {
    let (recorded, rule) = (&exchange["response"], &exchange["match"]);
    if recorded["status"].as_u64() != Some(u64::from(reply.status)) {
        return Some(format!("status {} is not {}: {}", reply.status, recorded["status"], reply.body));
    }
    let headers = recorded["headers"].as_array().into_iter().flatten();
    let kind = headers.filter(|pair| pair[0] == "Content-Type").find_map(|pair| pair[1].as_str()).unwrap_or_default();
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
    if rule["content_type"] != false && !kind.is_empty() && essence(kind) != essence(reply.header("content-type")) {
        return Some(format!("type {} is not {kind}", reply.header("content-type")));
    }
    let body = master.here(recorded["body"].as_str().unwrap_or_default());
    let same = match rule["body"].as_str() {
        // The directory of this node has a name of another length, which makes columns wider or narrower.
        Some("exact") if recorded["body"].as_str().is_some_and(|body| body.contains("/srv")) => {
            squeezed(&reply.body) == squeezed(&body)
        }
        Some("exact") => reply.body == body,
        Some("json") => serde_json::from_str::<Value>(&reply.body).ok() == serde_json::from_str(&body).ok(),
        Some("regex") => {
            let pattern = format!("(?s)\\A(?:{})\\z", master.here(rule["body_regex"].as_str().unwrap()));
            Regex::new(&pattern).unwrap().is_match(&reply.body)
        }
        _ => true,
    };
    (!same).then(|| format!("{:?} is not {body:?}", reply.body))
}

/// Returns how a reply differs from the recorded one and from what is said to be better.
fn difference_to_better(master: &Master, exchange: &Value, better: &str, reply: &Reply) -> Option<String> {
    let recorded = &exchange["response"];
    if FORMS.iter().any(|form| better.starts_with(form)) {
        let mut exchange = exchange.clone();
        exchange["response"]["body"] = without_detail(recorded["body"].as_str().unwrap_or_default()).into();
        let (headers, body) = (reply.headers.clone(), without_detail(&reply.body).to_owned());
        let reply = Reply { status: reply.status, phrase: reply.phrase.clone(), headers, body };
        return difference(master, &exchange, &reply);
    }
    // A list without a word is the answer itself.
    if better.contains(',') && !better.contains(' ') {
        return (reply.body != better).then(|| format!("{:?} is not {better:?}", reply.body));
    }
    let found = difference(master, exchange, reply)?;
    let status = u64::from(reply.status);
    let is_named = better.split(|sign: char| !sign.is_ascii_digit()).any(|word| word.parse::<u64>() == Ok(status));
    let is_answer = status == 200 && ANSWERS.iter().any(|begin| better.starts_with(begin));
    let is_better = recorded["status"].as_u64() == Some(status) || is_named || is_answer;
    (!is_better).then(|| format!("{found}; better would be: {better}"))
}

/// Returns the JSON of an error as far as its detail, which is each node's own.
fn without_detail(body: &str) -> &str {
    body.split_once(", \"local_msg\"").map_or(body.trim_end_matches('}'), |(before, _)| before)
}

/// Returns a text with runs of blanks and dashes as one.
fn squeezed(text: &str) -> String {
    Regex::new("([ -])[ -]*").unwrap().replace_all(text, "$1").into_owned()
}

/// Replays one file on a fresh node; every difference must be a known deviation.
async fn replay(name: &str) {
    let path = format!("{}/tests/vectors/rest/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let master = Master::boot().await;
    master.set_up(&file).await;
    let mut wrong = Vec::new();
    for exchange in file["exchanges"].as_array().unwrap() {
        let id = exchange["id"].as_str().unwrap();
        let reply = master.send(&exchange["request"]).await;
        let found = match exchange["better"].as_str() {
            Some(better) => difference_to_better(&master, exchange, better, &reply),
            None => difference(&master, exchange, &reply),
        };
        match found {
            Some(_) if exchange["level"] == "MAY" || deviations::known(name, id) => {}
            Some(difference) => wrong.push(format!("{id}: {difference}")),
            None => {}
        }
    }
    master.node.shutdown.begin();
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

macro_rules! replays {
    ($($name:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            replay(stringify!($name)).await;
        })*
    };
}

replays! {
    blockchain_get body_command browser_url client_anylog_api destination dictionary errors grafana help host_resources
    html ignored_url logs methods_and_paths neighbours node_tables post_json publish put raw_http sql_ledger status_identity
    test_commands user_agents
}
