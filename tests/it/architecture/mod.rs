//! Holds the house to its plan: the order of the rooms, no circles of files, no I/O in the pure crates, and no lists of
//! command words at the edges (ARCHITECTURE.md, "The rooms").

mod edges;
mod graph;
mod source;

use graph::Graph;
use source::Source;
use std::{collections::BTreeMap, path::Path};

/// Rooms from left to right: each may use only rooms to its right. Rooms in one line do not know each other.
const ORDER: [&[&str]; 12] = [
    &["main", "cli"],
    &["boot"],
    &["console"],
    &["api"],
    &["rest", "peer", "prompt", "scheduler", "sync", "chain", "backup"],
    &["command"],
    &["node"],
    &["render"],
    &["reply"],
    &["query", "script", "ledger"],
    &["policy"],
    &["config", "telemetry", "runtime"],
];

/// Leaves that everybody may use and that use none of ours.
const LEAVES: [&str; 3] = ["config", "telemetry", "runtime"];

/// What the crates of the workspace never name: they are pure.
const IO_CRATES: [&str; 4] = ["tokio", "sqlx", "warp", "hyper"];

/// Files of the largest circle that is allowed: two files that know each other.
const LARGEST_CIRCLE: usize = 2;

fn place(room: &str) -> Option<usize> {
    ORDER.iter().position(|rooms| rooms.contains(&room))
}

/// Returns what is wrong with the arrows between the rooms of some sources.
fn wrong_arrows(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources {
        let room = source.room();
        let Some(here) = place(room) else {
            if room != "lib" {
                wrong.push(format!("{}: the room '{room}' has no place in the order", source.path));
            }
            continue;
        };
        for path in source.used_paths() {
            let Some(other) = path.first().map(String::as_str) else { continue };
            if other == room {
                continue;
            }
            let Some(there) = place(other) else { continue };
            let from_leaf = LEAVES.contains(&room);
            if there <= here || from_leaf {
                wrong.push(format!("{} uses crate::{}", source.path, path.join("::")));
            }
        }
    }
    wrong
}

fn own_sources() -> Vec<Source> {
    Source::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn rooms_use_only_what_stands_to_their_right() {
    let sources = own_sources();
    assert!(sources.len() > 100, "the sources are found");
    let wrong = wrong_arrows(&sources);
    assert!(wrong.is_empty(), "arrows against the direction:\n{}", wrong.join("\n"));
}

#[test]
fn no_circle_of_files_is_larger_than_two() {
    let circles = Graph::new(&own_sources()).circles();
    let large: Vec<String> = circles
        .into_iter()
        .filter(|circle| circle.len() > LARGEST_CIRCLE)
        .map(|circle| format!("{} files: {}", circle.len(), circle.join(", ")))
        .collect();
    assert!(large.is_empty(), "circles of files:\n{}", large.join("\n"));
}

#[test]
fn a_public_type_has_one_name_and_a_name_one_meaning() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in own_sources() {
        for name in source.public_types() {
            places.entry(name).or_default().push(source.path.clone());
        }
    }
    // Each room has an error of its own, as Rust's crates have.
    let doubled = places.iter().filter(|(name, places)| places.len() > 1 && *name != "Error");
    let doubled: Vec<String> = doubled.map(|(name, places)| format!("{name}: {}", places.join(", "))).collect();
    assert!(doubled.is_empty(), "names with two meanings:\n{}", doubled.join("\n"));
}

#[test]
fn pure_crates_never_name_an_io_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut wrong = Vec::new();
    for member in std::fs::read_dir(root).expect("the workspace has crates") {
        let member = member.expect("a folder entry can be read").path();
        let sources = Source::below(&member.join("src"));
        assert!(!sources.is_empty(), "the sources of {} are found", member.display());
        for source in sources {
            let used = source.foreign_crates();
            wrong.extend(
                IO_CRATES.iter().filter(|io| used.contains(**io)).map(|io| format!("{} names {io}", source.path)),
            );
        }
    }
    assert!(wrong.is_empty(), "pure crates with I/O:\n{}", wrong.join("\n"));
}

#[test]
fn planted_wrong_arrows_are_found_in_every_form_of_use() {
    for text in [
        "use crate::rest::Server;",
        "use crate::{node::Node, rest::Server};",
        "use crate::{self, rest};",
        "use crate::{node::{self, Node}, rest::{server::*, Server as Http}};",
        "use super::super::super::rest::Server;",
        "fn a() { crate::rest::start(); }",
        "fn a(server: &crate::rest::Server) {}",
        "fn a() { super::super::super::rest::start() }",
        "mod inner { use super::super::super::super::rest::Server; }",
        "pub use crate::rest::Server;",
        "impl crate::rest::Trait for A {}",
    ] {
        let planted = Source::parsed("command/ledger/insert.rs", text);
        assert!(!wrong_arrows(std::slice::from_ref(&planted)).is_empty(), "not found: {text}");
    }
    let allowed = "use crate::{node::Node, reply::Reply}; use super::push; use std::rest::x;";
    assert!(wrong_arrows(&[Source::parsed("command/ledger/insert.rs", allowed)]).is_empty());
    let leaf = Source::parsed("runtime/clock.rs", "use crate::reply::Error;");
    assert_eq!(wrong_arrows(&[leaf]).len(), 1);
    let neighbour = Source::parsed("rest/server.rs", "use crate::peer::Network;");
    assert_eq!(wrong_arrows(&[neighbour]).len(), 1);
    let unknown = Source::parsed("attic/mod.rs", "");
    assert_eq!(wrong_arrows(&[unknown]).len(), 1);
    let tests = Source::parsed("command/a.rs", "#[cfg(test)] mod tests { use crate::rest::Server; }");
    assert!(wrong_arrows(&[tests]).is_empty());
}

#[test]
fn planted_circles_are_found_through_re_exports() {
    let sources = [
        Source::parsed("node/mod.rs", "mod a; mod b; mod c; pub use a::A; pub use b::B; pub use c::C;"),
        Source::parsed("node/a.rs", "use crate::node::B;"),
        Source::parsed("node/b.rs", "use super::c::C;"),
        Source::parsed("node/c.rs", "use super::A;"),
    ];
    let circles = Graph::new(&sources).circles();
    assert_eq!(circles, [["node/a.rs", "node/b.rs", "node/c.rs"]]);
    let sources = [
        Source::parsed("node/mod.rs", "mod a; pub use a::A; pub fn of_the_room() { a::start(); }"),
        Source::parsed("node/a.rs", "use super::of_the_room;"),
    ];
    assert_eq!(Graph::new(&sources).circles(), [["node/a.rs", "node/mod.rs"]]);
}
