//! Everything that another node may run; a command that is added here is offered to every stranger.

use crate::{
    master::Master,
    member::{Member, text},
};
use anylog_master::{
    command::{CATALOG, Network},
    node::Role,
};

/// What other nodes are offered beside `get …`, `help …`, `info …`, `job …`, `query …` and `test …`.
const OFFERED: [&str; 14] = [
    "blockchain drop policy",
    "blockchain get",
    "blockchain push",
    "blockchain query metadata",
    "blockchain read",
    "blockchain replace policy",
    "blockchain test",
    "blockchain test cluster",
    "blockchain test id",
    "blockchain wait",
    "event get_blockchain",
    "event job_stop",
    "file get",
    "sql",
];
/// Changes that other nodes may make.
const CHANGES: [&str; 3] = ["blockchain push", "blockchain drop", "blockchain replace"];
/// First words of the list.
const VERBS: [&str; 4] = ["blockchain", "event", "file", "sql"];

#[test]
fn other_nodes_may_run_these_commands_and_no_others() {
    let may_run = |role: Role, words: &str| {
        let changes = CHANGES.iter().any(|change| words.starts_with(change));
        role == Role::Read || (role == Role::Publish && changes)
    };
    let all = CATALOG.entries();
    let open = all.filter(|entry| matches!(entry.network, Network::Both | Network::Peer));
    let open = open.filter(|entry| may_run(entry.role, entry.words)).map(|entry| entry.words);
    let mut offered: Vec<_> = open.filter(|words| VERBS.contains(&words.split(' ').next().unwrap())).collect();
    offered.sort_unstable();
    assert_eq!(offered, OFFERED);
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
