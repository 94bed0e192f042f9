//! Providers that are away or lose answers, refusals, re-organised chains, and numbers that somebody else used.

use super::{KEY, Place, Relayed, device, until};
use crate::support::chain::{CONTRACT, DoubleChain};
use anylog_master::node::{
    health::{CheckName, CheckStatus},
    platforms::{Amount, ChainChange, PlatformError, Refusal},
};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn members_go_on_while_the_provider_is_away() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    relayed.push("a").await;
    relayed.agrees(&chain).await;
    chain.away(true);
    for id in ["b", "c"] {
        relayed.push(id).await;
    }
    assert_eq!(relayed.table().len(), 3);
    until("the trouble is known", || relayed.status().trouble.is_some_and(|trouble| trouble.is_away)).await;
    let check = |relayed: &Relayed| {
        relayed.node.health_report().checks.into_iter().find(|check| check.name == CheckName::Relay).unwrap()
    };
    assert_eq!(check(&relayed).status, CheckStatus::Degraded);
    until("both wait", || relayed.status().outbox.waiting == 2).await;
    chain.away(false);
    relayed.agrees(&chain).await;
    until("the trouble is over", || relayed.status().trouble.is_none()).await;
    assert_eq!(check(&relayed).status, CheckStatus::Pass);
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_and_a_restart_repeat_nothing() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        chain.loses_answers(true);
        relayed.push("a").await;
        until("it is taken", || chain.transaction_count() == 1).await;
        relayed.stop().await;
        let relayed = Relayed::with_relay(&place, &chain).await;
        relayed.push("b").await;
        until("b is taken", || chain.transaction_count() == 2).await;
        chain.loses_answers(false);
        relayed.agrees(&chain).await;
        assert_eq!(chain.transaction_count(), 2);
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_is_undone_and_told() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        for id in ["replaced", "dropped"] {
            relayed.push(id).await;
        }
        relayed.agrees(&chain).await;
        let before = relayed.table();
        for id in ["replaced", "added"] {
            chain.refuse(id, Refusal::Other("paused".to_owned()));
        }
        chain.refuse_late("dropped", Refusal::NotOwner);
        relayed.run("set echo queue on").await.unwrap();
        relayed.push("added").await;
        let new = device("replaced", "new");
        relayed.run(&format!("blockchain replace policy replaced with {new}")).await.unwrap();
        relayed.run("blockchain drop policy where id = dropped").await.unwrap();
        until("all are undone", || relayed.status().outbox.refused == 3 && relayed.table() == before).await;
        let status = relayed.status();
        assert_eq!((status.outbox.waiting, status.counters.refused), (0, 3));
        assert!(
            status
                .outbox
                .last_refusal
                .is_some_and(|why| why == "Only policy owner can update policy" || why == "paused")
        );
        let echoed = relayed.node.events.read_echo().unwrap();
        assert!(echoed.iter().any(|message| message.text.contains("refused the insert of policy 'added'")));
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_contract_has_already_is_done_and_another_text_is_refused() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    chain.away(true);
    for id in ["same", "other"] {
        relayed.push(id).await;
    }
    chain.change_by_others(&ChainChange::Insert { id: "same".to_owned(), text: device("same", "n") });
    chain.change_by_others(&ChainChange::Insert { id: "other".to_owned(), text: device("other", "theirs") });
    chain.away(false);
    until("one is refused", || relayed.status().outbox.refused == 1).await;
    relayed.agrees(&chain).await;
    assert!(relayed.table()["other"].contains("theirs"));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorganised_chain_gets_the_changes_again() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        for number in 0..5 {
            relayed.push(&format!("p{number}")).await;
        }
        relayed.agrees(&chain).await;
        chain.reorg(3, false);
        assert_eq!(chain.policies().len(), 2);
        until("all are there again", || chain.policies().len() == 5).await;
        relayed.agrees(&chain).await;
        assert_eq!(relayed.table().len(), 5, "members noticed nothing");
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_somebody_else_used_is_signed_anew() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    relayed.push("a").await;
    relayed.agrees(&chain).await;
    let account = relayed.node.platforms.named("ethereum").unwrap().account().unwrap().address;
    chain.reorg(1, false);
    chain.use_nonce(account);
    until("it is there again", || chain.policies().len() == 1).await;
    relayed.agrees(&chain).await;
    let sent = chain.sent();
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0], sent[1]);
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_does_not_take_holds_up_its_policy_alone() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    let rejected = |method| PlatformError::Rejected { method, code: -32000, message: "not today".to_owned() };
    chain.fail_to_sign("bad", rejected("eth_estimateGas"));
    chain.fail_to_take("worse", rejected("eth_sendRawTransaction"));
    for id in ["bad", "worse", "good"] {
        relayed.push(id).await;
    }
    let new = device("bad", "new");
    relayed.run(&format!("blockchain replace policy bad with {new}")).await.unwrap();
    chain.change_by_others(&ChainChange::Insert { id: "theirs".to_owned(), text: device("theirs", "n") });
    until("the others go and come", || {
        chain.policies().iter().any(|(id, _)| id == "good") && relayed.table().contains_key("theirs")
    })
    .await;
    until("it is told", || relayed.status().trouble.is_some_and(|told| told.text.contains("policy 'bad'"))).await;
    assert!(!relayed.status().trouble.unwrap().is_away);
    let outbox = relayed.node.ledger.outbox("ethereum").unwrap();
    let waiting = outbox.ids().await.unwrap();
    assert!(waiting.contains("bad") && waiting.contains("worse"), "{waiting:?}");
    chain.take_all();
    relayed.agrees(&chain).await;
    assert!(relayed.table()["bad"].contains("new"));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_too_large_for_the_chain_is_undone_and_the_others_go() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        let too_large = PlatformError::Refused { change: "a transaction".to_owned(), refusal: Refusal::TooLarge };
        chain.refuse("large", Refusal::TooLarge);
        chain.fail_to_take("larger", too_large);
        for id in ["large", "larger", "good"] {
            relayed.push(id).await;
        }
        until("both are undone", || relayed.status().outbox.refused == 2).await;
        relayed.agrees(&chain).await;
        assert_eq!(relayed.table().keys().collect::<Vec<_>>(), ["good"]);
        assert!(relayed.status().outbox.last_refusal.is_some_and(|why| why.contains("too large")));
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_the_table_that_is_too_large_stays_there_and_is_tried_once() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::start(&place, &chain).await;
    for id in ["large", "good"] {
        relayed.push(id).await;
    }
    chain.refuse("large", Refusal::TooLarge);
    relayed.run("set echo queue on").await.unwrap();
    relayed.run("set relay where platform = ethereum").await.unwrap();
    until("the other one goes", || chain.policies().iter().any(|(id, _)| id == "good")).await;
    until("it is refused", || relayed.status().outbox.refused == 1).await;
    for id in ["x", "y"] {
        chain.change_by_others(&ChainChange::Insert { id: id.to_owned(), text: device(id, "n") });
        until("what others change comes", || relayed.table().contains_key(id)).await;
    }
    relayed.node.services.relay.now().await;
    let figures = relayed.node.ledger.outbox("ethereum").unwrap().figures().await.unwrap();
    assert_eq!((figures.refused, figures.waiting), (1, 0));
    assert!(relayed.table().contains_key("large"));
    let echoed = relayed.node.events.read_echo().unwrap();
    assert!(echoed.iter().any(|message| message.text.contains("the ledger stays as it is")));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_came_with_its_earlier_transaction_is_not_sent_again() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    relayed.push("a").await;
    relayed.agrees(&chain).await;
    chain.holds(true);
    let new = device("a", "new");
    relayed.run(&format!("blockchain replace policy a with {new}")).await.unwrap();
    until("it is sent", || chain.sent().len() == 2).await;
    chain.mine_earlier();
    relayed.agrees(&chain).await;
    assert!(relayed.table()["a"].contains("new"));
    assert_eq!((chain.sent().len(), chain.transaction_count()), (2, 2));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_above_the_cap_hides_nothing_that_the_contract_has() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::start(&place, &chain).await;
    relayed.run("set relay where platform = ethereum and visible = confirmed").await.unwrap();
    let rejected = PlatformError::Rejected { method: "eth_estimateGas", code: -32000, message: "not today".to_owned() };
    chain.fail_to_sign("waits", rejected);
    chain.holds(true);
    for id in ["waits", "goes"] {
        relayed.push(id).await;
    }
    until("the second is sent", || chain.sent().len() == 1).await;
    chain.fail_to_sign("waits", PlatformError::FeeAboveCap { asked: Amount::gwei(2), cap: Amount::gwei(1) });
    let is_dear = || relayed.status().trouble.is_some_and(|told| told.text.contains("CHAIN_MAX_FEE_GWEI"));
    until("the price is told", is_dear).await;
    chain.holds(false);
    chain.mine();
    until("members see what the contract has", || relayed.table().keys().map(String::as_str).eq(["goes"])).await;
    until("the price is still told", is_dear).await;
    chain.take_all();
    relayed.agrees(&chain).await;
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_room_in_the_ledger_waits_and_holds_nothing_else_up() {
    let (place, chain) = (Place::sqlite(), DoubleChain::default());
    let variables = [("LEDGER_QUOTA", "1 MB")];
    let relayed = Relayed::with_maker(&place, place.home.path(), Arc::new(chain.clone()), &variables).await;
    let connect = "blockchain connect ethereum where provider = http://double and required = false";
    relayed.run(&format!("{connect} and private_key = {KEY} and contract = {CONTRACT}")).await.unwrap();
    relayed.run("set relay where platform = ethereum").await.unwrap();
    // With what is left to the node and its operators there is room for eight of them.
    let ids: Vec<String> = (0..9).map(|number| format!("large{number}")).chain(["small".to_owned()]).collect();
    let text = |id: &String| device(id, &"n".repeat(if id == "small" { 1 } else { 250_000 }));
    let inserts = ids.iter().map(|id| ChainChange::Insert { id: id.clone(), text: text(id) });
    chain.change_at_once(&inserts.collect::<Vec<_>>());
    until("all but one come", || relayed.table().len() == 9).await;
    until("it is told", || relayed.status().trouble.is_some_and(|told| told.text.contains("LEDGER_QUOTA"))).await;
    let table = relayed.table();
    let left_out = ids.iter().find(|id| !table.contains_key(*id)).unwrap();
    let other = table.keys().find(|id| id.starts_with("large")).unwrap();
    chain.change_by_others(&ChainChange::Delete { id: other.clone() });
    until("it comes when there is room", || relayed.table().contains_key(left_out)).await;
    until("the trouble is over", || relayed.status().trouble.is_none()).await;
    assert!(!relayed.table().contains_key(other) && relayed.table().contains_key("small"));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_runs_behind_the_others_drops_nothing() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    let insert = |id: &str| chain.change_by_others(&ChainChange::Insert { id: id.to_owned(), text: device(id, "n") });
    insert("x");
    until("it comes", || relayed.table().contains_key("x")).await;
    // The round in which it came may still take note of it.
    relayed.node.services.relay.now().await;
    chain.run_behind(1);
    chain.calls();
    until("the older list is read", || chain.calls().contains(&"checkout")).await;
    relayed.node.services.relay.now().await;
    assert!(relayed.table().contains_key("x"));
    chain.run_behind(0);
    insert("y");
    until("what is newer comes", || relayed.table().keys().map(String::as_str).eq(["x", "y"])).await;
    relayed.stop().await;
}
