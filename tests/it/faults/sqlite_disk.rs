//! Every n-th call of the system fails once that the node makes for its database and for its local copy: writes, syncs, openings, renames,
//! links and removals; and the connects to a server of PostgreSQL.

use super::{
    faulty_disk::ERRORS,
    is_long,
    system_calls::{self, Watch},
};
use crate::{
    crash::home::{Home, Store},
    program::{PATIENCE, Program},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// The calls that give a file another name or none. Not every kind of processor has those with a question mark.
const RENAMES: &str = "?rename,?renameat,renameat2,linkat,?unlink,unlinkat";

/// Names of the policies that have to be there, and of those that must not.
#[derive(Default)]
struct Told {
    there: BTreeSet<String>,
    gone: BTreeSet<String>,
    stories: usize,
}

/// Makes a change until the node says that it is made, or that it was made before. Returns how often it was refused.
fn until_made(node: &Program, command: &str, is_made: &str) -> usize {
    let (begin, mut refused) = (Instant::now(), 0);
    loop {
        match node.change(command) {
            Err(refusal) if !refusal.contains(is_made) => {
                assert!(begin.elapsed() < PATIENCE, "{command}: {refusal}");
                refused += 1;
            }
            Ok(()) | Err(_) => return refused,
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Adds two policies, drops one, and waits for a good round, whatever fails meanwhile. Returns how often something was refused.
fn story(node: &Program, name: &str, told: &mut Told) -> usize {
    let mut refused = 0;
    for end in ["stays", "goes"] {
        let id = format!("{name}-{end}");
        let policy = format!(r#"{{"device": {{"name": "{id}", "id": "{id}"}}}}"#);
        refused += until_made(node, &format!("blockchain push {policy}"), "is in the ledger already");
        told.there.insert(id);
    }
    let gone = format!("{name}-goes");
    refused += until_made(node, &format!("blockchain drop policy where id = {gone}"), "not found");
    told.there.remove(&gone);
    told.gone.insert(gone);
    let local = format!(r#"{{"device": {{"name": "{name}-line", "id": "{name}-line"}}}}"#);
    let local = format!("blockchain insert where policy = {local} and local = true");
    refused += until_made(node, &local, "is in the ledger already");
    told.there.insert(format!("{name}-line"));
    refused + until_made(node, "run blockchain sync", "\u{0}")
}

/// Tells whether the commit of a change failed for which somebody waited: of what was in the log since the last good sync the sync was
/// refused. Nobody waits when a round in the background makes a row of the line of the story, or when SQLite empties its log.
fn has_lost_a_commit(report: &Path, name: &str) -> bool {
    let (text, line) = (fs::read_to_string(report).unwrap_or_default(), format!("{name}-line"));
    let (mut is_change, mut is_round) = (false, false);
    for call in text.lines().filter_map(|call| Some(call.split_once(' ')?.1.trim_start())) {
        let ended = call.strip_prefix("<... ").unwrap_or(call);
        if call.starts_with("pwrite64(") && call.contains("-wal>") {
            is_change |= call.contains(name);
            is_round |= call.contains(&line);
        } else if ended.starts_with("fsync") || ended.starts_with("fdatasync") {
            if ended.ends_with("(INJECTED)") {
                return is_change && !is_round;
            }
            if ended.ends_with("= 0") {
                (is_change, is_round) = (false, false);
            }
        }
    }
    false
}

fn check(node: &Program, told: &Told, when: &str) {
    let policies: Vec<Value> = serde_json::from_str(&node.get("blockchain get device")).unwrap();
    let held: Vec<_> = policies.iter().map(|policy| policy["device"]["id"].as_str().unwrap().to_owned()).collect();
    let once: BTreeSet<_> = held.iter().cloned().collect();
    assert_eq!(once.len(), held.len(), "{when}: a policy is there twice");
    assert_eq!(once, told.there, "{when}; gone are {:?}", told.gone);
}

/// Lets the n-th call of some kinds fail on some files, n from 1 on until none fails, and tells the story under each. Returns how
/// many n failed, or nothing where this machine cannot.
fn each_fails(node: &Program, calls: &str, files: &[PathBuf], told: &mut Told) -> Option<usize> {
    let directory = tempfile::tempdir().unwrap();
    let paths: Vec<_> = files.iter().flat_map(|file| ["-P", file.to_str().unwrap()]).collect();
    let mut failed = 0;
    for number in (1..).step_by(if is_long() { 1 } else { 3 }) {
        let chosen = told.stories % ERRORS.len();
        let errors = if is_long() { &ERRORS[..] } else { &ERRORS[chosen..=chosen] };
        let mut fails = false;
        for (error, _) in errors {
            let report = directory.path().join(format!("{number}-{error}"));
            let (trace, fault) =
                (format!("trace={calls},pwrite64"), format!("inject={calls}:error={error}:when={number}"));
            let options = [&["-y", "-s", "100000", "-e", &trace, "-e", &fault][..], &paths].concat();
            let watch = Watch::begin(node.id(), &options, &report)?;
            // What is there already would change nothing: no story has the names of another.
            let name = format!("story-{}", told.stories);
            let refused = story(node, &name, told);
            told.stories += 1;
            watch.end();
            let when = format!("{calls} number {number} failed with {error}");
            assert!(refused > 0 || !has_lost_a_commit(&report, &name), "{when}, and a change was acknowledged");
            check(node, told, &when);
            fails |= system_calls::has_failed(&report);
        }
        if !fails {
            return Some(failed);
        }
        failed += 1;
    }
    Some(failed)
}

#[test]
fn any_call_for_the_files_of_the_node_may_fail_once() {
    let home = tempfile::tempdir().unwrap();
    let node = Program::embedded(home.path(), &[]);
    let copy = PathBuf::from(node.get("get !blockchain_file"));
    let database = home.path().join("anylog-data/EdgeLake/data/dbms/blockchain.dbms");
    assert!(database.exists(), "{}", database.display());
    let beside = |path: &Path, end: &str| PathBuf::from(format!("{}{end}", path.display()));
    let database = [database.clone(), beside(&database, "-wal"), beside(&database, "-shm")];
    let ends = ["json", "tmp", "old", "old.tmp"].map(|end| copy.with_extension(end));
    let ends = [&ends[..], &[copy.parent().unwrap().to_owned()]].concat();
    let mut told = Told::default();
    for (calls, files) in [
        ("pwrite64", &database[..]),
        ("fsync,fdatasync", &database[..]),
        ("write", &ends[..]),
        ("fsync,fdatasync", &ends[..]),
        ("openat", &ends[..]),
        (RENAMES, &ends[..]),
    ] {
        let Some(failed) = each_fails(&node, calls, files, &mut told) else { return };
        assert!(failed > 0, "{calls} of {files:?}: no call failed, so that nothing was tested");
        println!("{calls}: {failed} of a story failed, one after the other");
    }
    drop(node);
    check(&Program::embedded(home.path(), &[]), &told, "after a kill and a start");
}

#[test]
fn any_connect_to_the_database_may_fail_once() {
    let home = Home::new(Store::Postgres);
    let (node, server) = (home.start(&[]), home.server.as_ref().unwrap());
    let (directory, mut told) = (tempfile::tempdir().unwrap(), Told::default());
    for number in 1.. {
        let mut fails = false;
        for error in ["ECONNREFUSED", "ETIMEDOUT", "EINTR"] {
            let report = directory.path().join(format!("{number}-{error}"));
            let fault = format!("inject=connect:error={error}:when={number}");
            let Some(watch) = Watch::begin(node.id(), &["-e", "trace=connect", "-e", &fault], &report) else { return };
            server
                .sql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'blockchain'");
            story(&node, &format!("connect-{number}-{error}"), &mut told);
            watch.end();
            check(&node, &told, &format!("connect {number} failed with {error}"));
            let has_failed = system_calls::has_failed(&report);
            // Each thread counts its own: of one that connects once the second connect never comes, but the first one does.
            assert!(number > 1 || has_failed, "no connect failed with {error}, so that nothing was tested");
            fails |= has_failed;
        }
        if !fails || !is_long() {
            break;
        }
    }
    drop(node);
    check(&home.start(&[]), &told, "after a kill and a start");
}
