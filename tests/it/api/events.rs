//! The stream of events, also across a restart of the program.

use super::{Master, Place};
use crate::program::{PATIENCE, Program};
use anylog_master::ledger::{ConnectedDatabase, DatabaseTarget};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

/// A stream as its caller reads it.
struct Events {
    lines: BufReader<TcpStream>,
}

/// One event.
#[derive(Debug)]
struct Event {
    id: Option<String>,
    name: String,
    data: Value,
}

impl Events {
    fn open(rest: SocketAddr, target: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(rest).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\n{last}\r\n").unwrap();
        let mut events = Self { lines: BufReader::new(stream) };
        let first = events.line().unwrap();
        assert!(first.starts_with("HTTP/1.1 200"), "{first}");
        while !events.line().unwrap().is_empty() {}
        events
    }

    /// Returns the next line; nothing at the end of the stream.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.lines.read_line(&mut line).unwrap();
        (length > 0).then(|| line.trim_end().to_owned())
    }

    /// Returns the next event; each is one chunk, whose size stands on a line of its own.
    fn next(&mut self) -> Option<Event> {
        let (mut id, mut name) = (None, String::new());
        loop {
            let line = self.line()?;
            match line.split_once(": ") {
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("event", text)) => text.clone_into(&mut name),
                Some(("data", text)) => return Some(Event { id, name, data: serde_json::from_str(text).unwrap() }),
                _ => {}
            }
        }
    }

    /// Returns the id of the next policy that a test added; the node changes its own as well.
    fn next_device(&mut self) -> String {
        loop {
            let event = self.next_of("policies");
            if event.data["type"] == "device" {
                return event.data["id"].as_str().unwrap().to_owned();
            }
        }
    }

    fn next_of(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }
}

/// Adds policies and returns what the node says.
fn post(node: &Program, body: &str) -> Value {
    let mut stream = TcpStream::connect(node.rest).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "POST /v1/policies HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn add(node: &Program, number: usize) -> String {
    let added = post(node, &format!(r#"{{"device": {{"number": {number}}}}}"#));
    added["policies"][0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn who_comes_back_after_a_restart_misses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let mut events = Events::open(node.rest, "/v1/events", None);
    let start = events.next_of("start");
    assert!(start.id.is_some() && start.data["policies"].is_number(), "{start:?}");
    assert_eq!(events.next_of("boot").data["finished"], true);
    assert!(events.next_of("health").data["checks"].is_array());
    let first = add(&node, 1);
    let told = events.next_of("policies");
    assert_eq!((told.data["id"].as_str(), told.data["action"].as_str()), (Some(first.as_str()), Some("insert")));
    let last = told.id.unwrap();
    let missed: Vec<String> = (2..5).map(|number| add(&node, number)).collect();
    drop((events, node));
    let node = Program::embedded(directory.path(), &[]);
    let late = add(&node, 5);
    let mut events = Events::open(node.rest, "/v1/events?topics=policies", Some(&last));
    let first = events.next().unwrap();
    assert_eq!((first.name.as_str(), first.id), ("ledger", None), "what has no id may have changed, too");
    let mut found = Vec::new();
    while found.last() != Some(&late) {
        found.push(events.next_device());
    }
    assert_eq!(found, missed.into_iter().chain([late]).collect::<Vec<_>>(), "in order, each once");
}

#[test]
fn an_id_that_the_history_does_not_have_begins_anew() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    for (number, id) in ["99999999", "not-ours", "1.7"].into_iter().enumerate() {
        let mut events = Events::open(node.rest, "/v1/events?topics=policies", Some(id));
        let reset = events.next().unwrap();
        assert!(reset.name == "reset" && reset.id.is_some(), "{id}: {reset:?}");
        let added = add(&node, number);
        assert_eq!(events.next_device(), added);
    }
}

#[test]
fn many_streams_see_every_change_and_end_with_the_node() {
    let directory = tempfile::tempdir().unwrap();
    let mut node = Program::embedded(directory.path(), &[]);
    let mut streams: Vec<Events> =
        (0..50).map(|_| Events::open(node.rest, "/v1/events?topics=policies", None)).collect();
    streams.iter_mut().for_each(|stream| drop(stream.next_of("start")));
    let added: Vec<String> = (0..40).map(|number| add(&node, number)).collect();
    for stream in &mut streams {
        let found: Vec<String> = added.iter().map(|_| stream.next_device()).collect();
        assert_eq!(found, added);
    }
    node.signal(rustix::process::Signal::TERM);
    for stream in &mut streams {
        while stream.next().is_some() {}
    }
    let (status, _) = node.wait();
    assert!(status.success());
}

/// What following cost, in kilobytes of the memory of the node.
#[derive(Debug)]
struct Cost {
    /// Open streams to which nothing was told yet.
    open: u64,
    /// The same streams after all changes, and the changes themselves.
    after: u64,
}

/// Adds policies in parts, as publishers do.
fn publish(node: &Program, from: usize, to: usize) {
    const TOGETHER: usize = 100;
    for first in (from..to).step_by(TOGETHER) {
        let numbers = first..to.min(first + TOGETHER);
        let all: Vec<Value> = numbers.map(|number| serde_json::json!({"device": {"number": number}})).collect();
        post(node, &Value::Array(all).to_string());
    }
}

/// Returns by how much a node grows through changes that nobody follows but one.
fn growth_alone(changes: usize) -> u64 {
    let (directory, warm) = (tempfile::tempdir().unwrap(), 1000);
    let node = Program::embedded(directory.path(), &[]);
    let _one = Events::open(node.rest, "/v1/events?topics=policies", None);
    publish(&node, 0, warm);
    let before = node.memory();
    publish(&node, warm, warm + changes);
    node.memory().saturating_sub(before)
}

/// Follows changes with many streams, each of which has to see every one of them, in order and once.
fn follow(streams: usize, changes: usize) -> Cost {
    let (directory, warm) = (tempfile::tempdir().unwrap(), 1000);
    let node = Program::embedded(directory.path(), &[]);
    // What a node takes for its first streams and policies is not what each of them costs.
    let _first = Events::open(node.rest, "/v1/events?topics=policies", None);
    publish(&node, 0, warm);
    let before = node.memory();
    let mut all: Vec<Events> =
        (0..streams).map(|_| Events::open(node.rest, "/v1/events?topics=policies", None)).collect();
    let starts: Vec<i64> = all.iter_mut().map(|stream| version(&stream.next_of("start"))).collect();
    let open = node.memory().saturating_sub(before);
    std::thread::scope(|scope| {
        for (stream, start) in all.iter_mut().zip(starts) {
            scope.spawn(move || {
                let (mut last, mut seen) = (start, 0);
                while seen < changes {
                    let event = stream.next().expect("the stream goes on");
                    // A round of the synchroniser may come between, which takes the policy of the node out of the local copy alone.
                    if event.name == "ledger" {
                        continue;
                    }
                    assert_eq!(event.name, "policies", "nothing is missing: {event:?}");
                    assert_eq!(version(&event), last + 1, "each place once, none left out: {event:?}");
                    last += 1;
                    seen += usize::from(event.data["type"] == "device");
                }
            });
        }
        publish(&node, warm, warm + changes);
    });
    Cost { open, after: node.memory().saturating_sub(before) }
}

/// Returns the number of the line that an event is about: a SQLite file counts them without gaps.
fn version(event: &Event) -> i64 {
    let id = event.id.as_deref().unwrap();
    id.split_once('-').unwrap().0.parse().unwrap()
}

/// A fifth of five hundred streams is as much as a test may hold open beside others, and a tenth of the changes.
#[test]
fn a_stream_costs_forty_kilobytes_at_most_and_misses_nothing() {
    const STREAMS: usize = 100;
    let cost = follow(STREAMS, 1000);
    assert!(cost.open <= 40 * STREAMS as u64, "{STREAMS} streams: {cost:?}");
}

/// The whole size: `cargo test --release --test it five_hundred -- --ignored --nocapture`.
#[test]
#[ignore = "it takes minutes and two cores; it prints its figures"]
fn five_hundred_streams_cost_twenty_megabytes_at_most_and_miss_nothing_of_ten_thousand_changes() {
    const MOST: u64 = 20 * 1024;
    let (streams, changes, started) = (500, 10_000, std::time::Instant::now());
    let cost = follow(streams, changes);
    let after = cost.after.saturating_sub(growth_alone(changes));
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    eprintln!(
        "{streams} streams, {changes} changes, {build} build: {} kB open, {} kB more than without them afterwards, {:?} in all",
        cost.open,
        after,
        started.elapsed()
    );
    assert!(cost.open <= MOST && after <= MOST, "{cost:?}");
}

/// Who reads nothing while a burst comes is told it all the same.
#[test]
fn who_is_slow_misses_nothing_of_a_burst() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let mut streams: Vec<Events> =
        (0..3).map(|_| Events::open(node.rest, "/v1/events?topics=policies", None)).collect();
    let starts: Vec<i64> = streams.iter_mut().map(|stream| version(&stream.next_of("start"))).collect();
    // Megabytes more than the ring and the sockets keep, so that they are told the rest from the history.
    let (changes, kind) = (10_000, "d".repeat(1000));
    for first in (0..changes).step_by(1000) {
        let all: Vec<Value> =
            (first..first + 1000).map(|number| serde_json::json!({kind.as_str(): {"n": number}})).collect();
        post(&node, &Value::Array(all).to_string());
    }
    for (stream, start) in streams.iter_mut().zip(starts) {
        for place in 1..=changes {
            assert_eq!(version(&stream.next_of("policies")), start + place);
        }
    }
}

#[test]
fn an_id_of_another_database_begins_anew() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let node = Program::embedded(one.path(), &[]);
    let mut events = Events::open(node.rest, "/v1/events?topics=policies", None);
    add(&node, 1);
    let last = events.next_of("policies").id.unwrap();
    drop((events, node));
    // The same numbers, and more of them, of other changes.
    let node = Program::embedded(other.path(), &[]);
    (0..5).for_each(|number| drop(add(&node, number)));
    for id in [last.as_str(), "0"] {
        let mut events = Events::open(node.rest, "/v1/events?topics=policies", Some(id));
        let reset = events.next().unwrap();
        assert!(reset.name == "reset" && reset.id.as_deref() != Some(id), "{id}: {reset:?}");
        let added = add(&node, if id == "0" { 11 } else { 10 });
        assert_eq!(events.next_device(), added);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_put_in_place_of_another_is_told() {
    let master = Master::start(&Place::sqlite()).await;
    for number in 0..3 {
        master.add(&format!(r#"{{"device": {{"number": {number}}}}}"#)).await;
    }
    let mut events = Events::open(master.listening.bound, "/v1/events?topics=policies", None);
    let start = version(&events.next_of("start"));
    let added = master.add(r#"{"device": {"number": 3}}"#).await;
    let told = events.next_of("policies");
    assert_eq!((told.data["id"].as_str(), version(&told)), (Some(added.as_str()), start + 1));
    let other = ConnectedDatabase::connect("blockchain", DatabaseTarget::Memory, None).await.unwrap();
    master.node.ledger.attach(other.store().unwrap()).await.unwrap();
    master.node.ledger.create_table().await.unwrap();
    let reset = events.next_of("reset");
    assert!(reset.data["reason"].as_str().unwrap().contains("another database"), "{reset:?}");
    let added = master.add(r#"{"device": {"number": 4}}"#).await;
    assert_eq!(events.next_device(), added, "and changes of the new one follow");
}
