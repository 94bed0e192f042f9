//! What transactions cost, and what happens when that is too much.

use super::{connected, deployed, insert, use_contract};
use crate::support::anvil::Anvil;
use anylog_master::node::platforms::{Amount, ChainOptions, PlatformError};
use serde_json::json;

fn capped(cap: Amount) -> ChainOptions {
    ChainOptions { max_fee: Some(cap), ..ChainOptions::default() }
}

#[tokio::test]
async fn fee_above_the_cap_waits_and_one_below_goes() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let free = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&free).await;
    let platform = connected(&anvil.url(), capped(Amount::gwei(5)), 0).await;
    use_contract(&platform, contract);
    let base_fee =
        |gwei: u64| anvil.call("anvil_setNextBlockBaseFeePerGas", json!([format!("{:#x}", gwei * 1_000_000_000)]));
    base_fee(500).await;
    anvil.call("anvil_mine", json!(["0x1"])).await;
    match platform.carry_out(&insert("1")).await.unwrap_err() {
        error @ PlatformError::FeeAboveCap { asked, cap } => {
            assert!(asked > Amount::gwei(400) && cap == Amount::gwei(5), "{error}");
            assert!(error.may_pass());
        }
        other => panic!("{other:?}"),
    }
    base_fee(1).await;
    anvil.call("anvil_mine", json!(["0x1"])).await;
    platform.carry_out(&insert("1")).await.unwrap();
    let block = anvil.call("eth_getBlockByNumber", json!(["latest", true])).await;
    let most = block["transactions"][0]["maxFeePerGas"].as_str().unwrap();
    assert!(u64::from_str_radix(&most[2..], 16).unwrap() <= 5_000_000_000, "{most}");
}

#[tokio::test]
async fn fee_that_rose_after_the_signature_is_told_apart() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("1")).await.unwrap();
    anvil.call("anvil_setNextBlockBaseFeePerGas", json!(["0xe8d4a51000"])).await;
    let sent = turn.send(&signed).await;
    assert_eq!(sent, Err(PlatformError::FeeTooLow { hash: signed.hash }));
}

#[tokio::test]
async fn balance_that_is_too_low_says_how_much_is_missing() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let account = platform.info().public_key.unwrap();
    anvil.call("anvil_setBalance", json!([account.to_string(), "0x64"])).await;
    let error = platform.carry_out(&insert("1")).await.unwrap_err();
    let PlatformError::BalanceTooLow { balance, needed, .. } = error else { panic!("{error:?}") };
    assert_eq!(balance, Amount(100));
    assert!(error.to_string().ends_with(&format!("{} are missing", Amount(needed.0 - 100))), "{error}");
    assert_eq!(platform.transaction_count().await, Ok(0));
}

#[tokio::test]
async fn balance_that_was_spent_after_the_signature_is_told_as_well() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("1")).await.unwrap();
    anvil.call("anvil_setBalance", json!([signed.account.to_string(), "0x64"])).await;
    let error = turn.send(&signed).await.unwrap_err();
    assert!(matches!(error, PlatformError::BalanceTooLow { balance: Amount(100), .. }), "{error:?}");
}

#[tokio::test]
async fn chain_without_base_fee_gets_transactions_of_its_own_form() {
    let Some(anvil) = Anvil::start(&["--hardfork", "berlin"]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    platform.carry_out(&insert("1")).await.unwrap();
    let block = anvil.call("eth_getBlockByNumber", json!(["latest", true])).await;
    assert!(block.get("baseFeePerGas").is_none_or(serde_json::Value::is_null), "{block}");
    assert_eq!(block["transactions"][0]["type"], "0x0");
    assert_eq!(platform.transaction_count().await, Ok(1));
}
