//! What a bad peer may do without harm (reference/tcp-protocol 13, 15).

use super::{
    master::Master,
    member::{Member, text},
};
use anylog_block::{BLOCK, Outgoing};

use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn request(member: &Member, id: u32) -> Vec<u8> {
    let mut raw = Vec::new();
    Outgoing::new(member.header(id), "get status").encode(&mut raw).unwrap();
    raw
}

#[tokio::test]
async fn malformed_messages_are_closed_and_never_answered() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let good = request(&member, 5);
    let change = |at: usize, byte: u8| {
        let mut raw = good.clone();
        raw[at] = byte;
        raw
    };
    let mut later = request(&member, 5);
    later.extend(request(&member, 6));
    let cases = [
        vec![],
        good[..100].to_vec(),
        good[..BLOCK - 1].to_vec(),
        change(33, 2),    // first block numbered 2
        change(35, 0),    // not the last, nothing follows
        change(39, 255),  // command longer than the block
        change(45, 255),  // more used than the block has
        change(46, 3),    // less used than the command needs
        change(72, 255),  // return address of 255 bytes
        change(207, 255), // no UTF-8
        change(204, 0).iter().enumerate().map(|(at, b)| if (201..205).contains(&at) { 0 } else { *b }).collect(),
    ];
    for raw in &cases {
        member.raw(raw).await;
    }
    assert_eq!(member.rest().await, []);
    member.raw(&later).await;
    assert_eq!(member.next().await.header.job.id, 5, "only the first message of a connection counts");
    assert_eq!(member.rest().await, []);
}

#[tokio::test]
async fn a_block_in_many_pieces_is_one_block() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let mut stream = TcpStream::connect(master.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in request(&member, 5).chunks(100) {
        stream.write_all(piece).await.unwrap();
    }
    assert_eq!(text(&member.next().await), format!("m1@{} running", master.address));
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn silent_connections_make_room() {
    let master = Master::with(&[("PEER_CONNECTIONS", "8"), ("PEER_CONNECTIONS_PER_HOST", "8")]).await;
    let mut member = Member::new(master.address).await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(master.address).await.unwrap());
    }
    let started = Instant::now();
    assert_eq!(member.ask("get status").await.header.error, 0);
    assert!(started.elapsed().as_secs() < 2);
    let mut first = silent.swap_remove(0);
    assert_eq!(first.read(&mut [0]).await.unwrap_or(0), 0, "the longest silent one left");
}

#[tokio::test]
async fn an_address_that_is_not_the_senders_is_not_answered() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let mut raw = request(&member, 5);
    raw[72] = 9;
    raw[73..82].copy_from_slice(b"127.0.0.9");
    member.raw(&raw).await;
    assert_eq!(member.rest().await, []);
    raw[72] = 7;
    raw[73..80].copy_from_slice(b"0.0.0.0");
    member.raw(&raw).await;
    assert_eq!(member.next().await.header.job.id, 5, "the address of the connection is used");
}

#[tokio::test]
async fn a_member_that_does_not_listen_delays_nobody() {
    let master = Master::start().await;
    let gone = Member::new(master.address).await;
    let mut lost = request(&gone, 5);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    lost[203..205].copy_from_slice(&nobody.to_be_bytes());
    let mut member = Member::new(master.address).await;
    let started = Instant::now();
    for _ in 0..20 {
        member.raw(&lost).await;
    }
    assert_eq!(member.ask("get status").await.header.error, 0);
    assert!(started.elapsed().as_secs() < 5);
}
