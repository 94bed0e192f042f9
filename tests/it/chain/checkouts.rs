//! Reading a contract's list: all of it, what is new, and nothing when nothing changed.

use super::{connected, delete, deployed, ids, insert, list, policy, use_contract};
use crate::support::{
    anvil::Anvil,
    provider::{Mood, RecordingProvider},
};
use anylog_master::node::platforms::{
    ChainAddress, ChainChange, ChainOptions, CheckedOut, Checkout, ConnectedPlatform,
};
use serde_json::json;
use std::time::Instant;

/// Policies of a large network.
const MANY: usize = 10_000;

/// Inserts policies in few blocks, as many clients together do.
async fn fill(anvil: &Anvil, contract: ChainAddress, count: usize) {
    anvil.call("evm_setAutomine", json!([false])).await;
    let from = anvil.call("eth_accounts", json!([])).await[2].clone();
    for at in 0..count {
        let (id, text) = (format!("{at:032}"), policy(&format!("{at:032}")));
        let word = |number: usize| format!("{number:064x}");
        let bytes = |text: &str| {
            let digits = hex::encode(text);
            let size = digits.len().next_multiple_of(64);
            format!("{}{digits:0<size$}", word(text.len()))
        };
        let data = format!("0x06e63ff8{}{}{}{}", word(64), word(128), bytes(&id), bytes(&text));
        let transaction = json!({ "from": from, "to": contract.to_string(), "data": data, "gas": "0x100000" });
        anvil.call("eth_sendTransaction", json!([transaction])).await;
        if at % 500 == 499 || at + 1 == count {
            anvil.call("anvil_mine", json!(["0x1"])).await;
        }
    }
    anvil.call("evm_setAutomine", json!([true])).await;
}

async fn is_unchanged(platform: &ConnectedPlatform, known: &anylog_master::node::platforms::ChainList) -> bool {
    matches!(platform.checkout(Some(known)).await.unwrap(), Checkout::Unchanged)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_policies_are_read_in_few_requests_and_an_idle_look_is_one_call() {
    let Some(anvil) = Anvil::start(&["--gas-limit", "100000000000"]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    let contract = deployed(&platform).await;
    let begin = Instant::now();
    fill(&anvil, contract, MANY).await;
    println!("{MANY} policies inserted in {:?}", begin.elapsed());

    let begin = Instant::now();
    let whole = list(&platform, None).await;
    println!("{MANY} policies checked out in {:?}", begin.elapsed());
    assert_eq!((whole.policies.len(), CheckedOut::of(&whole.policies).policies.len()), (MANY, MANY));

    let watched = connected(&provider.url(), ChainOptions::default(), 0).await;
    use_contract(&watched, contract);
    provider.asked();
    let same = list(&watched, None).await;
    assert_eq!(same.policies, whole.policies);
    let (_, requests) = provider.asked();
    assert!(requests <= MANY / 100 + 5, "{requests}");

    assert!(is_unchanged(&watched, &same).await);
    assert_eq!(provider.asked(), (vec!["eth_call".to_owned()], 1));

    platform.carry_out(&insert("new")).await.unwrap();
    provider.asked();
    let begin = Instant::now();
    let grown = list(&watched, Some(&same)).await;
    println!("one new policy checked out in {:?}", begin.elapsed());
    assert_eq!((grown.policies.len(), ids(&grown)[MANY]), (MANY + 1, "new"));
    assert!(provider.asked().1 <= 6);

    // The contract of another node has neither pages nor a hash over its changes.
    let plain_provider = RecordingProvider::start(anvil.port);
    plain_provider.plain();
    let plain = connected(&plain_provider.url(), ChainOptions::default(), 0).await;
    use_contract(&plain, contract);
    plain_provider.asked();
    let begin = Instant::now();
    let read = list(&plain, None).await;
    println!("{MANY} policies of a contract without pages checked out in {:?}", begin.elapsed());
    assert_eq!((read.policies == grown.policies, read.fingerprint), (true, None));
    assert!(plain_provider.asked().1 <= 2 * MANY / 200 + 10);
}

#[tokio::test]
async fn contract_of_another_node_is_read_and_watched_as_well() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    provider.plain();
    let platform = connected(&provider.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    for id in ["1", "2", "3"] {
        platform.carry_out(&insert(id)).await.unwrap();
    }
    let known = list(&platform, None).await;
    assert_eq!((ids(&known), known.fingerprint), (vec!["1", "2", "3"], None));
    assert_eq!(platform.find("2").await, Ok(Some(policy("2"))));
    provider.asked();
    assert!(is_unchanged(&platform, &known).await);
    assert_eq!(provider.asked().1, 1);
    platform.carry_out(&delete("1")).await.unwrap();
    platform.carry_out(&ChainChange::Update { id: "2".to_owned(), text: policy("new") }).await.unwrap();
    let known = list(&platform, Some(&known)).await;
    assert_eq!(ids(&known), ["3", "2"]);
    assert_eq!(known.policies[1].text, policy("new"));
}

#[tokio::test]
async fn page_that_is_too_much_for_one_call_is_read_in_parts() {
    let Some(anvil) = Anvil::start(&["--gas-limit", "3000000"]) else { return };
    let platform = connected(&anvil.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    for id in 0..40 {
        let text = "x".repeat(2000);
        platform.carry_out(&ChainChange::Insert { id: id.to_string(), text }).await.unwrap();
    }
    assert_eq!(list(&platform, None).await.policies.len(), 40);
}

#[tokio::test]
async fn trouble_while_reading_is_an_error_and_no_short_list() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    let platform = connected(&provider.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    platform.carry_out(&insert("1")).await.unwrap();
    provider.be(Mood::Busy, usize::MAX);
    assert!(platform.checkout(None).await.unwrap_err().may_pass());
    drop(anvil);
    provider.be(Mood::Fine, 0);
    assert!(platform.checkout(None).await.is_err());
}
