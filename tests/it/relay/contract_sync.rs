//! A node whose source is the contract (reference/ledger 12.6).

use super::{KEY, PATIENCE, Place, Relayed, device, until};
use crate::support::{
    anvil::{Anvil, KEYS},
    chain::{CONTRACT, DoubleChain},
};
use anylog_master::{
    chain::EvmMaker,
    ledger::{Author, Change},
    node::platforms::{AccountInfo, Amount, ChainChange, PlatformError, Refusal},
    reply::Code,
};
use std::{fs, path::PathBuf, sync::Arc};

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

/// Starts the synchroniser so that, when this returns, there are no rounds but those that the test asks for.
async fn start_on_demand(node: &Relayed) {
    node.run(&START.replace("1 second", "3600 seconds")).await.unwrap();
    node.run("run blockchain sync").await.unwrap();
    let rounds = || node.node.services.synchronizer.status().map_or(0, |status| status.ok);
    until("the round of the start and the one that was asked for are over", || rounds() == 2).await;
}

async fn insert_local(node: &Relayed, id: &str) {
    node.run(&format!("blockchain insert where policy = {} and local = true", device(id, "n"))).await.unwrap();
}

fn insert_by_others(chain: &DoubleChain, id: &str) {
    chain.change_by_others(&ChainChange::Insert { id: id.to_owned(), text: device(id, "n") });
}

fn ids(node: &Relayed) -> Vec<String> {
    node.table().into_keys().collect()
}

fn ids_on(chain: &DoubleChain) -> Vec<String> {
    chain.policies().into_iter().map(|(id, _)| id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_did_not_get_stays_and_is_told_again() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    let node = Relayed::with_maker(&place, place.home.path(), Arc::new(chain.clone()), &[]).await;
    let connect = "blockchain connect ethereum where provider = http://double and required = false";
    node.run(&format!("{connect} and contract = {CONTRACT}")).await.unwrap();
    start_on_demand(&node).await;
    insert_local(&node, "mine").await;
    for _ in 0..2 {
        let error = node.run("run blockchain sync").await.unwrap_err();
        assert!(error.detail.as_deref().is_some_and(|detail| detail.contains("no private key")), "{error:?}");
        assert_eq!(ids(&node), ["mine"]);
    }
    insert_by_others(&chain, "b");
    node.run("run blockchain sync").await.unwrap_err();
    assert_eq!((ids(&node), ids_on(&chain)), (vec!["b".to_owned(), "mine".to_owned()], vec!["b".to_owned()]));
    node.run(&format!("blockchain set account info where platform = ethereum and private_key = {KEY}")).await.unwrap();
    node.run("run blockchain sync").await.unwrap();
    assert_eq!(ids_on(&chain), ["b", "mine"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_gives_no_answer_to_is_never_given_up() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    let node = Relayed::start(&place, &chain).await;
    start_on_demand(&node).await;
    let dear = PlatformError::FeeAboveCap { asked: Amount::gwei(2), cap: Amount::gwei(1) };
    chain.fail_to_sign("mine", dear);
    insert_local(&node, "mine").await;
    for round in 0..24 {
        // The contract changes or it does not.
        if round % 2 == 0 {
            insert_by_others(&chain, &format!("other{round:02}"));
        }
        node.run("run blockchain sync").await.unwrap_err();
        assert!(ids(&node).contains(&"mine".to_owned()), "round {round}");
    }
    chain.take_all();
    node.run("run blockchain sync").await.unwrap();
    assert!(ids_on(&chain).contains(&"mine".to_owned()));
    // What it had and others dropped there stays dropped.
    node.run("run blockchain sync").await.unwrap();
    chain.change_by_others(&ChainChange::Delete { id: "mine".to_owned() });
    node.run("run blockchain sync").await.unwrap();
    assert_eq!(ids(&node).len(), 12);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_refuses_for_ten_rounds_is_given_up() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    let node = Relayed::start(&place, &chain).await;
    start_on_demand(&node).await;
    let rejected = PlatformError::Rejected { method: "eth_estimateGas", code: -32000, message: "no".to_owned() };
    chain.fail_to_sign("mine", rejected);
    insert_local(&node, "mine").await;
    for _ in 0..3 {
        node.run("run blockchain sync").await.unwrap_err();
    }
    chain.take_all();
    chain.refuse("mine", Refusal::Other("paused".to_owned()));
    for round in 0..11 {
        insert_by_others(&chain, &format!("other{round:02}"));
        node.run("run blockchain sync").await.unwrap();
        assert_eq!(ids(&node).contains(&"mine".to_owned()), round < 10, "round {round}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_here_before_the_contract_answers_does_not_come_back() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    let node = Relayed::start(&place, &chain).await;
    start_on_demand(&node).await;
    chain.fail_to_sign("mine", PlatformError::Unsteady);
    insert_by_others(&chain, "b");
    insert_local(&node, "mine").await;
    node.run("run blockchain sync").await.unwrap_err();
    let drop = Change::Drop { ids: vec!["mine".to_owned()] };
    node.node.ledger.write(drop, Author::new("test")).await.unwrap();
    chain.take_all();
    for _ in 0..2 {
        node.run("run blockchain sync").await.unwrap();
        assert_eq!((ids(&node), ids_on(&chain)), (vec!["b".to_owned()], vec!["b".to_owned()]));
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_one_policy_does_not_keep_the_others_from_the_contract() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    let node = Relayed::start(&place, &chain).await;
    start_on_demand(&node).await;
    insert_local(&node, "one").await;
    insert_local(&node, "two").await;
    chain.loses_answers(true);
    node.run("run blockchain sync").await.unwrap_err();
    assert_eq!(ids_on(&chain), ["one", "two"]);
    chain.loses_answers(false);
    node.run("run blockchain sync").await.unwrap();
    assert_eq!(ids(&node), ["one", "two"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_did_not_reach_the_local_copy_is_merged_again() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    insert_by_others(&chain, "a");
    let node = Relayed::start(&place, &chain).await;
    start_on_demand(&node).await;
    assert_eq!(ids(&node), ["a"]);
    // Where the new copy is written first, nothing can be written.
    let blocked = PathBuf::from(node.node.dictionary.get("blockchain_file").unwrap()).with_extension("tmp");
    fs::create_dir(&blocked).unwrap();
    insert_by_others(&chain, "b");
    node.run("run blockchain sync").await.unwrap_err();
    fs::remove_dir(&blocked).unwrap();
    node.run("run blockchain sync").await.unwrap();
    assert_eq!(ids(&node), ["a", "b"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_an_older_block_takes_nothing_away() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    insert_by_others(&chain, "a");
    let node = Relayed::start(&place, &chain).await;
    start_on_demand(&node).await;
    insert_by_others(&chain, "b");
    node.run("run blockchain sync").await.unwrap();
    for behind in [1, 0] {
        chain.run_behind(behind);
        node.run("run blockchain sync").await.unwrap();
        assert_eq!(ids(&node), ["a", "b"]);
    }
    insert_by_others(&chain, "c");
    node.run("run blockchain sync").await.unwrap();
    assert_eq!(ids(&node), ["a", "b", "c"]);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_another_contract_has_nothing_of_the_one_before() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let place = Place::sqlite();
    let node = Relayed::with_maker(&place, place.home.path(), Arc::new(EvmMaker), &[]).await;
    let (url, key) = (anvil.url(), KEYS[0]);
    node.run(&format!("blockchain connect ethereum where provider = {url} and private_key = {key}")).await.unwrap();
    let platform = node.node.platforms.named("ethereum").unwrap();
    // The other one has as many changes more as it has policies more, as one that only grew.
    for policies in [&["a"][..], &["x", "y"]] {
        let contract = Some(platform.deploy().await.unwrap());
        platform.set_info(AccountInfo { contract, ..AccountInfo::default() }).unwrap();
        for id in policies {
            let change = ChainChange::Insert { id: (*id).to_owned(), text: device(id, "n") };
            platform.carry_out(&change).await.unwrap();
        }
        match node.node.services.synchronizer.status() {
            None => start_on_demand(&node).await,
            Some(_) => drop(node.run("run blockchain sync").await.unwrap()),
        }
        assert_eq!(ids(&node), policies);
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_whose_file_does_not_open_leaves_nothing_that_runs() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let occupied = place.home.path().join("occupied");
    fs::write(&occupied, "").unwrap();
    let file = occupied.join("blockchain.json");
    node.run(&format!("{START} and file = {}", file.display())).await.unwrap_err();
    let synchronizer = &node.node.services.synchronizer;
    assert!(synchronizer.status().is_none());
    tokio::time::timeout(PATIENCE, synchronizer.stop()).await.expect("nothing runs that has to end");
    node.run(START).await.unwrap();
    assert!(synchronizer.status().is_some());
    node.run("exit synchronizer").await.unwrap();
    node.stop().await;
}
