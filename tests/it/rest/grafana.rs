//! Boards of the field: several panels in one request, one of which asks for data that a master does not have; and the
//! limits of what one request gets.

use super::client;
use crate::peer::master::Master;
use anylog_master::runtime::limits;
use bytes::Bytes;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};

/// Starts a master that answers REST.
async fn answering() -> (Master, SocketAddr) {
    let master = Master::start().await;
    master.run("run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true").await.unwrap();
    let rest = master.node.services.rest.status().unwrap().bound;
    (master, rest)
}

fn panel(payload: &Value) -> Value {
    json!({"target": "x", "refId": "A", "payload": payload.to_string()})
}

async fn query(rest: SocketAddr, targets: Value) -> Value {
    let body = json!({"range": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}, "targets": targets});
    let headers = [("User-Agent", "Grafana/11.0"), ("Content-Type", "application/json")];
    let reply = client::send(rest, client::text("POST", "/query", &headers, &body.to_string())).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    serde_json::from_str(&reply.body).unwrap()
}

#[tokio::test]
async fn a_panel_that_needs_data_leaves_the_others_of_its_board_alone() {
    let (master, rest) = answering().await;
    for (name, loc) in [("a", "40.08, -105.19"), ("b", "0.0,0.0"), ("c", ""), ("d", "north, west"), ("e", "12.5")] {
        let policy = format!(
            r#"{{"query": {{"name": "{name}", "company": "acme", "ip": "10.0.0.{}", "port": 1, "loc": "{loc}"}}}}"#,
            name.as_bytes()[0]
        );
        master.run(&format!("blockchain push {policy}")).await.unwrap();
    }
    let map = json!({"type": "map", "member": ["master", "query", "operator"], "metric": [0, 0], "attribute": ["name", "name", "name"]});
    let info = json!({"type": "info", "details": "blockchain get query bring.json [*][name] [*][ip]"});
    let data = json!({"sql": "select count(*) from freezer1", "time_range": false});
    let board = query(rest, json!([panel(&map), panel(&info), panel(&data)])).await;
    let places: Vec<_> = board[0].as_array().unwrap().iter().map(|place| &place["hostname"]).collect();
    assert_eq!(places, ["a", "b"], "places without numbers are left out: {board}");
    assert_eq!(board[0][0]["longitude"], "-105.19");
    assert_eq!(board[1]["rows"].as_array().unwrap().len(), 5, "{board}");
    assert!(board[2]["rows"][0][0].as_str().unwrap().contains("needs data"), "{board}");
    // A request for nothing else tells the reason as its reply.
    let alone = query(rest, json!([panel(&data)])).await;
    assert!(alone["message"].as_str().unwrap().contains("needs data"), "{alone}");
    assert_eq!(query(rest, json!([])).await, json!([]));
}

#[tokio::test]
async fn a_small_request_gets_no_large_answer() {
    let (master, rest) = answering().await;
    let wide: Vec<String> = (0..=limits::GRAFANA_COLUMNS).map(|number| format!("\"c{number}\": 1")).collect();
    master.run(&format!("blockchain push {{\"wide\": {{{}}}}}", wide.join(", "))).await.unwrap();
    let map = |member: Vec<&str>, metric: Value| json!({"type": "map", "member": member, "metric": [metric]});
    let info = |details: &str| json!({"type": "info", "details": details});
    let few = map(vec!["master"], json!(0));
    for (targets, told) in [
        (vec![panel(&few); limits::GRAFANA_TARGETS + 1], "65 targets, at most 64"),
        (vec![panel(&map(vec!["x"; limits::GRAFANA_MEMBERS + 1], json!(0)))], "65 types, at most 64"),
        (vec![panel(&map(vec!["master"], json!([1, 2])))], "'metric' lists"),
        (vec![panel(&map(vec!["master"], json!({"a": 1})))], "'metric' lists"),
        (vec![panel(&info("blockchain get wide"))], "columns"),
    ] {
        let refused = query(rest, json!(targets)).await;
        assert!(refused["message"].as_str().is_some_and(|message| message.contains(told)), "{told}: {refused}");
    }
    let whole = query(rest, json!(vec![panel(&few); limits::GRAFANA_TARGETS])).await;
    assert_eq!(whole, json!(vec![json!([]); limits::GRAFANA_TARGETS]));
}

#[tokio::test]
async fn large_answers_count_until_they_have_gone() {
    let (master, rest) = answering().await;
    let text = "x".repeat(2 * limits::REST_LARGE_REPLY);
    master.run(&format!("blockchain push {{\"big\": {{\"text\": \"{text}\"}}}}")).await.unwrap();
    let big = json!([panel(&json!({"type": "info", "details": "blockchain get big"}))]);
    let others = Bytes::from(vec![0; limits::LARGE_ANSWERS]);
    let on_their_way = master.node.queries.counted(Ipv4Addr::LOCALHOST.into(), others).unwrap();
    let refused = query(rest, big.clone()).await;
    assert!(refused["message"].as_str().is_some_and(|message| message.contains("large answers")), "{refused}");
    drop(on_their_way);
    let answered = query(rest, big).await;
    assert!(answered[0]["rows"].to_string().contains(&text), "the rows are there: {}", answered["message"]);
}
