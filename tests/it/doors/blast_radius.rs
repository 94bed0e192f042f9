//! A sender cannot take the network apart: not the policy of the node, not much of what others published, and not the copies
//! of the members.

use super::house::{House, Inhabitant, device};
use crate::peer::member::PATIENCE;
use anylog_master::{
    boot,
    node::{Role, members::Member},
    reply::Reply,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

on_both_stores! {
    the_policy_of_the_node_is_not_for_others
    nobody_publishes_in_the_name_of_the_node
    a_query_inside_of_a_change_is_refused
    much_of_what_others_published_waits_for_an_operator
    a_ledger_that_lost_most_is_not_handed_out
    a_fresh_folder_is_no_confirmation
    a_swapped_database_is_no_confirmation
    people_are_told_that_members_get_nothing
    the_book_of_members_outlives_a_restart
    the_book_of_members_outlives_a_start_without_a_database
    the_book_of_members_is_kept_when_work_is_cut_at_the_stop
}

/// Publishes policies as an operator at the node does.
async fn published_elsewhere(node: &Inhabitant, count: usize) {
    for number in 0..count {
        node.run(&format!("blockchain push {}", device(&format!("p{number}")))).await.unwrap();
    }
}

async fn the_policy_of_the_node_is_not_for_others(house: House) {
    let node = house.boot().await;
    let (id, text) = (node.own_id(), node.text_of(&node.own_id()).unwrap());
    let evil = r#"{"master":{"name":"n1","ip":"6.6.6.6","company":"acme"}}"#;
    let anything = r#"{"master":{"x":1}}"#;
    for command in [
        format!("blockchain replace policy {id} with {evil}"),
        format!("blockchain replace policy {id} with {anything}"),
        format!("blockchain drop policy where id = {id}"),
        format!("blockchain drop policy where id = nothing, {id}"),
        format!("blockchain drop policy {text}"),
        format!("blockchain drop policy [{text}] where name = n1"),
        format!(r#"blockchain push {{"anmp":{{"{id}":{{"ip":"6.6.6.6"}},"name":"x"}}}}"#),
    ] {
        let (code, reason) = node.block(&command).await;
        assert!(code == 30 && reason.contains("policy of this master"), "{command}: {code} {reason}");
        let refused = node.rest(Role::Publish, &command).await.unwrap_err();
        assert!(refused.to_string().contains("policy of this master"), "{command}: {refused}");
    }
    let refused = node.rest(Role::Publish, &format!("blockchain delete policy where id = {id} and local = true")).await;
    assert!(refused.unwrap_err().to_string().contains("policy of this master"));
    assert_eq!(node.text_of(&id).as_deref(), Some(text.as_str()));
    // Another time of the day, another master on this machine: what only looks like it is not protected.
    let neighbour = r#"{"master":{"name":"n2","company":"acme","ip":"127.0.0.1","port":1,"id":"neighbour"}}"#;
    assert_eq!(node.block(&format!("blockchain push {neighbour}")).await.0, 0);
    assert_eq!(node.block("blockchain drop policy where id = neighbour").await.0, 0);
    // An operator may do what others may not, and the next start repairs it.
    node.run(&format!("blockchain replace policy {id} with {evil}")).await.unwrap();
    node.stop().await;
    let again = house.boot().await;
    assert_eq!(again.own_id(), id);
    assert!(!again.text_of(&id).unwrap().contains("6.6.6.6"));
    again.stop().await;
}

async fn nobody_publishes_in_the_name_of_the_node(house: House) {
    let node = house.boot().await;
    let port = node.address.port();
    let before = node.ids();
    for policy in [
        format!(r#"{{"master":{{"name":"n1","company":"acme","port":{port},"ip":"6.6.6.6"}}}}"#),
        format!(r#"{{"master":{{"name":"N1","company":"ACME","port":"{port}","ip":"6.6.6.6","date":"2000-01-01"}}}}"#),
    ] {
        for command in [format!("blockchain push {policy}"), format!("blockchain push ignore {policy}")] {
            let (code, reason) = node.block(&command).await;
            assert!(code == 30 && reason.contains("under its name"), "{command}: {code} {reason}");
            assert!(node.rest(Role::Publish, &command).await.is_err(), "{command}");
        }
        let insert = format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
        assert!(node.rest(Role::Publish, &insert).await.is_err());
        // A caller who may set variables does not become the node by that.
        let _ = node.rest(Role::Publish, "set node_name = other").await;
        assert_ne!(node.block(&format!("blockchain push {policy}")).await.0, 0);
    }
    assert_eq!(node.ids(), before);
    let own = node.text_of(&node.own_id()).unwrap();
    let again = node.block(&format!("blockchain push ignore {own}")).await;
    assert_eq!(again.0, 0, "a copy of it that comes back changes nothing: {}", again.1);
    node.stop().await;
}

async fn a_query_inside_of_a_change_is_refused(house: House) {
    let node = house.boot().await;
    published_elsewhere(&node, 21).await;
    let before = node.ids();
    for command in [
        "blockchain drop policy where id = blockchain get * bring [*][id] separator = ,",
        "blockchain drop policy where id = blockchain read * bring [*][id] separator = ,",
        "blockchain drop policy where id = blockchain get device where name = d-p1 bring [*][id]",
        "blockchain drop policy from local where id = blockchain get * bring [*][id] separator = ,",
    ] {
        let (code, reason) = node.block(command).await;
        assert!(code == 224 && reason.contains("query"), "{command}: {code} {reason}");
    }
    assert_eq!(node.ids(), before);
    node.run("blockchain drop policy where id = blockchain get device where name = d-p1 bring [*][id]").await.unwrap();
    assert_eq!(node.ids().len(), before.len() - 1);
    node.stop().await;
}

async fn much_of_what_others_published_waits_for_an_operator(house: House) {
    // The node publishes under another address than the one that the sender has.
    let house = house.with("PEER_DROP_LIMIT", "3");
    let node = house.boot().await;
    node.run("ip = 192.0.2.1").await.unwrap();
    published_elsewhere(&node, 12).await;
    for id in ["p0", "p1"] {
        assert_eq!(node.block(&format!("blockchain drop policy where id = {id}")).await.0, 0, "{id}");
    }
    let replacement = device("p2").replace("d-p2", "other");
    assert_eq!(node.block(&format!("blockchain replace policy p2 with {replacement}")).await.0, 0);
    // Its own policies are the sender's to change.
    for number in 0..10 {
        assert_eq!(node.block(&format!("blockchain push {}", device(&format!("own{number}")))).await.0, 0);
        assert_eq!(node.block(&format!("blockchain drop policy where id = own{number}")).await.0, 0);
    }
    let more = [
        "blockchain drop policy where id = p3".to_owned(),
        "blockchain drop policy where id = p4,p5,p6".to_owned(),
        format!("blockchain replace policy p7 with {}", device("p7").replace("d-p7", "other")),
        r#"blockchain push {"anmp": {"p9": {"name": "other"}, "id": "over", "date": "2026-01-01T00:00:00.000001Z"}}"#
            .to_owned(),
    ];
    for command in &more {
        let (code, reason) = node.block(command).await;
        assert!(code == 30 && reason.contains("blockchain confirm changes"), "{command}: {code} {reason}");
        // Members send a drop again that did not arrive.
        assert_eq!(node.block(command).await.0, 30);
    }
    let waits = |reply: Reply| match reply {
        Reply::Value(Value::Array(list)) => list,
        other => panic!("a list is expected, not {other:?}"),
    };
    let pending = waits(node.run("get pending changes where format = json").await.unwrap());
    let shown: Vec<_> = pending.iter().map(|held| (&held["sender"], &held["change"], &held["policies"])).collect();
    let sender = json!("127.0.0.1");
    assert_eq!(
        shown,
        [
            (&sender, &json!("drop"), &json!(["p3"])),
            (&sender, &json!("drop"), &json!(["p4", "p5", "p6"])),
            (&sender, &json!("replace"), &json!(["p7"])),
            (&sender, &json!("insert"), &json!(["p9"]))
        ]
    );
    assert!(node.node.concerns().iter().any(|concern| concern.contains("get pending changes")));
    let Reply::Text(metrics) = node.run("get metrics").await.unwrap() else { panic!("a text is expected") };
    assert!(metrics.contains("anylog_master_pending_changes 4"), "{metrics}");
    for command in ["blockchain confirm changes", "blockchain reject changes", "blockchain confirm export"] {
        assert_ne!(node.block(command).await.0, 0, "{command} is not for other nodes");
        assert!(node.rest(Role::Publish, command).await.is_err(), "{command} is for administrators");
    }
    assert!(node.text_of("p3").is_some() && node.text_of("p4").is_some());
    node.run("blockchain confirm changes where number = 2").await.unwrap();
    assert!(node.text_of("p3").is_some() && node.text_of("p4").is_none() && node.text_of("p6").is_none());
    node.run("blockchain reject changes where number = 1").await.unwrap();
    node.rest(Role::Admin, "blockchain confirm changes").await.unwrap();
    assert!(node.text_of("p3").is_some() && node.text_of("p7").unwrap().contains("other"));
    assert!(node.run("blockchain confirm changes where number = 1").await.is_err());
    assert_eq!(waits(node.run("get pending changes where format = json").await.unwrap()), [] as [Value; 0]);
    // What the header of a message announces does not make a sender another one.
    let member = node.member().await;
    let mut header = member.header(77);
    header.source = anylog_block::ReturnAddress::new("192.0.2.1", member.port);
    let mut raw = Vec::new();
    anylog_block::Outgoing::new(header, "blockchain drop policy where id = p8").encode(&mut raw).unwrap();
    member.raw(&raw).await;
    // The next message of the same address comes after it.
    assert_ne!(node.block("blockchain drop policy where id = nothing").await.0, 0);
    let pending = waits(node.run("get pending changes where format = json").await.unwrap());
    assert_eq!(pending[0]["sender"], "127.0.0.1 as 192.0.2.1");
    assert!(node.text_of("p8").is_some());
    node.stop().await;
}

async fn a_ledger_that_lost_most_is_not_handed_out(house: House) {
    let node = house.boot().await;
    published_elsewhere(&node, 20).await;
    let mut member = node.member().await;
    let full = member.ledger().await.unwrap();
    assert_eq!(String::from_utf8(full.clone()).unwrap().lines().count(), 21);
    node.node.services.synchronizer.now(&node.node).await.unwrap();
    // Whoever it is, also an operator who makes a mistake, also one by one.
    for number in 0..12 {
        node.run(&format!("blockchain drop policy where id = p{number}")).await.unwrap();
    }
    assert_eq!(member.ledger().await, Err(68));
    member.send("file get !blockchain_file /srv/blockchain.json", 0).await;
    assert_ne!(member.next().await.header.error, 0, "the seed is a delivery as well");
    assert!(node.node.concerns().iter().any(|concern| concern.contains("blockchain confirm export")));
    let Reply::Text(metrics) = node.run("get metrics").await.unwrap() else { panic!("a text is expected") };
    assert!(metrics.contains("anylog_master_export_held 1"), "{metrics}");
    // A restart is no confirmation.
    node.node.services.synchronizer.now(&node.node).await.unwrap();
    node.stop().await;
    let node = house.boot().await;
    let mut member = node.member().await;
    assert_eq!(member.ledger().await, Err(68));
    node.run("blockchain confirm export").await.unwrap();
    let left = String::from_utf8(member.ledger().await.unwrap()).unwrap();
    assert_eq!(left.lines().count(), 9);
    assert!(node.run("blockchain confirm export").await.is_err(), "nothing is held back any more");
    node.stop().await;
    let node = house.boot().await;
    assert!(node.member().await.ledger().await.is_ok());
    node.stop().await;
}

/// Somebody empties most of the table while the node is away, and its folder is gone as well.
async fn a_fresh_folder_is_no_confirmation(house: House) {
    let node = house.boot().await;
    published_elsewhere(&node, 20).await;
    node.stop().await;
    house.sql(&["DELETE FROM ledger WHERE policy_id LIKE 'p1%'", "DELETE FROM ledger WHERE policy_id < 'p8'"]).await;
    house.forget_copy();
    let node = house.boot().await;
    assert_eq!(node.member().await.ledger().await, Err(68));
    node.run("blockchain confirm export").await.unwrap();
    assert!(node.member().await.ledger().await.is_ok());
    node.stop().await;
    house.forget_copy();
    let node = house.boot().await;
    assert!(node.member().await.ledger().await.is_ok());
    node.stop().await;
}

/// The node comes back to another database, which is empty or has a ledger of its own.
async fn a_swapped_database_is_no_confirmation(house: House) {
    let node = house.boot().await;
    published_elsewhere(&node, 20).await;
    node.node.services.synchronizer.now(&node.node).await.unwrap();
    node.stop().await;
    house.swap_database().await;
    let node = house.boot().await;
    let mut member = node.member().await;
    assert_eq!(member.ledger().await, Err(68));
    member.send("file get !blockchain_file /srv/blockchain.json", 0).await;
    assert_ne!(member.next().await.header.error, 0, "the seed is a delivery as well");
    assert!(node.node.concerns().iter().any(|concern| concern.contains("blockchain start from")));
    let Reply::Text(metrics) = node.run("get metrics").await.unwrap() else { panic!("a text is expected") };
    assert!(metrics.contains("anylog_master_export_held 1"), "{metrics}");
    // What is published meanwhile goes nowhere before somebody has decided.
    node.run(&format!("blockchain push {}", device("meanwhile"))).await.unwrap();
    assert_eq!(member.ledger().await, Err(68));
    node.run("blockchain start from copy").await.unwrap();
    let all = String::from_utf8(member.ledger().await.unwrap()).unwrap();
    assert!(all.contains("\"p19\"") && all.contains("\"meanwhile\""), "{all}");
    node.stop().await;
}

async fn people_are_told_that_members_get_nothing(house: House) {
    let node = house.boot().await;
    let told = |node: &Inhabitant| {
        let _ = node.node.health_report();
        let messages = node.node.events.read_echo().expect("a plan switches the echo queue on");
        messages.into_iter().map(|message| message.text).filter(|text| text.contains("members")).collect::<Vec<_>>()
    };
    published_elsewhere(&node, 20).await;
    assert_eq!(told(&node), [] as [String; 0]);
    let ids: Vec<String> = (0..15).map(|number| format!("p{number}")).collect();
    node.run(&format!("blockchain drop policy where id = {}", ids.join(","))).await.unwrap();
    assert!(told(&node)[0].contains("blockchain confirm export"));
    assert_eq!(told(&node).len(), 1, "once");
    node.run("blockchain confirm export").await.unwrap();
    assert_eq!(told(&node)[1], "members get the ledger again");
    node.stop().await;
}

async fn the_book_of_members_outlives_a_restart(house: House) {
    let node = house.boot().await;
    published_elsewhere(&node, 1).await;
    let member = node.member().await;
    for _ in 0..2 {
        member.send("event get_blockchain /srv/x.new 0 0", 0).await;
    }
    let port = member.port;
    let row = |node: &Inhabitant| node.node.members.list().into_iter().find(|row| row.address.port == u32::from(port));
    let start = std::time::Instant::now();
    while row(&node).is_none_or(|row| row.requests < 2) {
        assert!(start.elapsed() < crate::peer::member::PATIENCE);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let before = row(&node).unwrap();
    node.stop().await;
    let node = house.boot().await;
    let after = row(&node).unwrap();
    assert_eq!((after.first_seen, after.requests, &after.file), (before.first_seen, 2, &before.file));
    assert!(after.held.is_none(), "nobody knows what it did meanwhile");
    node.stop().await;
    // A broken file costs the book and nothing else, and stays to be looked at.
    let file = house.below("blockchain/members.json");
    std::fs::write(&file, "{").unwrap();
    let node = house.boot().await;
    assert!(row(&node).is_none());
    assert!(file.with_extension("json.broken").exists());
    node.stop().await;
}

/// Waits until a member has asked so often, and returns its page.
async fn asked(node: &Inhabitant, port: u16, times: u64) -> Member {
    let start = Instant::now();
    loop {
        let pages = node.node.members.list();
        let page = pages.into_iter().find(|page| page.address.port == u32::from(port) && page.requests >= times);
        if let Some(page) = page {
            return page;
        }
        assert!(start.elapsed() < PATIENCE, "it has not asked {times} times");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whoever asks while the database does not come stands beside those who asked before, also when the node is stopped meanwhile.
async fn the_book_of_members_outlives_a_start_without_a_database(house: House) {
    let node = house.boot().await;
    let (member, other) = (node.member().await, node.member().await);
    member.poll().await;
    other.poll().await;
    let before = asked(&node, member.port, 1).await;
    asked(&node, other.port, 1).await;
    node.stop().await;
    let node = house.without_database().await;
    member.poll().await;
    let meanwhile = asked(&node, member.port, 2).await;
    assert_eq!(meanwhile.first_seen, before.first_seen);
    node.stop().await;
    let node = house.boot().await;
    let after = asked(&node, member.port, 2).await;
    assert_eq!((after.first_seen, after.requests), (before.first_seen, 2));
    assert_eq!(asked(&node, other.port, 1).await.requests, 1, "nobody is forgotten");
    node.stop().await;
}

/// Work that does not end is cut at the stop, and does not take the book with it.
async fn the_book_of_members_is_kept_when_work_is_cut_at_the_stop(house: House) {
    let node = house.boot().await;
    let member = node.member().await;
    member.poll().await;
    asked(&node, member.port, 1).await;
    node.node.shutdown.spawn(std::future::pending::<()>());
    boot::stop(&node.node, Duration::from_millis(500)).await;
    let kept = std::fs::read_to_string(house.below("blockchain/members.json")).unwrap();
    assert!(kept.contains(&format!("\"port\":{}", member.port)), "{kept}");
}
