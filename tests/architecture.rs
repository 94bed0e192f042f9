//! Holds the direction of dependencies between the rooms (ARCHITECTURE.md, "The rooms").

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Rooms from left to right: each may use only rooms to its right.
const ORDER: [&str; 13] = [
    "cli",
    "boot",
    "rest",
    "peer",
    "prompt",
    "console",
    "scheduler",
    "sync",
    "command",
    "query",
    "script",
    "ledger",
    "policy",
];

/// Leaves that everybody may use and that use none of ours.
const LEAVES: [&str; 3] = ["config", "telemetry", "runtime"];

/// Rooms without I/O, and the crates they never name.
const PURE: [&str; 3] = ["policy", "query", "script"];
const IO_CRATES: [&str; 4] = ["tokio", "sqlx", "warp", "hyper"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a source folder can be read") {
        let path = entry.expect("a folder entry can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// Returns (room, file, text before its tests) of every file below `src`.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    assert!(files.len() > 20, "the sources are below {}", src.display());
    files
        .into_iter()
        .map(|file| {
            let inside = file.strip_prefix(&src).expect("the file is below src");
            let first = inside.components().next().expect("a file has a name").as_os_str().to_string_lossy();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&file).expect("a source file is text");
            let body = text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned();
            (room, file, body)
        })
        .collect()
}

/// Returns the rooms that a text names as `crate::room`.
fn used(text: &str) -> Vec<String> {
    text.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn rooms_use_only_what_stands_to_their_right() {
    let place = |room: &str| ORDER.iter().position(|r| *r == room);
    let mut wrong = Vec::new();
    for (room, file, text) in rooms() {
        for other in used(&text) {
            let against = matches!((place(&room), place(&other)), (Some(here), Some(there)) if there < here);
            let from_leaf = LEAVES.contains(&room.as_str()) && place(&other).is_some();
            if against || from_leaf {
                wrong.push(format!("{} uses crate::{other}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows against the direction:\n{}", wrong.join("\n"));
}

#[test]
fn pure_rooms_never_name_an_io_crate() {
    let mut wrong = Vec::new();
    for (room, file, text) in rooms() {
        if PURE.contains(&room.as_str()) {
            for name in IO_CRATES {
                if text.contains(&format!("{name}::")) {
                    wrong.push(format!("{} names {name}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "pure rooms with I/O:\n{}", wrong.join("\n"));
}
