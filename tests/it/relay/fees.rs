//! Fees that rise above what is allowed.

use super::{Place, Relayed, until};
use crate::support::anvil::{Anvil, KEYS};
use anylog_master::{chain::EvmMaker, reply::Reply};
use serde_json::{Value, json};
use std::sync::Arc;

/// Makes a block with a price of gas.
async fn price(anvil: &Anvil, gwei: u64) {
    let wei = format!("{:#x}", gwei * 1_000_000_000);
    anvil.call("anvil_setNextBlockBaseFeePerGas", json!([wei])).await;
    anvil.call("anvil_mine", json!(["0x1"])).await;
}

async fn figures(relayed: &Relayed) -> Value {
    match relayed.run("get relay where format = json").await.unwrap() {
        Reply::Value(value) => value,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_while_fees_are_above_the_cap_and_goes_once_when_they_fell() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let place = Place::sqlite();
    let variables = [("CHAIN_MAX_FEE_GWEI", "20")];
    let relayed = Relayed::with_maker(&place, place.home.path(), Arc::new(EvmMaker), &variables).await;
    let (url, key) = (anvil.url(), KEYS[0]);
    relayed.run(&format!("blockchain connect ethereum where provider = {url} and private_key = {key}")).await.unwrap();
    relayed.run("contract = blockchain deploy contract where platform = ethereum").await.unwrap();
    relayed.run("blockchain set account info where platform = ethereum and contract = !contract").await.unwrap();
    relayed.run("set relay where platform = ethereum").await.unwrap();
    relayed.push("a").await;
    until("the first is in a block", || relayed.status().counters.mined == 1).await;

    price(&anvil, 500).await;
    relayed.push("b").await;
    until("it waits", || relayed.status().trouble.is_some()).await;
    let shown = figures(&relayed).await;
    let error = shown["last_error"]["error"].as_str().unwrap();
    assert!(error.contains("Gwei per unit of gas, CHAIN_MAX_FEE_GWEI allows 20 Gwei"), "{error}");
    assert_eq!((&shown["queue"], &shown["last_error"]["provider_away"]), (&1.into(), &false.into()), "{shown}");
    assert!(relayed.table().contains_key("b"), "members see it meanwhile");

    price(&anvil, 1).await;
    until("it goes", || relayed.status().counters.mined == 2 && relayed.status().outbox.waiting == 0).await;
    until("the trouble is over", || relayed.status().trouble.is_none()).await;
    relayed.run("n = blockchain state where platform = ethereum").await.unwrap();
    assert_eq!(relayed.node.dictionary.get("n").as_deref(), Some("2"), "each once");
    assert_eq!(relayed.status().counters.sent, 2);
    relayed.stop().await;
}
