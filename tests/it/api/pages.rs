//! Lists: filters, pages over a ledger that changes, what was seen already.

use super::{Master, Place, ids, problem};
use crate::{
    program::{PATIENCE, Program},
    support::port::free,
};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

#[tokio::test]
async fn pages_miss_nothing_and_repeat_nothing_while_the_ledger_changes() {
    for place in Place::both() {
        let master = Master::start(&place).await;
        let mut all = Vec::new();
        for number in 0..10 {
            all.push(master.add(&format!(r#"{{"device": {{"number": {number}}}}}"#)).await);
        }
        let mut seen: Vec<String> = Vec::new();
        let mut target = "/v1/policies?type=device&limit=3".to_owned();
        let mut page = 0;
        loop {
            let list = master.get(&target).await;
            seen.extend(ids(&list).into_iter().map(str::to_owned));
            // What stands before and at the position goes, and another one comes at the end.
            let gone = format!("/v1/policies/{}", seen.last().unwrap());
            assert_eq!(master.send("DELETE", &gone, &[("If-Match", "*")], "").await.status, 204);
            if page == 0 {
                all.push(master.add(r#"{"device": {"number": "late"}}"#).await);
            }
            page += 1;
            let Some(next) = list["next"].as_str() else { break };
            target = format!("/v1/policies?type=device&limit=3&cursor={next}");
        }
        assert_eq!(seen, all);
    }
}

/// Reads a list to its end, a page at a time, while somebody drops the last policy that each page has shown.
async fn read_while_others_write(master: &Master, question: &str) -> Vec<String> {
    let (mut seen, mut cursor): (Vec<String>, _) = (Vec::new(), String::new());
    loop {
        let list = master.get(&format!("/v1/policies?{question}&limit=3{cursor}")).await;
        seen.extend(ids(&list).into_iter().map(str::to_owned));
        let gone = format!("/v1/policies/{}", seen.last().unwrap());
        assert_eq!(master.send("DELETE", &gone, &[("If-Match", "*")], "").await.status, 204);
        let Some(next) = list["next"].as_str() else { return seen };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn pages_of_an_earlier_moment_stay_as_they_are_while_others_write() {
    for place in Place::both() {
        let master = Master::start(&place).await;
        // Of one transaction: their dates are the same, and say nothing of their order.
        let all: Vec<_> = (0..10).map(|number| serde_json::json!({"device": {"number": number}})).collect();
        assert_eq!(master.post("/v1/policies", &serde_json::json!(all).to_string()).await.status, 201);
        let then = format!("at={}", master.node.ledger.history_end().await.unwrap());
        let whole = master.get(&format!("/v1/policies?{then}")).await;
        let whole: Vec<String> = ids(&whole).into_iter().map(str::to_owned).collect();
        assert!(whole.len() == 10 && whole.is_sorted(), "by date and id: {whole:?}");
        assert_eq!(read_while_others_write(&master, &then).await, whole);
        assert_eq!(ids(&master.get(&format!("/v1/policies?{then}")).await), whole, "it is in the past");
    }
}

#[tokio::test]
async fn a_moment_that_is_still_to_come_is_asked_like_now() {
    let master = Master::start(&Place::sqlite()).await;
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(master.add(&format!(r#"{{"device": {{"number": {number}}}}}"#)).await);
    }
    assert_eq!(master.get("/v1/policies?at=2099-01").await, master.get("/v1/policies").await);
    assert_eq!(read_while_others_write(&master, "at=2099-01").await, all);
}

#[tokio::test]
async fn filters_choose_by_type_path_and_text() {
    let master = Master::start(&Place::sqlite()).await;
    let a = master.add(r#"{"thing": {"name": "one", "table": [{"name": "t", "dbms": "x"}]}}"#).await;
    let b = master.add(r#"{"device": {"name": "two", "port": 7, "note": "Käse"}}"#).await;
    for (query, expected) in [
        ("type=thing", vec![&a]),
        ("where.table.name=t", vec![&a]),
        ("where=port=7", vec![&b]),
        ("where.port=7&where.name=two&type=device", vec![&b]),
        ("text=k%C3%A4s", vec![&b]),
        ("text=NAME", vec![&a, &b]),
        ("where.name=none", vec![]),
        ("type=Device", vec![]),
    ] {
        let list = master.get(&format!("/v1/policies?{query}")).await;
        assert_eq!(ids(&list), expected, "{query}");
    }
}

#[tokio::test]
async fn every_key_can_be_named() {
    let master = Master::start(&Place::sqlite()).await;
    let mut all = Vec::new();
    for (place, key) in ["a.b", "c=d", "e f", "g[0]", "ü", "h\\i", "j&k", "", "l/m"].into_iter().enumerate() {
        let policy = serde_json::json!({"thing": {"place": place, "below": {key: "v=1"}}});
        all.push((key, master.add(&policy.to_string()).await));
    }
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    for (key, id) in &all {
        let path = format!("below.{}", key.replace('\\', r"\\").replace('.', r"\.").replace('=', r"\="));
        for query in [format!("where={}", encoded(&format!("{path}=v=1"))), format!("where.{}=v%3D1", encoded(&path))] {
            let list = master.get(&format!("/v1/policies?{query}")).await;
            assert_eq!(ids(&list), [id], "{query}");
        }
    }
    let list = master.get("/v1/policies?where.below.c%3Dd=v=1").await;
    assert_eq!(ids(&list), [&all[1].1], "in the name of a parameter an equals sign needs no backslash");
}

/// Asks for a list as somebody who may have a tag, and returns the status and the tag.
fn list_of(node: &Program, tag: &str) -> (String, String) {
    let mut stream = TcpStream::connect(node.rest).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET /v1/policies HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIf-None-Match: {tag}\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let own = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap_or_else(|| panic!("{answer}"));
    (answer.split(' ').nth(1).unwrap().to_owned(), own.to_owned())
}

#[test]
fn a_list_that_was_seen_is_known_after_a_restart() {
    let (directory, ports) = (tempfile::tempdir().unwrap(), [free(), free()].map(|port| port.to_string()));
    // The policy of the node names its ports: with others it would be another one.
    let variables = [("ANYLOG_SERVER_PORT", ports[0].as_str()), ("ANYLOG_REST_PORT", ports[1].as_str())];
    let mut node = Program::embedded(directory.path(), &variables);
    assert_eq!(node.ask("POST", "blockchain push {\"device\": {\"name\": \"a\"}}").0, 200);
    let (_, tag) = list_of(&node, "\"none\"");
    assert_eq!(list_of(&node, &tag), ("304".to_owned(), tag.clone()));
    node.signal(rustix::process::Signal::TERM);
    node.wait();
    let node = Program::embedded(directory.path(), &variables);
    assert_eq!(list_of(&node, &tag), ("304".to_owned(), tag.clone()), "nothing changed");
    assert_eq!(node.ask("POST", "blockchain push {\"device\": {\"name\": \"b\"}}").0, 200);
    let (status, other) = list_of(&node, &tag);
    assert!(status == "200" && other != tag, "{status} {other}");
}

async fn tag(master: &Master) -> String {
    master.send("GET", "/v1/policies", &[], "").await.header("etag").to_owned()
}

#[tokio::test]
async fn masters_of_one_database_have_the_same_tag_and_others_another() {
    let place = Place::Postgres(crate::support::postgres::Postgres::start());
    let (one, two) = (Master::start(&place).await, Master::start(&place).await);
    one.add(r#"{"device": {"name": "a"}}"#).await;
    let expected = tag(&one).await;
    let started = std::time::Instant::now();
    while tag(&two).await != expected {
        assert!(started.elapsed() < PATIENCE, "the other master shows the same");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // As many changes, and another content.
    let alone = Master::start(&Place::sqlite()).await;
    alone.add(r#"{"device": {"name": "b"}}"#).await;
    assert_ne!(tag(&alone).await, expected);
}

#[tokio::test]
async fn a_list_of_an_earlier_moment_has_the_tag_of_what_it_says() {
    let place = Place::sqlite();
    let master = Master::start(&place).await;
    let id = master.add(r#"{"device": {"name": "a"}}"#).await;
    let at = |at: &str| format!("/v1/policies?at={at}");
    let version = master.node.ledger.history_end().await.unwrap().to_string();
    let first = master.send("GET", &at(&version), &[], "").await;
    let (then, future) = (first.header("etag").to_owned(), at("2099-01"));
    let now = master.send("GET", &future, &[], "").await.header("etag").to_owned();
    assert_eq!(now, tag(&master).await, "what is still to come is asked like now");
    assert_eq!(master.send("DELETE", &format!("/v1/policies/{id}"), &[("If-Match", "*")], "").await.status, 204);
    let again = master.send("GET", &at(&version), &[("If-None-Match", &then)], "").await;
    assert_eq!(again.status, 304, "{}", again.body);
    assert_eq!(master.send("GET", &future, &[("If-None-Match", &now)], "").await.status, 200);
}

#[tokio::test]
async fn a_list_that_was_seen_is_not_sent_again() {
    let master = Master::start(&Place::sqlite()).await;
    let tag = |reply: &crate::rest::client::Reply| reply.header("etag").to_owned();
    let first = master.send("GET", "/v1/policies", &[], "").await;
    let same = master.send("GET", "/v1/policies", &[("If-None-Match", &tag(&first))], "").await;
    assert_eq!((same.status, same.body.as_str(), tag(&same)), (304, "", tag(&first)));
    master.add(r#"{"device": {"name": "a"}}"#).await;
    let changed = master.send("GET", "/v1/policies", &[("If-None-Match", &tag(&first))], "").await;
    assert_eq!(changed.status, 200);
    assert_ne!(tag(&changed), tag(&first));
}

#[tokio::test]
async fn a_cursor_of_another_question_is_refused() {
    let master = Master::start(&Place::sqlite()).await;
    for number in 0..3 {
        master.add(&format!(r#"{{"device": {{"number": {number}}}}}"#)).await;
    }
    let list = master.get("/v1/policies?limit=1").await;
    let next = list["next"].as_str().unwrap();
    for target in [
        format!("/v1/policies?type=device&cursor={next}"),
        format!("/v1/policies?at=2099-01&cursor={next}"),
        "/v1/policies?cursor=AAAA".to_owned(),
        format!("/v1/policies?cursor={next}A"),
    ] {
        let refused = master.send("GET", &target, &[], "").await;
        assert_eq!(problem(&refused), (400, "bad-cursor".to_owned()), "{target}");
    }
    let past = master.get("/v1/policies?at=2099-01&limit=2").await;
    let next = past["next"].as_str().unwrap();
    assert_eq!(ids(&master.get(&format!("/v1/policies?at=2099-01&limit=2&cursor={next}")).await).len(), 1);
}
