//! What a ledger holds comes back into an empty one, whatever it is.

use super::{backup, differences, file, restore, rows, steps};
use crate::doors::{House, device};
use anylog_master::{
    ledger::{Author, Change, UndoRow, UndoStep},
    reply::Reply,
};
use serde_json::Value;
use std::collections::BTreeSet;

on_both_stores! {
    a_lost_database_is_made_again_with_history_and_tombstones
    a_backup_of_one_kind_of_database_is_restored_into_the_other
    rows_that_are_no_policies_are_kept_as_they_are
}

/// Policies whose texts are made to break something.
fn hostile() -> Vec<String> {
    let date = r#""date": "2026-01-01T00:00:00.000001Z""#;
    let texts =
        ["Zürich ✔ \u{1F680}", r"back\\slash", r#"quote \" and '"#, r"\u0000 \n \t", "$1 ? :x %s {}", "\u{202E}right"];
    let policy = |(number, text): (usize, &&str)| {
        format!(r#"{{"device": {{"name": "h{number}", "text": "{text}", "id": "hostile{number}", {date}}}}}"#)
    };
    texts.iter().enumerate().map(policy).collect()
}

async fn fill(node: &crate::doors::Inhabitant) {
    // The ledger itself is given them: the language of commands would read some of their signs.
    let restore = |(number, text): (usize, String)| {
        let (id, host) = (format!("hostile{number}"), "10.0.0.7".to_owned());
        UndoStep::Restore(UndoRow { id, text, host, date: Some("2026-01-01T00:00:00.000001Z".to_owned()) })
    };
    let steps = hostile().into_iter().enumerate().map(restore).collect();
    node.node.ledger.write(Change::Undo { steps }, Author::new("test")).await.unwrap();
    for id in ["kept", "changed", "dropped"] {
        node.run(&format!("blockchain push {}", device(id))).await.unwrap();
    }
    let other = device("changed").replace("d-changed", "new name");
    node.run(&format!("blockchain replace policy changed with {other}")).await.unwrap();
    node.run("blockchain drop policy where id = dropped").await.unwrap();
}

async fn a_lost_database_is_made_again_with_history_and_tombstones(house: House) {
    let node = house.boot().await;
    fill(&node).await;
    backup(&node, "b.jsonl").await;
    let (before, history) = (rows(&node), steps(&node, "changed").await);
    assert!(before.len() >= 8 && history.len() == 2);
    node.stop().await;
    house.swap_database().await;
    house.forget_copy();
    let node = house.boot().await;
    let refused = restore(&node, "file = b.jsonl").await.unwrap_err();
    assert!(refused.detail.unwrap().contains("has 1 policies already"), "the node published its own policy");
    let told = restore(&node, "file = b.jsonl and mode = replace").await.unwrap();
    assert!(told["history"].as_u64().unwrap() >= 10, "{told}");
    assert_eq!(rows(&node), before);
    let mut expected = history.clone();
    expected.push(("insert".to_owned(), None, Some(before["changed"].0.clone())));
    assert_eq!(steps(&node, "changed").await, expected);
    // A member that does not know of the drop sends its own copy again.
    node.block(&format!("blockchain push ignore {}", device("dropped"))).await;
    assert_eq!(rows(&node), before, "what was dropped stays dropped");
    assert_eq!(differences(&node, " and file = b.jsonl").await.iter().filter(|one| one.0 == "backup").count(), 0);
    node.stop().await;
    let node = house.boot().await;
    assert_eq!(rows(&node).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    node.stop().await;
}

async fn a_backup_of_one_kind_of_database_is_restored_into_the_other(house: House) {
    let other = if house.is_postgres() { House::sqlite() } else { House::postgres() };
    let from = house.boot().await;
    fill(&from).await;
    backup(&from, "b.jsonl.gz").await;
    let to = other.boot().await;
    std::fs::copy(file(&house, "b.jsonl.gz"), file(&other, "b.jsonl.gz")).unwrap();
    restore(&to, "file = b.jsonl.gz and mode = replace").await.unwrap();
    let texts = |rows: super::Rows| -> Vec<_> { rows.into_iter().map(|(id, row)| (id, row.0, row.1, row.3)).collect() };
    assert_eq!(texts(rows(&to)), texts(rows(&from)));
    assert_eq!(steps(&to, "changed").await[..2], steps(&from, "changed").await[..2]);
    let found = differences(&to, " and file = b.jsonl.gz").await;
    assert!(!found.iter().any(|one| one.0 == "backup"), "{found:?}");
    from.stop().await;
    to.stop().await;
}

/// Returns the ids of all rows: those that are policies, and those that are set aside because they are none.
async fn all_ids(node: &crate::doors::Inhabitant) -> BTreeSet<String> {
    let Reply::Value(Value::Array(aside)) = node.run("get policy errors where format = json").await.unwrap() else {
        panic!("a list is expected")
    };
    let aside = aside.iter().map(|error| error["id"].as_str().unwrap().to_owned());
    rows(node).into_keys().chain(aside).collect()
}

async fn rows_that_are_no_policies_are_kept_as_they_are(house: House) {
    let node = house.boot().await;
    let insert = "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ";
    let row = |values: &str| format!("{insert}({values})");
    let wrong = [
        row("'d', 'no-json', '2026-01-01 00:00:00', 'h', 'no policy at all'"),
        row("'d', 'empty', '2026-01-01 00:00:00', 'h', NULL"),
        row("'', '', '2026-01-01 00:00:00', '', ''"),
    ];
    house.sql(&wrong.iter().map(String::as_str).collect::<Vec<_>>()).await;
    if !house.is_postgres() {
        house.sql(&[&row("'d', 'bytes', '2026-01-01 00:00:00', 'h', CAST(x'7bff00' AS TEXT)")]).await;
    }
    node.node.ledger.reload().await.unwrap();
    backup(&node, "b.jsonl").await;
    let before = all_ids(&node).await;
    assert!(before.contains("no-json") && before.contains("empty"), "{before:?}");
    house.sql(&["DELETE FROM ledger WHERE policy_id <> 'empty'"]).await;
    node.node.ledger.reload().await.unwrap();
    assert_ne!(all_ids(&node).await, before);
    restore(&node, "file = b.jsonl and mode = replace").await.unwrap();
    assert_eq!(all_ids(&node).await, before);
    let found = differences(&node, " and file = b.jsonl").await;
    assert!(!found.iter().any(|one| one.0 == "backup"), "{found:?}");
    node.stop().await;
}
