//! What a REST caller with the role publish may not change by way of other masters and of contracts.

use super::{case::read, node::TestNode};
use anylog_master::{
    command,
    node::{Names, Origin, Role, Session},
    reply::{Error, ErrorKind},
};
use std::sync::Arc;

/// The policy of the node: it has the names under which the node publishes itself.
const OWN: &str = r#"{"master": {"name": "n1", "company": "c", "ip": "192.0.2.1", "port": "1", "id": "m1"}}"#;
const OTHER: &str = r#"{"device": {"name": "a", "id": "d1"}}"#;

async fn node() -> TestNode {
    let mut node = TestNode::start(&read("get")).await;
    for command in [
        "connect dbms blockchain where type = sqlite and memory = true".to_owned(),
        "create table ledger where dbms = blockchain".to_owned(),
        format!("blockchain push {OWN}"),
        format!("blockchain push {OTHER}"),
    ] {
        node.typed(&command).await.1.unwrap();
    }
    let [name, company, port] = ["n1", "c", "1"].map(str::to_owned);
    node.node.own_names.keep(Some(Names { name, company, port }));
    node
}

async fn refusal(node: &TestNode, role: Role, command: &str) -> Error {
    let origin = Origin::Rest { caller: [10, 0, 0, 9].into(), user: None, is_foreign: false };
    let mut session = Session::new(origin, role, Arc::clone(&node.node.console), "rest");
    command::run(&node.node, &mut session, command).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_are_changed_for_administrators_alone() {
    let node = node().await;
    for command in [
        "blockchain drop policy from ethereum where id = d1",
        "blockchain delete policy where id = d1 and local = true and blockchain = ethereum",
        r#"blockchain insert where policy = {"device": {"name": "b"}} and local = true and blockchain = ethereum"#,
    ] {
        assert_eq!(refusal(&node, Role::Publish, command).await.code.0, 212, "{command}");
    }
    // Nothing was done before it was refused.
    let view = node.node.ledger.view();
    assert!(view.by_id("d1").is_some() && view.len() == 2);
    let admin = refusal(&node, Role::Admin, "blockchain drop policy from ethereum where id = d1").await;
    assert!(admin.to_string().contains("is not connected"), "{admin}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_node_is_left_at_other_masters_too() {
    let node = node().await;
    let policy = OWN.replace("m1", "m2");
    for command in [
        "blockchain delete policy where id = m1 and local = false and master = 192.0.2.66:32048".to_owned(),
        format!("blockchain insert where policy = {policy} and local = false and master = 192.0.2.66:32048"),
    ] {
        let refused = refusal(&node, Role::Publish, &command).await;
        assert_eq!(refused.kind, ErrorKind::Refused, "{command}: {refused}");
    }
}
