//! Time from exec to ready: on nothing, and on a ledger of 10,000 policies (embedded SQLite); the median of five.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that meets the unexpected fails"
)]

#[path = "../tests/it/program.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod program;
#[path = "support/table.rs"]
mod table;

use program::{Program, command, try_ask};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const POLICIES: usize = 10_000;
const WRITERS: usize = 32;
const ROUNDS: usize = 5;

fn main() {
    let empty = median(|| {
        let directory = tempfile::tempdir().unwrap();
        start(directory.path())
    });
    let full = tempfile::tempdir().unwrap();
    fill(full.path());
    let filled = median(|| start(full.path()));
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
    table::head();
    table::row("boot: exec to ready, empty SQLite, ms", ms(empty), [""; 3], "<= 100");
    table::row(&format!("boot: exec to ready, {POLICIES} policies, ms"), ms(filled), [""; 3], "<= 300");
}

fn median(mut measure: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS).map(|_| measure()).collect();
    times.sort();
    times[ROUNDS / 2]
}

fn start(directory: &Path) -> Duration {
    let started = Instant::now();
    let _ready = Program::start(node(directory));
    started.elapsed()
}

fn node(directory: &Path) -> std::process::Command {
    let variables = [
        ("NODE_NAME", "m1"),
        ("ANYLOG_SERVER_PORT", "0"),
        ("ANYLOG_REST_PORT", "0"),
        ("INTERNAL_IP", "127.0.0.1"),
        ("IS_HIDDEN", "true"),
        ("AUTH", "off"),
    ];
    command(directory, &["run", "--embedded"], &variables)
}

/// Inserts the policies over REST from several clients.
fn fill(directory: &Path) {
    let program = Program::start(node(directory));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let rest = program.rest;
            scope.spawn(move || {
                for number in (writer..POLICIES).step_by(WRITERS) {
                    let filler = "x".repeat(380);
                    let policy = format!(r#"{{"device": {{"name": "d{number}", "text": "{filler}"}}}}"#);
                    let text =
                        format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
                    let (status, body) = try_ask(rest, "POST", &text).unwrap();
                    assert_eq!(status, 200, "{body}");
                }
            });
        }
    });
}
