//! A board of the field: four panels in one request, one of which asks for data that a master does not have.

use super::client;
use crate::peer::master::Master;
use serde_json::{Value, json};
use std::net::SocketAddr;

async fn query(rest: SocketAddr, targets: Value) -> Value {
    let body = json!({"range": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}, "targets": targets});
    let headers = [("User-Agent", "Grafana/11.0"), ("Content-Type", "application/json")];
    let reply = client::send(rest, client::text("POST", "/query", &headers, &body.to_string())).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    serde_json::from_str(&reply.body).unwrap()
}

#[tokio::test]
async fn a_panel_that_needs_data_leaves_the_others_of_its_board_alone() {
    let master = Master::start().await;
    master.run("run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true").await.unwrap();
    let rest = master.node.services.rest.status().unwrap().bound;
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
    let panel = |payload: &Value| json!({"target": "x", "refId": "A", "payload": payload.to_string()});
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
