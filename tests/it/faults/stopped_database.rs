//! A database that stands still under writers: each of them hears an error or waits within the time limits of the node, the health says
//! why, and all goes on with it.

use super::{is_long, push};
use crate::{
    crash::{
        database::settled,
        home::{Home, Store},
        told::Told,
        writers,
    },
    program::PATIENCE,
};
use std::time::{Duration, Instant};

/// How long it stands still.
fn still() -> Duration {
    Duration::from_secs(if is_long() { 60 } else { 3 })
}

#[test]
fn a_database_that_stands_still_loses_and_doubles_nothing() {
    let (home, told) = (Home::new(Store::Postgres), Told::default());
    let (node, server) = (home.start(&[]), home.server.as_ref().unwrap());
    let writing = writers::start(&node, 0, &told);
    std::thread::sleep(Duration::from_millis(500));
    server.signal("STOP");
    let begin = Instant::now();
    // A request waits no longer than its reader does.
    let refusal = (0..).find_map(|number| push(&node, &format!("still-{number}")).err()).unwrap();
    // An open connection stands still, or a new one is not made.
    assert!(refusal.contains("the database") || refusal.contains("does not answer"), "{refusal}");
    let mut health = String::new();
    while !health.contains("the database does not answer") && !health.contains("the database cannot be reached") {
        assert!(begin.elapsed() < PATIENCE, "the health does not say why: {health}");
        health = node.page("/health");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(node.get("blockchain get master").contains("\"m1\""), "reading goes on");
    std::thread::sleep(still().saturating_sub(begin.elapsed()));
    server.signal("CONT");
    let begin = Instant::now();
    while push(&node, "after").is_err() {
        assert!(begin.elapsed() < PATIENCE, "writing does not go on");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    writing.end();
    settled(&node);
    told.check(&node);
    println!("the database stood still for {:?}: {}", still(), told.summary());
    assert!(told.has_all_roads(), "{}", told.summary());
    drop(node);
    told.check(&home.start(&[]));
}
