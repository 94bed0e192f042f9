//! A disk that is full while the node writes its ledger, its history, its local copy and a backup, and gets room again.

use super::{push, volume::Volume};
use crate::program::{PATIENCE, Program};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Megabytes of the disk: the log of SQLite takes up to four.
const SIZE: u32 = 16;

fn push_long(node: &Program, name: &str) -> Result<(), String> {
    let pad = "x".repeat(3000);
    node.change(&format!(r#"blockchain push {{"device": {{"name": "{name}", "id": "{name}", "pad": "{pad}"}}}}"#))
}

/// Returns the ids of the policies that the node holds.
fn held(node: &Program) -> Vec<String> {
    let policies: Vec<Value> = serde_json::from_str(&node.get("blockchain get device")).unwrap();
    let mut ids: Vec<_> = policies.iter().map(|policy| policy["device"]["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// Writes until the disk takes nothing more; returns what the node says then.
fn until_refused(node: &Program, told: &mut Vec<String>) -> String {
    for number in 0.. {
        let name = format!("full-{number:04}");
        if let Err(refusal) = push_long(node, &name) {
            return refusal;
        }
        told.push(name);
    }
    unreachable!("a disk of {SIZE} MB takes everything")
}

/// Waits for something.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_full_disk_is_told_loses_nothing_and_is_gone_on_with() {
    let Some(volume) = Volume::of(SIZE) else { return };
    let node = Program::embedded(volume.path(), &[]);
    let copy = Path::new(&node.get("get !blockchain_file")).to_owned();
    let backups = volume.path().join("anylog-data/EdgeLake/data/bkup");
    let mut told = vec!["before".to_owned()];
    push(&node, "before").unwrap();
    node.change("run blockchain sync").unwrap();
    until("the copy is written", || fs::read_to_string(&copy).is_ok_and(|text| text.contains("before")));
    let copied = fs::read(&copy).unwrap();

    volume.fill();
    let refusal = until_refused(&node, &mut told);
    assert!(refusal.contains("the disk is full; free space, writing resumes by itself"), "{refusal}");
    until("the health tells it", || node.page("/health").contains("the disk is full"));
    let refusal = node.change("backup ledger where file = full.jsonl").unwrap_err();
    assert!(refusal.contains("No space left"), "{refusal}");
    assert!(names(&backups).iter().all(|name| !name.contains("full")), "{:?}", names(&backups));
    let local = r#"blockchain insert where policy = {"device": {"name": "line", "id": "line"}} and local = true"#;
    if node.change(local).is_ok() {
        told.push("line".to_owned());
    }
    // Whatever a round came to, the copy is whole.
    let _ = node.change("run blockchain sync");
    let text = fs::read_to_string(&copy).unwrap();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    assert!(whole.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
    assert!(text.as_bytes().starts_with(&copied) || text.contains("full-"), "{text}");
    told.sort();
    assert_eq!(held(&node), told, "what was refused is not there");

    volume.make_room();
    until("writing resumes", || push(&node, "after").is_ok());
    told.push("after".to_owned());
    until("a backup is written", || node.change("backup ledger where file = after.jsonl").is_ok());
    node.change("run blockchain sync").unwrap();
    until("the copy is mended", || fs::read_to_string(&copy).is_ok_and(|text| text.contains("after")));
    drop(node);
    told.sort();
    assert_eq!(held(&Program::embedded(volume.path(), &[])), told);
}
