//! Everything that another node may run; a command that is added here is offered to every stranger.

use super::{
    master::Master,
    member::{Member, text},
};
use anylog_master::{
    command::{
        Access, CATALOG, Entry, Exchange, NetworkCallers,
        access::{Permission, permission},
        select,
    },
    node::Door,
};

/// What other nodes are offered beside `get …`, `help …`, `info …`, `job …`, `query …` and `test …`.
const OFFERED: [&str; 15] = [
    "blockchain drop policy",
    "blockchain get",
    "blockchain get platforms",
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
const CHANGES: [&str; 3] = ["blockchain push", "blockchain drop policy", "blockchain replace policy"];
/// First words of the list.
const VERBS: [&str; 4] = ["blockchain", "event", "file", "sql"];

/// Tells whether a command that other nodes are offered changes policies.
fn is_change(entry: &Entry) -> bool {
    let is_offered = entry.network != NetworkCallers::Rest && entry.traits.exchange != Exchange::Closed;
    is_offered && matches!(entry.access, Access::Publish | Access::ChangeOwnPolicies)
}

#[test]
fn other_nodes_may_run_these_commands_and_no_others() {
    let all = CATALOG.entries();
    let open = all.filter(|entry| entry.network != NetworkCallers::Rest && entry.traits.exchange != Exchange::Closed);
    let open = open.filter(|entry| permission(Door::Peer, entry.access) != Permission::No).map(|entry| entry.words);
    let mut offered: Vec<_> = open.filter(|words| VERBS.contains(&words.split(' ').next().unwrap())).collect();
    offered.sort_unstable();
    assert_eq!(offered, OFFERED);
}

#[test]
fn other_nodes_change_policies_and_nothing_else() {
    let changes: Vec<_> = CATALOG.entries().filter(|entry| is_change(entry)).map(|entry| entry.words).collect();
    assert_eq!(changes.len(), CHANGES.len(), "{changes:?}");
    assert!(changes.iter().all(|words| CHANGES.contains(words)), "{changes:?}");
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

/// How commands are answered, by their first words (reference/tcp-protocol 9, 11); all others are not for other nodes.
fn documented(words: &str) -> Exchange {
    let mut words = words.split(' ');
    match (words.next().unwrap_or_default(), words.next().unwrap_or_default()) {
        ("blockchain", "get") => Exchange::LedgerQuery,
        ("blockchain", "test" | "read" | "state" | "query" | "load") => Exchange::LedgerEcho,
        ("blockchain", "plan" | "export") => Exchange::Closed,
        ("blockchain", "push") => Exchange::PolicyPush,
        ("blockchain", _) => Exchange::LedgerChange,
        ("get" | "help" | "test" | "query" | "job", _) => Exchange::Query,
        ("monitor", _) => Exchange::Report,
        ("event", _) => Exchange::Event,
        ("file", _) => Exchange::File,
        ("sql", _) => Exchange::Rows,
        ("info", _) => Exchange::TableInfo,
        _ => Exchange::Closed,
    }
}

#[test]
fn every_command_is_answered_as_documented() {
    let differ: Vec<_> = CATALOG
        .entries()
        .flat_map(|entry| entry.help.examples.iter().copied().chain([entry.words]))
        .filter(|text| select(text).exchange() != documented(text))
        .map(|text| (text, select(text).exchange(), documented(text)))
        .collect();
    assert!(differ.is_empty(), "{differ:#?}");
}
