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
    spelling::{self, SPELLINGS},
    still,
};
use async_trait::async_trait;
use std::{borrow::Cow, collections::HashSet, net::SocketAddr, sync::Arc, time::Duration};

/// Policies that are looked up.
const POLICIES: u64 = 10_000;
/// Policies of one request that fills the node.
const TOGETHER: u64 = 1000;
/// Clients of the contests.
const CLIENTS: [usize; 2] = [1, 64];

/// Measures both questions. Look-ups are asked twice: in texts that never came before, which are looked up, and in the same texts
/// again and again, whose replies the node keeps until a policy changes. What never comes again would push out what is kept, so
/// that each has a node of its own.
pub async fn run(report: &mut Report, plan: Plan) {
    let first = load::numbers(POLICIES);
    let (looking, keeping) = (filled(first).await, filled(first).await);
    let status = Arc::new(Questions::Again(vec![http::command("GET", "get status")]));
    let anew = Arc::new(Questions::Anew(first));
    let kept: Vec<Vec<u8>> = (first..first + POLICIES).map(|policy| look_up(policy, 0)).collect();
    reads_alike(&looking, first).await;
    ask_all(&keeping, &kept).await;
    let kept = Arc::new(Questions::Again(kept));
    for clients in CLIENTS {
        report.section(&format!("`get status`, {}", in_words(clients)));
        let bare = bare_beside(&looking, &status).await;
        let peers = [
            Asked::peer("ours, REST", (looking.rest(), looking.process()), &status),
            Asked::peer("bare warp", (bare.address, bare.process()), &status),
        ];
        let all = measure(report, plan, &peers, clients).await;
        goals(report, "get status", clients, &all, 0.8);
        report.section(&format!("One of {POLICIES} policies by its name, {}", in_words(clients)));
        let bare = bare_beside(&looking, &anew).await;
        let mut peers = vec![
            Asked::peer("ours, REST, looked up", (looking.rest(), looking.process()), &anew),
            Asked::peer("ours, REST, kept", (keeping.rest(), keeping.process()), &kept),
            Asked::peer("bare warp", (bare.address, bare.process()), &anew),
        ];
        if Etcd::version().is_some() {
            peers.push(Box::new(FilledEtcd::start(first).await));
        }
        let all = measure(report, plan, &peers, clients).await;
        goals(report, "look-up", clients, &all, 0.7);
    }
}

/// Starts a node with the policies that are looked up.
async fn filled(first: u64) -> Node {
    let node = Node::start(Store::Sqlite);
    let mut connection = Connection::open(node.rest()).await.unwrap();
    for from in (first..first + POLICIES).step_by(usize::try_from(TOGETHER).unwrap()) {
        connection.ask(&http::post("/v1/policies", &payload::list(from, TOGETHER))).await.unwrap();
    }
    node
}

/// Sees that the spellings of a look-up are one question: a refusal is quicker than an answer.
async fn reads_alike(node: &Node, policy: u64) {
    let mut connection = Connection::open(node.rest()).await.unwrap();
    let usual = connection.ask(&look_up(policy, 0)).await.unwrap().to_vec();
    assert!(!usual.is_empty(), "a policy that was added is not found");
    for spelling in [1, SPELLINGS - 1] {
        assert_eq!(connection.ask(&look_up(policy, spelling)).await.unwrap(), usual, "spelling {spelling}");
    }
}

/// Asks everything once, so that all of it is kept from the first round on.
async fn ask_all(node: &Node, requests: &[Vec<u8>]) {
    let mut connection = Connection::open(node.rest()).await.unwrap();
    for request in requests {
        connection.ask(request).await.unwrap();
    }
}

/// Starts a bare server whose answers are as long as the node's.
async fn bare_beside(node: &Node, questions: &Questions) -> Bare {
    let mut connection = Connection::open(node.rest()).await.unwrap();
    Bare::start(connection.ask(&questions.request(0)).await.unwrap().len())
}

async fn measure(report: &mut Report, plan: Plan, peers: &[Box<dyn Peer>], clients: usize) -> Vec<Measured> {
    let all = contest(peers, clients, Load::Closed, Plan { span: plan.span.min(Duration::from_secs(2)), ..plan }).await;
    let etcd = all.iter().find(|measured| measured.name.starts_with("etcd"));
    report.table(&COLUMNS, &all.iter().map(|measured| row(measured, etcd)).collect::<Vec<_>>());
    all
}

/// Adds the goals of the first peer, beside bare warp and etcd.
fn goals(report: &mut Report, what: &str, clients: usize, all: &[Measured], of_warp: f64) {
    let what = format!("{what}, {}", in_words(clients));
    let named = |name: &str| all.iter().find(|measured| measured.name.starts_with(name));
    let Some(ours) = all.first() else { return };
    if let Some(bare) = named("bare") {
        report.at_least(&format!("{what}: × bare warp"), ours.ratio(bare).median, of_warp, "");
    }
    // One client alone measures itself: the bare server has six times what etcd has.
    if let Some(etcd) = named("etcd").filter(|_| clients > 1) {
        report.at_least(&format!("{what}: × etcd"), ours.ratio(etcd).median, 8.0, "");
    }
}

/// What clients ask.
enum Questions {
    /// These requests, again and again.
    Again(Vec<Vec<u8>>),
    /// For the policies from a number on, each time in a text that did not come for so long that nobody keeps its reply.
    Anew(u64),
}

impl Questions {
    /// Returns the request with a number.
    fn request(&self, number: u64) -> Cow<'_, [u8]> {
        match self {
            Self::Again(requests) => {
                let place = usize::try_from(number).unwrap() % requests.len();
                Cow::Borrowed(requests[place].as_slice())
            }
            Self::Anew(first) => {
                let (place, spelling) = spelling::turn(number, POLICIES);
                Cow::Owned(look_up(first + place, spelling))
            }
        }
    }
}

/// Returns the request that looks a policy up, in one of its spellings.
fn look_up(policy: u64, spelling: u64) -> Vec<u8> {
    http::command("GET", &spelling::look_up(&payload::name(policy), spelling))
}

/// A server that is asked over HTTP, one request after the other.
struct Asked {
    name: &'static str,
    address: SocketAddr,
    process: u32,
    questions: Arc<Questions>,
}

impl Asked {
    fn peer(name: &'static str, (address, process): (SocketAddr, u32), questions: &Arc<Questions>) -> Box<dyn Peer> {
        Box::new(Self { name, address, process, questions: Arc::clone(questions) })
    }
}

#[async_trait]
impl Peer for Asked {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(Asking(Connection::open(self.address).await.unwrap(), Arc::clone(&self.questions)))
    }

    async fn held(&self) -> HashSet<u64> {
        HashSet::new()
    }

    fn stand_still(&self) {
        still::stand_still(self.process);
    }

    fn go_on(&self) {
        still::go_on(self.process);
    }
}

struct Asking(Connection, Arc<Questions>);

#[async_trait]
impl Client for Asking {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        self.0.ask(&self.1.request(number)).await.map(drop)
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

    fn stand_still(&self) {
        self.etcd.stand_still();
    }

    fn go_on(&self) {
        self.etcd.go_on();
    }
}
