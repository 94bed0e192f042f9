//! Numbers of transactions: taken by somebody else, dropped, sent twice.

use super::{connected, deployed, insert, use_contract};
use crate::support::anvil::Anvil;
use anylog_master::node::platforms::{ChainOptions, PlatformError, TransactionOutcome};
use serde_json::json;

#[tokio::test]
async fn number_that_another_program_took_is_told_and_the_next_signature_has_another() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&platform).await;
    let same_account = connected(&anvil.url(), ChainOptions::default(), 0).await;
    use_contract(&same_account, contract);
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("1")).await.unwrap();
    same_account.carry_out(&insert("2")).await.unwrap();
    let error = turn.send(&signed).await.unwrap_err();
    assert_eq!(error, PlatformError::NonceTaken { account: signed.account, nonce: signed.nonce });
    assert_eq!(platform.client().outcome(&signed.hash).await, Ok(TransactionOutcome::Unknown));
    let again = turn.sign(&insert("1")).await.unwrap();
    assert_eq!(again.nonce, signed.nonce + 1);
    turn.send(&again).await.unwrap();
    platform.confirmed(&again, "the insert").await.unwrap();
    assert_eq!(platform.client().nonce_of(again.account).await, Ok(again.nonce + 1));
    assert_eq!(platform.transaction_count().await, Ok(2));
}

#[tokio::test]
async fn same_bytes_act_once_however_often_they_are_sent() {
    let Some(anvil) = Anvil::start(&["--no-mining"]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let deploying = deployed(&platform);
    let mining = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            anvil.call("anvil_mine", json!(["0x1"])).await;
        }
    };
    tokio::select! { _ = deploying => {}, () = mining => unreachable!() }
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("1")).await.unwrap();
    let client = platform.client();
    assert_eq!(client.outcome(&signed.hash).await, Ok(TransactionOutcome::Unknown));
    turn.send(&signed).await.unwrap();
    turn.send(&signed).await.unwrap();
    assert_eq!(client.outcome(&signed.hash).await, Ok(TransactionOutcome::Pending));
    // What follows is signed for the state with what waits.
    let next = turn.sign(&insert("2")).await.unwrap();
    assert_eq!(next.nonce, signed.nonce + 1);
    anvil.call("anvil_mine", json!(["0x1"])).await;
    platform.confirmed(&signed, "the insert").await.unwrap();
    turn.send(&signed).await.unwrap();
    assert_eq!(platform.transaction_count().await, Ok(1));
}

#[tokio::test]
async fn number_of_a_dropped_transaction_is_used_again() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    anvil.call("evm_setAutomine", json!([false])).await;
    let turn = platform.turn().await;
    let dropped = turn.sign(&insert("1")).await.unwrap();
    turn.send(&dropped).await.unwrap();
    anvil.call("anvil_dropTransaction", json!([dropped.hash.to_string()])).await;
    assert_eq!(platform.client().outcome(&dropped.hash).await, Ok(TransactionOutcome::Unknown));
    let again = turn.sign(&insert("1")).await.unwrap();
    assert_eq!(again.nonce, dropped.nonce);
    turn.send(&again).await.unwrap();
    anvil.call("anvil_mine", json!(["0x1"])).await;
    platform.confirmed(&again, "the insert").await.unwrap();
}

#[tokio::test]
async fn transaction_that_waits_is_replaced_by_one_with_a_higher_fee() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    anvil.call("evm_setAutomine", json!([false])).await;
    let turn = platform.turn().await;
    let waiting = turn.sign(&insert("1")).await.unwrap();
    turn.send(&waiting).await.unwrap();
    let again = turn.sign_again(&insert("1"), &waiting).await.unwrap();
    assert_eq!(again.nonce, waiting.nonce);
    assert_ne!(again.hash, waiting.hash);
    turn.send(&again).await.unwrap();
    anvil.call("anvil_mine", json!(["0x1"])).await;
    platform.confirmed(&again, "the insert").await.unwrap();
    assert_eq!(platform.client().outcome(&waiting.hash).await, Ok(TransactionOutcome::Unknown));
    assert_eq!(platform.transaction_count().await, Ok(1));
}
