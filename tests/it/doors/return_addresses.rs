//! Where answers go: nobody makes the node send to a third party (reference/tcp-protocol 5, 15.9).

use crate::peer::{
    master::Master,
    member::{Member, text},
};
use anylog_block::{Assembly, BLOCK, Block, Header, Job, Message, Outgoing, ReturnAddress};
use anylog_master::{reply::PeerContent, runtime::limits};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    time::timeout,
};

/// Time in which an answer that must not come would have come.
const MOMENT: Duration = Duration::from_millis(300);

fn policy(kind: &str, name: &str, ip: &str, port: u16) -> String {
    format!(
        "{{\"{kind}\": {{\"name\": \"{name}\", \"company\": \"c\", \"cluster\": \"c\", \"id\": \"{name}\", \
         \"{ip}\": \"127.0.0.9\", \"ip\": \"127.0.0.9\", \"port\": {port}}}}}"
    )
}

fn message(command: &str, to: &SocketAddr) -> Vec<u8> {
    let source = ReturnAddress::new(to.ip().to_string(), to.port());
    let header =
        Header { info: 6, job: Job { slot: 7, id: 7 }, receivers: 1, partitions: 1, source, ..Header::default() };
    let mut raw = Vec::new();
    Outgoing::new(header, command).encode(&mut raw).unwrap();
    raw
}

/// Reads the message of a connection.
async fn receive(mut stream: TcpStream) -> Message {
    let mut assembly = Assembly::new(1 << 26);
    let mut raw = [0; BLOCK];
    loop {
        stream.read_exact(&mut raw).await.unwrap();
        if let Some(message) = assembly.push(Block::decode(&raw).unwrap()).unwrap() {
            return message;
        }
    }
}

#[tokio::test]
async fn a_policy_that_names_a_victim_brings_it_nothing() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let victim = TcpListener::bind("127.0.0.9:0").await.unwrap();
    let address = victim.local_addr().unwrap();
    for (kind, ip) in [("query", "ip"), ("publisher", "external_ip"), ("query", "local_ip"), ("master", "internal_ip")]
    {
        member.send(&format!("blockchain push {}", policy(kind, &format!("{kind}-{ip}"), ip, address.port())), 0).await;
    }
    assert_eq!(member.rest().await, [], "the policies are taken");
    for command in [
        "event get_blockchain x.new 0 0",
        "event get_blockchain x.new 0 2",
        "file get !blockchain_file x",
        "blockchain get *",
        "get status",
        "blockchain push {",
        "nonsense",
    ] {
        member.raw(&message(command, &address)).await;
    }
    assert_eq!(member.rest().await, []);
    assert!(timeout(MOMENT, victim.accept()).await.is_err(), "nothing was sent to the victim");
}

#[tokio::test]
async fn addresses_of_nobody_and_of_many_are_refused() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for address in ["224.0.0.1:9", "255.255.255.255:9", "169.254.169.254:80", "192.0.2.9:9", "[::]:9"] {
        member.raw(&message("get status", &address.parse().unwrap())).await;
    }
    assert_eq!(member.rest().await, []);
}

#[tokio::test]
async fn the_same_delivery_is_queued_once() {
    let master = Master::start().await;
    let member = Member::new(master.address).await;
    member.send(r#"blockchain push {"device": {"id": "one"}}"#, 0).await;
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    for _ in 0..30 {
        member.raw(&message("file get !blockchain_file x", &address)).await;
        member.raw(&message("event get_blockchain x.new 0 0", &address)).await;
    }
    let listener = TcpListener::bind(address).await.unwrap();
    let mut files = 0;
    while let Ok(Ok((stream, _))) = timeout(Duration::from_secs(3), listener.accept()).await {
        receive(stream).await;
        files += 1;
    }
    assert!((1..=3).contains(&files), "one under way, one of each kind behind it: {files}");
}

#[tokio::test]
async fn a_job_cannot_be_guessed_and_a_forged_answer_is_not_taken() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    let to = [format!("127.0.0.1:{}", member.port)];
    let mut jobs = Vec::new();
    for _ in 0..3 {
        let (limit, most) = (Duration::from_secs(10), limits::PEER_SHORT_ANSWER);
        let asked = master.node.services.peers.ask(&master.node, &to, "get status", limit, most);
        let answered = async {
            let request = member.next().await;
            let job = request.header.job;
            for id in [job.id - 1, job.id + 1, job.id / 2, 1] {
                let header = Header { job: Job { id, ..job }, ..member.header(0) };
                let mut raw = Vec::new();
                Outgoing::new(header, "print forged").encode(&mut raw).unwrap();
                member.raw(&raw).await;
            }
            let mut raw = Vec::new();
            let header = Header { job, flag: 1, ..member.header(0) };
            Outgoing { data: "true one".into(), ..Outgoing::new(header, "print") }.encode(&mut raw).unwrap();
            member.raw(&raw).await;
            job
        };
        let (answers, job) = tokio::join!(asked, answered);
        assert_eq!(answers[0].outcome, Ok(PeerContent::Text("true one".to_owned())));
        jobs.push(job);
    }
    assert!(
        jobs.windows(2).all(|pair| pair[0].id.abs_diff(pair[1].id) > 1 || pair[0].slot != pair[1].slot),
        "{jobs:?}"
    );
}

#[tokio::test]
async fn the_check_can_be_switched_off() {
    let master = Master::with(&[("PEER_CHECK_RETURN", "false")]).await;
    let member = Member::new(master.address).await;
    let other = TcpListener::bind("127.0.0.9:0").await.unwrap();
    member.raw(&message("get status", &other.local_addr().unwrap())).await;
    let (stream, _) = timeout(Duration::from_secs(10), other.accept()).await.unwrap().unwrap();
    assert!(text(&receive(stream).await).ends_with("running"));
}

#[tokio::test]
async fn a_trusted_network_is_answered() {
    let master = Master::with(&[("PEER_ALLOW", "10.0.0.1, 127.0.0.8/31")]).await;
    let member = Member::new(master.address).await;
    let other = TcpListener::bind("127.0.0.9:0").await.unwrap();
    member.raw(&message("get status", &other.local_addr().unwrap())).await;
    let (stream, _) = timeout(Duration::from_secs(10), other.accept()).await.unwrap().unwrap();
    assert!(text(&receive(stream).await).ends_with("running"));
}
