//! A backup that is written while others write is the ledger of one moment.

use super::file;
use crate::doors::{House, device};
use anylog_master::{
    backup,
    ledger::{Author, Change, RestoreMode, UndoRow, UndoStep},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

on_both_stores! {
    a_backup_is_of_one_moment_and_holds_nobody_up
}

async fn a_backup_is_of_one_moment_and_holds_nobody_up(house: House) {
    let node = house.boot().await;
    let ledger = node.node.ledger.clone();
    // Pairs of policies come and go in one change each: a backup has both or none.
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (ledger, stop) = (ledger.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut written = 0;
                while !stop.load(Ordering::Relaxed) {
                    let ids = [format!("{writer}-{written}-a"), format!("{writer}-{written}-b")];
                    let steps = ids.iter().map(|id| {
                        let (id, text, host) = (id.clone(), device(id), "h".to_owned());
                        UndoStep::Restore(UndoRow { id, text, host, date: None })
                    });
                    ledger.write(Change::Undo { steps: steps.collect() }, Author::new("test")).await.unwrap();
                    if written % 2 == 1 {
                        let ids = ids.to_vec();
                        ledger.write(Change::DropSome { ids }, Author::new("test")).await.unwrap();
                    }
                    written += 1;
                }
                written
            })
        })
        .collect();
    for number in 0..5 {
        let name = format!("c{number}.jsonl");
        super::backup(&node, &name).await;
        let order = backup::read_order(&file(&house, &name), RestoreMode::Merge, true).unwrap();
        let ids: BTreeSet<String> = order.policies.iter().map(|row| row.id.shown().into_owned()).collect();
        let halves = ids.iter().filter(|id| id.ends_with("-a") || id.ends_with("-b"));
        for id in halves {
            let other = if id.ends_with("-a") { id.replace("-a", "-b") } else { id.replace("-b", "-a") };
            assert!(ids.contains(&other), "{name} has {id} without {other}");
        }
        // Of each policy that is there the history of the same moment has the line that brought it.
        let known: BTreeSet<String> = order.changes.iter().map(|line| line.id.shown().into_owned()).collect();
        assert!(ids.is_subset(&known), "{name}");
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        assert!(writer.await.unwrap() > 0);
    }
    node.stop().await;
}
