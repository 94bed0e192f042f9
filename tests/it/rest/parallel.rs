//! Callers at the same time.

use super::{
    client::{request, send, text},
    replay::Master,
};

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");

#[tokio::test(flavor = "multi_thread")]
async fn publishers_through_one_variable_lose_nothing() {
    let master = Master::boot().await;
    let insert = ("command", "blockchain insert where policy=!pp and local=true and master=!ledger_conn");
    let mut publishers = Vec::new();
    for number in 0..20 {
        let body = format!("<pp={{\"parallel\": {{\"name\": \"p{number}\"}}}}>");
        let bytes = text("POST", "/", &[CLIENT, insert], &body);
        publishers.push(tokio::spawn(send(master.rest, bytes)));
    }
    for publisher in publishers {
        let reply = publisher.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let list =
        request(master.rest, "GET", "/", &[CLIENT, ("command", "blockchain get parallel bring.json [*][name]")]).await;
    for number in 0..20 {
        assert_eq!(list.body.matches(&format!("\"p{number}\"")).count(), 1, "{}", list.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_shows_every_change_at_once() {
    let master = Master::boot().await;
    let list = || request(master.rest, "GET", "/", &[CLIENT, ("command", "blockchain get seen")]);
    let insert = ("command", "blockchain insert where policy=!p and local=true and master=!ledger_conn");
    for number in 0..3 {
        for _ in 0..2 {
            assert_eq!(list().await.body.matches("\"seen\"").count(), number);
        }
        let body = format!("<p={{\"seen\": {{\"name\": \"s{number}\"}}}}>");
        assert_eq!(send(master.rest, text("POST", "/", &[CLIENT, insert], &body)).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_stops_a_server_or_the_node() {
    let master = Master::boot().await;
    for command in ["exit rest", "exit tcp", "exit node"] {
        let reply = request(master.rest, "POST", "/", &[CLIENT, ("command", command)]).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        assert!(reply.body.contains("Non supported remote call"), "{}", reply.body);
    }
    assert!(master.node.services.rest.status().is_some() && master.node.services.peers.status().is_some());
}
