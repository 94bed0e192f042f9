//! Several masters on one database: one of them sends, another takes over.

use super::{Place, Relayed, until};
use crate::support::chain::DoubleChain;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_masters_sends_and_the_other_takes_over() {
    let place = Place::postgres();
    let chain = DoubleChain::default();
    let first = Relayed::with_relay(&place, &chain).await;
    until("the first sends", || first.status().is_sender).await;
    // Another host: masters of one machine are told by their ports, and these listen on none.
    let beside = place.beside();
    let second = Relayed::start_in(&place, beside.path(), &chain).await;
    let outbox = second.node.ledger.outbox("ethereum").unwrap();
    assert_eq!(outbox.take_turn("elsewhere:1", 0, 8).await.unwrap(), None, "the first has the turn");
    first.push("a").await;
    first.agrees(&chain).await;
    first.stop().await;
    let turn = outbox.take_turn("elsewhere:1", 0, 4).await.unwrap().expect("the turn was given back");
    second.run("set relay where platform = ethereum").await.unwrap();
    second.push("b").await;
    let started = Instant::now();
    until("the second stands by", || second.status().sender.as_deref() == Some("elsewhere:1")).await;
    assert_eq!(chain.transaction_count(), 1);
    second.agrees(&chain).await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(second.status().is_sender && chain.transaction_count() == 2);
    let rows = outbox.mined().await.unwrap();
    for row in &rows {
        let step = anylog_master::ledger::OutboxStep::Unmine;
        assert!(!outbox.step(&turn, row, &step).await.unwrap(), "who lost the turn changes nothing");
    }
    second.stop().await;
}
