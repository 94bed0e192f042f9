//! A node whose source is the contract (reference/ledger 12.6).

use super::{Place, Relayed, device, until};
use crate::support::chain::DoubleChain;
use anylog_master::{node::platforms::ChainChange, reply::Code};

const START: &str =
    "run blockchain sync where source = blockchain and platform = ethereum and time = 1 second and dest = file";

#[tokio::test(flavor = "multi_thread")]
async fn the_local_copy_follows_the_contract() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    for id in ["a", "b"] {
        chain.change_by_others(&ChainChange::Insert { id: id.to_owned(), text: device(id, "n") });
    }
    let node = Relayed::start(&place, &chain).await;
    node.run(START).await.unwrap();
    until("both come", || node.table().len() == 2).await;
    chain.change_by_others(&ChainChange::Delete { id: "a".to_owned() });
    until("one goes", || node.table().keys().map(String::as_str).eq(["b"])).await;
    let mine = device("mine", "n");
    node.run(&format!("blockchain insert where policy = {mine} and local = true")).await.unwrap();
    until("what only this node knows is told", || chain.policies().iter().any(|(id, _)| id == "mine")).await;
    until("and is global", || node.table()["mine"].contains("global")).await;
    // Let the round that follows its own change end, then count what idle rounds ask.
    node.run("run blockchain sync").await.unwrap();
    node.run("run blockchain sync").await.unwrap();
    chain.calls();
    node.run("run blockchain sync").await.unwrap();
    assert!(chain.calls().iter().all(|call| *call == "checkout"));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_contract_empties_nobody() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    chain.change_by_others(&ChainChange::Insert { id: "a".to_owned(), text: device("a", "n") });
    let node = Relayed::start(&place, &chain).await;
    node.run(START).await.unwrap();
    until("it comes", || node.table().len() == 1).await;
    chain.change_by_others(&ChainChange::Delete { id: "a".to_owned() });
    until("the round fails", || node.node.services.synchronizer.status().is_some_and(|status| status.is_failing)).await;
    assert_eq!(node.table().len(), 1);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_is_not_connected_is_no_source() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let error = node.run(&START.replace("ethereum", "optimism")).await.unwrap_err();
    assert_eq!(error.code, Code::CONNECTION);
    assert_eq!(error.detail.as_deref(), Some("Blockchain platform 'optimism' is not connected"));
    node.stop().await;
}
