//! kill -9 at random moments under writers over REST, TCP and `/v1`, now and then while the node starts: what was acknowledged is
//! there, once, and what was dropped stays away. The same for a database that is killed, and for the outbox of a relay.
//!
//! `CRASH_CYCLES` says how often the node is killed on each store (`scripts/crash`); its database and its relay are killed a fifth
//! as often.

pub mod database;
pub mod home;
mod relay;
pub mod told;
pub mod writers;

use home::{Home, Store};
use std::time::Duration;
use told::Told;

/// Cycles of a run of the tests.
const CYCLES: u32 = 3;
/// Cycles after which the next ones begin with an empty ledger, so that a long run looks at no ledger of millions each time.
const GENERATION: u32 = 25;
/// One in so many cycles kills the node while it starts.
const STARTS: u32 = 5;
/// Longest time until something is killed, in milliseconds.
const LONGEST: u64 = 1500;

/// Returns how often the node is killed on each store.
fn cycles() -> u32 {
    std::env::var("CRASH_CYCLES").ok().and_then(|number| number.parse().ok()).unwrap_or(CYCLES)
}

/// Returns how often what belongs to the node is killed.
fn fewer_cycles() -> u32 {
    cycles().div_ceil(5)
}

/// Returns a moment that differs from cycle to cycle. In the first one it is the latest, so that something is acknowledged in however
/// few cycles.
fn moment(cycle: u32) -> Duration {
    Duration::from_millis(if cycle == 0 { LONGEST } else { getrandom::u64().unwrap() % LONGEST })
}

#[test]
fn sqlite_keeps_what_was_acknowledged() {
    node_is_killed(Store::Sqlite);
}

#[test]
fn postgres_keeps_what_was_acknowledged() {
    node_is_killed(Store::Postgres);
}

fn node_is_killed(store: Store) {
    let told = Told::default();
    let mut cycle = 0;
    while cycle < cycles() {
        let home = Home::new(store);
        told.begin();
        for _ in 0..GENERATION.min(cycles() - cycle) {
            let writing = if cycle % STARTS == 1 {
                // The writers are there before the node.
                let writing = writers::start_at(home.addresses(), cycle, &told);
                home.start_and_kill(moment(cycle));
                writing
            } else {
                let program = home.start(&[]);
                told.check(&program);
                let writing = writers::start(&program, cycle, &told);
                std::thread::sleep(moment(cycle));
                drop(program);
                writing
            };
            writing.end();
            cycle += 1;
        }
        told.check(&home.start(&[]));
    }
    println!("{store:?}: the node was killed {cycle} times: {}", told.summary());
    assert!(told.has_all_roads(), "{}", told.summary());
}
