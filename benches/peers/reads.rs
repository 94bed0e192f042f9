//! Questions: the state of the node and one policy of many, beside bare warp and etcd.

use crate::{
    bare::Bare,
    contest::{Load, Measured, Plan, contest},
    etcd::Etcd,
    http::{self, Connection},
    load::{self, Client, Peer},
    node::{Node, Store},
    payload,
    report::{COLUMNS, Report, clients as in_words, row},
};
use async_trait::async_trait;
use std::{collections::HashSet, net::SocketAddr, sync::Arc, time::Duration};

/// Policies that are looked up.
const POLICIES: u64 = 10_000;
/// Policies of one request that fills the node.
const TOGETHER: u64 = 1000;
/// Clients of the contests.
const CLIENTS: [usize; 2] = [1, 64];

/// Measures both questions.
pub async fn run(report: &mut Report, plan: Plan) {
    let node = Node::start(Store::Sqlite);
    let first = load::numbers(POLICIES);
    let mut connection = Connection::open(node.rest()).await.unwrap();
    for from in (first..first + POLICIES).step_by(usize::try_from(TOGETHER).unwrap()) {
        connection.ask(&http::post("/v1/policies", &payload::list(from, TOGETHER))).await.unwrap();
    }
    let status = vec![http::command("GET", "get status")];
    let look_up =
        |number| http::command("GET", &format!("blockchain get device where name = {}", payload::name(number)));
    let look_ups: Vec<Vec<u8>> = (first..first + POLICIES).map(look_up).collect();
    for clients in CLIENTS {
        report.section(&format!("`get status`, {}", in_words(clients)));
        let (_bare, peers) = beside(&node, &mut connection, status.clone()).await;
        let all = measure(report, plan, &peers, clients).await;
        goals(report, "get status", clients, &all, 0.8);
        report.section(&format!("One of {POLICIES} policies by its name, {}", in_words(clients)));
        let (_bare, mut peers) = beside(&node, &mut connection, look_ups.clone()).await;
        if Etcd::version().is_some() {
            peers.push(Box::new(FilledEtcd::start(first).await));
        }
        let all = measure(report, plan, &peers, clients).await;
        goals(report, "look-up", clients, &all, 0.7);
    }
}

/// Returns a bare server whose answers are as long as the node's, and both as peers.
async fn beside(node: &Node, connection: &mut Connection, requests: Vec<Vec<u8>>) -> (Bare, Vec<Box<dyn Peer>>) {
    let bare = Bare::start(connection.ask(&requests[0]).await.unwrap().len());
    let requests = Arc::new(requests);
    let ours = Asked { name: "ours, REST", address: node.rest(), requests: Arc::clone(&requests) };
    let warp = Asked { name: "bare warp", address: bare.address, requests };
    (bare, vec![Box::new(ours), Box::new(warp)])
}

async fn measure(report: &mut Report, plan: Plan, peers: &[Box<dyn Peer>], clients: usize) -> Vec<Measured> {
    let all = contest(peers, clients, Load::Closed, Plan { span: plan.span.min(Duration::from_secs(2)), ..plan }).await;
    let etcd = all.iter().find(|measured| measured.name.starts_with("etcd"));
    report.table(&COLUMNS, &all.iter().map(|measured| row(measured, etcd)).collect::<Vec<_>>());
    all
}

fn goals(report: &mut Report, what: &str, clients: usize, all: &[Measured], of_warp: f64) {
    let what = format!("{what}, {}", in_words(clients));
    let named = |name: &str| all.iter().find(|measured| measured.name.starts_with(name));
    let Some(ours) = named("ours") else { return };
    if let Some(bare) = named("bare") {
        report.at_least(&format!("{what}: × bare warp"), ours.ratio(bare).median, of_warp, "");
    }
    // One client alone measures itself: the bare server has six times what etcd has.
    if let Some(etcd) = named("etcd").filter(|_| clients > 1) {
        report.at_least(&format!("{what}: × etcd"), ours.ratio(etcd).median, 8.0, "");
    }
}

/// A server that is asked over HTTP, one request after the other.
struct Asked {
    name: &'static str,
    address: SocketAddr,
    requests: Arc<Vec<Vec<u8>>>,
}

#[async_trait]
impl Peer for Asked {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(Asking(Connection::open(self.address).await.unwrap(), Arc::clone(&self.requests)))
    }

    async fn held(&self) -> HashSet<u64> {
        HashSet::new()
    }
}

struct Asking(Connection, Arc<Vec<Vec<u8>>>);

#[async_trait]
impl Client for Asking {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let place = usize::try_from(number).unwrap() % self.1.len();
        self.0.ask(&self.1[place]).await.map(drop)
    }
}

/// etcd with the same policies.
struct FilledEtcd {
    etcd: Etcd,
    first: u64,
}

impl FilledEtcd {
    async fn start(first: u64) -> Self {
        let etcd = Etcd::start().await;
        let fill = (0..16).map(|lane| {
            let client = etcd.client();
            async move {
                let mut client = client.await;
                for number in (first + lane..first + POLICIES).step_by(16) {
                    client.once(number).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(fill).await;
        Self { etcd, first }
    }
}

#[async_trait]
impl Peer for FilledEtcd {
    fn name(&self) -> String {
        self.etcd.name()
    }

    async fn client(&self) -> Box<dyn Client> {
        self.etcd.reader(self.first, POLICIES).await
    }

    async fn held(&self) -> HashSet<u64> {
        self.etcd.held().await
    }
}
