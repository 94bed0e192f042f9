//! Every operation of the local copy fails once, one after the other, until a whole pass of the story is clean.

use super::{
    Numbers,
    faulty_disk::{ERRORS, FaultyDisk},
    is_long, scratch, seeds,
    story::{Known, Node, STORY, Step},
};
use anylog_master::ledger::RealDisk;
use std::{fs, path::Path, sync::Arc};

/// Of so many operations one fails in a short run; which ones, a seed says.
const EVERY: usize = 8;

/// Sees that a node that was killed now comes back with one of the states that were told, and mends its copy.
async fn survives(directory: &Path, possible: &[&Known], told: &str) {
    let copy = scratch();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if ["json", "tmp", "old", "dbms", "dbms-wal"].iter().any(|end| name.to_string_lossy().ends_with(end)) {
            fs::copy(entry.path(), copy.path().join(name)).unwrap();
        }
    }
    let file = copy.path().join("blockchain.json");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let is_line = |line: &str| line.is_empty() || serde_json::from_str::<serde_json::Value>(line).is_ok();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    assert!(whole.lines().all(is_line), "{told}: the copy is torn in the middle: {text}");
    let node = Node::start(copy.path(), &file, Arc::new(RealDisk)).await.unwrap();
    let held = node.held();
    assert!(possible.contains(&&held), "{told}: after a crash there is {held:?}, not one of {possible:?}");
    node.make(Step::Sync).await.unwrap();
    assert_eq!(node.held(), held, "{told}: a round changed what is there");
    assert_eq!(fs::read(&file).unwrap(), node.exported().await, "{told}: a round did not mend the copy");
    node.stop().await;
}

/// Tells the story on a disk whose n-th operation fails; false when there was no such operation.
async fn pass(failing: usize, (name, error): (&str, i32)) -> bool {
    let (directory, disk) = (scratch(), FaultyDisk::new(failing, error));
    let file = directory.path().join("blockchain.json");
    let start = || Node::start(directory.path(), &file, disk.clone());
    let started = match start().await {
        Ok(node) => Ok(node),
        Err(_) => start().await,
    };
    let (mut node, mut known, mut has_failed) = (started.unwrap(), Known::new(), disk.has_failed());
    for (number, step) in STORY.into_iter().enumerate() {
        let (before, told) = (known.clone(), format!("{name} at operation {failing}, in step {number} {step:?}"));
        step.note(&mut known);
        let made = if matches!(step, Step::Restart) {
            node.stop().await;
            let started = start().await;
            let error = started.as_ref().err().cloned();
            node = match started {
                Ok(node) => node,
                Err(_) => start().await.unwrap(),
            };
            error.map_or(Ok(()), Err)
        } else {
            node.make(step).await
        };
        let fails_now = disk.has_failed() && !has_failed;
        has_failed = disk.has_failed();
        if let Err(error) = made {
            assert!(fails_now, "{told}: {error}");
            survives(directory.path(), &[&before, &known], &told).await;
            if !matches!(step, Step::Restart) {
                node.make_again(step).await;
            }
        } else if fails_now {
            survives(directory.path(), &[&known], &told).await;
        }
        assert_eq!(node.held(), known, "{told}");
    }
    node.make(Step::Sync).await.unwrap();
    assert_eq!(fs::read(&file).unwrap(), node.exported().await);
    node.stop().await;
    survives(directory.path(), &[&known], "at the end").await;
    disk.has_failed()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_local_copy_may_fail_once() {
    let seed = seeds(1)[0];
    println!("FAULT_SEED={seed}");
    let first = if is_long() { 0 } else { Numbers(seed).below(EVERY) };
    let every = if is_long() { 1 } else { EVERY };
    let mut passes = 0;
    for failing in (first..).step_by(every) {
        let errors = if is_long() { ERRORS.to_vec() } else { vec![ERRORS[passes % ERRORS.len()]] };
        let mut fails = false;
        for error in errors {
            fails = pass(failing, error).await;
            passes += 1;
        }
        if !fails {
            println!("{passes} passes; the story has fewer than {} operations", failing + 1);
            break;
        }
    }
    assert!(passes >= 5, "{passes} passes");
}
