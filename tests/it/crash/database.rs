//! A database that is killed under the same writers, while the node stays.

use super::{Home, Store, fewer_cycles, moment, told::Told, writers};
use crate::program::PATIENCE;
use std::time::{Duration, Instant};

#[test]
fn a_database_that_is_killed_loses_nothing() {
    let (home, told) = (Home::new(Store::Postgres), Told::default());
    let (program, server) = (home.start(&[]), home.server.as_ref().unwrap());
    for cycle in 0..fewer_cycles() {
        let writing = writers::start(&program, cycle, &told);
        std::thread::sleep(moment(cycle));
        server.stop();
        std::thread::sleep(moment(cycle) / 4);
        server.run_start("");
        std::thread::sleep(moment(cycle) / 4);
        writing.end();
        // What was taken while the database was away goes into the table with the next change.
        let (begin, policy) = (Instant::now(), format!(r#"{{"device": {{"name": "after-{cycle}"}}}}"#));
        while program.ask("POST", &format!("blockchain push {policy}")).0 != 200 {
            assert!(begin.elapsed() < PATIENCE, "the node does not find its database again");
            std::thread::sleep(Duration::from_millis(20));
        }
        settled(&program);
        told.check(&program);
    }
    println!("the database was killed {} times: {}", fewer_cycles(), told.summary());
    assert!(told.has_all_roads(), "{}", told.summary());
    // A node that comes back to it finds the same.
    drop(program);
    told.check(&home.start(&[]));
}

/// Waits until no policy is known to the local copy alone.
pub fn settled(program: &crate::program::Program) {
    let begin = Instant::now();
    while program.get("blockchain get device").contains(r#""ledger": "local""#) {
        assert!(begin.elapsed() < PATIENCE, "policies stay in the local copy");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_log_tells_once_that_the_database_is_away_and_once_that_it_is_back() {
    let home = Home::new(Store::Postgres);
    let (mut program, server) = (home.start(&[]), home.server.as_ref().unwrap());
    server.stop();
    program.event(
        "the database of the ledger is away: reading goes on from memory, changes of the table are refused, and policies with \
         local = true are kept in the local copy",
    );
    assert!(program.get("blockchain get master").contains("\"m1\""));
    server.run_start("");
    program.event("the database of the ledger is back");
    assert_eq!(program.ask("POST", r#"blockchain push {"device": {"name": "d1"}}"#).0, 200);
}
