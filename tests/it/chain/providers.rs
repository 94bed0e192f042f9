//! Providers that are away, overloaded, forgetful, or particular.

use super::{connected, deployed, ids, insert, list};
use crate::support::{
    anvil::Anvil,
    port,
    provider::{Mood, RecordingProvider},
};
use anylog_master::{
    chain::EvmMaker,
    node::platforms::{ChainOptions, PlatformError, PlatformName, Platforms},
};
use std::sync::Arc;

#[tokio::test]
async fn reads_are_tried_again() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    let platform = connected(&provider.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    provider.asked();
    provider.be(Mood::Busy, 2);
    assert_eq!(platform.transaction_count().await, Ok(0));
    assert_eq!(provider.asked().1, 3);
    provider.be(Mood::Busy, 3);
    let error = platform.transaction_count().await.unwrap_err();
    assert!(error.may_pass() && error.to_string().contains("503"), "{error}");
}

#[tokio::test]
async fn transaction_is_sent_once_although_the_answer_is_lost() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    let platform = connected(&provider.url(), ChainOptions::default(), 0).await;
    deployed(&platform).await;
    let turn = platform.turn().await;
    let signed = turn.sign(&insert("1")).await.unwrap();
    provider.asked();
    provider.be(Mood::Forgetful, 1);
    let error = turn.send(&signed).await.unwrap_err();
    assert!(matches!(error, PlatformError::Unavailable { .. }), "{error:?}");
    assert_eq!(provider.asked(), (vec!["eth_sendRawTransaction".to_owned()], 1));
    platform.confirmed(&signed, "the insert").await.unwrap();
}

#[tokio::test]
async fn provider_without_batches_is_asked_one_by_one() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    let platform = connected(&provider.url(), ChainOptions::default(), 0).await;
    provider.be(Mood::OneByOne, usize::MAX);
    deployed(&platform).await;
    platform.carry_out(&insert("1")).await.unwrap();
    assert_eq!(ids(&list(&platform, None).await), ["1"]);
}

#[tokio::test]
async fn login_of_the_url_is_sent_and_never_shown() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let provider = RecordingProvider::start(anvil.port);
    let url = provider.url().replace("http://", "http://al:s3cret@");
    let platform = connected(&url, ChainOptions::default(), 0).await;
    assert!(
        provider.logins().iter().all(|line| line.trim().ends_with("Basic YWw6czNjcmV0")),
        "{:?}",
        provider.logins()
    );
    assert!(!provider.logins().is_empty());
    provider.be(Mood::Busy, 3);
    let error = platform.client().chain_id().await.unwrap_err();
    assert!(error.to_string().contains("al:********@") && !format!("{error} {error:?}").contains("s3cret"), "{error}");
}

#[tokio::test]
async fn provider_that_is_not_there_is_told_and_not_connected() {
    let url = format!("http://127.0.0.1:{}", port::free());
    let platforms = Platforms::new(Arc::new(EvmMaker), ChainOptions::default());
    let error = platforms.connect(PlatformName::Ethereum, url.parse().unwrap()).await.err().unwrap();
    assert!(matches!(&error, PlatformError::Unavailable { provider, .. } if *provider == url), "{error}");
    assert_eq!(platforms.get(PlatformName::Ethereum).err(), Some(PlatformError::NotConnected(PlatformName::Ethereum)));
}

#[tokio::test]
async fn provider_is_connected_once_under_a_name() {
    let Some(anvil) = Anvil::start(&[]) else { return };
    let platforms = Platforms::new(Arc::new(EvmMaker), ChainOptions::default());
    platforms.connect(PlatformName::Ethereum, anvil.url().parse().unwrap()).await.unwrap();
    platforms.connect(PlatformName::Optimism, anvil.url().parse().unwrap()).await.unwrap();
    let error = platforms.connect(PlatformName::Ethereum, anvil.url().parse().unwrap()).await.err();
    assert_eq!(error, Some(PlatformError::AlreadyConnected(PlatformName::Ethereum)));
    assert_eq!(
        platforms.all().iter().map(|platform| platform.name().as_str()).collect::<Vec<_>>(),
        ["ethereum", "optimism"]
    );
}

#[tokio::test]
async fn provider_at_an_address_of_ipv6_is_reached() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        crate::support::skipped("this machine has no IPv6");
        return;
    }
    let Some(anvil) = Anvil::start(&["--host", "::1"]) else { return };
    let platform = connected(&format!("http://[::1]:{}", anvil.port), ChainOptions::default(), 0).await;
    assert_eq!(platform.client().chain_id().await, Ok(31_337));
}
