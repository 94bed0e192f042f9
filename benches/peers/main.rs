//! The node beside its peers, every side with its full durability: etcd, the raw stores, bare warp, and a reference node where
//! one is named. `scripts/bench-peers` runs it, `docs/measured/` has what it measured. Its part `soak`, which looks at the node
//! alone for hours, is run by `scripts/soak`.
//!
//! Peers take turns round by round, while the others stand still. What they acknowledged is counted afterwards, and what runs as a
//! process of its own is ended in the middle of a round and counted again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark that meets the unexpected fails"
)]

mod bare;
mod batches;
mod contest;
mod deliveries;
mod drift;
mod etcd;
mod http;
mod load;
mod machine;
mod member;
mod node;
mod payload;
#[path = "../../tests/support/postgres.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod postgres;
#[path = "../../tests/it/program.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod program;
mod raw;
mod reads;
mod reference;
mod report;
mod soak;
#[path = "../support/spelling.rs"]
mod spelling;
mod start;
mod still;
mod tcp;
mod writes;

use contest::Plan;
use report::Report;
use std::time::Duration;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What may be measured alone, with the title of its report. The drift takes twenty minutes and is no part of a short run that does
/// not name it.
const PARTS: [(&str, &str); 6] = [
    ("writes", "Durable inserts"),
    ("batches", "Batches"),
    ("deliveries", "Inserts beside members"),
    ("reads", "Reads"),
    ("start", "Starts and memory"),
    ("drift", "Drift"),
];
const FULL: Plan =
    Plan { warm_up: Duration::from_secs(1), span: Duration::from_secs(3), rounds: 5, applied: 30_000, starts: 9 };
const QUICK: Plan = Plan {
    warm_up: Duration::from_millis(200),
    span: Duration::from_millis(500),
    rounds: 3,
    applied: 5_000,
    starts: 3,
};

/// The word with which rounds are short.
const QUICKLY: &str = "--quick";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let Ok(body) = std::env::var(bare::BODY) {
        return runtime.block_on(bare::serve(body.parse().unwrap()));
    }
    // Cargo says by --bench that a benchmark runs.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let Some(("soak", arguments)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        std::process::exit(runtime.block_on(soak::run(arguments)));
    }
    let (options, parts): (Vec<&str>, Vec<&str>) =
        arguments.iter().map(String::as_str).partition(|word| [QUICKLY, machine::ANYWAY].contains(word));
    let is_quick = options.contains(&QUICKLY);
    let known = PARTS.map(|(part, _)| part);
    if let Some(unknown) = parts.iter().find(|part| !known.contains(part)) {
        eprintln!("there is no part {unknown}; the parts are {}", known.join(", "));
        std::process::exit(64);
    }
    let wanted = |part: &str| if parts.is_empty() { part != "drift" || !is_quick } else { parts.contains(&part) };
    let plan = if is_quick { QUICK } else { FULL };
    // What a short run measured is no figure for the documents, and neither is what a machine did that has other work.
    let is_kept = !is_quick && (options.contains(&machine::ANYWAY) || machine::is_quiet());
    load::begin_numbers();
    for (part, title) in PARTS.into_iter().filter(|(part, _)| wanted(part)) {
        let head = machine::head(&format!("scripts/bench-peers {}", arguments.join(" ")), &machine::peers());
        let report = runtime.block_on(measure(part, plan, is_quick)).finish(&head);
        println!("{report}");
        if is_kept {
            report::keep(part, title, &report);
        }
    }
}

async fn measure(part: &str, plan: Plan, is_quick: bool) -> Report {
    let mut report = Report::default();
    match part {
        "writes" => writes::run(&mut report, plan).await,
        "batches" => batches::run(&mut report, plan).await,
        "deliveries" => deliveries::run(&mut report, plan).await,
        "reads" => reads::run(&mut report, plan).await,
        "start" => start::run(&mut report, plan.starts).await,
        _ => drift::run(&mut report, is_quick).await,
    }
    report
}
