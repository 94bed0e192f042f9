//! What somebody did to the ledger can be taken back.

use super::house::{House, Inhabitant, device};
use anylog_master::reply::Reply;
use std::collections::BTreeMap;

on_both_stores! {
    dropped_policies_come_back_as_they_were
    changes_of_one_sender_are_taken_back_and_no_others
    what_others_did_between_two_changes_of_a_sender_stays
    what_was_shown_is_undone_or_nothing
    the_last_changes_are_taken_back_and_that_too
    a_dropped_table_comes_back
    a_table_that_somebody_else_dropped_is_told
}

/// Everything that the table has of each policy: text, host and date.
fn rows(node: &Inhabitant) -> BTreeMap<String, (String, String, String)> {
    let view = node.node.ledger.view();
    let row = |entry: &anylog_master::ledger::LedgerEntry| {
        (entry.id.to_string(), (entry.text.to_string(), entry.host.to_string(), entry.date.to_string()))
    };
    view.iter().map(|entry| row(entry)).collect()
}

/// Runs `blockchain undo …` without the word that confirms it, which changes nothing, and then with it.
async fn undo(node: &Inhabitant, what: &str) -> (Vec<String>, String) {
    let before = rows(node);
    let preview = node.run(&format!("blockchain undo {what}")).await.unwrap();
    let Reply::Table(table) = preview else { panic!("a table is expected, not {preview:?}") };
    assert_eq!(rows(node), before, "a preview changes nothing");
    let effects = table.rows.iter().map(|row| format!("{} {}", row[4].as_str().unwrap(), row[5].as_str().unwrap()));
    let effects = effects.collect();
    let Reply::Text(told) = node.run(&format!("blockchain undo {what} confirm")).await.unwrap() else {
        panic!("a text is expected")
    };
    (effects, told)
}

async fn dropped_policies_come_back_as_they_were(house: House) {
    let node = house.boot().await;
    for number in 0..15 {
        let policy = device(&format!("p{number}")).replace("000001Z", &format!("{number:06}Z"));
        assert_eq!(node.block(&format!("blockchain push {policy}")).await.0, 0);
    }
    node.run(r#"blockchain push {"cluster": {"name": "c", "company": "acme", "id": "c1", "date": "2026-02-03T04:05:06.000007Z"}}"#)
        .await
        .unwrap();
    let before = rows(&node);
    let ids: Vec<_> = (0..15).map(|number| format!("p{number}")).collect();
    assert_eq!(node.block(&format!("blockchain drop policy where id = {}", ids.join(","))).await.0, 0);
    node.run("blockchain drop policy where id = c1").await.unwrap();
    assert_eq!(rows(&node).len(), 1);
    assert!(node.member().await.ledger().await.is_err());
    let (effects, told) = undo(&node, "16").await;
    assert!(effects.len() == 16 && effects.iter().all(|effect| effect.ends_with("comes back")), "{effects:?}");
    assert!(told.contains("before: 16"), "{told}");
    assert_eq!(rows(&node), before);
    // What came back is there to stay, and members get it.
    node.member().await.ledger().await.unwrap();
    node.stop().await;
    let again = house.boot().await;
    let texts = |rows: BTreeMap<String, (String, String, String)>| rows.into_values().collect::<Vec<_>>();
    assert_eq!(texts(rows(&again)), texts(before));
    again.stop().await;
}

async fn changes_of_one_sender_are_taken_back_and_no_others(house: House) {
    let node = house.boot().await;
    node.run(&format!("blockchain push {}", device("mine"))).await.unwrap();
    node.run(&format!("blockchain push {}", device("changed"))).await.unwrap();
    node.run(&format!("blockchain push {}", device("both"))).await.unwrap();
    let before = rows(&node);
    assert_eq!(node.block(&format!("blockchain push {}", device("theirs"))).await.0, 0);
    let other = |id: &str, name: &str| device(id).replace(&format!("d-{id}"), name);
    assert_eq!(node.block("blockchain drop policy where id = mine").await.0, 0);
    assert_eq!(node.block(&format!("blockchain replace policy changed with {}", other("changed", "x"))).await.0, 0);
    assert_eq!(node.block(&format!("blockchain replace policy both with {}", other("both", "x"))).await.0, 0);
    node.run(&format!("blockchain replace policy both with {}", other("both", "y"))).await.unwrap();
    let later = rows(&node)["both"].clone();
    let (mut effects, told) = undo(&node, "by 127.0.0.1").await;
    effects.sort();
    assert_eq!(
        effects,
        [
            "both left alone: changed later by prompt",
            "changed gets its old text",
            "mine comes back",
            "theirs is removed"
        ]
    );
    assert!(told.contains("before: 3, 1 are left alone"), "{told}");
    let mut expected = before;
    expected.insert("both".to_owned(), later);
    assert_eq!(rows(&node), expected);
    for nothing in ["by nobody", "by 127.0.0", "since 2090-01-01", "by %"] {
        assert!(node.run(&format!("blockchain undo {nothing} confirm")).await.is_err(), "{nothing}");
    }
    for wrong in ["x", "1 2 3", "since", "since tomorrow", "since 2026-1", "-1", "confirm confirm", "plan", "1 plan"] {
        assert!(node.run(&format!("blockchain undo {wrong}")).await.is_err(), "{wrong}");
    }
    assert_ne!(node.block("blockchain undo 1 confirm").await.0, 0, "it is not for other nodes");
    assert_eq!(rows(&node), expected);
    node.stop().await;
}

async fn what_others_did_between_two_changes_of_a_sender_stays(house: House) {
    let node = house.boot().await;
    node.run(&format!("blockchain push {}", device("p"))).await.unwrap();
    let version = |name: &str| device("p").replace("d-p", name);
    assert_eq!(node.block(&format!("blockchain replace policy p with {}", version("v1"))).await.0, 0);
    node.run(&format!("blockchain replace policy p with {}", version("v2"))).await.unwrap();
    let wanted = rows(&node);
    assert_eq!(node.block(&format!("blockchain replace policy p with {}", version("v3"))).await.0, 0);
    assert_ne!(rows(&node), wanted);
    let (effects, told) = undo(&node, "by 127.0.0.1").await;
    assert_eq!(effects, ["p gets its old text, as prompt left it: what came before that stays"]);
    assert_eq!(told, "Policies that are what they were before: 1");
    assert_eq!(rows(&node), wanted, "what the operator did is still there");
    node.stop().await;
}

/// Returns the fingerprint that the preview of an undo shows.
async fn plan_of(node: &Inhabitant, what: &str) -> String {
    let Reply::Table(table) = node.run(&format!("blockchain undo {what}")).await.unwrap() else {
        panic!("a table is expected")
    };
    let (name, plan) = &table.facts[0];
    assert_eq!(name, "Plan");
    plan.as_str().unwrap().to_owned()
}

async fn what_was_shown_is_undone_or_nothing(house: House) {
    let node = house.boot().await;
    node.run(&format!("blockchain push {}", device("a"))).await.unwrap();
    let before = rows(&node);
    node.run(&format!("blockchain replace policy a with {}", device("a").replace("d-a", "x"))).await.unwrap();
    let shown = plan_of(&node, "1").await;
    // Somebody else was faster than the one who confirms: the last change is another one now.
    node.run(&format!("blockchain push {}", device("b"))).await.unwrap();
    let now = rows(&node);
    for words in [format!("1 plan {shown} confirm"), format!("plan {shown} confirm"), "1 plan 0 confirm".to_owned()] {
        let refused = node.run(&format!("blockchain undo {words}")).await.unwrap_err();
        assert!(refused.detail.unwrap().contains("since the plan was made"), "{words}");
        assert_eq!(rows(&node), now, "{words}");
    }
    let both = plan_of(&node, "2").await;
    node.run(&format!("blockchain undo 2 plan {both} confirm")).await.unwrap();
    assert_eq!(rows(&node), before);
    node.stop().await;
}

async fn the_last_changes_are_taken_back_and_that_too(house: House) {
    let node = house.boot().await;
    node.run(&format!("blockchain push {}", device("a"))).await.unwrap();
    let before = rows(&node);
    node.run(&format!("blockchain replace policy a with {}", device("a").replace("d-a", "x"))).await.unwrap();
    node.run(&format!("blockchain replace policy a with {}", device("a").replace("d-a", "y"))).await.unwrap();
    let after = rows(&node);
    undo(&node, "2").await;
    assert_eq!(rows(&node), before);
    undo(&node, "").await;
    assert_eq!(rows(&node), after, "what was undone is a change as well");
    undo(&node, "since 10m").await;
    assert!(!rows(&node).contains_key("a"), "it was added within the last ten minutes");
    node.stop().await;
}

async fn a_dropped_table_comes_back(house: House) {
    let node = house.boot().await;
    for number in 0..300 {
        node.run(&format!("blockchain push {}", device(&format!("p{number}")))).await.unwrap();
    }
    let before = rows(&node);
    node.run("blockchain drop table").await.unwrap();
    node.run("blockchain create table").await.unwrap();
    assert_eq!(rows(&node).len(), 0);
    undo(&node, "301").await;
    assert_eq!(rows(&node), before);
    node.stop().await;
}

/// The rows are still shown, so that all would look as it was.
async fn a_table_that_somebody_else_dropped_is_told(house: House) {
    let node = house.boot().await;
    node.run(&format!("blockchain push {}", device("a"))).await.unwrap();
    house.sql(&["DROP TABLE ledger"]).await;
    for words in ["blockchain undo", "blockchain undo 1 confirm"] {
        let refused = node.run(words).await.unwrap_err();
        assert!(refused.detail.unwrap().contains("create table ledger"), "{words}");
    }
    node.stop().await;
}
