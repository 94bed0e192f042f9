//! The client of contract platforms against a chain of its own (reference/ledger 12).

mod artefact;
mod changes;
mod checkouts;
mod fees;
mod https;
mod nonces;
mod providers;
mod reorganisations;

use crate::support::anvil::{Anvil, CHAIN_ID, KEYS};
use anylog_master::{
    chain::EvmMaker,
    node::platforms::{
        AccountInfo, ChainAddress, ChainChange, ChainList, ChainOptions, Checkout, ConnectedPlatform, PlatformError,
        PlatformName, Platforms, PrivateKey, Refusal,
    },
};
use std::sync::Arc;

/// Connects a provider with one of the accounts of the chain.
async fn connected(url: &str, options: ChainOptions, account: usize) -> Arc<ConnectedPlatform> {
    let platforms = Platforms::new(Arc::new(EvmMaker), options);
    let platform = platforms.connect(PlatformName::Ethereum, url.parse().unwrap()).await.unwrap();
    platform.set_info(AccountInfo { private_key: Some(key(account)), ..AccountInfo::default() }).unwrap();
    platform
}

/// Deploys a contract and makes it the platform's.
async fn deployed(platform: &ConnectedPlatform) -> ChainAddress {
    let contract = platform.deploy().await.unwrap();
    use_contract(platform, contract);
    contract
}

fn use_contract(platform: &ConnectedPlatform, contract: ChainAddress) {
    platform.set_info(AccountInfo { contract: Some(contract), ..AccountInfo::default() }).unwrap();
}

fn key(account: usize) -> PrivateKey {
    PrivateKey::parse(KEYS[account]).unwrap()
}

fn insert(id: &str) -> ChainChange {
    ChainChange::Insert { id: id.to_owned(), text: policy(id) }
}

fn delete(id: &str) -> ChainChange {
    ChainChange::Delete { id: id.to_owned() }
}

fn policy(id: &str) -> String {
    format!(r#"{{"device": {{"name": "name of {id}", "id": "{id}", "date": "2026-01-01T00:00:00.000000Z"}}}}"#)
}

fn refused(result: Result<impl std::fmt::Debug, PlatformError>) -> Refusal {
    match result.unwrap_err() {
        PlatformError::Refused { refusal, .. } => refusal,
        other => panic!("{other:?}"),
    }
}

/// Reads the list, which has to have changed.
async fn list(platform: &ConnectedPlatform, known: Option<&ChainList>) -> ChainList {
    match platform.checkout(known).await.unwrap() {
        Checkout::Changed(list) => list,
        Checkout::Unchanged => panic!("nothing changed"),
    }
}

fn ids(list: &ChainList) -> Vec<&str> {
    list.policies.iter().map(|policy| policy.id.as_str()).collect()
}

#[tokio::test]
async fn account_and_chain_are_as_the_platform_says() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    assert_eq!(platform.info().public_key.unwrap().to_string(), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assert_eq!(platform.balance().await.unwrap().ether(), 10_000);
    assert_eq!(platform.client().chain_id().await, Ok(CHAIN_ID));
    assert!(platform.client().client_version().await.unwrap().starts_with("anvil/"));
}

#[tokio::test]
async fn key_of_another_account_and_missing_parts_are_told() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let other = ChainAddress([7; 20]);
    let error = platform.set_info(AccountInfo { public_key: Some(other), ..AccountInfo::default() }).unwrap_err();
    assert!(matches!(error, PlatformError::OtherAccount { .. }), "{error}");
    let error = platform.transaction_count().await.unwrap_err();
    assert_eq!(error, PlatformError::NoContract(PlatformName::Ethereum));
}

#[tokio::test]
async fn other_chain_and_other_contract_are_told_before_anything_is_sent() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let nobody = ChainAddress([9; 20]);
    use_contract(&platform, nobody);
    assert_eq!(platform.transaction_count().await, Err(PlatformError::NotTheContract(nobody)));
    assert_eq!(platform.carry_out(&insert("1")).await, Err(PlatformError::NotTheContract(nobody)));
    platform.set_info(AccountInfo { chain_id: Some(5), ..AccountInfo::default() }).unwrap();
    assert_eq!(platform.deploy().await, Err(PlatformError::WrongChain { wanted: 5, served: CHAIN_ID }));
    assert_eq!(anvil.call("eth_blockNumber", serde_json::json!([])).await, "0x0");
}
