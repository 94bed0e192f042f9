//! A table that lost what the local copy has: what is shown, what is refused, and both decisions, on both stores.

use super::{Node, Place, device};
use anylog_master::ledger::{Author, Error, StartFrom, StartedFrom};
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::fs;

macro_rules! on_both_stores {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Place::sqlite()).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Place::postgres()).await; })*
        }
    };
}

on_both_stores! {
    the_copy_counts
    the_table_counts
    a_restore_that_was_cut_short_goes_on
    a_table_that_is_lost_under_a_running_node_is_decided_there
    tables_of_others_are_named
    a_change_makes_a_table_again_that_somebody_else_dropped
}

const HOST: &str = "10.0.0.9";

fn global(id: &str) -> String {
    device(id, 1).replace("}}", r#", "ledger": "global"}}"#)
}

fn file_of(ids: &[&str]) -> String {
    ids.iter().map(|id| global(id) + "\n").collect()
}

/// Starts a node beside a copy of policies that its table does not have.
async fn lost(place: &Place, ids: &[&str]) -> Node {
    fs::write(place.file(), file_of(ids)).unwrap();
    Node::start(place).await
}

/// Runs statements of somebody who knows nothing of masters.
async fn outside(place: &Place, statements: &str) {
    let statements = sqlx::AssertSqlSafe(statements.to_owned());
    match place {
        Place::Sqlite(directory) => {
            let path = directory.path().join("blockchain.dbms");
            let mut connection =
                SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        Place::Postgres(server, _) => {
            let url = format!("postgres://admin:elpw@127.0.0.1:{}/blockchain", server.port);
            let mut connection = PgConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

fn operator() -> Author {
    Author::new("operator")
}

async fn the_copy_counts(place: Place) {
    let node = lost(&place, &["a", "b", "c"]).await;
    assert_eq!(node.ledger.lost_policies(), Some(3));
    assert!(matches!(node.ledger.export().await, Err(Error::LostPolicies(3))));
    assert!(matches!(node.ledger.sync_from_self(HOST).await, Err(Error::LostPolicies(3))));
    assert_eq!(node.ids(), ["a", "b", "c"], "readers see the copy");
    node.insert(&global("d")).await.unwrap();
    let started = node.ledger.start_from(StartFrom::Copy, HOST, operator()).await.unwrap();
    assert_eq!(started, StartedFrom::Copy { restored: 3, refused: 0 });
    assert_eq!(node.exported().await, file_of(&["d", "a", "b", "c"]), "all are rows now");
    assert_eq!(&*node.ledger.view().by_id("a").unwrap().host, HOST);
    let history = node.ledger.history("a").await.unwrap();
    assert_eq!((history.len(), history[0].who.as_str()), (1, "operator"));
    assert!(node.ledger.sync_from_self(HOST).await.unwrap().changed);
    assert_eq!(fs::read_to_string(place.file()).unwrap(), file_of(&["d", "a", "b", "c"]));
    let again = node.ledger.start_from(StartFrom::Copy, HOST, operator()).await;
    assert!(matches!(again, Err(Error::NothingLost)), "{again:?}");
    assert!(!place.directory().join("blockchain.restore").exists());
    node.stop().await;
}

async fn the_table_counts(place: Place) {
    let node = lost(&place, &["a", "b", "c"]).await;
    let started = node.ledger.start_from(StartFrom::Table, HOST, operator()).await.unwrap();
    let StartedFrom::Table { given_up: 3, kept } = started else { panic!("{started:?}") };
    assert_eq!(fs::read_to_string(kept).unwrap(), file_of(&["a", "b", "c"]), "nothing is thrown away");
    assert_eq!(node.exported().await, "\n");
    node.ledger.check_whole().unwrap();
    node.ledger.sync_from_self(HOST).await.unwrap();
    assert_eq!(fs::read_to_string(place.file()).unwrap(), "\n");
    node.stop().await;
    let node = Node::start(&place).await;
    assert_eq!((node.ledger.lost_policies(), node.ids().len()), (None, 0), "it was decided for good");
    node.stop().await;
}

/// Most of the policies are back when the node ends: without the mark the rest would count as given up.
async fn a_restore_that_was_cut_short_goes_on(place: Place) {
    let node = lost(&place, &["a", "b", "c"]).await;
    node.insert(&global("a")).await.unwrap();
    node.insert(&global("b")).await.unwrap();
    node.stop().await;
    fs::write(place.directory().join("blockchain.restore"), "").unwrap();
    let node = Node::start(&place).await;
    assert_eq!(node.ledger.lost_policies(), Some(1));
    assert!(node.ledger.is_being_restored().await.unwrap());
    let started = node.ledger.start_from(StartFrom::Copy, HOST, operator()).await.unwrap();
    assert_eq!(started, StartedFrom::Copy { restored: 1, refused: 0 });
    assert_eq!(node.exported().await, file_of(&["a", "b", "c"]));
    node.stop().await;
    let node = Node::start(&place).await;
    assert_eq!(node.ledger.lost_policies(), None);
    node.stop().await;
}

async fn a_table_that_is_lost_under_a_running_node_is_decided_there(place: Place) {
    let node = Node::start(&place).await;
    for id in ["a", "b", "c"] {
        node.insert(&global(id)).await.unwrap();
    }
    node.ledger.sync_from_self(HOST).await.unwrap();
    outside(&place, "DELETE FROM ledger").await;
    node.ledger.reload().await.unwrap();
    assert!(matches!(node.ledger.export().await, Err(Error::LostPolicies(3))));
    let decided = {
        let ledger = node.ledger.clone();
        tokio::spawn(async move { ledger.decided().await })
    };
    node.ledger.start_from(StartFrom::Copy, HOST, operator()).await.unwrap();
    decided.await.unwrap();
    assert_eq!(node.exported().await, file_of(&["a", "b", "c"]));
    node.stop().await;
}

async fn tables_of_others_are_named(place: Place) {
    let node = Node::start(&place).await;
    node.stop().await;
    outside(&place, "ALTER TABLE ledger RENAME TO ledger_before; CREATE TABLE ledger (id integer, amount integer)")
        .await;
    let node = Node::alone();
    let refused = node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap_err().to_string();
    assert!(refused.contains("lacks the columns sequence_id, ") && refused.contains("and has id, amount"), "{refused}");
    outside(&place, "DROP TABLE ledger; ALTER TABLE ledger_before RENAME TO ledger").await;
    outside(
        &place,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', true, '', 0)",
    )
    .await;
    let refused = node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap_err().to_string();
    assert!(refused.contains("a newer version of this program") && refused.contains("step 9999"), "{refused}");
    outside(&place, "DELETE FROM _sqlx_migrations WHERE version = 9999; UPDATE _sqlx_migrations SET checksum = '' WHERE version = 1").await;
    let refused = node.ledger.attach(place.connection().await.store().unwrap()).await.unwrap_err().to_string();
    assert!(refused.contains("its step 1 is another one"), "{refused}");
    node.stop().await;
}

/// The node has seen that the table is gone before the next change comes.
async fn a_change_makes_a_table_again_that_somebody_else_dropped(place: Place) {
    let node = Node::start(&place).await;
    node.insert(&device("a", 1)).await.unwrap();
    outside(&place, "DROP TABLE ledger").await;
    let seen = node.ledger.reload().await;
    assert!(matches!(seen, Err(Error::NoTable)), "{seen:?}");
    node.insert(&device("b", 1)).await.unwrap();
    assert_eq!(node.ids(), ["b"]);
    assert_eq!(node.ledger.history("a").await.unwrap().len(), 1, "the history keeps what it had");
    node.stop().await;
}

/// Of several masters one brings back what was lost; the others have nothing to decide any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_master_brings_back_the_others_have() {
    let place = Place::postgres();
    let (one, other) = (lost(&place, &["a", "b"]).await, lost(&place, &["a", "b"]).await);
    assert_eq!(other.ledger.lost_policies(), Some(2));
    let decided = {
        let ledger = other.ledger.clone();
        tokio::spawn(async move { ledger.decided().await })
    };
    one.ledger.start_from(StartFrom::Copy, HOST, operator()).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(20), decided).await.unwrap().unwrap();
    assert_eq!(other.exported().await, file_of(&["a", "b"]));
    one.stop().await;
    other.stop().await;
}
