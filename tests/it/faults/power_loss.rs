//! The power is lost at any operation of the local copy: what was not synced is gone, in part or as a whole. The database has its own
//! promise (`recorded_power_loss`); here it keeps what it committed.

use super::{
    Numbers, cycles,
    powered_disk::PoweredDisk,
    scratch, seeds,
    story::{Known, Node, STORY, Step},
};
use anylog_master::ledger::LocalDisk as _;
use std::{path::Path, sync::Arc};

/// Where the copy lies on the disk of the test.
const FILE: &str = "/ledger/blockchain.json";

/// Tells the story until the power is lost; returns the states that are possible then.
async fn until_the_power_is_lost(directory: &Path, disk: &PoweredDisk) -> [Known; 2] {
    let (mut known, mut before) = (Known::new(), Known::new());
    let start = || Node::start(directory, Path::new(FILE), Arc::new(disk.clone()));
    let Ok(mut node) = start().await else { return [before, known] };
    for step in STORY {
        before.clone_from(&known);
        step.note(&mut known);
        if matches!(step, Step::Restart) {
            node.stop().await;
            match start().await {
                Ok(again) => node = again,
                Err(_) => return [before, known],
            }
        } else if let Err(error) = node.make(step).await {
            assert!(disk.is_off(), "{step:?}: {error}");
            node.stop().await;
            return [before, known];
        }
        if disk.is_off() {
            // Nobody was told of it: the step needed nothing of the disk.
            node.stop().await;
            return [known.clone(), known];
        }
    }
    node.stop().await;
    [known.clone(), known]
}

async fn cycle(seed: u64, operations: usize) {
    let (directory, mut numbers) = (scratch(), Numbers(seed));
    let disk = PoweredDisk::new(numbers.below(operations + 1));
    let possible = until_the_power_is_lost(directory.path(), &disk).await;
    let disk = disk.found(&mut numbers);
    let node = Node::start(directory.path(), Path::new(FILE), Arc::new(disk.clone())).await.unwrap();
    let held = node.held();
    assert!(possible.contains(&held), "FAULT_SEED={seed}: there is {held:?}, not one of {possible:?}");
    node.make(Step::Sync).await.unwrap();
    assert_eq!(node.held(), held, "FAULT_SEED={seed}: a round changed what is there");
    let copy = disk.read(Path::new(FILE)).unwrap();
    assert_eq!(copy, node.exported().await, "FAULT_SEED={seed}: a round did not mend the copy");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_copy_survives_losses_of_power() {
    let (directory, whole) = (scratch(), PoweredDisk::new(usize::MAX));
    until_the_power_is_lost(directory.path(), &whole).await;
    let seeds = seeds(cycles());
    for seed in &seeds {
        println!("FAULT_SEED={seed}");
        cycle(*seed, whole.done()).await;
    }
    println!("the power was lost {} times, within {} operations", seeds.len(), whole.done());
}
