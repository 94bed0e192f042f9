//! Changes of a contract, and why it refuses some.

use super::{connected, delete, deployed, ids, insert, list, policy, refused, use_contract};
use crate::support::anvil::Anvil;
use anylog_master::node::platforms::{ChainChange, ChainOptions, Refusal, TransactionOutcome};
use serde_json::json;

#[tokio::test]
async fn policies_are_inserted_replaced_and_removed_and_each_change_is_counted() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    assert_eq!(platform.transaction_count().await, Ok(0));
    for id in ["1", "2", "3"] {
        let mined = platform.carry_out(&insert(id)).await.unwrap();
        assert_eq!(mined.confirmations, 1);
    }
    let update = ChainChange::Update { id: "2".to_owned(), text: policy("new text") };
    platform.carry_out(&update).await.unwrap();
    assert_eq!(platform.find("2").await, Ok(Some(policy("new text"))));
    platform.carry_out(&delete("1")).await.unwrap();
    assert_eq!(platform.find("1").await, Ok(None));
    assert_eq!(platform.transaction_count().await, Ok(5));
    let list = list(&platform, None).await;
    assert_eq!((ids(&list), list.transaction_count), (vec!["3", "2"], 5));
    assert_eq!(list.policies[1].text, policy("new text"));
}

#[tokio::test]
async fn reasons_of_the_contract_are_told_in_words() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&platform).await;
    platform.carry_out(&insert("1")).await.unwrap();
    assert_eq!(refused(platform.carry_out(&insert("1")).await), Refusal::Exists);
    assert_eq!(refused(platform.carry_out(&delete("2")).await), Refusal::Missing);
    let update = |id: &str| ChainChange::Update { id: id.to_owned(), text: policy(id) };
    assert_eq!(refused(platform.carry_out(&update("2")).await), Refusal::Missing);
    let other = connected(&anvil.url(), ChainOptions::default(), 1).await;
    use_contract(&other, contract);
    assert_eq!(refused(other.carry_out(&update("1")).await), Refusal::NotOwner);
    // Anybody may delete, as in the contracts that networks have.
    other.carry_out(&delete("1")).await.unwrap();
    assert_eq!(platform.transaction_count().await, Ok(2));
}

#[tokio::test]
async fn policy_that_needs_more_gas_than_a_block_has_is_too_large() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let large = ChainChange::Insert { id: "1".to_owned(), text: "x".repeat(200_000) };
    assert_eq!(refused(platform.carry_out(&large).await), Refusal::TooLarge);
    platform.carry_out(&insert("1")).await.unwrap();
}

#[tokio::test]
async fn signed_transaction_that_no_block_takes_any_more_is_too_large() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("1")).await.unwrap();
    anvil.call("evm_setBlockGasLimit", json!(["0x186a0"])).await;
    assert_eq!(refused(turn.send(&signed).await), Refusal::TooLarge);
}

#[tokio::test]
async fn change_that_is_refused_in_its_block_alone_says_why() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&platform).await;
    let other = connected(&anvil.url(), ChainOptions::default(), 1).await;
    use_contract(&other, contract);
    let turn = platform.turn().await;
    let late = turn.sign(&insert("1")).await.unwrap();
    other.carry_out(&insert("1")).await.unwrap();
    turn.send(&late).await.unwrap();
    assert_eq!(refused(platform.confirmed(&late, "the insert").await), Refusal::Exists);
    match platform.client().outcome(&late.hash).await.unwrap() {
        TransactionOutcome::Reverted { refusal, mined } => {
            assert_eq!((refusal, mined.confirmations), (Refusal::Exists, 1))
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn events_have_the_names_of_the_network() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&platform).await;
    platform.carry_out(&insert("1")).await.unwrap();
    platform.carry_out(&ChainChange::Update { id: "1".to_owned(), text: policy("x") }).await.unwrap();
    platform.carry_out(&delete("1")).await.unwrap();
    let logs = anvil.call("eth_getLogs", json!([{ "fromBlock": "0x0", "address": contract.to_string() }])).await;
    let topics: Vec<&str> =
        logs.as_array().unwrap().iter().map(|log| &log["topics"][0].as_str().unwrap()[2..10]).collect();
    assert_eq!(topics, ["4d00be5f", "5939cc59"]);
}

#[tokio::test]
async fn confirmations_are_waited_for() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let options = ChainOptions { confirmations: 3, ..ChainOptions::default() };
    let platform = connected(&anvil.url(), options, 0).await;
    let mining = async {
        // Blocks without transactions come only when somebody asks for them.
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            anvil.call("anvil_mine", json!(["0x1"])).await;
        }
    };
    let mined = async {
        deployed(&platform).await;
        platform.carry_out(&insert("1")).await.unwrap()
    };
    let mined = tokio::select! { mined = mined => mined, () = mining => unreachable!() };
    assert!(mined.confirmations >= 3, "{mined:?}");
}

#[tokio::test]
async fn text_of_any_kind_comes_back_as_it_was() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let texts = ["", "no policy", "é 漢字 \"quoted\" \n", &"x".repeat(5000)];
    for (id, text) in texts.iter().enumerate() {
        let change = ChainChange::Insert { id: format!("id {id}"), text: (*text).to_owned() };
        platform.carry_out(&change).await.unwrap();
    }
    let list = list(&platform, None).await;
    assert_eq!(list.policies.iter().map(|policy| policy.text.as_str()).collect::<Vec<_>>(), texts);
    assert_eq!(platform.find("id 2").await, Ok(Some(texts[2].to_owned())));
}
