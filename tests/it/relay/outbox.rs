//! What members change reaches the contract once, and what others change there comes back.

use super::{Place, Relayed, Store, device, until};
use crate::support::chain::DoubleChain;
use anylog_master::node::platforms::ChainChange;
use sqlx::{Connection, PgConnection};
use std::{collections::HashSet, time::Duration};

#[tokio::test(flavor = "multi_thread")]
async fn every_change_reaches_the_contract_once() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        for number in 0..40 {
            relayed.push(&format!("p{number}")).await;
        }
        let new = device("p1", "other");
        relayed.run(&format!("blockchain replace policy p1 with {new}")).await.unwrap();
        relayed.run("blockchain drop policy where id = p2").await.unwrap();
        relayed.agrees(&chain).await;
        assert_eq!(chain.policies().len(), 39);
        assert_eq!(chain.transaction_count(), 42);
        let sent = chain.sent();
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), sent.len(), "no transaction was sent twice");
        assert_eq!(relayed.status().counters.mined, 42);
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_and_what_changed_while_it_was_off_is_relayed() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::start(&place, &chain).await;
        for id in ["a", "b", "c"] {
            relayed.push(id).await;
        }
        relayed.run("set relay where platform = ethereum").await.unwrap();
        relayed.agrees(&chain).await;
        relayed.run("set relay where platform = ethereum and status = off").await.unwrap();
        relayed.run("blockchain drop policy where id = a").await.unwrap();
        let new = device("b", "other");
        relayed.run(&format!("blockchain replace policy b with {new}")).await.unwrap();
        relayed.push("d").await;
        assert_eq!(chain.policies().len(), 3, "nothing is relayed while it is off");
        relayed.run("set relay where platform = ethereum").await.unwrap();
        relayed.agrees(&chain).await;
        assert_eq!(relayed.table().keys().map(String::as_str).collect::<Vec<_>>(), ["b", "c", "d"]);
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_change_comes_into_the_table_and_is_not_sent_again() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        relayed.push("own").await;
        relayed.agrees(&chain).await;
        let count = chain.sent().len();
        for id in ["x", "y"] {
            chain.change_by_others(&ChainChange::Insert { id: id.to_owned(), text: device(id, "n") });
        }
        until("inserts come", || relayed.table().len() == 3).await;
        chain.change_by_others(&ChainChange::Update { id: "x".to_owned(), text: device("x", "new") });
        chain.change_by_others(&ChainChange::Delete { id: "y".to_owned() });
        chain.change_by_others(&ChainChange::Delete { id: "own".to_owned() });
        until("update and drops come", || {
            let table = relayed.table();
            table.len() == 1 && table.get("x").is_some_and(|text| text.contains("new"))
        })
        .await;
        assert_eq!(chain.sent().len(), count, "what came from the contract is not relayed");
        until("the figures tell", || relayed.status().counters.pulled >= 4).await;
        relayed.stop().await;
    }
}

fn insert(id: &str, text: String) -> ChainChange {
    ChainChange::Insert { id: id.to_owned(), text }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_insert_under_the_id_of_a_policy_is_checked_before_it_takes_its_place() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::with_relay(&place, &chain).await;
        for id in ["a", "b", "c"] {
            relayed.push(id).await;
        }
        relayed.agrees(&chain).await;
        let before = relayed.table();
        // The key of an entry is for whoever inserts it to choose, and the later date counts.
        let later = |text: String, date: &str| text.replace("2026-01-01T00:00:00.000000Z", date);
        let date = "2027-01-01T00:00:00.000000Z";
        chain.change_at_once(&[
            insert("x", later(device("a", "n"), date).replace("device", "other")),
            insert("y", later(device("b", "n"), "9999-99-99")),
            insert("z", later(device("c", "new"), date)),
            insert("d", device("d", "n")),
        ]);
        until("what may come comes", || {
            let table = relayed.table();
            table.contains_key("d") && table["c"].contains("new")
        })
        .await;
        relayed.node.services.relay.now().await;
        let table = relayed.table();
        assert_eq!((&table["a"], &table["b"]), (&before["a"], &before["b"]));
        assert_eq!(relayed.status().counters.sent, 3, "what came from the contract is not relayed");
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discard_hides_a_policy_that_came_already_until_another_one_shows_it_again() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::with_relay(&place, &chain).await;
    chain.change_by_others(&insert("x", device("x", "n")));
    until("it comes", || relayed.table().contains_key("x")).await;
    let discard = |id: &str, status: &str, date: &str| {
        insert(id, format!(r#"{{"discard": {{"policy": "x", "status": "{status}", "id": "{id}", "date": "{date}"}}}}"#))
    };
    chain.change_by_others(&discard("hide", "active", "2026-01-02T00:00:00.000000Z"));
    until("it goes", || relayed.table().keys().map(String::as_str).eq(["hide"])).await;
    chain.change_by_others(&discard("show", "off", "2026-01-03T00:00:00.000000Z"));
    until("it comes back", || relayed.table().keys().map(String::as_str).eq(["hide", "show", "x"])).await;
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_in_a_contract_without_pages_are_judged_by_one_reading() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    chain.without_pages();
    let relayed = Relayed::with_relay(&place, &chain).await;
    chain.change_at_once(&["a", "b", "c", "d"].map(|id| insert(id, device(id, "n"))));
    until("they come", || relayed.table().len() == 4).await;
    relayed.node.services.relay.now().await;
    chain.calls();
    chain.change_at_once(&["a", "b", "c"].map(|id| ChainChange::Delete { id: id.to_owned() }));
    until("three go", || relayed.table().keys().map(String::as_str).eq(["d"])).await;
    let calls = chain.calls();
    assert!(!calls.contains(&"find"), "the list would be read for each: {calls:?}");
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_when_it_is_confirmed_where_that_is_asked_for() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::start(&place, &chain).await;
        relayed.push("first").await;
        relayed.run("set relay where platform = ethereum and visible = confirmed").await.unwrap();
        relayed.agrees(&chain).await;
        chain.holds(true);
        relayed.push("a").await;
        relayed.run("blockchain drop policy where id = first").await.unwrap();
        until("both are sent", || chain.sent().len() == 3).await;
        assert_eq!(relayed.table().keys().collect::<Vec<_>>(), ["first"]);
        chain.holds(false);
        chain.mine();
        until("both are seen", || relayed.table().keys().map(String::as_str).eq(["a"])).await;
        relayed.agrees(&chain).await;
        relayed.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subset_alone_is_relayed_and_pulled() {
    let place = Place::sqlite();
    let chain = DoubleChain::default();
    let relayed = Relayed::start(&place, &chain).await;
    relayed.run("set relay where platform = ethereum and type = (device, table)").await.unwrap();
    relayed.push("a").await;
    relayed.run(r#"blockchain push {"other": {"name": "o", "id": "o1"}}"#).await.unwrap();
    chain.change_by_others(&ChainChange::Insert {
        id: "z".to_owned(),
        text: r#"{"other": {"name": "z", "id": "z"}}"#.to_owned(),
    });
    chain.change_by_others(&ChainChange::Insert { id: "d".to_owned(), text: device("d", "n") });
    until("the other device comes", || relayed.table().contains_key("d")).await;
    until("the own one goes", || chain.policies().iter().any(|(id, _)| id == "a")).await;
    assert!(!relayed.table().contains_key("z") && !chain.policies().iter().any(|(id, _)| id == "o1"));
    relayed.run("set relay where platform = ethereum and company = Nobody").await.unwrap();
    relayed.push("b").await;
    relayed.run(r#"blockchain push {"other": {"name": "o", "id": "o2", "company": "Nobody"}}"#).await.unwrap();
    until("the company's policy goes", || chain.policies().iter().any(|(id, _)| id == "o2")).await;
    assert!(!chain.policies().iter().any(|(id, _)| id == "b"));
    relayed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn off_keeps_what_waits_and_shows_what_was_held_back() {
    for place in Place::both() {
        let chain = DoubleChain::default();
        let relayed = Relayed::start(&place, &chain).await;
        relayed.run("set relay where platform = ethereum and visible = confirmed").await.unwrap();
        chain.away(true);
        relayed.push("a").await;
        until("it waits", || relayed.status().outbox.waiting == 1).await;
        assert!(relayed.table().is_empty());
        relayed.run("set relay where platform = ethereum and status = off").await.unwrap();
        let status = relayed.status();
        assert!(!status.is_on && status.outbox.waiting == 1);
        assert!(relayed.table().contains_key("a"));
        chain.away(false);
        relayed.push("b").await;
        relayed.run("set relay where platform = ethereum").await.unwrap();
        relayed.agrees(&chain).await;
        assert_eq!(chain.transaction_count(), 2);
        relayed.stop().await;
    }
}

/// As those of an outbox with many rows and long texts: a switch of the contract reads all of them.
#[tokio::test(flavor = "multi_thread")]
async fn all_rows_may_take_longer_than_other_answers_of_the_database() {
    let place = Place::postgres();
    let Store::Postgres(server) = &place.store else { panic!("a server") };
    let relayed = Relayed::start(&place, &DoubleChain::default()).await;
    let outbox = relayed.node.ledger.outbox("ethereum").unwrap();
    let url = format!("postgres://admin:elpw@127.0.0.1:{}/blockchain", server.port);
    let mut other = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE relay_outbox IN ACCESS EXCLUSIVE MODE").execute(&mut other).await.unwrap();
    let released = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    };
    let (rows, ()) = tokio::join!(outbox.waiting(i64::MAX), released);
    assert!(rows.unwrap().is_empty());
    relayed.stop().await;
}
