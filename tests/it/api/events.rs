//! The stream of events, also across a restart of the program.

use crate::program::{PATIENCE, Program};
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

/// Five hundred streams may cost 20 MB; a fifth of them is as much as a test may hold open beside others.
#[test]
fn a_stream_costs_forty_kilobytes_at_most_and_misses_nothing_of_a_burst() {
    const STREAMS: usize = 100;
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    // What a node takes for its first streams and policies is not what each of them costs.
    let mut streams: Vec<Events> = vec![Events::open(node.rest, "/v1/events?topics=policies", None)];
    let policies = |from: usize, to: usize| {
        let all: Vec<Value> = (from..to).map(|number| serde_json::json!({"device": {"number": number}})).collect();
        post(&node, &Value::Array(all).to_string())
    };
    assert_eq!(policies(0, 1000)["policies"].as_array().unwrap().len(), 1000);
    let before = node.memory();
    streams.extend((0..STREAMS).map(|_| Events::open(node.rest, "/v1/events?topics=policies", None)));
    streams.iter_mut().for_each(|stream| drop(stream.next_of("start")));
    let cost = node.memory().saturating_sub(before);
    assert!(cost <= 40 * STREAMS as u64, "{STREAMS} streams cost {cost} kB");
    let added = policies(1000, 2000);
    let added: Vec<&str> =
        added["policies"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    for stream in streams.iter_mut().skip(1) {
        for id in &added {
            assert_eq!(stream.next_device(), *id);
        }
    }
}
