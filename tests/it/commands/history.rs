//! Every change of a policy is kept, and the ledger of an earlier moment can be asked for.

use super::{case::read, node::TestNode};

async fn node() -> TestNode {
    let mut node = TestNode::start(&read("get")).await;
    for command in
        ["connect dbms blockchain where type = sqlite and memory = true", "create table ledger where dbms = blockchain"]
    {
        node.typed(command).await.1.unwrap();
    }
    node
}

fn device(name: &str) -> String {
    format!(r#"{{"device": {{"name": "{name}", "id": "d1", "date": "2026-01-01T00:00:00.000000Z"}}}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_of_an_earlier_moment_is_asked_for_behind_or_before_what_is_brought() {
    let mut node = node().await;
    node.node.dictionary.set("first", device("one"));
    node.node.dictionary.set("second", device("two"));
    for command in [
        "blockchain push !first",
        "blockchain replace policy d1 with !second",
        "blockchain drop policy where id = d1",
        "blockchain get device where id = d1",
    ] {
        node.typed(command).await.1.unwrap();
    }
    let steps = node.node.ledger.history("d1").await.unwrap();
    let what: Vec<_> = steps.iter().map(|step| step.action.as_str()).collect();
    assert_eq!(what, ["insert", "replace", "drop"]);
    assert_eq!((steps[1].before.as_deref(), steps[2].after.as_deref()), (Some(device("one").as_str()), None));
    for (step, name) in steps.iter().zip(["one", "two", ""]) {
        let time = &step.time;
        for command in [
            format!("blockchain get device where id = d1 bring [*][name] as of \"{time}\""),
            format!("blockchain get device where id = d1 as of {time} bring [*][name]"),
            format!("blockchain get device as of {time} where id = d1 bring [*][name]"),
        ] {
            let (shown, outcome) = node.typed(&command).await;
            outcome.unwrap();
            assert_eq!(shown.trim(), name, "{command}");
        }
    }
    let (shown, _) = node.typed("get policy history where id = d1").await;
    assert_eq!(["insert", "replace", "drop"].map(|what| shown.contains(what)), [true; 3], "{shown}");
}
