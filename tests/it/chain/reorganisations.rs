//! Blocks that are no longer part of the chain.

use super::{connected, deployed, ids, insert, list};
use crate::support::{anvil::Anvil, provider::RecordingProvider};
use anylog_master::node::platforms::{ChainOptions, TransactionOutcome};
use serde_json::json;

#[tokio::test]
async fn transaction_of_a_lost_block_is_no_longer_mined_and_can_be_sent_again() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    platform.carry_out(&insert("1")).await.unwrap();
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("2")).await.unwrap();
    turn.send(&signed).await.unwrap();
    let client = platform.client();
    let mined = platform.confirmed(&signed, "the insert").await.unwrap();
    let known = list(&platform, None).await;
    assert_eq!(ids(&known), ["1", "2"]);
    anvil.call("anvil_mine", json!(["0x2"])).await;

    anvil.call("anvil_reorg", json!([3, []])).await;
    let after = client.outcome(&signed.hash).await.unwrap();
    assert!(matches!(after, TransactionOutcome::Unknown | TransactionOutcome::Pending), "{after:?}");
    let fewer = list(&platform, Some(&known)).await;
    assert_eq!(ids(&fewer), ["1"]);

    turn.send(&signed).await.unwrap();
    anvil.call("anvil_mine", json!(["0x1"])).await;
    let again = platform.confirmed(&signed, "the insert").await.unwrap();
    assert_ne!(again.block, mined.block);
    assert_eq!(ids(&list(&platform, Some(&fewer)).await), ["1", "2"]);
}

#[tokio::test]
async fn other_branch_with_as_many_changes_is_seen() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    provider.plain();
    let paged = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&paged).await;
    let plain = connected(&provider.url(), ChainOptions::default(), 1).await;
    super::use_contract(&plain, contract);
    paged.carry_out(&insert("1")).await.unwrap();
    let (of_paged, of_plain) = (list(&paged, None).await, list(&plain, None).await);
    anvil.call("anvil_reorg", json!([1, []])).await;
    plain.carry_out(&insert("2")).await.unwrap();
    for (platform, known) in [(&paged, of_paged), (&plain, of_plain)] {
        let now = list(platform, Some(&known)).await;
        assert!(ids(&now).contains(&"2"), "{:?}", ids(&now));
    }
}
