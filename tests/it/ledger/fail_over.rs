//! The database moves: another server takes the changes, or the same address leads elsewhere.

use super::{
    Node, Place, device,
    masters::{comes_back, shown, writes},
    passage::Passage,
    shared,
};
use crate::support::{port, postgres::Postgres};
use anylog_master::ledger::Error;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Longest time until changes go on after another server takes them, and until a dead connection is noticed.
const MOVED: Duration = Duration::from_secs(10);

/// Writes one policy until a server takes it; the one before may have taken it without saying so.
async fn moved(node: &Node, id: &str) -> Duration {
    let start = Instant::now();
    loop {
        match node.insert(&device(id, 1)).await {
            Ok(_) | Err(Error::Duplicate { .. }) => return start.elapsed(),
            Err(error) => assert!(start.elapsed() < MOVED, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn has(server: &Postgres, id: &str) -> bool {
    server.ask("blockchain", &format!("SELECT count(*) FROM ledger WHERE policy_id = '{id}'")) == "1"
}

/// Waits until a standby has a row.
async fn follows(standby: &Postgres, id: &str) {
    let begin = Instant::now();
    while !has(standby, id) {
        assert!(begin.elapsed() < Duration::from_secs(20), "the standby does not follow");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_takes_the_changes_and_nothing_acknowledged_is_lost() {
    let primary = Postgres::start();
    let node = shared(Node::on(&format!("127.0.0.1:{}", primary.port)).await);
    node.insert(&device("first", 1)).await.unwrap();
    Arc::try_unwrap(node).ok().unwrap().stop().await;
    let standby = tokio::task::block_in_place(|| primary.standby());
    primary.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.sql("postgres", "SELECT pg_reload_conf()");
    let begin = Instant::now();
    while primary.ask("postgres", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != "1" {
        assert!(begin.elapsed() < Duration::from_secs(20), "no synchronous standby");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let node = shared(Node::on(&format!("127.0.0.1:{},127.0.0.1:{}", primary.port, standby.port)).await);
    let end = tokio_util::sync::CancellationToken::new();
    let writers: Vec<_> = (0..8).map(|writer| tokio::spawn(writes(Arc::clone(&node), writer, end.clone()))).collect();
    let wanted = node.ledger.view().len() + 80;
    shown(&node.ledger, |ledger| ledger.view().len() >= wanted, Duration::from_secs(60)).await;
    tokio::task::block_in_place(|| {
        primary.signal("KILL");
        standby.promote();
    });
    let went_on = moved(&node, "after").await;
    let wanted = node.ledger.view().len() + 40;
    shown(&node.ledger, |ledger| ledger.view().len() >= wanted, Duration::from_secs(60)).await;
    end.cancel();
    let mut acknowledged = vec!["first".to_owned(), "after".to_owned()];
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    node.ledger.reload().await.unwrap();
    let view = node.ledger.view();
    let lost: Vec<_> = acknowledged.iter().filter(|id| view.by_id(id).is_none()).collect();
    println!(
        "{} acknowledged, {} lost, changes went on {went_on:?} after the promotion",
        acknowledged.len(),
        lost.len()
    );
    assert!(lost.is_empty(), "{lost:?}");
    assert!(has(&standby, "after"));
}

/// A standby that is behind is all that answers: what was acknowledged stays to be seen.
#[tokio::test(flavor = "multi_thread")]
async fn the_view_is_not_read_from_a_standby() {
    let primary = Postgres::start();
    let node = Node::on(&format!("127.0.0.1:{}", primary.port)).await;
    node.insert(&device("a", 1)).await.unwrap();
    node.stop().await;
    let standby = tokio::task::block_in_place(|| primary.standby());
    follows(&standby, "a").await;
    let node = Node::on(&format!("127.0.0.1:{},127.0.0.1:{}", primary.port, standby.port)).await;
    tokio::task::block_in_place(|| standby.sql("postgres", "SELECT pg_wal_replay_pause()"));
    node.insert(&device("b", 1)).await.unwrap();
    tokio::task::block_in_place(|| primary.stop());
    // The first looks meet connections that are dead.
    for _ in 0..6 {
        let looked = node.ledger.reload().await;
        assert!(matches!(looked, Err(Error::Unavailable(_))), "{looked:?}");
    }
    assert_eq!(node.ids(), ["a", "b"]);
    assert!(has(&standby, "a") && !has(&standby, "b"));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_came_back_read_only_is_left() {
    let primary = Postgres::start();
    let node = Node::on(&format!("127.0.0.1:{}", primary.port)).await;
    node.insert(&device("a", 1)).await.unwrap();
    node.stop().await;
    let standby = tokio::task::block_in_place(|| primary.standby());
    let node = Node::on(&format!("127.0.0.1:{},127.0.0.1:{}", primary.port, standby.port)).await;
    node.insert(&device("b", 1)).await.unwrap();
    follows(&standby, "b").await;
    tokio::task::block_in_place(|| {
        primary.stop();
        standby.promote();
        primary.run_start("-c default_transaction_read_only=on");
    });
    assert!(moved(&node, "c").await < MOVED);
    assert!(has(&standby, "c") && !has(&primary, "c"));
    assert_eq!(node.ids(), ["a", "b", "c"]);
    node.stop().await;
}

/// As behind a virtual address: the connections of now stay open to a server that only reads, new ones lead to the other one.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_to_another_server_is_connected_anew() {
    let primary = Postgres::start();
    let passage = Passage::open(primary.port).await;
    let node = Node::on(&format!("127.0.0.1:{}", passage.port)).await;
    node.insert(&device("a", 1)).await.unwrap();
    let standby = tokio::task::block_in_place(|| primary.standby());
    follows(&standby, "a").await;
    tokio::task::block_in_place(|| standby.promote());
    passage.lead_to(standby.port);
    primary.sql("postgres", "ALTER SYSTEM SET default_transaction_read_only = on");
    primary.sql("postgres", "SELECT pg_reload_conf()");
    // The server reads its configuration after it has answered; open connections hear of it before new ones are taken.
    let begin = Instant::now();
    while primary.ask("postgres", "SHOW default_transaction_read_only") != "on" {
        assert!(begin.elapsed() < Duration::from_secs(20), "the old primary still takes changes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(moved(&node, "b").await < MOVED);
    assert!(has(&standby, "b") && !has(&primary, "b"));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_forgotten_while_idle_costs_no_change() {
    let server = Postgres::start();
    let passage = Passage::open(server.port).await;
    let node = Node::on(&format!("127.0.0.1:{}", passage.port)).await;
    node.insert(&device("a", 1)).await.unwrap();
    let (begin, opened) = (Instant::now(), passage.opened());
    passage.forget();
    while passage.opened() == opened {
        assert!(begin.elapsed() < MOVED, "the dead connections are not noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    node.insert(&device("b", 1)).await.unwrap();
    server.sql("blockchain", "DELETE FROM ledger WHERE policy_id = 'a'");
    shown(&node.ledger, |ledger| ledger.view().by_id("a").is_none(), MOVED).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_host_before_the_living_one_is_passed_over() {
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    // Nobody listens on the first; the second takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hosts = format!(
        "127.0.0.1:{},127.0.0.1:{},localhost:{}",
        port::free(),
        silent.local_addr().unwrap().port(),
        server.port
    );
    let node = Node::on(&hosts).await;
    node.insert(&device("a", 1)).await.unwrap();
    tokio::task::block_in_place(|| {
        server.stop();
        server.run_start("");
    });
    comes_back(&node, "b").await;
    node.stop().await;
}
