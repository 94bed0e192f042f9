//! Fifty thousand policies, each way; the times are printed, and only what is far off fails, because a test is not built for speed.

use super::{backup, differences, file, restore};
use crate::doors::House;
use anylog_master::ledger::{Author, Change, UndoRow, UndoStep};
use std::time::{Duration, Instant};

on_both_stores! {
    fifty_thousand_policies_are_written_restored_and_compared
}

/// Policies of the ledger.
const POLICIES: usize = 50_000;
/// What each step takes at most in a build without optimisation, on a machine that does other things as well.
const LIMIT: Duration = Duration::from_secs(40);

fn policy(number: usize) -> UndoStep {
    let id = format!("id{number}");
    let filler = "x".repeat(340);
    let text = format!(
        r#"{{"device": {{"name": "device {number}", "text": "{filler}", "id": "{id}", "date": "2026-01-01T00:00:00.{number:06}Z"}}}}"#
    );
    UndoStep::Restore(UndoRow { id, text, host: "10.0.0.1".to_owned(), date: None })
}

async fn timed<T>(what: &str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = work.await;
    println!("{what}: {:?}", started.elapsed());
    assert!(started.elapsed() < LIMIT, "{what}: {:?}", started.elapsed());
    done
}

async fn fifty_thousand_policies_are_written_restored_and_compared(house: House) {
    let node = house.boot().await;
    let steps: Vec<_> = (0..POLICIES).map(policy).collect();
    for steps in steps.chunks(1000) {
        node.node.ledger.write(Change::Undo { steps: steps.to_vec() }, Author::new("test")).await.unwrap();
    }
    timed("backup", backup(&node, "b.jsonl")).await;
    let found = timed("verify", differences(&node, " and file = b.jsonl")).await;
    assert!(!found.iter().any(|one| one.0 == "backup"), "{} differences", found.len());
    let rows = super::rows(&node);
    node.stop().await;
    house.swap_database().await;
    house.forget_copy();
    std::fs::metadata(file(&house, "b.jsonl")).unwrap();
    let node = house.boot().await;
    let told = timed("restore", restore(&node, "file = b.jsonl and mode = replace")).await.unwrap();
    assert_eq!(told["after"].as_u64(), Some(rows.len() as u64), "{}", told["counts"]);
    assert_eq!(super::rows(&node), rows);
    node.stop().await;
}
