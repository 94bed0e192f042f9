//! Ledgers that older versions left (tests/vectors/upgrade): everything in them is there afterwards, and they take changes.

use super::{Node, Place, device};
use std::{
    fs,
    path::{Path, PathBuf},
};

macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Place::sqlite).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Place::postgres).await; })*
        }
    };
}

on_both_stores! {
    the_ledger_of_every_older_version_opens_as_it_was
    a_second_start_finds_nothing_to_do
    the_table_is_still_the_one_of_the_network
}

/// The columns that every node of the network knows, in their order (reference/ledger 4.3).
const COLUMNS: [&str; 8] =
    ["sequence_id", "policy_type", "policy_id", "company_name", "date", "host", "status", "policy"];

/// Returns the folders of the versions.
fn versions() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/upgrade");
    let mut found: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    assert!(!found.is_empty(), "no older version is kept");
    found
}

/// Puts the database of a version where a node of today looks for its own, and returns what members had of it.
async fn lay(place: &Place, version: &Path) -> String {
    let copy = match place {
        Place::Sqlite(directory) => {
            fs::copy(version.join("blockchain.dbms"), directory.path().join("blockchain.dbms")).unwrap();
            "sqlite.json"
        }
        Place::Postgres(server, _) => {
            server.sql("postgres", "CREATE DATABASE blockchain");
            server.sql("blockchain", &fs::read_to_string(version.join("blockchain.sql")).unwrap());
            "postgres.json"
        }
    };
    let copy = version.join(copy);
    fs::copy(&copy, place.file()).unwrap();
    fs::read_to_string(copy).unwrap()
}

/// Returns how many steps were done on a place; nothing may be left to do.
async fn steps(place: &Place) -> usize {
    let plan = place.target().migration_plan("blockchain").await.unwrap();
    assert!(plan.pending.is_empty(), "{plan:?}");
    plan.done
}

async fn the_ledger_of_every_older_version_opens_as_it_was(place: fn() -> Place) {
    for version in versions() {
        let place = place();
        let was = lay(&place, &version).await;
        let before = place.target().migration_plan("blockchain").await.unwrap();
        assert!(before.done > 0, "{before:?}");
        let node = Node::start(&place).await;
        assert_eq!(steps(&place).await, before.done + before.pending.len());
        assert_eq!(node.ledger.lost_policies(), None, "{}", version.display());
        assert_eq!(node.exported().await, was, "{}", version.display());
        let replaced = node.ledger.history("kept-2").await.unwrap();
        let told: Vec<&str> = replaced.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(told, ["insert", "replace"]);
        assert!(replaced[1].before.as_deref().unwrap().contains(r#""version": 1"#), "{replaced:?}");
        let dropped = node.ledger.history("kept-3").await.unwrap();
        assert_eq!(dropped.last().unwrap().action.as_str(), "drop");
        node.insert(&device("new", 1)).await.unwrap();
        node.drop_ids(&["kept-1"]).await.unwrap();
        assert_eq!(node.exported().await.lines().count(), was.lines().count());
        node.stop().await;
    }
}

async fn a_second_start_finds_nothing_to_do(place: fn() -> Place) {
    for version in versions() {
        let place = place();
        let was = lay(&place, &version).await;
        Node::start(&place).await.stop().await;
        let made = steps(&place).await;
        let node = Node::start(&place).await;
        assert_eq!(node.exported().await, was);
        node.stop().await;
        assert_eq!(steps(&place).await, made);
    }
}

async fn the_table_is_still_the_one_of_the_network(place: fn() -> Place) {
    for version in versions() {
        let place = place();
        lay(&place, &version).await;
        Node::start(&place).await.stop().await;
        let database = place.connection().await;
        let columns = database.columns("ledger").await.unwrap();
        assert_eq!(columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), COLUMNS);
        database.close().await;
    }
}

/// The steps are done by one of those that start, under a lock of the server, and the others find them done.
#[tokio::test(flavor = "multi_thread")]
async fn several_masters_that_start_at_once_do_the_steps_once() {
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    server.sql("postgres", "CREATE DATABASE blockchain");
    let hosts = format!("127.0.0.1:{}", server.port);
    let (one, two, three) = tokio::join!(Node::on(&hosts), Node::on(&hosts), Node::on(&hosts));
    assert!(steps(&place).await > 0);
    one.insert(&device("a", 1)).await.unwrap();
    for node in [one, two, three] {
        node.ledger.reload().await.unwrap();
        assert_eq!(node.ids(), ["a"]);
        node.stop().await;
    }
}
