//! Results as pages (`into: html`): what is made of them, and what is too much for one.

use super::client::{Reply, request};
use crate::peer::master::Master;
use anylog_master::runtime::limits;
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};

async fn page(rest: SocketAddr, command: &str) -> Reply {
    request(rest, "GET", "/", &[("User-Agent", "curl/8"), ("command", command), ("into", "html")]).await
}

#[tokio::test]
async fn a_page_shows_no_more_than_a_page_and_counts_like_other_answers() {
    let master = Master::start().await;
    master.run("run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true").await.unwrap();
    let rest = master.node.services.rest.status().unwrap().bound;
    let text = "x".repeat(100_000);
    for number in 0..=limits::REST_PAGE / text.len() {
        let policy = format!("{{\"big\": {{\"id\": \"b{number}\", \"text\": \"{text}\"}}}}");
        master.run(&format!("blockchain push {policy}")).await.unwrap();
    }
    let one = "blockchain get big where id = b1";
    let others = Bytes::from(vec![0; limits::LARGE_ANSWERS]);
    let on_their_way = master.node.queries.counted(Ipv4Addr::LOCALHOST.into(), others).unwrap();
    let refused = page(rest, one).await;
    assert!(refused.status == 400 && refused.body.contains("large&nbsp;answers"), "{}", refused.body);
    drop(on_their_way);
    let shown = page(rest, one).await;
    assert_eq!((shown.status, shown.header("content-type")), (200, "text/html"), "{}", shown.body);
    assert!(shown.body.contains("&quot;b1&quot;") && shown.body.contains(&text));
    let refused = page(rest, "blockchain get big").await;
    assert!(refused.status == 400 && refused.body.contains("a page shows at most"), "{}", refused.body);
}
