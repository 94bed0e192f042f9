//! The backups that a node writes by itself.

use crate::{
    doors::{House, Inhabitant, device},
    program::PATIENCE,
};
use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

fn files(house: &House, folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(house.below(folder))
        .map(|entries| entries.flatten().collect())
        .unwrap_or_else(|_| Vec::new());
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
}

/// Puts a file there that a command which ended in the middle left two hours ago, and returns its path.
fn left_over(house: &House) -> PathBuf {
    let path = house.below("data/bkup").join("exchange-00000000000000ff.jsonl");
    std::fs::create_dir_all(house.below("data/bkup")).unwrap();
    let old = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    std::fs::File::create(&path).unwrap().set_modified(old).unwrap();
    path
}

/// Waits until so many were written by this start.
async fn written(node: &Inhabitant, count: u64) {
    let until = tokio::time::Instant::now() + PATIENCE;
    while node.node.services.backups.status().is_none_or(|status| status.written < count) {
        assert!(tokio::time::Instant::now() < until, "{:?}", node.node.services.backups.status());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_are_kept_and_each_is_whole() {
    let house = House::sqlite().with("BACKUP_SCHEDULE", "1 seconds").with("BACKUP_KEEP", "2");
    let node = house.boot().await;
    node.run(&format!("blockchain push {}", device("a"))).await.unwrap();
    std::fs::write(house.below("data/bkup/other.jsonl"), "of somebody else").unwrap();
    node.node.services.backups.start(&node.node);
    written(&node, 3).await;
    node.stop().await;
    let mut left = files(&house, "data/bkup");
    assert_eq!(left.pop().unwrap().file_name().unwrap(), "other.jsonl");
    assert!(left.len() == 2, "{left:?}");
    for path in &left {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("n1.20") && name.ends_with(".jsonl.gz"), "{name}");
        let (_, seal) = anylog_master::backup::check(path).unwrap();
        assert!(seal.counts.policies >= 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_repeats_nothing_and_the_health_tells() {
    let house = House::sqlite().with("BACKUP_SCHEDULE", "6 hours");
    let node = house.boot().await;
    node.node.services.backups.start(&node.node);
    written(&node, 1).await;
    node.stop().await;
    let first = files(&house, "data/bkup");
    assert_eq!(first.len(), 1);
    let node = house.boot().await;
    node.node.services.backups.start(&node.node);
    let until = tokio::time::Instant::now() + PATIENCE;
    while node.node.services.backups.status().is_none_or(|status| status.last.is_none()) {
        assert!(tokio::time::Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(node.node.services.backups.status().unwrap().written, 0);
    assert_eq!(files(&house, "data/bkup"), first);
    let metrics = format!("{:?}", node.run("get metrics").await.unwrap());
    assert!(metrics.contains("anylog_master_backup_last_success_timestamp_seconds"), "{metrics}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_fails_is_told_and_removes_nothing() {
    let house = House::sqlite().with("BACKUP_SCHEDULE", "1 seconds").with("BACKUP_DIR", "/proc/no-such-place");
    let node = house.boot().await;
    node.node.services.backups.start(&node.node);
    let until = tokio::time::Instant::now() + PATIENCE;
    while node.node.services.backups.status().is_none_or(|status| status.failed == 0) {
        assert!(tokio::time::Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let status = node.node.services.backups.status().unwrap();
    assert!(status.trouble.unwrap().contains("/proc/no-such-place"));
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_left_goes_also_without_a_schedule() {
    let house = House::sqlite();
    let node = house.boot().await;
    let left = left_over(&house);
    node.node.services.backups.start(&node.node);
    let until = tokio::time::Instant::now() + PATIENCE;
    while left.exists() {
        assert!(tokio::time::Instant::now() < until);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    left_over(&house);
    let under_way = house.below("data/bkup").join("exchange-00000000000000fe.jsonl");
    std::fs::write(&under_way, "").unwrap();
    node.run("backup ledger where file = b.jsonl").await.unwrap();
    assert!(!left.exists() && under_way.exists());
    node.stop().await;
}
