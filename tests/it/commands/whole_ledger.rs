//! What reads the whole ledger waits for its turn: a runtime thread that did it would hold up everybody else.

use super::{case::read, node::TestNode};
use anylog_master::{
    reply::{ErrorKind, Reply},
    runtime::limits::WORK_PER_CALLER,
};
use std::{
    future::ready,
    sync::{Arc, mpsc::channel},
};

/// A cluster, and a policy of a type without rules.
const POLICIES: [&str; 2] = [
    r#"{"cluster": {"name": "c", "company": "x", "id": "c1", "date": "2026-01-01T00:00:00.000000Z"}}"#,
    r#"{"device": {"name": "d", "id": "d1", "date": "2026-01-01T00:00:00.000001Z"}}"#,
];

#[tokio::test(flavor = "multi_thread")]
async fn tests_of_the_ledger_have_the_place_of_long_questions() {
    let mut node = TestNode::start(&read("get")).await;
    for command in
        ["connect dbms blockchain where type = sqlite and memory = true", "create table ledger where dbms = blockchain"]
    {
        node.run(command).await.unwrap();
    }
    for policy in POLICIES {
        node.run(&format!("blockchain push {policy}")).await.unwrap();
    }
    let tests = [
        ("blockchain test", "Blockchain file status: OK"),
        ("blockchain test cluster", "Blockchain cluster policies status: OK"),
    ];
    // The people at the node have as much work under way as one caller may have; it ends with its sender.
    let held = Arc::clone(&node.node);
    let (mut ends, mut works) = (Vec::new(), Vec::new());
    for _ in 0..WORK_PER_CALLER {
        let (end, ended) = channel::<()>();
        let mut work = Box::pin(held.queries.apart(None, move || {
            let _ended = ended.recv();
        }));
        tokio::select! {
            biased;
            _ = &mut work => panic!("its sender is there"),
            () = ready(()) => {}
        }
        ends.push(end);
        works.push(work);
    }
    for (command, _) in tests {
        let refused = node.run(command).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Unavailable, "{command}: {refused}");
    }
    // One policy is looked up, and nothing waits for that.
    assert_eq!(node.run("blockchain test id c1").await.unwrap(), Reply::Text("true".to_owned()));
    drop(ends);
    drop(works);
    for (command, told) in tests {
        assert_eq!(node.run(command).await.unwrap(), Reply::Text(told.to_owned()), "{command}");
    }
}
