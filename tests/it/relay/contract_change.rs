//! Another contract in place of the one before, and chains that begin anew under it.

use super::{PATIENCE, Place, Relayed, device, until};
use crate::support::chain::{CONTRACT, DoubleChain, OTHER_CONTRACT};
use anylog_master::{
    ledger::KnownPolicy,
    node::platforms::{ChainAddress, ChainChange, PlatformError},
};
use std::time::{Duration, Instant};

async fn use_contract(relayed: &Relayed, contract: ChainAddress) {
    let text = format!("blockchain set account info where platform = ethereum and contract = {contract}");
    relayed.run(&text).await.unwrap();
}

fn insert(id: &str) -> ChainChange {
    ChainChange::Insert { id: id.to_owned(), text: device(id, "n") }
}

fn ids(relayed: &Relayed) -> Vec<String> {
    relayed.table().into_keys().collect()
}

/// Returns what a contract has, sorted.
fn ids_in(chain: &DoubleChain, contract: ChainAddress) -> Vec<String> {
    let mut ids: Vec<String> = chain.policies_of(contract).into_iter().map(|(id, _)| id).collect();
    ids.sort();
    ids
}

/// Starts a relay whose contract has three policies.
async fn with_three(place: &Place, chain: &DoubleChain) -> Relayed {
    let relayed = Relayed::with_relay(place, chain).await;
    for id in ["a", "b", "c"] {
        relayed.push(id).await;
    }
    relayed.agrees(chain).await;
    // The round in which they came may still take note of them.
    relayed.node.services.relay.now().await;
    relayed
}

/// Starts a relay whose contract had three policies, which began anew since. Nothing looked at it after that.
async fn with_three_begun_anew(place: &Place, chain: &DoubleChain) -> Relayed {
    let relayed = with_three(place, chain).await;
    settled(&relayed, chain).await;
    relayed.stop().await;
    chain.begin_anew();
    Relayed::start(place, chain).await
}

/// Lets the relay do rounds, one of which begins behind all that was done before.
async fn rounds(relayed: &Relayed) {
    for _ in 0..2 {
        relayed.node.services.relay.now().await;
    }
}

async fn noted(relayed: &Relayed) -> Option<String> {
    relayed.node.ledger.outbox("ethereum").unwrap().known().await.unwrap().0
}

/// Waits until the changes that were made are in blocks which nobody expects to be re-organised.
async fn settled(relayed: &Relayed, chain: &DoubleChain) {
    for _ in 0..12 {
        chain.mine();
    }
    // The status is of the last round, which may have begun before the changes.
    let (outbox, started) = (relayed.node.ledger.outbox("ethereum").unwrap(), Instant::now());
    while !outbox.mined().await.unwrap().is_empty() {
        assert!(started.elapsed() < PATIENCE, "the changes are not settled");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn told(relayed: &Relayed, text: &str) {
    until(text, || relayed.status().trouble.is_some_and(|trouble| trouble.text.contains(text))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_contract_gets_the_ledger_and_nothing_of_it_is_dropped() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = with_three(&place, &chain).await;
        let outbox = relayed.node.ledger.outbox("ethereum").unwrap();
        let (noted, known) = outbox.known().await.unwrap();
        assert_eq!((noted, known.len()), (Some(format!("{CONTRACT} on chain 31337")), 3));

        use_contract(&relayed, OTHER_CONTRACT).await;
        relayed.push("x").await;
        until("it gets everything", || ids_in(&chain, OTHER_CONTRACT) == ["a", "b", "c", "x"]).await;
        relayed.node.services.relay.now().await;
        assert_eq!(ids(&relayed), ["a", "b", "c", "x"]);
        assert_eq!(ids_in(&chain, CONTRACT), ["a", "b", "c"]);
        assert_eq!(relayed.status().counters.refused, 0);
        let (noted, known) = outbox.known().await.unwrap();
        assert_eq!(noted, Some(format!("{OTHER_CONTRACT} on chain 31337")));
        assert!(known.iter().all(|policy| !policy.id.is_empty()), "{known:?}");
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_its_way_to_one_contract_is_sent_to_the_other() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = with_three(&place, &chain).await;
    chain.holds(true);
    relayed.push("x").await;
    until("it is sent", || chain.sent().len() == 4).await;
    use_contract(&relayed, OTHER_CONTRACT).await;
    until("it is sent anew", || chain.sent().len() > 4).await;
    chain.holds(false);
    chain.mine();
    until("the other one has it", || ids_in(&chain, OTHER_CONTRACT) == ["a", "b", "c", "x"]).await;
    relayed.node.services.relay.now().await;
    assert_eq!(ids(&relayed), ["a", "b", "c", "x"]);
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_with_policies_and_the_ledger_get_what_the_other_has() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    with_three(&place, &chain).await.stop().await;
    chain.change_in(OTHER_CONTRACT, &insert("y"));
    let relayed = Relayed::start(&place, &chain).await;
    use_contract(&relayed, OTHER_CONTRACT).await;
    relayed.run("set relay where platform = ethereum").await.unwrap();
    until("both are the same", || {
        ids_in(&chain, OTHER_CONTRACT) == ["a", "b", "c", "y"] && ids(&relayed) == ["a", "b", "c", "y"]
    })
    .await;
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_lost_everything_gets_nothing_and_another_one_gets_all() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = with_three(&place, &chain).await;
    settled(&relayed, &chain).await;
    let sent = chain.sent().len();
    chain.begin_anew();
    told(&relayed, "the contract has no policies any more").await;
    relayed.push("x").await;
    rounds(&relayed).await;
    let figures = relayed.node.ledger.outbox("ethereum").unwrap().figures().await.unwrap();
    assert_eq!((chain.sent().len(), figures.waiting), (sent, 1));
    assert_eq!(ids(&relayed), ["a", "b", "c", "x"]);

    use_contract(&relayed, OTHER_CONTRACT).await;
    until("the other one gets all", || ids_in(&chain, OTHER_CONTRACT) == ["a", "b", "c", "x"]).await;
    until("the trouble is over", || relayed.status().trouble.is_none()).await;
    assert_eq!(ids(&relayed), ["a", "b", "c", "x"]);
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_with_fewer_changes_than_its_policies_took_drops_nothing() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = with_three(&place, &chain).await;
    settled(&relayed, &chain).await;
    chain.begin_anew();
    chain.change_by_others(&insert("y"));
    told(&relayed, "too few").await;
    assert_eq!(ids(&relayed), ["a", "b", "c"]);
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_others_emptied_empties_nobody_and_gets_what_members_change() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = with_three(&place, &chain).await;
    settled(&relayed, &chain).await;
    chain.change_at_once(&["a", "b", "c"].map(|id| ChainChange::Delete { id: id.to_owned() }));
    told(&relayed, "others deleted all").await;
    assert_eq!(ids(&relayed), ["a", "b", "c"]);
    relayed.stop().await;

    let relayed = Relayed::with_relay(&place, &chain).await;
    told(&relayed, "others deleted all").await;
    assert_eq!(ids(&relayed), ["a", "b", "c"]);
    relayed.push("x").await;
    until("it is sent", || ids_in(&chain, CONTRACT) == ["x"]).await;
    until("and what they deleted goes", || ids(&relayed) == ["x"]).await;
    until("the trouble is over", || relayed.status().trouble.is_none()).await;
    assert_eq!(noted(&relayed).await, Some(format!("{CONTRACT} on chain 31337")));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_began_anew_stays_refused_however_often_others_change_it() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = with_three_begun_anew(&place, &chain).await;
        chain.change_by_others(&insert("y"));
        relayed.run("set relay where platform = ethereum").await.unwrap();
        told(&relayed, "too few").await;
        assert_eq!(noted(&relayed).await, Some(format!("{CONTRACT} on chain 31337, begun anew")));
        // As many changes as three policies take to come and to go, and more.
        chain.change_at_once(&["1", "2", "3", "4", "5", "6"].map(insert));
        rounds(&relayed).await;
        relayed.stop().await;

        let relayed = Relayed::with_relay(&place, &chain).await;
        let sent = chain.sent().len();
        relayed.push("x").await;
        told(&relayed, "too few").await;
        rounds(&relayed).await;
        assert_eq!((chain.sent().len(), ids(&relayed)), (sent, ["a", "b", "c", "x"].map(str::to_owned).to_vec()));
        use_contract(&relayed, OTHER_CONTRACT).await;
        until("another one gets all", || ids_in(&chain, OTHER_CONTRACT) == ["a", "b", "c", "x"]).await;
        assert_eq!(noted(&relayed).await, Some(format!("{OTHER_CONTRACT} on chain 31337")));
        relayed.stop().await;
    }
}

/// As where the provider ran far behind when the contract was looked at.
#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_has_all_that_is_known_is_the_known_one_after_all() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = with_three(&place, &chain).await;
    settled(&relayed, &chain).await;
    let before = chain.policies();
    chain.begin_anew();
    chain.change_by_others(&insert("y"));
    told(&relayed, "too few").await;
    let again = before.into_iter().map(|(id, text)| ChainChange::Insert { id, text });
    chain.change_at_once(&again.collect::<Vec<_>>());
    relayed.push("x").await;
    until("it is sent", || ids_in(&chain, CONTRACT) == ["a", "b", "c", "x", "y"]).await;
    until("theirs comes", || ids(&relayed) == ["a", "b", "c", "x", "y"]).await;
    assert_eq!(noted(&relayed).await, Some(format!("{CONTRACT} on chain 31337")));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_a_contract_whose_list_could_not_be_read() {
    let rejected = PlatformError::Rejected { method: "eth_call", code: -32000, message: "not today".to_owned() };
    for error in [rejected, PlatformError::Unsteady] {
        let place = Place::sqlite();
        let chain = DoubleChain::default();
        let relayed = with_three_begun_anew(&place, &chain).await;
        let sent = chain.sent().len();
        chain.fail_to_read(Some(error.clone()));
        relayed.run("set relay where platform = ethereum").await.unwrap();
        relayed.push("x").await;
        told(&relayed, &error.to_string()).await;
        rounds(&relayed).await;
        chain.fail_to_read(None);
        told(&relayed, "the contract has no policies any more").await;
        assert_eq!((chain.sent().len(), ids(&relayed).len()), (sent, 4));
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_knows_is_about_the_present_contract() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = with_three(&place, &chain).await;
        relayed.run("set relay where platform = ethereum and status = off").await.unwrap();
        let outbox = relayed.node.ledger.outbox("ethereum").unwrap();
        let turn = outbox.take_turn("test", 0, 4).await.unwrap().expect("the turn was given back");
        outbox.note_known(&turn, &[KnownPolicy { id: String::new(), hash: None }]).await.unwrap();
        outbox.end_turn(&turn).await.unwrap();
        assert_eq!(outbox.known().await.unwrap().0, None);
        chain.change_by_others(&ChainChange::Delete { id: "a".to_owned() });
        relayed.run("set relay where platform = ethereum").await.unwrap();
        until("what others dropped goes", || ids(&relayed) == ["b", "c"]).await;
        assert_eq!(outbox.known().await.unwrap().0, Some(format!("{CONTRACT} on chain 31337")));
        relayed.stop().await;
    }
}
