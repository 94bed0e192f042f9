//! A provider that takes questions and never answers.

use super::{KEY, Place, Relayed, until};
use crate::support::{
    chain::CONTRACT,
    port,
    provider::{Mood, RecordingProvider},
};
use anylog_master::{
    chain::EvmMaker,
    node::health::{CheckName, CheckStatus},
    render,
    reply::Reply,
};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_provider_is_told_while_its_first_answer_is_still_awaited() {
    let place = Place::sqlite();
    let relayed = Relayed::with_maker(&place, place.home.path(), Arc::new(EvmMaker), &[]).await;
    // Nobody is behind the provider: it closes each connection.
    let provider = RecordingProvider::start(port::free());
    let url = provider.url().replace("http://", "http://al:s3cret@");
    let connect = format!("blockchain connect ethereum where provider = {url} and required = false");
    relayed.run(&format!("{connect} and private_key = {KEY} and contract = {CONTRACT}")).await.unwrap();
    provider.asked();
    provider.be(Mood::Silent, usize::MAX);
    relayed.run("set relay where platform = ethereum").await.unwrap();
    until("the round asks", || provider.asked().1 > 0).await;
    relayed.push("a").await;
    until("the queue is true although the round goes on", || relayed.status().outbox.waiting == 1).await;
    assert_eq!(relayed.status().trouble, None, "a provider may take its time");

    until("it is told", || relayed.status().trouble.is_some()).await;
    let trouble = relayed.status().trouble.unwrap();
    assert!(trouble.is_away && trouble.text.contains("no answer for 1"), "{trouble:?}");
    let check = relayed.node.health_report().checks.into_iter().find(|check| check.name == CheckName::Relay).unwrap();
    assert_eq!(check.status, CheckStatus::Degraded);
    let Reply::Value(value) = relayed.run("get relay where format = json").await.unwrap() else { panic!("a value") };
    assert_eq!((&value["queue"], &value["last_error"]["provider_away"]), (&1.into(), &true.into()), "{value}");
    let page = render::text(&relayed.run("get metrics").await.unwrap());
    assert!(page.contains("anylog_master_relay_up 0") && page.contains("anylog_master_relay_queue 1"), "{page}");
    assert!(!format!("{check:?} {value}").contains("s3cret"));
    relayed.stop().await;
}
