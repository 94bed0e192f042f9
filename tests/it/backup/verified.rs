//! A comparison names what differs.

use super::{backup, differences, in_step};
use crate::doors::{House, device};

on_both_stores! {
    what_differs_from_a_backup_and_from_copies_is_named
}

async fn what_differs_from_a_backup_and_from_copies_is_named(house: House) {
    let node = house.boot().await;
    let other = House::sqlite();
    let member = other.boot().await;
    for id in ["same", "changed", "gone"] {
        node.run(&format!("blockchain push {}", device(id))).await.unwrap();
    }
    in_step(&node).await;
    backup(&node, "b.jsonl").await;
    let found = differences(&node, " and file = b.jsonl").await;
    assert!(found.is_empty(), "{found:?}");
    let text = device("changed").replace("d-changed", "other");
    node.run(&format!("blockchain replace policy changed with {text}")).await.unwrap();
    node.run("blockchain drop policy where id = gone").await.unwrap();
    node.run(&format!("blockchain push {}", device("new"))).await.unwrap();
    let found = differences(&node, " and file = b.jsonl").await;
    let expected = [("changed", "changed"), ("extra", "gone"), ("missing", "new")];
    let of_backup: Vec<_> =
        found.iter().filter(|one| one.0 == "backup").map(|one| (one.1.as_str(), one.2.as_str())).collect();
    assert_eq!(of_backup, expected);
    // Once the local copy is in step it differs in nothing; the other node's copy has nothing of it.
    in_step(&node).await;
    in_step(&member).await;
    let found = differences(&node, &format!(" and member = {}", member.address)).await;
    assert!(found.iter().all(|one| one.0 == "copy"), "{found:?}");
    let missing: Vec<_> = found.iter().filter(|one| one.1 == "missing").map(|one| one.2.as_str()).collect();
    assert!(["changed", "new", "same"].iter().all(|id| missing.contains(id)), "{found:?}");
    assert!(found.iter().any(|one| one.1 == "extra"), "the other node has its own policy: {found:?}");
    node.stop().await;
    member.stop().await;
}
