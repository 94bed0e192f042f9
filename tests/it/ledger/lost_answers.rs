//! Answers of the database that are lost on their way while the server still works on the commit.

use super::{Node, Place, device, insert, passage::Passage, shared};
use anylog_master::{
    ledger::{Author, Change, Error, OnDuplicate, PolicyCheck, Written},
    policy::Policy,
};
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Lets every commit wait for the lock that a test holds.
const HOLD: &str = "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       PERFORM pg_advisory_xact_lock(77); RETURN NEW; END $$;
     CREATE TRIGGER held BEFORE INSERT OR UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION held()";

/// Waits until so many statements wait for each other in the server.
async fn waiting(server: &mut PgConnection, wanted: i64) {
    let begin = Instant::now();
    loop {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM pg_locks WHERE NOT granted");
        let found = count.fetch_one(&mut *server).await.unwrap();
        if found == wanted {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{found} statements wait, not {wanted}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Makes a change whose answer is lost, and which is not there yet when the node looks for it: the server goes on with it when the
/// next attempt waits for its end.
async fn without_answer(
    node: &Arc<Node>,
    passage: &Passage,
    server: &mut PgConnection,
    change: Change,
) -> Result<Written, Error> {
    sqlx::query("SELECT pg_advisory_lock(77)").execute(&mut *server).await.unwrap();
    let writer = Arc::clone(node);
    let written = tokio::spawn(async move { writer.ledger.write(change, Author::new("test")).await });
    waiting(server, 1).await;
    passage.break_off();
    waiting(server, 2).await;
    sqlx::query("SELECT pg_advisory_unlock(77)").execute(&mut *server).await.unwrap();
    written.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_ends_after_its_answer_was_lost_is_done_once_and_told() {
    let place = Place::postgres();
    let Place::Postgres(server, _) = &place else { unreachable!() };
    let passage = Passage::open(server.port).await;
    let node = shared(Node::on(&format!("127.0.0.1:{}", passage.port)).await);
    node.insert(&device("a", 1)).await.unwrap();
    tokio::task::block_in_place(|| server.sql("blockchain", HOLD));
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(server.port)
        .username("admin")
        .password("elpw")
        .database("blockchain");
    let mut beside = PgConnection::connect_with(&options).await.unwrap();
    let added = insert(&device("b", 1), OnDuplicate::Refuse);
    let replaced = Change::Replace {
        id: "b".to_owned(),
        policy: Policy::parse(&device("b", 2)).unwrap(),
        host: "10.0.0.1".to_owned(),
        check: PolicyCheck::Structure,
    };
    for (change, lines) in [(added, 1), (replaced, 2)] {
        let written = without_answer(&node, &passage, &mut beside, change).await;
        assert!(written.is_ok(), "{written:?}");
        assert_eq!(node.ledger.history("b").await.unwrap().len(), lines, "it is done once");
    }
    assert_eq!(node.exported().await, device("a", 1) + "\n" + &device("b", 2) + "\n");
}
