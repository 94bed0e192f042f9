//! Everything that another node may run; a command that is added here is offered to every stranger.

use crate::{
    master::Master,
    member::{Member, text},
};
use anylog_master::command::{Network, Role, table::FAMILIES};

/// Commands that only read.
const READ: &str = include_str!("../vectors/peer/offered_read.txt");
/// Commands that change policies.
const PUBLISH: &str = include_str!("../vectors/peer/offered_publish.txt");
/// Changes that other nodes may make.
const CHANGES: [&str; 3] = ["blockchain push", "blockchain drop", "blockchain replace"];
/// First words that other nodes may use at all.
const VERBS: [&str; 10] = ["blockchain", "event", "file", "get", "help", "info", "job", "query", "sql", "test"];

fn offered(role: Role) -> Vec<&'static str> {
    let all = FAMILIES.iter().flat_map(|family| family.iter());
    let open = all.filter(|entry| matches!(entry.network, Network::Both | Network::Peer) && entry.role == role);
    let words = open.map(|entry| entry.words);
    let mut words: Vec<_> =
        words.filter(|words| VERBS.iter().any(|verb| words.split(' ').next() == Some(verb))).collect();
    words.sort_unstable();
    words
}

#[test]
fn other_nodes_may_run_these_commands_and_no_others() {
    assert_eq!(offered(Role::Read).join("\n"), READ.trim_end());
    let mut changes = offered(Role::Publish);
    changes.retain(|words| CHANGES.iter().any(|change| words.starts_with(change)));
    assert_eq!(changes.join("\n"), PUBLISH.trim_end());
}

#[tokio::test]
async fn nothing_else_runs_for_another_node() {
    let master = Master::start().await;
    let mut member = Member::new(master.address).await;
    for (command, code) in [
        ("set x = 1", 224),
        ("x = 1", 224),
        ("x = get status", 224),
        ("!x", 224),
        ("if 1 == 1 then set x = 1", 224),
        ("run tcp server where internal_port = 1", 224),
        ("exit node", 224),
        ("process /tmp/x.al", 224),
        ("incr x", 224),
        ("blockchain drop table", 212),
        ("blockchain insert where policy = {\"a\": {}} and local = true", 212),
        ("xyzzy", 1),
    ] {
        let refused = member.ask(command).await;
        let offered = [code, if code == 212 { 224 } else { code }];
        assert!(offered.contains(&refused.header.error), "{command}: {} {}", refused.header.error, text(&refused));
    }
    assert_eq!(master.node.dictionary.get("x"), None);
}
