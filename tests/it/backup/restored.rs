//! What a restore changes, and what it leaves.

use super::{backup, file, in_step, restore, rows, steps};
use crate::doors::{House, device};
use anylog_master::{node::Role, reply::Code};

on_both_stores! {
    a_merge_adds_what_is_missing_and_leaves_the_rest
    a_replacement_makes_the_ledger_the_backup_and_can_be_undone
    a_dry_run_tells_the_same_and_changes_nothing
    members_and_the_local_copy_follow_a_restore
    a_backup_with_less_than_half_holds_deliveries_back
    who_may_not_change_the_node_restores_nothing
}

fn count(told: &serde_json::Value, effect: &str) -> u64 {
    told["counts"][effect].as_u64().unwrap()
}

async fn push(node: &crate::doors::Inhabitant, id: &str) {
    node.run(&format!("blockchain push {}", device(id))).await.unwrap();
}

async fn a_merge_adds_what_is_missing_and_leaves_the_rest(house: House) {
    let node = house.boot().await;
    for id in ["same", "other", "dropped", "later"] {
        push(&node, id).await;
    }
    backup(&node, "b.jsonl").await;
    node.run("blockchain drop policy where id = dropped").await.unwrap();
    let text = device("other").replace("d-other", "changed since");
    node.run(&format!("blockchain replace policy other with {text}")).await.unwrap();
    push(&node, "new").await;
    // A row that nobody dropped through a master is lost, not dropped.
    house.sql(&["DELETE FROM ledger WHERE policy_id = 'later'"]).await;
    node.node.ledger.reload().await.unwrap();
    let told = restore(&node, "file = b.jsonl and mode = merge").await.unwrap();
    let counts =
        ["added", "replaced", "removed", "differs_and_stays", "stays_dropped"].map(|effect| count(&told, effect));
    assert_eq!(counts, [1, 0, 0, 1, 1], "{told}");
    let after = rows(&node);
    assert!(after.contains_key("later") && after.contains_key("new") && !after.contains_key("dropped"));
    assert!(after["other"].0.contains("changed since"));
    let again = restore(&node, "file = b.jsonl and mode = merge").await.unwrap();
    assert_eq!((count(&again, "added"), again["history"].as_u64()), (0, Some(0)), "{again}");
    assert_eq!(rows(&node), after);
    node.stop().await;
}

async fn a_replacement_makes_the_ledger_the_backup_and_can_be_undone(house: House) {
    let node = house.boot().await;
    for id in ["same", "other", "dropped"] {
        push(&node, id).await;
    }
    backup(&node, "b.jsonl").await;
    let wanted = rows(&node);
    node.run("blockchain drop policy where id = dropped").await.unwrap();
    node.run(&format!("blockchain replace policy other with {}", device("other").replace("d-other", "x")))
        .await
        .unwrap();
    push(&node, "new").await;
    let before = rows(&node);
    let refused = restore(&node, "file = b.jsonl").await.unwrap_err();
    assert!(refused.code == Code::WRONG_VALUE && refused.detail.unwrap().contains("mode = merge"));
    assert_eq!(rows(&node), before);
    let told = restore(&node, "file = b.jsonl and mode = replace").await.unwrap();
    assert_eq!(["added", "replaced", "removed"].map(|effect| count(&told, effect)), [1, 1, 1], "{told}");
    assert_eq!(rows(&node), wanted);
    let names: Vec<_> = steps(&node, "other").await.into_iter().map(|step| step.0).collect();
    assert_eq!(names, ["insert", "replace", "replace"]);
    node.run("blockchain undo 3 confirm").await.unwrap();
    let text = |rows: super::Rows| rows.into_iter().map(|(id, row)| (id, row.0, row.1)).collect::<Vec<_>>();
    assert_eq!(text(rows(&node)), text(before), "the history takes a restore back");
    push(&node, "afterwards").await;
    node.stop().await;
}

async fn a_dry_run_tells_the_same_and_changes_nothing(house: House) {
    let node = house.boot().await;
    push(&node, "a").await;
    backup(&node, "b.jsonl").await;
    push(&node, "b").await;
    node.run("blockchain drop policy where id = a").await.unwrap();
    let (before, history) = (rows(&node), steps(&node, "a").await);
    let told = restore(&node, "file = b.jsonl and mode = replace and dry_run = true").await.unwrap();
    assert_eq!((told["dry_run"].as_bool(), count(&told, "added"), count(&told, "removed")), (Some(true), 1, 1));
    assert_eq!((rows(&node), steps(&node, "a").await), (before, history));
    let mut done = restore(&node, "file = b.jsonl and mode = replace").await.unwrap();
    done["dry_run"] = true.into();
    assert_eq!(done, told);
    node.stop().await;
}

async fn members_and_the_local_copy_follow_a_restore(house: House) {
    let node = house.boot().await;
    push(&node, "a").await;
    backup(&node, "b.jsonl").await;
    node.run("blockchain drop policy where id = a").await.unwrap();
    let has_it = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(r#""id": "a""#);
    assert!(!has_it(&node.member().await.ledger().await.unwrap()));
    let mut versions = node.node.ledger.subscribe();
    versions.mark_unchanged();
    restore(&node, "file = b.jsonl and mode = replace").await.unwrap();
    assert!(versions.has_changed().unwrap(), "pushes and copies wait for a new version");
    assert!(has_it(&node.member().await.ledger().await.unwrap()));
    in_step(&node).await;
    assert!(has_it(&std::fs::read(house.below("blockchain/blockchain.json")).unwrap()));
    node.stop().await;
}

async fn a_backup_with_less_than_half_holds_deliveries_back(house: House) {
    let node = house.boot().await;
    push(&node, "first").await;
    backup(&node, "b.jsonl").await;
    for number in 0..8 {
        push(&node, &format!("p{number}")).await;
    }
    let told = restore(&node, "file = b.jsonl and mode = replace").await.unwrap();
    assert_eq!(told["held_back"].as_bool(), Some(true), "{told}");
    assert!(node.member().await.ledger().await.is_err(), "members keep what they have");
    node.run("blockchain confirm export").await.unwrap();
    node.member().await.ledger().await.unwrap();
    node.stop().await;
}

async fn who_may_not_change_the_node_restores_nothing(house: House) {
    let node = house.boot().await;
    backup(&node, "b.jsonl").await;
    let restore = "restore ledger where file = b.jsonl and mode = replace";
    for role in [Role::Read, Role::Publish] {
        for command in [restore, "backup ledger", "verify ledger"] {
            assert!(node.rest(role, command).await.is_err(), "{command}");
        }
    }
    assert_ne!(node.block(restore).await.0, 0);
    let outside = house.below("outside.jsonl").display().to_string();
    std::fs::copy(file(&house, "b.jsonl"), &outside).unwrap();
    for command in [
        format!("restore ledger where file = {outside} and mode = merge"),
        format!("backup ledger where file = {outside}"),
        "backup ledger where file = ../b.jsonl".to_owned(),
        format!("verify ledger where file = {outside}"),
    ] {
        let refused = node.rest(Role::Admin, &command).await.unwrap_err();
        assert_eq!(refused.code, Code::FILE_NOT_AUTHORIZED, "{command}: {refused}");
    }
    let refused = node.run("backup ledger where file = blockchain.json").await.unwrap_err();
    assert_eq!(refused.code, Code::WRONG_VALUE);
    node.rest(Role::Admin, restore).await.unwrap();
    node.stop().await;
}
