//! A clock that jumps by an hour and by a day, ahead and back, while the node runs: what was dropped stays dropped, what is new is taken,
//! the history is in order, and nobody waits for a time that was.

use super::push;
use crate::{
    peer::member::Member,
    program::{PATIENCE, Program, embedded, try_ask},
};
use jiff::Timestamp;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Ends that a clock may be off by, in seconds.
const JUMPS: [i64; 4] = [3600, -3600, 86_400, -86_400];

/// Returns the library that shows a program another time; nothing where it is not installed.
fn library() -> Option<PathBuf> {
    let found = Command::new("sh").args(["-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"]).output().ok()?;
    let path = String::from_utf8(found.stdout).unwrap().lines().next().map(PathBuf::from);
    if path.is_none() {
        crate::support::skipped("libfaketime is not here (the Debian package faketime)");
    }
    path
}

/// A node whose clock a file sets.
struct Place {
    directory: tempfile::TempDir,
    library: PathBuf,
}

impl Place {
    fn clock(&self) -> PathBuf {
        self.directory.path().join("clock")
    }

    /// Sets the clock off by so many seconds.
    fn set(&self, seconds: i64) {
        let fresh = self.directory.path().join("clock.tmp");
        fs::write(&fresh, format!("{seconds:+}\n")).unwrap();
        fs::rename(fresh, self.clock()).unwrap();
    }

    fn start(&self) -> Program {
        let (library, clock) = (self.library.display().to_string(), self.clock().display().to_string());
        // What counts time and is no clock goes on as it does on a machine whose clock is set.
        Program::start(embedded(
            self.directory.path(),
            &[
                ("LD_PRELOAD", &library),
                ("FAKETIME_TIMESTAMP_FILE", &clock),
                ("FAKETIME_NO_CACHE", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
                ("NO_FAKE_STAT", "1"),
            ],
        ))
    }

    /// Returns the times of the history, in the order of its lines.
    fn history(&self) -> Vec<String> {
        let file = self.directory.path().join("anylog-data/EdgeLake/data/dbms/blockchain.dbms");
        let file = rusqlite::Connection::open(file).unwrap();
        let mut lines = file.prepare("SELECT time FROM policy_history ORDER BY change_id").unwrap();
        lines.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

fn drop_policy(node: &Program, name: &str) {
    node.change(&format!("blockchain drop policy where id = {name}")).unwrap();
}

fn names(node: &Program) -> String {
    node.get("blockchain get device bring ['device']['name'] separator = ,")
}

/// Returns a policy as members have it.
fn as_it_is(node: &Program, name: &str) -> String {
    let list = node.get(&format!("blockchain get device where id = {name}"));
    list.trim().trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// A member that still has policies sends them again, as members do.
fn sends_again(node: &Program, policies: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut member = Member::new(node.tcp).await;
        for (job, policy) in (1..).zip(policies) {
            let answer = member.try_ask(&format!("blockchain push ignore {policy}"), job, PATIENCE).await;
            assert!(answer.is_some(), "the node does not answer: {policy}");
        }
    });
}

/// Sees that the node reads a clock that is off by so many seconds.
fn is_off(node: &Program, seconds: i64, told: &str) {
    let shown: Timestamp = node.get("get datetime utc now()").trim().parse().unwrap();
    let off = shown.as_second() - Timestamp::now().as_second();
    assert!((off - seconds).abs() <= 60, "{told} the clock of the node is off by {off} seconds");
}

/// Asks on a connection that stays open.
fn ask_on(stream: &mut TcpStream, command: &str) -> bool {
    write!(stream, "GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\ncommand: {command}\r\n\r\n").unwrap();
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).unwrap();
    answer[..length].starts_with(b"HTTP/1.1 200")
}

fn jumps(library: &Path, seconds: i64) {
    let place = Place { directory: tempfile::tempdir().unwrap(), library: library.to_owned() };
    place.set(0);
    let node = place.start();
    is_off(&node, 0, "at the start");
    for name in ["kept", "early", "late", "line"] {
        push(&node, name).unwrap();
    }
    let [early, late] = ["early", "late"].map(|name| as_it_is(&node, name));
    // A member whose clock is a day ahead.
    let ahead = r#"{"device": {"name": "ahead", "id": "ahead", "date": "DATE"}}"#;
    let date = node.get("get datetime utc now() + 1 days").replace(' ', "T").trim_end_matches('Z').to_owned();
    let ahead = ahead.replace("DATE", &format!("{date}Z"));
    sends_again(&node, &[&ahead]);
    assert!(names(&node).contains("ahead"), "{}", names(&node));
    for name in ["early", "ahead", "line"] {
        drop_policy(&node, name);
    }
    let mut open = TcpStream::connect(node.rest).unwrap();
    open.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(ask_on(&mut open, "get status"));
    let rest = node.rest;
    let waiting = std::thread::spawn(move || try_ask(rest, "POST", "wait 1 for !never == 1").map(|(status, _)| status));
    std::thread::sleep(Duration::from_millis(300));

    place.set(seconds);
    let told = format!("after a jump of {seconds} seconds");
    is_off(&node, seconds, &told);
    drop_policy(&node, "late");
    // A new one under the name of one that was dropped, known to the local copy alone.
    let line = r#"blockchain insert where policy = {"device": {"name": "line", "id": "line"}} and local = true"#;
    assert_eq!(node.ask("POST", line).0, 200, "{told}");
    push(&node, "new").unwrap();
    sends_again(&node, &[&early, &late, &ahead]);
    assert_eq!(node.ask("POST", "run blockchain sync").0, 200, "{told}");
    assert!(ask_on(&mut open, "get status"), "{told}: an open connection");
    assert!(waiting.join().unwrap().is_ok(), "{told}: a wait");
    let is_right = |node: &Program, when: &str| {
        let mut held: Vec<_> = names(node).split(',').map(|name| name.trim().to_owned()).collect();
        held.sort();
        assert_eq!(held, ["kept", "line", "new"], "{told}, {when}");
    };
    is_right(&node, "while it runs");
    drop(node);
    let node = place.start();
    is_off(&node, seconds, &told);
    is_right(&node, "after a start");
    sends_again(&node, &[&early, &late, &ahead]);
    push(&node, "newer").unwrap();
    drop_policy(&node, "newer");
    is_right(&node, "when a member sends again");
    drop(node);
    let history = place.history();
    assert!(history.is_sorted(), "{told} the history is out of order: {history:#?}");
}

#[test]
fn a_clock_that_jumps_brings_nothing_back_and_holds_nothing_up() {
    let Some(library) = library() else { return };
    for seconds in JUMPS {
        jumps(&library, seconds);
    }
}
