//! The ledger changes between the plan and the write.

use super::place::Place;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// Sends a command in the body, as the program does.
fn ask(place: &Place, command: &str, desired: &Value) -> (u16, String) {
    let body = format!("{command} {desired} where format = json");
    let mut stream = TcpStream::connect(place.node.rest).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\ncommand: body\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), format!("{head}\n{body}"))
}

fn fingerprint(answer: &str) -> String {
    let plan: Value = serde_json::from_str(answer.lines().last().unwrap()).unwrap();
    plan["plan"].as_str().unwrap().to_owned()
}

#[test]
fn what_the_plan_touched_changed_meanwhile() {
    for place in Place::both() {
        place.write("p.json", r#"[{"device": {"name": "a", "id": "1"}}, {"device": {"name": "b", "id": "2"}}]"#);
        assert_eq!(place.apply("p.json", &[]).code, Some(0));
        let policies = json!([{"device": {"name": "a", "x": 1}}, {"device": {"name": "new"}}]);
        let mut desired = json!({"policies": policies, "prune": ["device"]});
        let (status, answer) = ask(&place, "blockchain plan", &desired);
        assert_eq!(status, 200, "{answer}");
        desired["plan"] = fingerprint(&answer).into();

        // One that it would drop gets another text, and one that it would add is there already.
        for change in [r#"{"device": {"name": "b", "id": "2", "y": 1}}"#, r#"{"device": {"name": "new", "y": 1}}"#] {
            place.write("q.json", change);
            assert_eq!(place.apply("q.json", &[]).code, Some(0));
            let before = place.node.get("blockchain read device");
            let (status, answer) = ask(&place, "blockchain apply", &desired);
            assert!(
                status >= 400 && answer.contains("the ledger changed since the plan was made"),
                "{status}: {answer}"
            );
            assert_eq!(place.node.get("blockchain read device"), before, "nothing is written");
            let (_, answer) =
                ask(&place, "blockchain plan", &json!({"policies": desired["policies"], "prune": desired["prune"]}));
            desired["plan"] = fingerprint(&answer).into();
        }
        // What it does not touch does not matter.
        place.write("q.json", r#"{"other": {"name": "z"}}"#);
        assert_eq!(place.apply("q.json", &[]).code, Some(0));
        let (status, answer) = ask(&place, "blockchain apply", &desired);
        assert!(status == 200 && answer.contains("\"done\": true"), "{status}: {answer}");
        assert_eq!(place.names("device"), ["a", "new"]);
    }
}
