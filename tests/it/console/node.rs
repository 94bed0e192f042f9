//! The node from the inside.

use super::{ConsoleNode, form};
use crate::program::{PATIENCE, Program};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};
use tempfile::TempDir;

const NODE: &str = "/console/node";
const BACKUP: &str = "/console/node/backup";

/// Sends a request and returns the reader of its answer, its head included.
fn open(rest: SocketAddr, request: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(rest).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    BufReader::new(stream)
}

/// Sends a request and returns its whole answer.
fn whole(rest: SocketAddr, request: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    open(rest, request).read_to_end(&mut bytes).unwrap();
    bytes
}

fn get(rest: SocketAddr, target: &str) -> String {
    let answer = whole(rest, &format!("GET {target} HTTP/1.1\r\nHost: {rest}\r\nConnection: close\r\n\r\n"));
    String::from_utf8(answer).unwrap()
}

fn post(rest: SocketAddr, target: &str, body: &str) -> Vec<u8> {
    let lines = "Connection: close\r\nContent-Type: application/x-www-form-urlencoded";
    let length = body.len();
    whole(rest, &format!("POST {target} HTTP/1.1\r\nHost: {rest}\r\n{lines}\r\nContent-Length: {length}\r\n\r\n{body}"))
}

/// Puts the chunks of an answer together; the last one says that it is whole.
fn joined(answer: &[u8]) -> Option<Vec<u8>> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let (mut rest, mut body) = (&answer[head..], Vec::new());
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        rest = &rest[end + 2..];
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..length)?);
        rest = rest.get(length + 2..)?;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_what_runs_and_where_each_value_comes_from() {
    let node = ConsoleNode::everybodys(false).await;
    let page = node.page(NODE).await;
    for part in
        ["Metrics", "Log", "Processes", "Boot", "Relay", "Backup", "Configuration", "NODE_NAME", "default", "No relay"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(page.matches("<h1").count(), 1);
    assert!(!page.contains(&format!("action=\"{BACKUP}\"")), "who may not take a backup is not offered one");
    let figures = node.page("/console/node/figures").await;
    assert!(figures.contains("Policies") && !figures.contains("<h1"), "{figures}");
    let filtered = node.page("/console/node?level=warn&text=%3Cscript%3E").await;
    assert!(filtered.contains("value=\"warn\" selected") && !filtered.contains("<script>"), "{filtered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_for_who_may_change_the_node() {
    let reading = ConsoleNode::everybodys(false).await;
    assert_eq!(reading.part(BACKUP, &[]).await.status, 403);
    let node = ConsoleNode::everybodys(true).await;
    assert_eq!(node.post(BACKUP, "", &[]).await.status, 403, "the token of the page is missing");
    node.add([json!({"device": {"name": "one"}}), json!({"device": {"name": "two"}})]).await;
    let rest = node.listening.bound;
    let body = form(&[("csrf", &node.csrf().await)]);
    let answer = tokio::task::spawn_blocking(move || post(rest, BACKUP, &body)).await.unwrap();
    let head = String::from_utf8_lossy(&answer[..answer.len().min(1000)]).to_lowercase();
    assert!(head.starts_with("http/1.1 200") && head.contains("application/gzip"), "{head}");
    assert!(head.contains("content-disposition: attachment; filename=") && head.contains(".jsonl.gz"), "{head}");
    let packed = joined(&answer).expect("it is whole");
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("taken.jsonl.gz");
    std::fs::write(&path, &packed).unwrap();
    let (_, seal) = anylog_master::backup::check(&path).unwrap();
    assert_eq!(seal.counts.policies, 2);
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.contains("one") && text.contains("two"), "{text}");
}

/// Returns the token that the forms of a page carry.
fn token(page: &str) -> String {
    let (_, behind) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    behind.split('"').next().unwrap().to_owned()
}

/// The lines of a stream of the log.
struct LogStream(BufReader<TcpStream>);

impl LogStream {
    fn open(rest: SocketAddr, target: &str, last: Option<&str>) -> Self {
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let mut lines = Self(open(rest, &format!("GET {target} HTTP/1.1\r\nHost: {rest}\r\n{last}\r\n")));
        assert!(lines.line().starts_with("HTTP/1.1 200"));
        while !lines.line().is_empty() {}
        lines
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream goes on");
        line.trim_end().to_owned()
    }

    /// Waits for the line of the log with a text, and returns its id and what it is.
    fn line_with(&mut self, text: &str) -> (String, Value) {
        let mut id = String::new();
        loop {
            let line = self.line();
            match line.split_once(": ") {
                Some(("id", found)) => found.clone_into(&mut id),
                Some(("data", data)) if data.contains(text) => return (id, serde_json::from_str(data).unwrap()),
                _ => {}
            }
        }
    }
}

#[test]
fn the_log_is_followed_line_by_line() {
    let directory = TempDir::new().unwrap();
    let program = Program::embedded(directory.path(), &[("CONSOLE_WRITE", "true")]);
    let page = get(program.rest, NODE);
    assert!(page.contains("class=\"log-line info\"") && page.contains("steps,"), "{page}");
    let set_level = |level: &str| {
        let csrf = token(&get(program.rest, "/console/commands"));
        let body = form(&[("csrf", &csrf), ("command", &format!("set log level = {level}"))]);
        let answer = String::from_utf8(post(program.rest, "/console/commands", &body)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    let mut log = LogStream::open(program.rest, "/console/node/log/stream", None);
    let (id, line) = log.line_with("ready");
    assert_eq!(line["level"], "info");
    let mut behind = LogStream::open(program.rest, "/console/node/log/stream", Some(&id));
    let mut errors = LogStream::open(program.rest, "/console/node/log/stream?level=error&text=zzz", None);
    assert!(errors.line().len() < 10 && errors.line().starts_with("event: begin"));
    set_level("debug");
    let (next, _) = behind.line_with("the level of the log is another one");
    let number = |id: &str| id.rsplit('-').next().unwrap().parse::<u64>().unwrap();
    assert!(number(&next) > number(&id), "{next} after {id}");
}
