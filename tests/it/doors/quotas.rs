//! What one sender can send: how large, how much in all, how fast.

use super::house::{House, Inhabitant, device};
use anylog_master::{node::Role, reply::Reply};

on_both_stores! {
    megabytes_never_fill_the_ledger
    a_full_ledger_still_takes_what_makes_it_smaller
    a_sender_that_is_too_fast_is_slowed_down_alone
}

fn large(id: usize, bytes: usize) -> String {
    format!(r#"{{"d":{{"id":"l{id}","date":"2026-01-01T00:00:00.000001Z","text":"{}"}}}}"#, "x".repeat(bytes))
}

/// Sends a policy that is too large for one block and tells whether it is in the ledger afterwards. Nobody is told that it was
/// taken, so the next change of the same sender, which waits for it, tells when.
async fn takes(node: &Inhabitant, id: usize, bytes: usize) -> bool {
    let mut member = node.member().await;
    member.send(&format!("blockchain push {}", large(id, bytes)), 0).await;
    member.send("blockchain drop policy where id = nothing", 77).await;
    while member.next().await.header.job.id != 77 {}
    node.text_of(&format!("l{id}")).is_some_and(|text| text.len() > bytes)
}

/// Sends a policy that is refused, and returns the code and the reason.
async fn refused(node: &Inhabitant, id: usize, bytes: usize) -> (u16, String) {
    node.block(&format!("blockchain push {}", large(id, bytes))).await
}

async fn megabytes_never_fill_the_ledger(house: House) {
    let node = house.boot().await;
    for number in 0..12 {
        let (code, reason) = refused(&node, number, 15_700_000).await;
        assert!(code == 230 && reason.contains("send less"), "{code} {reason}");
        let (code, reason) = refused(&node, number, 1_900_000).await;
        assert!(code == 87 && reason.contains("bytes"), "{code} {reason}");
    }
    assert!(node.node.ledger.view().bytes() < 10_000);
    assert!(takes(&node, 1, 200_000).await, "what is large and not too large is taken");
    node.stop().await;
}

async fn a_full_ledger_still_takes_what_makes_it_smaller(house: House) {
    let house = house.with("LEDGER_QUOTA", "1 MB");
    let node = house.boot().await;
    let mut taken = 0;
    while takes(&node, taken, 250_000).await {
        taken += 1;
    }
    assert_eq!(taken, 4);
    let (code, reason) = refused(&node, 9, 250_000).await;
    assert!(code == 30 && reason.contains("LEDGER_QUOTA"), "{code} {reason}");
    let member = format!("blockchain push {}", large(9, 250_000));
    assert!(node.rest(Role::Publish, &member).await.unwrap_err().to_string().contains("LEDGER_QUOTA"));
    assert!(node.node.concerns().iter().any(|concern| concern.contains("LEDGER_QUOTA")), "{:?}", node.node.concerns());
    let Reply::Text(metrics) = node.run("get metrics").await.unwrap() else { panic!("a text is expected") };
    assert!(metrics.contains("anylog_master_ledger_quota_bytes 1048576"), "{metrics}");
    // The node and its operators have some room left, and the next start publishes what the node needs.
    node.run(&format!("blockchain push {}", device("operator"))).await.unwrap();
    let own = node.own_id();
    node.run(&format!("blockchain drop policy where id = {own}")).await.unwrap();
    node.stop().await;
    let again = house.boot().await;
    assert_eq!(again.own_id(), own);
    let smaller = large(0, 10);
    assert_eq!(again.block(&format!("blockchain replace policy l0 with {smaller}")).await.0, 0);
    assert_eq!(again.block("blockchain drop policy where id = l1").await.0, 0);
    assert!(takes(&again, 9, 250_000).await);
    again.stop().await;
}

async fn a_sender_that_is_too_fast_is_slowed_down_alone(house: House) {
    let house = house.with("PEER_CHANGES_PER_MINUTE", "20").with("PEER_CHANGES_PER_SECOND", "1000");
    let node = house.boot().await;
    for number in 0..20 {
        assert_eq!(node.block(&format!("blockchain push {}", device(&format!("n{number}")))).await.0, 0, "{number}");
    }
    for command in ["blockchain drop policy where id = n1".to_owned(), format!("blockchain push {}", device("more"))] {
        let (code, reason) = node.block(&command).await;
        assert!(code == 30 && reason.contains("PEER_CHANGES_PER_MINUTE"), "{command}: {code} {reason}");
    }
    let rest = format!("blockchain push {}", device("rest"));
    node.rest(Role::Publish, &rest).await.expect("another address is another sender");
    node.run(&format!("blockchain push {}", device("prompt"))).await.unwrap();
    assert_eq!(node.block("get status").await.0, 0, "questions are no changes");
    node.stop().await;
}
