//! The ledger as a gzip file: who gets it, and who does not.

use super::{
    master::Master,
    member::{Member, text},
};
use anylog_block::{Message, Outgoing};
use anylog_master::{ledger::unpacked, node::Pull};
use std::time::Duration;

const PROGRAM: &str = "EdgeLake Version: 1.4.2604 [2026-04-20 10:00:00]";

/// A master with a ledger that is worth to be compressed.
async fn master(variables: &[(&str, &str)]) -> Master {
    let master = Master::with(variables).await;
    let sender = Member::new(master.address).await;
    for number in 0..60 {
        let policy =
            format!("{{\"device\": {{\"id\": \"d{number}\", \"text\": \"{}\"}}}}", "the same words ".repeat(8));
        sender.send(&format!("blockchain push {policy}"), 0).await;
    }
    master
}

/// Checks a delivery and tells whether it was a gzip file.
fn is_packed(message: &Message, plain: &[u8]) -> bool {
    let name = message.command.strip_prefix("file write /srv/x.master_id_").expect("a ledger");
    assert_eq!(message.header.flag, 2);
    match name.get(1..) {
        Some(".new") => assert!(message.data == plain),
        Some(".new.gz") => {
            assert!(message.data.len() * 8 < plain.len(), "{} of {}", message.data.len(), plain.len());
            assert!(unpacked(&message.data, 1 << 24).unwrap() == plain);
            return true;
        }
        _ => panic!("{}", message.command),
    }
    false
}

async fn plain(master: &Master) -> Vec<u8> {
    master.node.ledger.export().await.unwrap().to_vec()
}

async fn polled(member: &mut Member, master: &Master) -> bool {
    member.poll().await;
    let message = member.next().await;
    is_packed(&message, &plain(master).await)
}

#[tokio::test]
async fn a_node_that_says_its_program_gets_the_ledger_compressed() {
    let master = master(&[("MEMBER_PUSH", "on")]).await;
    let mut node = Member::new(master.address).await;
    let mut other = Member::new(master.address).await;
    let mut unnamed = Member::new(master.address).await;
    node.publish().await;
    other.publish().await;
    for (member, program) in [(&mut node, PROGRAM), (&mut other, "my member 1.0")] {
        member.say_program(program).await;
    }
    assert!(!polled(&mut unnamed, &master).await);
    assert!(!polled(&mut other, &master).await);
    assert!(polled(&mut node, &master).await);
    // It is the same without a request, and who asked is not asked again.
    unnamed.send("blockchain push {\"device\": {\"id\": \"last\"}}", 0).await;
    let plain = plain(&master).await;
    for (member, packed) in [(&mut node, true), (&mut other, false), (&mut unnamed, false)] {
        let message = member.next().await;
        assert_eq!(is_packed(&message, &plain), packed);
        assert_eq!(member.next_within(Duration::from_millis(300)).await, None);
    }
}

#[tokio::test]
async fn a_member_that_cannot_unpack_gets_plain_files_from_then_on() {
    let master = master(&[("LEDGER_GZIP", "on")]).await;
    let mut member = Member::new(master.address).await;
    assert!(polled(&mut member, &master).await, "everybody gets it");
    let mut header = member.header(0);
    (header.error, header.info) = (12, 4);
    let told = "echo 'File write' operation failed: </srv/x.master_id_1.new.gz>";
    let mut raw = Vec::new();
    Outgoing::new(header, told).encode(&mut raw).unwrap();
    member.raw(&raw).await;
    assert!(!polled(&mut member, &master).await);
    assert!(polled(&mut Member::new(master.address).await, &master).await, "others still do");
    // Seeds, small ledgers and whoever says what it has are as before.
    member.send("file get !blockchain_file /srv/seed.json", 0).await;
    assert!(member.next().await.data == plain(&master).await);
    let small = Master::with(&[("LEDGER_GZIP", "on")]).await;
    let mut member = Member::new(small.address).await;
    member.send("blockchain push {\"device\": {\"id\": \"a\"}}", 0).await;
    assert!(
        text(&{
            member.poll().await;
            member.next().await
        })
        .contains("\"a\"")
    );
}

#[tokio::test]
async fn off_is_off_and_a_master_that_follows_another_unpacks() {
    let off = master(&[("LEDGER_GZIP", "off"), ("MEMBER_REFRESH", "0")]).await;
    let mut member = Member::new(off.address).await;
    member.publish().await;
    assert!(!polled(&mut member, &off).await);
    assert_eq!(member.rest().await, [], "nobody is asked which program it is");
    let (on, follower) = (master(&[("LEDGER_GZIP", "on")]).await, Master::start().await);
    for what in [Pull::Ledger, Pull::Seed] {
        let from = on.address.to_string();
        let pulled = follower.node.services.peers.pull(&follower.node, &from, what, Duration::from_secs(10)).await;
        assert!(pulled.unwrap() == plain(&on).await);
    }
}
