//! Members get the ledger after a change without asking.

use super::{
    master::Master,
    member::{Member, PATIENCE, text},
};
use crate::support::postgres::Postgres;
use anylog_block::{Message, ReturnAddress};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

/// Time in which nothing that is due stays away.
const QUIET: Duration = Duration::from_millis(700);

fn device(id: &str) -> String {
    format!("blockchain push {{\"device\": {{\"id\": \"{id}\", \"name\": \"{id}\"}}}}")
}

fn is_ledger(message: &Message) -> bool {
    message.command.starts_with("file write /srv/x.master_id_") && message.header.flag == 2
}

/// Waits for the unasked ledger that has a policy, and returns how many came on the way to it.
async fn told_of(member: &mut Member, id: &str) -> usize {
    let wanted = format!("\"id\": \"{id}\"");
    let begin = Instant::now();
    for count in 1.. {
        let message = member.next().await;
        assert!(is_ledger(&message), "{}", message.command);
        if text(&message).contains(&wanted) {
            return count;
        }
        assert!(begin.elapsed() < PATIENCE, "the last state never comes");
    }
    0
}

#[tokio::test]
async fn a_change_reaches_every_member_that_asked() {
    let master = Master::with(&[("MEMBER_PUSH", "on")]).await;
    let (mut one, mut two) = (Member::new(master.address).await, Member::new(master.address).await);
    let mut stranger = Member::new(master.address).await;
    one.send(&device("a"), 0).await;
    one.ledger().await.unwrap();
    two.ledger().await.unwrap();
    two.send(&device("b"), 0).await;
    told_of(&mut one, "b").await;
    told_of(&mut two, "b").await;
    let address = ReturnAddress::new("127.0.0.1", one.port);
    let begin = Instant::now();
    while master.node.members.get(&address).unwrap().pushes != 1 {
        assert!(begin.elapsed() < PATIENCE, "the book tells of it");
        tokio::task::yield_now().await;
    }
    assert_eq!(stranger.rest().await, [], "who never asked gets nothing");
    // What a member has already is not sent to it.
    assert_eq!((one.rest().await, two.next_within(QUIET).await), (vec![], None));
    // With its server the node stops sending.
    master.run("exit tcp").await.unwrap();
    master.run("blockchain push {\"device\": {\"id\": \"c\"}}").await.ok();
    assert_eq!(one.next_within(QUIET).await, None);
}

#[tokio::test]
async fn a_stream_of_changes_becomes_few_deliveries_of_which_the_last_is_whole() {
    let interval = Duration::from_millis(300);
    let master = Master::with(&[("MEMBER_PUSH", "on"), ("MEMBER_PUSH_INTERVAL", "300 ms")]).await;
    let mut member = Member::new(master.address).await;
    let sender = Member::new(master.address).await;
    sender.send(&device("first"), 0).await;
    member.ledger().await.unwrap();
    let begin = Instant::now();
    for number in 0..60 {
        sender.send(&device(&format!("d{number}")), 0).await;
    }
    let (mut count, mut last) = (0, 0);
    loop {
        let message = member.next().await;
        assert!(is_ledger(&message) && message.data.len() > last, "an older one never follows");
        (count, last) = (count + 1, message.data.len());
        if text(&message).contains("\"id\": \"d59\"") {
            break;
        }
    }
    let most = begin.elapsed().as_millis() / interval.as_millis() + 2;
    assert!(count <= most, "{count} deliveries, {most} may be");
    assert_eq!(member.next_within(QUIET).await, None);
}

#[tokio::test]
async fn a_member_that_fails_is_left_in_peace_and_told() {
    let master = Master::with(&[("MEMBER_PUSH", "on"), ("MEMBER_PUSH_INTERVAL", "50 ms")]).await;
    let sender = Member::new(master.address).await;
    sender.send(&device("first"), 0).await;
    // It asks and then closes what it gets without a look at it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut header = sender.header(0);
    header.source.port = port.into();
    let mut raw = Vec::new();
    anylog_block::Outgoing::new(header, "event get_blockchain /srv/x.new 0 0").encode(&mut raw).unwrap();
    sender.raw(&raw).await;
    drop(listener.accept().await.unwrap());
    drop(listener);
    let address = ReturnAddress::new("127.0.0.1", port);
    let begin = Instant::now();
    for number in 0.. {
        sender.send(&device(&format!("d{number}")), 0).await;
        let member = master.node.members.get(&address).unwrap();
        let pushed = member.failures;
        // At once, after one second and after two more; the answer to its own request is one as well.
        let most = 3 + begin.elapsed().as_secs();
        assert!(u64::from(pushed) <= most, "{pushed} failures in {:?}", begin.elapsed());
        if pushed >= 2 && begin.elapsed() > Duration::from_secs(2) {
            assert!(member.last_error.unwrap().reason.contains("nobody accepts connections"));
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "nothing is tried");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_ledger_that_is_held_back_or_empty_reaches_nobody() {
    let master = Master::with(&[("MEMBER_PUSH", "on"), ("PEER_DROP_LIMIT", "1000")]).await;
    let mut member = Member::new(master.address).await;
    let sender = Member::new(master.address).await;
    for number in 0..10 {
        sender.send(&device(&format!("d{number}")), 0).await;
    }
    member.ledger().await.unwrap();
    for number in 0..6 {
        master.run(&format!("blockchain drop policy where id = d{number}")).await.unwrap();
    }
    while let Some(message) = member.next_within(QUIET).await {
        assert!(text(&message).lines().count() >= 5, "{}", text(&message));
    }
    assert_eq!(member.ledger().await, Err(68), "it lost more than half");
    assert_eq!(member.next_within(2 * QUIET).await, None);
    master.run("blockchain confirm export").await.unwrap();
    let message = member.next().await;
    assert!(is_ledger(&message) && text(&message).lines().count() == 4, "{}", text(&message));
    for number in 6..10 {
        master.run(&format!("blockchain drop policy where id = d{number}")).await.unwrap();
    }
    // What it gets meanwhile has policies; the empty ledger never comes, confirmed or not.
    master.run("blockchain confirm export").await.ok();
    while let Some(message) = member.next_within(2 * QUIET).await {
        assert!(is_ledger(&message) && text(&message).contains("\"id\""), "{}", text(&message));
    }
}

#[tokio::test]
async fn masters_of_one_database_tell_their_own_members_of_each_others_changes() {
    let server = Postgres::start();
    let connect = format!(
        "connect dbms blockchain where type = psql and ip = 127.0.0.1 and port = {} and user = admin and password = elpw",
        server.port
    );
    let one = Master::on(&connect, &[("MEMBER_PUSH", "on")]).await;
    let two = Master::on(&connect, &[("MEMBER_PUSH", "on")]).await;
    let (mut first, mut second) = (Member::new(one.address).await, Member::new(two.address).await);
    first.send(&device("a"), 0).await;
    first.ledger().await.unwrap();
    while second.ledger().await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for (number, master) in [(&one, "b"), (&two, "c")].into_iter().enumerate() {
        let (master, id) = master;
        Member::new(master.address).await.send(&device(id), 0).await;
        told_of(&mut first, id).await;
        told_of(&mut second, id).await;
        assert_eq!(master.node.members.list().len(), 1, "{number}: each has its own members");
    }
}
