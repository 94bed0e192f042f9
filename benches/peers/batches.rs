//! Many policies at once: `blockchain insert` of a list, lists to `/v1/policies`, and files of `apply`.

use crate::{
    contest::{Count, Load, Plan, contest},
    http::{self, Connection},
    load::{self, Client, Peer},
    node::{Node, Store},
    payload,
    program::command,
    report::{Report, range, row, short},
};
use async_trait::async_trait;
use std::{collections::HashSet, fs, sync::Arc, time::Instant};

/// Policies of one request: as many as `/v1` takes.
const TOGETHER: u64 = 1000;
/// Clients that send lists.
const CLIENTS: usize = 4;
/// Policies in a second.
const WANTED: f64 = 30_000.0;

/// Measures all on both stores.
pub async fn run(report: &mut Report, plan: Plan) {
    for store in [Store::Sqlite, Store::Postgres] {
        report.section(&format!(
            "Batches of {TOGETHER} policies, {}, {CLIENTS} clients; `apply` of {}",
            store.name(),
            plan.applied
        ));
        let lists: Vec<Box<dyn Peer>> = [List::Command, List::Api]
            .into_iter()
            .map(|list| Box::new(Lists { list, node: Arc::new(Node::start(store)) }) as Box<dyn Peer>)
            .collect();
        let mut rows = Vec::new();
        for (peer, measured) in lists.iter().zip(contest(&lists, CLIENTS, Load::Closed, plan).await) {
            let count = Count::of(&**peer, &measured.acknowledged).await;
            assert_eq!(count.lost, 0, "{} lost policies that it had acknowledged", measured.name);
            report.at_least(&format!("{}, {}", measured.name, store.name()), measured.rate().median, WANTED, "/s");
            let mut shown = row(&measured, None);
            (shown[1], shown[2]) = (range(measured.rate()), count.shown());
            rows.push(shown);
        }
        let (rate, count) = apply(store, plan.applied).await;
        report.at_least(&format!("apply of a file, {}", store.name()), rate, WANTED, "/s");
        let blank = String::new;
        rows.push(vec!["`apply`".to_owned(), short(rate), count.shown(), blank(), blank(), blank(), "0".to_owned()]);
        report.table(
            &["how", "policies/s", "acknowledged and there", "p50 ms", "p99 ms", "longest ms", "failures"],
            &rows,
        );
    }
}

/// Has the program make the ledger what a file says; the time is that of the whole program.
async fn apply(store: Store, policies: u64) -> (f64, Count) {
    let node = Node::start(store);
    let first = load::numbers(policies);
    fs::write(node.home().join("policies.json"), payload::list(first, policies)).unwrap();
    let arguments = ["apply", "-f", "policies.json", "--connect", &node.rest().to_string()];
    let mut applied = command(node.home(), &arguments, &[]);
    let begin = Instant::now();
    let output = tokio::task::block_in_place(|| applied.output()).unwrap();
    let elapsed = begin.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let acknowledged: Vec<u64> = (first..first + policies).collect();
    let peer = Lists { list: List::Command, node: Arc::new(node) };
    (policies as f64 / elapsed.as_secs_f64(), Count::of(&peer, &acknowledged).await)
}

/// Where lists go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Command,
    Api,
}

/// A node that is given lists.
struct Lists {
    list: List,
    node: Arc<Node>,
}

#[async_trait]
impl Peer for Lists {
    fn name(&self) -> String {
        match self.list {
            List::Command => "`blockchain insert` of a list",
            List::Api => "lists to `/v1/policies`",
        }
        .to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(ListClient(Connection::open(self.node.rest()).await.unwrap(), self.list))
    }

    async fn held(&self) -> HashSet<u64> {
        self.node.held().await
    }

    fn stand_still(&self) {
        self.node.stand_still();
    }

    fn go_on(&self) {
        self.node.go_on();
    }
}

struct ListClient(Connection, List);

#[async_trait]
impl Client for ListClient {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let list = payload::list(number, TOGETHER);
        let request = match self.1 {
            List::Api => http::post("/v1/policies", &list),
            List::Command => {
                let text =
                    format!("blockchain insert where policy = {list} and local = true and master = !ledger_conn");
                http::body_command(&text)
            }
        };
        self.0.ask(&request).await.map(drop)
    }

    fn policies(&self) -> u64 {
        TOGETHER
    }
}
