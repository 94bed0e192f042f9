//! Starts and memory: how long a start takes with no policies, 10,000 and 100,000, what they take in memory, and how much more it is
//! for a moment while the node starts, writes an export and a backup.

use crate::{
    http::{self, Connection},
    load,
    node::{Node, Store},
    payload,
    report::{Report, short},
};
use procfs::process::Process;
use std::{fs, time::Duration};

/// Policies that are sent together.
const TOGETHER: u64 = 1000;
/// Policies of the ledgers.
const LEDGERS: [u64; 3] = [0, 10_000, 100_000];
/// Bytes in a megabyte.
const MEGABYTE: f64 = 1e6;

/// Memory of the node in megabytes: now, and the most since somebody looked.
struct Memory {
    now: f64,
    peak: f64,
}

/// Measures both stores.
pub async fn run(report: &mut Report, starts: usize) {
    for store in [Store::Sqlite, Store::Postgres] {
        report.section(&format!("Starts and memory, {}, median of {starts} starts", store.name()));
        let first = first_starts(store, starts);
        report.at_most(&format!("first start, {}", store.name()), first, 15.0, " ms");
        let mut rows = vec![vec!["0, the first start".to_owned(), short(first)]];
        let mut idle = 0.0;
        for policies in LEDGERS {
            let mut node = Node::start(store);
            fill(&node, policies).await;
            let times = (0..starts).map(|_| {
                node.crash();
                milliseconds(node.started())
            });
            let ready = median(times.collect());
            let started = memory(node.process());
            let text = text(&node).await;
            forget_peak(node.process());
            let mut asking = Connection::open(node.rest()).await.unwrap();
            for work in ["blockchain pull to json", "run blockchain sync", "backup ledger where file = start.jsonl"] {
                let done = asking.ask(&http::command("POST", work)).await.map(drop);
                assert!(done.is_ok(), "{work}: {done:?}, after {:?}", node.log().last());
            }
            let worked = memory(node.process());
            let what = format!("{policies} policies, {}", store.name());
            match policies {
                0 => {
                    idle = started.now;
                    report.at_most(&format!("idle memory, {}", store.name()), idle, 10.0, " MB");
                }
                _ => report.at_most(&format!("memory above idle × text, {what}"), (started.now - idle) / text, 3.0, ""),
            }
            if policies == 100_000 {
                report.at_most(&format!("start, {what}"), ready, 600.0, " ms");
                report.at_most(&format!("peak of the start × steady, {what}"), started.peak / started.now, 1.5, "");
                report.at_most(
                    &format!("peak of export and backup × steady, {what}"),
                    worked.peak / started.now,
                    1.5,
                    "",
                );
            }
            let figures = [ready, text, started.now, started.peak, worked.peak].map(short);
            rows.push([&[policies.to_string()][..], &figures].concat());
        }
        let width = rows[1].len();
        rows[0].resize(width, String::new());
        let columns = [
            "policies",
            "ready after ms",
            "text MB",
            "memory MB",
            "peak of the start MB",
            "peak of export, copy and backup MB",
        ];
        report.table(&columns, &rows);
    }
}

/// Returns the milliseconds of starts that make the database.
fn first_starts(store: Store, starts: usize) -> f64 {
    median((0..starts).map(|_| milliseconds(Node::start(store).started())).collect())
}

async fn fill(node: &Node, policies: u64) {
    let mut connection = Connection::open(node.rest()).await.unwrap();
    let first = load::numbers(policies);
    for from in (first..first + policies).step_by(TOGETHER as usize) {
        connection.ask(&http::post("/v1/policies", &payload::list(from, TOGETHER))).await.unwrap();
    }
}

/// Returns the megabytes of the texts of all policies, that of the node itself included.
async fn text(node: &Node) -> f64 {
    let mut connection = Connection::open(node.rest()).await.unwrap();
    let figures = connection.ask(&http::get("/metrics")).await.unwrap();
    let figures = String::from_utf8_lossy(figures).into_owned();
    let bytes = figures
        .lines()
        .find_map(|line| line.strip_prefix("anylog_master_ledger_bytes "))
        .expect("the bytes of the ledger");
    bytes.parse::<f64>().unwrap() / MEGABYTE
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn memory(process: u32) -> Memory {
    let status = Process::new(i32::try_from(process).unwrap()).unwrap().status().unwrap();
    let megabytes = |kilobytes: Option<u64>| kilobytes.unwrap() as f64 * 1024.0 / MEGABYTE;
    Memory { now: megabytes(status.vmrss), peak: megabytes(status.vmhwm) }
}

/// Has the kernel look for the most memory anew.
fn forget_peak(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
}
