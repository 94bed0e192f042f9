//! What the configuration says reaches the node's own policy as it is written, whatever the language would make of it.

use crate::support::{port::free, silent::Silent};
use anylog_master::{
    boot,
    config::{Config, Sources},
    node::Node,
    runtime::shutdown::Shutdown,
};
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Duration};

/// Values that mean something in the language, in JSON, in env files or in SQL.
const VALUES: [&str; 55] = [
    "!x",
    "!x.int",
    "!!x",
    "!company_name",
    "!nosuch",
    "$HOME",
    "$NOSUCH",
    "$HOME/data",
    "{\"a\":1}",
    "{a",
    "[1]",
    "[1, 2",
    "(a, b)",
    "(a",
    "a, b",
    "a,b",
    "<x>",
    "a > b",
    "O'Neil \"Edge\"",
    "'q'",
    "\"q\"",
    "\"",
    "''",
    "\"\"",
    "a = b",
    "a=b",
    "a + b",
    "a & b",
    "#x",
    "a #b",
    "\\",
    "C:\\dir\\",
    "a\tb",
    "Zürich 東京 🏭",
    "true",
    "17",
    "1.50",
    "file",
    "blockchain",
    "and",
    "x and name = y",
    "if !x then exit node",
    "'; drop table ledger; --",
    "ends with blanks  ",
    "Smith & Sons",
    "R and D",
    "O'Neil \"Edge\" GmbH",
    "a\\b",
    "Zürich AG",
    "-",
    "AnyLog Co.",
    "My_Node UPPER case",
    "40.085532,-105.196498",
    "0123456789abcdef{'company':'Example Co.','expiration':'2030-03-01','type':'beta'}",
    "postgres4Example!",
];

/// The variables of the policy that are any text, and its attributes.
const TEXTS: [(&str, &str); 6] = [
    ("COMPANY_NAME", "company"),
    ("NODE_NAME", "name"),
    ("LOCATION", "loc"),
    ("COUNTRY", "country"),
    ("STATE", "state"),
    ("CITY", "city"),
];

/// Rows of the table that are tried at the same time; most of a boot is waiting.
const AT_ONCE: usize = 4;

/// Every variable has every value once.
#[tokio::test(flavor = "multi_thread")]
async fn every_text_is_published_as_it_is_written_and_a_restart_adds_nothing() {
    let mut lanes = tokio::task::JoinSet::new();
    for lane in 0..AT_ONCE {
        let ports = [free(), free()];
        lanes.spawn(async move {
            for row in (lane..VALUES.len()).step_by(AT_ONCE) {
                starts_twice(ports, &texts_of(row)).await;
            }
        });
    }
    while let Some(outcome) = lanes.join_next().await {
        outcome.unwrap();
    }
}

/// Returns what each variable is set to, and the attribute that it becomes.
fn texts_of(row: usize) -> Vec<(&'static str, &'static str, &'static str)> {
    let value = |column: usize| VALUES[(row + column * 7) % VALUES.len()];
    TEXTS.iter().enumerate().map(|(column, (name, attribute))| (*name, *attribute, value(column))).collect()
}

async fn starts_twice(ports: [u16; 2], texts: &[(&str, &str, &str)]) {
    let directory = tempfile::tempdir().unwrap();
    let first = boot(directory.path(), ports, texts).await;
    let published = own_policy(&first);
    for (_, attribute, value) in texts {
        assert_eq!(published[attribute], *value, "{attribute} of {texts:?}");
    }
    boot::stop(&first, Duration::from_secs(5)).await;
    drop(first);
    let second = boot(directory.path(), ports, texts).await;
    assert_eq!(own_policy(&second)["id"], published["id"], "{texts:?}");
    let outcome = second.boot.steps().last().and_then(|step| step.outcome.clone());
    assert_eq!(outcome.as_deref(), Some("was there"), "{texts:?}");
    boot::stop(&second, Duration::from_secs(5)).await;
}

/// Boots a node on a file in a directory.
async fn boot(home: &Path, [tcp, rest]: [u16; 2], texts: &[(&str, &str, &str)]) -> Arc<Node> {
    let home = home.display().to_string();
    let (tcp, rest) = (tcp.to_string(), rest.to_string());
    let own = [
        ("ANYLOG_PATH", &*home),
        ("ANYLOG_SERVER_PORT", &tcp),
        ("ANYLOG_REST_PORT", &rest),
        ("INTERNAL_IP", "127.0.0.1"),
        ("AUTH", "off"),
        ("HOME", "/home/somebody"),
    ];
    // Quotes around a value of the process environment are not part of it.
    let texts = texts.iter().map(|(name, _, value)| ((*name).to_owned(), format!("\"{value}\"")));
    let process = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain(texts).collect();
    let config = Config::load(&Sources { process, ..Sources::default() }).unwrap();
    let node = boot::node(config, Arc::new(Silent), Shutdown::new()).unwrap();
    node.dictionary.set("x", "what !x stands for");
    boot::run_plan(&node).await.unwrap_or_else(|error| panic!("{error}: {:?}", node.config));
    node
}

/// Returns the body of the only master policy.
fn own_policy(node: &Node) -> Value {
    let view = node.ledger.view();
    let policies: Vec<_> = view.of_type("master").filter_map(|entry| entry.policy()).collect();
    assert_eq!(policies.len(), 1, "{policies:?}");
    Value::Object(policies[0].body().clone())
}
