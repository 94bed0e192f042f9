//! How much of the TCP door one sender may take (reference/tcp-protocol 13, 15.5, 15.7).

use super::connect;
use crate::peer::{
    master::Master,
    member::{Member, text},
};
use anylog_block::{BLOCK, Header, Outgoing, ReturnAddress, Rule};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Time in which a member has to be answered, whatever others do.
const PROMPT: Duration = Duration::from_secs(1);

/// The first block of a message that announces a member's address and is not the last.
fn unfinished(member: &Member) -> Vec<u8> {
    let mut raw = Vec::new();
    Outgoing::new(member.header(0), "blockchain push {}").encode(&mut raw).unwrap();
    raw[35] = 0;
    raw
}

fn policy(id: &str) -> String {
    format!("{{\"device\": {{\"id\": \"{id}\"}}}}")
}

#[tokio::test]
async fn thousands_of_unfinished_messages_lock_nobody_out() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let block = unfinished(&member);
    let mut open = Vec::new();
    for round in 0..1024 {
        for from in ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"] {
            let mut stream = connect(from, master.address).await;
            stream.write_all(&block).await.unwrap();
            open.push(stream);
        }
        if round % 256 == 255 {
            let started = Instant::now();
            assert_eq!(member.ask("get status").await.header.error, 0);
            assert!(started.elapsed() < PROMPT, "{round}: {:?}", started.elapsed());
        }
    }
    for number in 0..5 {
        let started = Instant::now();
        member.send(&format!("blockchain push {}", policy(&number.to_string())), 0).await;
        assert_eq!(member.ledger().await.unwrap().iter().filter(|byte| **byte == b'\n').count(), number + 1);
        assert!(started.elapsed() < 2 * PROMPT, "{:?}", started.elapsed());
        // They come back for the place that they lost.
        for from in ["127.0.0.2", "127.0.0.3"] {
            let mut stream = connect(from, master.address).await;
            stream.write_all(&block).await.unwrap();
            open.push(stream);
        }
    }
}

#[tokio::test]
async fn an_unfinished_message_with_a_members_address_does_not_delay_the_member() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let mut open = Vec::new();
    for number in 0..3 {
        for _ in 0..50 {
            let mut stream = connect("127.0.0.1", master.address).await;
            stream.write_all(&unfinished(&member)).await.unwrap();
            open.push(stream);
        }
        let started = Instant::now();
        member.send(&format!("blockchain push {}", policy(&number.to_string())), 0).await;
        assert!(member.ledger().await.is_ok());
        assert!(started.elapsed() < 2 * PROMPT, "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn the_room_for_blocks_is_shared_among_addresses() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let header = Header { flag: 3, source: member.header(0).source, ..Header::default() };
    let message = Outgoing {
        header,
        command: "file write cmd.127.0.0.1.1.lmsg".to_owned(),
        data: vec![b' '; 1_200_000].into(),
        rule: Rule::File,
    };
    let mut raw = Vec::new();
    message.encode(&mut raw).unwrap();
    raw.truncate(raw.len() - BLOCK);
    let mut open = Vec::new();
    for number in 0..60 {
        let mut stream = connect("127.0.0.2", master.address).await;
        // The slowest of them are closed while the later ones send.
        let _ = timeout(Duration::from_secs(20), stream.write_all(&raw)).await.expect("blocks are taken or refused");
        open.push(stream);
        if number % 20 == 19 {
            let started = Instant::now();
            let fill = "x".repeat(100_000);
            let id = number.to_string();
            let large = format!("{{\"device\": {{\"id\": \"{id}\", \"fill\": \"{fill}\"}}}}");
            member.send(&format!("blockchain push {large}"), 0).await;
            assert!(started.elapsed() < 2 * PROMPT, "{:?}", started.elapsed());
            let kept = text(&member.ask(&format!("blockchain get device where id = {id} bring [*][id]")).await);
            assert_eq!(kept, id);
        }
    }
}

#[tokio::test]
async fn a_command_that_is_too_large_is_refused_in_words() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let fill = "x".repeat(15_700_000);
    member.send(&format!("blockchain push {{\"device\": {{\"id\": \"big\", \"fill\": \"{fill}\"}}}}"), 0).await;
    let refused = member.next().await;
    let head = (refused.command.as_str(), refused.header.error);
    assert_eq!(head, ("echo Blockchain message 'push' failed", 230), "{}", text(&refused));
    assert!(text(&refused).contains("2 MB"), "{}", text(&refused));
    assert_eq!(member.ledger().await, Err(68), "nothing was kept");
}

#[tokio::test]
async fn answers_that_nobody_takes_make_room() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for port in 1..1200 {
        let mut raw = Vec::new();
        let header = Header { source: ReturnAddress::new("127.0.0.2", port), ..member.header(5) };
        Outgoing::new(header, "get status").encode(&mut raw).unwrap();
        let mut stream = connect("127.0.0.2", master.address).await;
        stream.write_all(&raw).await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    let started = Instant::now();
    assert_eq!(member.ask("get status").await.header.error, 0);
    assert!(started.elapsed() < PROMPT, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_slow_sender_is_pushed_out_before_a_fast_one() {
    let master = Master::with(&[("PEER_CONNECTIONS", "8"), ("PEER_CONNECTIONS_PER_HOST", "8")]).await;
    let mut member = Member::new(master.address).await;
    let mut first = connect("127.0.0.2", master.address).await;
    first.write_all(&unfinished(&member)).await.unwrap();
    let mut open = Vec::new();
    for _ in 0..40 {
        let mut stream = connect("127.0.0.2", master.address).await;
        // A place may be lost again before the block is written.
        let _ = stream.write_all(&unfinished(&member)).await;
        open.push(stream);
    }
    assert_eq!(member.ask("get status").await.header.error, 0);
    assert_eq!(first.read(&mut [0]).await.unwrap_or(0), 0, "the slowest one left");
}
