//! Backups of the ledger: what is written is read, damage is refused, a restore does what it says and no more, on both stores.

/// Tests that run on a SQLite file and on a PostgreSQL server.
macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(crate::doors::House::sqlite()).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(crate::doors::House::postgres()).await; })*
        }
    };
}

mod consistent;
mod damage;
mod program;
mod restored;
mod round_trip;
mod scheduled;
mod size;
mod verified;

use crate::doors::{House, Inhabitant};
use anylog_master::{
    ledger::LedgerEntry,
    reply::{Error, Reply},
};
use std::{collections::BTreeMap, path::PathBuf};

/// Everything that the view has of each policy: text, host, date, number.
type Rows = BTreeMap<String, (String, String, String, i64)>;

fn rows(node: &Inhabitant) -> Rows {
    let view = node.node.ledger.view();
    let row = |entry: &LedgerEntry| {
        let columns = (entry.text.to_string(), entry.host.to_string(), entry.date.to_string(), entry.sequence);
        (entry.id.to_string(), columns)
    };
    view.iter().map(|entry| row(entry)).collect()
}

/// Returns the path of a backup of a house.
fn file(house: &House, name: &str) -> PathBuf {
    house.below("data/bkup").join(name)
}

async fn backup(node: &Inhabitant, name: &str) {
    node.run(&format!("backup ledger where file = {name}")).await.unwrap();
}

/// Restores and returns what that did as JSON.
async fn restore(node: &Inhabitant, options: &str) -> Result<serde_json::Value, Error> {
    match node.run(&format!("restore ledger where {options} and format = json")).await? {
        Reply::Value(value) => Ok(value),
        other => panic!("a value is expected, not {other:?}"),
    }
}

/// Compares and returns the differences, each with what it was compared with.
async fn differences(node: &Inhabitant, options: &str) -> Vec<(String, String, String)> {
    let Reply::Value(value) = node.run(&format!("verify ledger where format = json{options}")).await.unwrap() else {
        panic!("a value is expected")
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut found = Vec::new();
    for compared in value["compared"].as_array().unwrap() {
        let with = text(&compared["with"]).split(' ').next().unwrap().to_owned();
        for difference in compared["differences"].as_array().unwrap() {
            found.push((with.clone(), text(&difference["kind"]), text(&difference["id"])));
        }
    }
    assert_eq!(value["same"].as_bool().unwrap(), found.is_empty());
    found
}

/// Waits until the local copy has what the table has: it is rewritten soon after a change, and not at once.
async fn in_step(node: &Inhabitant) {
    let until = tokio::time::Instant::now() + crate::program::PATIENCE;
    node.run("run blockchain sync").await.unwrap();
    while differences(node, "").await.iter().any(|one| one.0 == "local") {
        assert!(tokio::time::Instant::now() < until, "{:?}", differences(node, "").await);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Returns what happened to a policy: the action, the text before and the text after.
async fn steps(node: &Inhabitant, id: &str) -> Vec<(String, Option<String>, Option<String>)> {
    let history = node.node.ledger.history(id).await.unwrap();
    history.into_iter().map(|step| (step.action.as_str().to_owned(), step.before, step.after)).collect()
}
