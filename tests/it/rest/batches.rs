//! Lists of policies that `blockchain insert` adds as one.

use super::{
    client::{Reply, send, text},
    replay::Master,
};
use std::fmt::Write as _;

const CLIENT: (&str, &str) = ("User-Agent", "AnyLog/1.23");
const HERE: &str = "local = true and master = !ledger_conn";

/// Sends a command as the body of a request.
async fn run(master: &Master, command: &str) -> Reply {
    send(master.rest, text("POST", "/", &[CLIENT, ("command", "body")], command)).await
}

async fn insert(master: &Master, list: &str, places: &str) -> Reply {
    run(master, &format!("blockchain insert where policy = {list} and {places}")).await
}

async fn names(master: &Master) -> String {
    run(master, "blockchain get device bring [*][name] separator = ,").await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_list_all_are_added_in_one_transaction_or_none() {
    let master = Master::boot().await;
    let before = master.node.ledger.view().generation();
    let list = r#"[{"device": {"name": "a"}}, {"device": {"name": "b"}}, {"device": {"name": "c"}}]"#;
    let added = insert(&master, list, HERE).await;
    assert_eq!((added.status, added.body.as_str()), (200, ""));
    assert_eq!(names(&master).await, "a,b,c");
    assert_eq!(master.node.ledger.view().generation(), before + 1);
    let lines = master.node.ledger.last_lines(3).await.unwrap();
    assert!(lines.iter().all(|line| line.time == lines[0].time), "{lines:?}");
    let shown = run(&master, "blockchain get device where name = b").await.body;
    assert!(shown.contains(r#""ledger": "local""#), "as one policy reads until the next round: {shown}");

    let again = r#"[{"device": {"name": "d"}}, {"device": {"name": "b"}}]"#;
    let no_policy = r#"[{"device": {"name": "d"}}, {"device": 7}]"#;
    let two_types = r#"[{"device": {"name": "d"}}, {"device": {}, "other": {}}]"#;
    let script = r#"[{"device": {"name": "d"}}, {"mapping": {"dbms": "x", "table": "y", "schema": {"z": {"type": "int", "script": ["nonsense"]}}}}]"#;
    let table = r#"{"table": {"name": "t", "dbms": "x", "create": "NUMBER"}}"#;
    let clash = format!("[{}, {}]", table.replace("NUMBER", "1"), table.replace("NUMBER", "2"));
    for wrong in [again, no_policy, two_types, script, &clash] {
        let refused = insert(&master, wrong, HERE).await;
        assert_eq!(refused.status, 400, "{wrong}");
        let told = format!("{:?} {}", refused.headers, refused.body);
        assert!(told.contains("policy 2: "), "{wrong}: {told}");
    }
    assert_eq!(names(&master).await, "a,b,c");
    assert_eq!(master.node.ledger.view().count_of("table"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_as_many_policies_as_one_request_may_bring() {
    let master = Master::boot().await;
    let list = |count: usize| {
        let mut list = String::from("[");
        for number in 0..count {
            let comma = if number > 0 { "," } else { "" };
            let _ = write!(list, r#"{comma}{{"device": {{"number": {number}}}}}"#);
        }
        list + "]"
    };
    for count in [0, 1001] {
        assert_eq!(insert(&master, &list(count), HERE).await.status, 400, "{count}");
    }
    let added = insert(&master, &list(1000), HERE).await;
    assert_eq!(added.status, 200, "{}", added.body);
    assert_eq!(master.node.ledger.view().count_of("device"), 1000);
    assert_eq!(
        insert(&master, r#"[{"device": {"number": 1000}}]"#, "local = false and master = !ledger_conn").await.status,
        200
    );
    assert_eq!(master.node.ledger.view().count_of("device"), 1001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_for_the_local_copy_is_there_as_a_whole_or_not_at_all() {
    let master = Master::boot().await;
    // Nobody listens at the other master.
    let elsewhere = "local = true and master = 127.0.0.9:1";
    let list = r#"[{"device": {"name": "a"}}, {"device": {"name": "b"}}]"#;
    let added = insert(&master, list, elsewhere).await;
    assert_eq!(added.status, 200, "{}", added.body);
    assert_eq!(master.node.ledger.view().lines().count(), 2);
    let again = insert(&master, r#"[{"device": {"name": "c"}}, {"device": {"name": "a"}}]"#, elsewhere).await;
    assert_eq!(again.status, 400);
    assert_eq!((names(&master).await.as_str(), master.node.ledger.view().lines().count()), ("a,b", 2));
    let add = |list: &str| format!("blockchain add {list}");
    assert_eq!(run(&master, &add(r#"[{"device": {"name": "c"}}, {"device": {"name": "b"}}]"#)).await.status, 400);
    assert_eq!(names(&master).await, "a,b");
    assert_eq!(run(&master, &add(r#"[{"device": {"name": "c"}}, {"device": {"name": "d"}}]"#)).await.status, 200);
    assert_eq!(names(&master).await, "a,b,c,d");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_prepared_and_inserted_by_its_variable() {
    let master = Master::boot().await;
    let list = r#"<l=[{"device": {"name": "a"}}, {"device": {"name": "b"}}]>"#;
    let prepare = ("command", "blockchain prepare policy !l");
    let prepared = send(master.rest, text("POST", "/", &[CLIENT, prepare], list)).await;
    assert_eq!(prepared.status, 200, "{}", prepared.body);
    let text = run(&master, "get !l").await.body;
    assert_eq!((text.matches("\"id\"").count(), text.matches("\"date\"").count()), (2, 2), "{text}");
    let inserted = run(&master, "blockchain insert where policy = !l and local = true and master = !ledger_conn").await;
    assert_eq!(inserted.status, 200, "{}", inserted.body);
    assert_eq!(names(&master).await, "a,b");
}
