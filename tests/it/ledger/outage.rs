//! What members send, and what this node keeps for itself, while the database takes no changes.

use super::{Node, Place, device, insert, shared};
use anylog_master::{
    ledger::{Author, Change, Error, OnDuplicate, PolicyCheck},
    policy::Policy,
};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until members may take the ledger.
async fn delivers(node: &Node) {
    let open = async {
        while node.ledger.may_deliver().is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, open).await.expect("members get the ledger again");
}

/// Waits until the local copy has a line.
async fn kept(place: &Place, line: &str) {
    let written = async {
        while !std::fs::read_to_string(place.file()).is_ok_and(|text| text.lines().any(|one| one == line)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, written).await.expect("the local copy has it");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_member_forgets_what_it_sent_meanwhile() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    node.insert(&device("a", 1)).await.unwrap();
    node.ledger.may_deliver().unwrap();
    server.stop();
    // A member sends it once, by the merge of its copy, and forgets it when the next copy has not got it.
    let sent = node.ledger.write(insert(&device("b", 2), OnDuplicate::Ignore), Author::new("test")).await;
    assert!(matches!(sent, Err(Error::Unavailable(_))), "{sent:?}");
    assert!(matches!(node.ledger.may_deliver(), Err(Error::Unavailable(_))));
    assert_eq!(node.exported().await, device("a", 1) + "\n", "people and scripts read on");
    // The local copy has it, so that a restart meanwhile does not lose it.
    kept(&place, &device("b", 2).replace("}}", r#", "ledger": "local"}}"#)).await;
    server.run_start("");
    delivers(&node).await;
    assert_eq!(node.exported().await, device("a", 1) + "\n" + &device("b", 2) + "\n");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_reads_is_tried_again() {
    let place = Place::postgres();
    let node = Node::start(&place).await;
    let Place::Postgres(server, _) = &place else { unreachable!() };
    server.stop();
    server.run_start("-c default_transaction_read_only=on");
    assert!(node.insert(&device("a", 1)).await.is_err());
    assert!(node.ledger.may_deliver().is_err());
    server.stop();
    server.run_start("");
    delivers(&node).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_copy_needs_no_database() {
    let place = Place::postgres();
    let node = shared(Node::start(&place).await);
    let Place::Postgres(server, _) = &place else { unreachable!() };
    server.stop();
    let writes = (0..40).map(|number| {
        let (node, text) = (std::sync::Arc::clone(&node), device(&format!("d{number}"), number));
        let change = if number % 2 == 0 {
            Change::InsertLocal { policy: Policy::parse(&text).unwrap(), check: PolicyCheck::Local }
        } else {
            insert(&text, OnDuplicate::Refuse)
        };
        tokio::spawn(async move { node.ledger.write(change, Author::new("test")).await.is_ok() })
    });
    for (number, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
        assert_eq!(write.await.unwrap(), number % 2 == 0, "{number}");
    }
}
