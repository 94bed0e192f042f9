//! Commands on platforms: spellings, secrets, and who may what.

use super::{KEY, Place, Relayed, device};
use crate::support::chain::{CONTRACT, DoubleChain};
use anylog_master::{
    node::{Origin, Role},
    render,
    reply::{Code, Reply},
};
use std::net::{IpAddr, Ipv4Addr};

#[tokio::test(flavor = "multi_thread")]
async fn both_spellings_list_the_platforms_and_show_no_key() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let one = render::text(&node.run("get platforms").await.unwrap());
    let other = render::text(&node.run("blockchain get platforms").await.unwrap());
    assert_eq!(one, other);
    assert!(one.contains("Ether: 10000 Wei: 0") && one.contains(&CONTRACT.to_string()), "{one}");
    assert!(!one.contains(KEY));
    let again = node.run("blockchain connect to ethereum where provider = http://double").await.unwrap_err();
    assert_eq!(again.code, Code::ALREADY_ACTIVE);
    let other = node.run("blockchain state where platform = optimism").await.unwrap_err();
    assert_eq!(other.code, Code::BLOCKCHAIN_UNKNOWN);
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_come_from_variables_files_and_the_environment_and_are_shown_nowhere() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let file = place.home.path().join("key");
    std::fs::write(&file, format!("0x{KEY}\n")).unwrap();
    node.run(&format!("set chain_private_key = {KEY}")).await.unwrap();
    node.run(&format!("set $CHAIN_PRIVATE_KEY = {KEY}")).await.unwrap();
    for source in [
        "private_key = !chain_private_key".to_owned(),
        "private_key = $CHAIN_PRIVATE_KEY".to_owned(),
        format!("private_key_file = {}", file.display()),
        format!("private_key = {KEY}"),
    ] {
        let text = format!("blockchain set account info where platform = ethereum and {source}");
        node.run(&text).await.unwrap_or_else(|error| panic!("{source}: {error}"));
    }
    let twice = format!(
        "blockchain set account info where platform = ethereum and private_key = {KEY} and private_key = {KEY}"
    );
    let refused = node.run(&twice).await.unwrap_err();
    assert!(!format!("{refused:?}").contains(KEY), "{refused:?}");
    let wrong = node
        .run(&format!("blockchain set account info where platform = ethereum and private_key = {KEY}aa"))
        .await
        .unwrap_err();
    assert!(!format!("{wrong:?}").contains(KEY), "{wrong:?}");
    for question in ["get dictionary", "get env var", "get event log", "get error log", "get platforms", "get relay"] {
        let shown = node.run(question).await.map(|reply| render::text(&reply)).unwrap_or_default();
        assert!(!shown.contains(KEY), "{question}: {shown}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_over_the_network_name_no_key_files() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let mut session = node.session.clone();
    session.origin = Origin::Rest { caller: IpAddr::V4(Ipv4Addr::LOCALHOST), user: None, is_foreign: false };
    session.role = Role::Admin;
    let text = "blockchain set account info where platform = ethereum and private_key_file = /etc/passwd";
    let error = anylog_master::command::run(&node.node, &mut session, text).await.unwrap_err();
    assert_eq!(error.code, Code::FILE_NOT_AUTHORIZED);
    session.role = Role::Publish;
    for text in ["set relay where platform = ethereum", "blockchain commit to ethereum {\"device\": {\"name\": \"x\"}}"]
    {
        let error = anylog_master::command::run(&node.node, &mut session, text).await.unwrap_err();
        assert_eq!(error.code, Code::UNAUTHORIZED, "{text}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_the_relay_are_shown_as_json() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let node = Relayed::with_relay(&place, &chain).await;
    node.push("a").await;
    node.agrees(&chain).await;
    let Reply::Value(value) = node.run("get relay where format = json").await.unwrap() else { panic!("a value") };
    for (key, expected) in [("status", "on"), ("platform", "ethereum"), ("subset", "all"), ("visible", "pending")] {
        assert_eq!(value[key], expected, "{value}");
    }
    assert_eq!((value["queue"].clone(), value["mined"].clone()), (0.into(), 1.into()));
    let page = render::text(&node.run("get metrics").await.unwrap());
    for line in ["anylog_master_relay_on 1", "anylog_master_relay_queue 0", "anylog_master_relay_up 1"] {
        assert!(page.contains(line), "{line} in {page}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_published_to_a_contract_and_deleted_there() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let node = Relayed::start(&place, &chain).await;
    let policy = device("in-1", "ins");
    node.run(&format!("blockchain insert where policy = {policy} and local = true and blockchain = ethereum"))
        .await
        .unwrap();
    assert!(chain.policies()[0].1.ends_with("\"ledger\": \"global\"}}"), "{:?}", chain.policies());
    node.run("blockchain delete policy where id = in-1 and local = true and blockchain = ethereum").await.unwrap();
    assert!(chain.policies().is_empty());
    node.stop().await;
}
