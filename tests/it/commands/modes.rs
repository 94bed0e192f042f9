//! Switches that change what later commands answer.

use super::{case::read, node::TestNode};
use std::path::Path;

async fn node() -> TestNode {
    TestNode::start(&read("get")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_width_of_tables_is_what_was_set() {
    let mut node = node().await;
    node.node.dictionary.set("long_text", "x".repeat(60));
    let (before, _) = node.typed("get dictionary long_text").await;
    node.typed("set output table width 40").await.1.unwrap();
    let (after, _) = node.typed("get dictionary long_text").await;
    assert_eq!((before.lines().count(), after.lines().count()), (5, 6), "{before}{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_timeout_is_shown_where_it_applies() {
    let mut node = node().await;
    node.typed("set rest timeout 2 minutes").await.1.unwrap();
    assert!(node.typed("get processes").await.0.contains("Timeout: 120, SSL: None"));
    assert!(node.typed("get rest server info").await.0.contains("| 120 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn home_moves_all_paths() {
    let mut node = node().await;
    let home = node.home.path().join("other");
    std::fs::create_dir(&home).unwrap();
    let home = home.display();
    node.typed(&format!("set anylog home {home}")).await.1.unwrap();
    node.typed("create work directories").await.1.unwrap();
    let file = node.node.dictionary.get("blockchain_file").unwrap();
    assert_eq!(file, format!("{home}/EdgeLake/blockchain/blockchain.json"));
    assert!(Path::new(&file).parent().unwrap().is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn echo_messages_wait_in_the_queue_with_their_secrets_masked() {
    let mut node = node().await;
    node.typed("set echo queue on").await.1.unwrap();
    node.typed("echo password = hunter2").await.1.unwrap();
    assert!(node.node.events.has_unread());
    let (queue, _) = node.typed("get echo queue").await;
    assert!(queue.contains("password = ********") && !queue.contains("hunter2"), "{queue}");
    assert!(!node.node.events.has_unread());
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_hold_secrets_are_masked() {
    let mut node = node().await;
    node.node.dictionary.set("db_passwd", "hunter2");
    node.node.dictionary.set_environment("API_TOKEN", "t0ken");
    for command in ["get dictionary", "get dictionary db_ where format = json", "get env var"] {
        let (shown, _) = node.typed(command).await;
        assert!(!shown.contains("hunter2") && !shown.contains("t0ken"), "{command}: {shown}");
    }
}
