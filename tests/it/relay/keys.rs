//! Keys that are typed unseen, that are in keystores, and that stand in mistakes.

use super::{KEY, Place, Relayed};
use crate::support::{
    chain::DoubleChain,
    keystore::{Stretching, keystore},
    tls_provider::TlsProvider,
};
use anylog_master::{
    chain::EvmMaker,
    command,
    node::{Origin, Role},
    reply::Code,
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

const SET: &str = "blockchain set account info where platform = ethereum and";
/// A key of another account, and that account.
const OTHER: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const OTHER_ACCOUNT: &str = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

fn account(node: &Relayed) -> String {
    node.node.platforms.named("ethereum").unwrap().account().unwrap().address.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_typed_unseen_is_taken_and_nobody_else_is_asked() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let text = format!("{SET} private_key = ?");
    let selection = command::select(&text);
    assert_eq!(selection.question(&node.node, &node.session), Some("private key: "));
    assert_eq!(command::select("get status").question(&node.node, &node.session), None);
    let mut session = node.session.clone();
    session.secret = Some(OTHER.to_owned().into());
    selection.run(&node.node, &mut session).await.unwrap();
    assert_eq!(account(&node), OTHER_ACCOUNT);
    assert!(session.secret.is_none(), "it is used once");

    session.origin = Origin::Rest { caller: IpAddr::V4(Ipv4Addr::LOCALHOST), user: None, is_foreign: false };
    session.role = Role::Admin;
    let refused = command::run(&node.node, &mut session, &text).await.unwrap_err();
    assert!(refused.detail.as_deref().is_some_and(|detail| detail.contains("private_key_file")), "{refused}");
    session.secret = Some("4c4c".to_owned().into());
    let wrong = command::run(&node.node, &mut session, &text).await.unwrap_err();
    assert!(!format!("{wrong:?}").contains("4c4c"), "{wrong:?}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keystores_open_with_their_password_and_a_wrong_one_is_not_shown() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    let directory = place.home.path();
    let (right, wrong) = (directory.join("right"), directory.join("wrong"));
    std::fs::write(&right, "correct-horse\n").unwrap();
    std::fs::write(&wrong, "battery-staple\n").unwrap();
    for stretching in [Stretching::Scrypt, Stretching::Pbkdf2] {
        node.run(&format!("{SET} private_key = {KEY}")).await.unwrap();
        let file = directory.join(format!("{stretching:?}.json"));
        std::fs::write(&file, keystore(OTHER, "correct-horse", stretching)).unwrap();
        let store = format!("{SET} keystore = {} and", file.display());
        for source in [format!("password_file = {}", wrong.display()), "password = battery-staple".to_owned()] {
            let error = node.run(&format!("{store} {source}")).await.unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(told.contains("the password is another one") && !told.contains("battery"), "{told}");
        }
        assert_ne!(account(&node), OTHER_ACCOUNT, "the account stays as it was");
        node.run(&format!("{store} password_file = {}", right.display())).await.unwrap();
        assert_eq!(account(&node), OTHER_ACCOUNT, "{stretching:?}");
        let mut session = node.session.clone();
        session.secret = Some("correct-horse".to_owned().into());
        node.run(&format!("{SET} private_key = {KEY}")).await.unwrap();
        command::run(&node.node, &mut session, &format!("{store} password = ?")).await.unwrap();
        assert_eq!(account(&node), OTHER_ACCOUNT);
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_around_a_key_do_not_repeat_it() {
    let place = Place::sqlite();
    let node = Relayed::start(&place, &DoubleChain::default()).await;
    for text in [
        format!("blockchain set acount info where platform = ethereum and private_key = {KEY}"),
        format!("blokchain set account info where platform = ethereum and private_key = 0x{KEY}"),
        format!("{SET} prviate_ky = {KEY}"),
        format!("x = blockchain set acount info where private_key = {KEY}"),
        format!("blockchain {KEY}"),
        format!("0x{KEY}"),
        format!("{SET} private_key = \"{KEY}"),
    ] {
        let error = node.run(&text).await.expect_err(&text);
        let told = format!("{} {error}", error.detail.as_deref().unwrap_or_default());
        assert!(!told.contains(KEY), "{text}: {told}");
    }
    for question in ["get event log", "get error log"] {
        let shown = node.run(question).await.map(|reply| anylog_master::render::text(&reply)).unwrap();
        assert!(!shown.contains(KEY), "{question}: {shown}");
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_of_a_provider_is_named_in_the_command_and_not_by_callers_over_the_network() {
    let place = Place::sqlite();
    let node = Relayed::with_maker(&place, place.home.path(), Arc::new(EvmMaker), &[]).await;
    let server = TlsProvider::start("127.0.0.1").await.unwrap();
    let file = place.home.path().join("ca.pem");
    std::fs::write(&file, &server.authority).unwrap();
    let (port, file) = (server.port, file.display());
    let text =
        format!("blockchain connect ethereum where provider = https://127.0.0.1:{port} and provider_ca = {file}");
    let mut session = node.session.clone();
    session.origin = Origin::Rest { caller: IpAddr::V4(Ipv4Addr::LOCALHOST), user: None, is_foreign: false };
    session.role = Role::Admin;
    let error = command::run(&node.node, &mut session, &text).await.unwrap_err();
    assert_eq!(error.code, Code::FILE_NOT_AUTHORIZED);
    node.run(&text).await.unwrap();
    node.stop().await;
}
