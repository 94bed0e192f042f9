//! The power is lost at any moment of a running node: strace records what the node does to its database and its local copy, and the files
//! are made again as they may be found then. What SQLite promises is tested so without a disk that can be cut off.

use super::{
    Numbers, cycles, is_long,
    recorded_disk::{CALLS, RecordedDisk, Report},
    scratch, seeds,
    story::{Known, Node, Step},
    system_calls::Watch,
};
use crate::program::Program;
use anylog_master::ledger::{Error, RealDisk};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes of a long policy: of these the log of SQLite gets so long that it goes into the file meanwhile.
const LONG: usize = 60_000;

/// What the node was asked for and what is there then, with the places in the report before and behind it.
struct Asked {
    begun: usize,
    done: usize,
    known: Known,
}

/// Asks a node for changes, one after the other.
fn ask(node: &Program, report: &Path, numbers: &mut Numbers) -> Vec<Asked> {
    let at = || usize::try_from(fs::metadata(report).unwrap().len()).unwrap();
    let (mut known, mut lines, mut asked) = (Known::new(), HashSet::new(), Vec::new());
    for number in 0..if is_long() { 240_u32 } else { 60 } {
        let old = known.keys().nth(numbers.below(known.len())).cloned();
        let begun = at();
        let command = match (numbers.below(8), old) {
            (0, Some(old)) => {
                known.remove(&old);
                format!("blockchain drop policy where id = {old}")
            }
            (1 | 2, Some(old)) if !lines.contains(&old) => {
                known.insert(old.clone(), number);
                format!("blockchain replace policy {old} with {}", policy(&old, number, LONG))
            }
            (1..=3, _) => {
                lines.clear();
                "run blockchain sync".to_owned()
            }
            (kind, _) => {
                let id = format!("p{number}");
                known.insert(id.clone(), number);
                let policy = policy(&id, number, if number % 3 == 0 { LONG } else { 10 });
                if kind == 4 {
                    lines.insert(id);
                    format!("blockchain insert where policy = {policy} and local = true")
                } else {
                    format!("blockchain push {policy}")
                }
            }
        };
        node.change(&command).unwrap_or_else(|refusal| panic!("{command:.100}: {refusal}"));
        asked.push(Asked { begun, done: at(), known: known.clone() });
    }
    asked
}

fn policy(id: &str, value: u32, bytes: usize) -> String {
    format!(r#"{{"device": {{"name": "{id}", "value": {value}, "id": "{id}", "pad": "{}"}}}}"#, "x".repeat(bytes))
}

/// Returns what may be there when the power is lost at a place in the report: everything that was told, with or without what was
/// under way.
fn possible(asked: &[Asked], at: usize) -> Vec<Known> {
    let told = asked.iter().take_while(|asked| asked.done <= at).count();
    let before = told.checked_sub(1).map(|last| asked[last].known.clone()).unwrap_or_default();
    let under_way = asked.get(told).filter(|asked| asked.begun < at).map(|asked| asked.known.clone());
    std::iter::once(before).chain(under_way).collect()
}

/// Loses the power at a moment and looks what is found; the error says what is not as it has to be.
async fn cycle(numbers: &mut Numbers, start: &RecordedDisk, report: &Report, asked: &[Asked]) -> Result<(), String> {
    let (mut disk, directory, calls) = (start.clone(), scratch(), numbers.below(report.len() + 1));
    let at = report.replay(&mut disk, calls);
    disk.lose_power(numbers, directory.path());
    let file = directory.path().join("blockchain.json");
    let said = |error: Error| format!("after {calls} calls: {error}");
    let node = Node::start(directory.path(), &file, Arc::new(RealDisk)).await.map_err(said)?;
    let (held, possible) = (node.held(), possible(asked, at));
    if !possible.contains(&held) {
        return Err(format!("after {calls} calls there is {held:?}, not one of {possible:?}"));
    }
    node.make(Step::Sync).await.map_err(said)?;
    let is_mended = node.held() == held && fs::read(&file).unwrap() == node.exported().await;
    node.stop().await;
    if is_mended { Ok(()) } else { Err(format!("after {calls} calls a round did not mend the copy")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_and_copy_of_a_running_node_survive_losses_of_power() {
    let seed = seeds(1)[0];
    println!("FAULT_SEED={seed}");
    let (home, mut numbers) = (tempfile::tempdir().unwrap(), Numbers(seed));
    let node = Program::embedded(home.path(), &[]);
    let copy = PathBuf::from(node.get("get !blockchain_file"));
    assert_eq!(node.ask("POST", "run blockchain sync").0, 200);
    let report = home.path().join("report");
    let Some(watch) = Watch::begin(node.id(), &["-y", "-xx", "-s", "1000000", "-e", CALLS], &report) else { return };
    let database = home.path().join("anylog-data/EdgeLake/data/dbms");
    let start = RecordedDisk::read(&[&database, copy.parent().unwrap()]);
    let asked = ask(&node, &report, &mut numbers);
    watch.end();
    let report = Report::read(&report);
    for number in 0..cycles() {
        cycle(&mut numbers, &start, &report, &asked).await.unwrap_or_else(|found| panic!("cycle {number}: {found}"));
    }
    let (calls, changes) = (report.len(), asked.len());
    println!("the power was lost {} times, within {calls} calls of the system and {changes} changes", cycles());
}
