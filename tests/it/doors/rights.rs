//! The table of rights, walked through the doors themselves: REST with a token of each role, a page of another origin, a message
//! of another node, the prompt and the boot.

use super::house::{House, Inhabitant, device};
use crate::rest::{
    client::request,
    node::{Silent, TestNode},
};
use anylog_master::{
    command::{
        self, Access,
        access::{Permission, permission},
    },
    node::{Door, Node, Origin, Role, Session, work_directories},
    rest::{Mode, NewToken, RestSettings, Tokens},
};
use std::sync::Arc;

/// One command of each kind; none of them does harm to a node that has no ledger, where it is allowed. Whose policies a change
/// is about stands in no command, so own policies and those of others have the same one.
const COMMANDS: [(Access, &str); 13] = [
    (Access::ReadLedger, "blockchain get *"),
    (Access::ReadNode, "get version"),
    (Access::ReadInside, "get dictionary"),
    (Access::QueryDatabase, "sql blockchain \"select policy_id from ledger\""),
    (Access::AskNodes, "test network"),
    (Access::Publish, "blockchain insert where policy = {\"shop\" : {\"name\" : \"a\"}} and local = true"),
    (Access::ChangeOwnPolicies, DROP),
    (Access::ChangePoliciesOfOthers, DROP),
    (Access::Report, "monitor operators where info = {\"cpu\": 3}"),
    (Access::Variables, "set a = 5"),
    (Access::ChangeNode, "reset event log"),
    (Access::StopServers, "exit tcp"),
    (Access::Host, "get files /tmp"),
];

/// Drops a policy that is not there.
const DROP: &str = "blockchain drop policy where id = nobody";

/// Words with which a door refuses a command because of who asks.
const REFUSALS: [&str; 5] = [
    "needs the role",
    "is closed to",
    "is not offered over this connection",
    "is not for other nodes",
    "are not for other nodes",
];

fn is_refusal(text: &str) -> bool {
    REFUSALS.iter().any(|refusal| text.contains(refusal))
}

/// Tells whether the table lets a kind of command through a door, whatever the configuration says.
fn is_open(door: Door, access: Access) -> bool {
    match permission(door, access) {
        Permission::Yes | Permission::Within(_) => true,
        Permission::No | Permission::Switch(_) => false,
    }
}

#[test]
fn there_is_a_command_of_each_kind() {
    assert!(Access::all().eq(COMMANDS.map(|(access, _)| access)));
    for (access, command) in COMMANDS.into_iter().filter(|(access, _)| *access != Access::ChangePoliciesOfOthers) {
        assert_eq!(command::select(command).entry().map(|entry| entry.access), Some(access), "{command}");
    }
}

/// Each door drops two policies of its own and two of somebody else, where one of others is allowed in a minute.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_published_has_a_limit_where_the_table_says_so() {
    let house = House::sqlite().with("PEER_DROP_LIMIT", "1");
    let node = house.boot().await;
    for door in Door::ALL {
        let origin = || match door {
            Door::Peer => Origin::Peer { host: "192.0.2.7".to_owned(), port: 1, caller: [192, 0, 2, 7].into() },
            Door::RestRead | Door::RestPublish | Door::RestAdmin | Door::OtherOrigin => {
                // An address for each door: the limit is one for each address.
                let last =
                    Door::ALL.iter().position(|one| *one == door).and_then(|at| u8::try_from(at + 10).ok()).unwrap();
                Origin::Rest { caller: [192, 0, 2, last].into(), user: None, is_foreign: door == Door::OtherOrigin }
            }
            Door::Prompt => Origin::Prompt,
            Door::Boot => Origin::Boot,
        };
        let role = match door {
            Door::RestRead | Door::OtherOrigin => Role::Read,
            Door::RestPublish => Role::Publish,
            Door::RestAdmin => Role::Admin,
            Door::Peer | Door::Prompt | Door::Boot => Role::Local,
        };
        let ask = async |command: &str| {
            let mut session = Session::new(origin(), role, Arc::new(Silent), "test");
            assert_eq!(session.door(), door);
            command::run(&node.node, &mut session, command).await
        };
        for id in ["o1", "o2"] {
            let published = ask(&format!("blockchain push {}", device(id))).await;
            assert_eq!(published.is_ok(), permission(door, Access::Publish) != Permission::No, "{}", door.name());
        }
        let may_drop = permission(door, Access::ChangeOwnPolicies) != Permission::No;
        if door == Door::Peer {
            for id in ["o1", "o2"] {
                ask(&format!("blockchain drop policy where id = {id}")).await.unwrap();
            }
        }
        node.run("ip = 198.51.100.1").await.unwrap();
        let drops = async |id: &str| {
            node.run(&format!("blockchain push ignore {}", device(id))).await.unwrap();
            ask(&format!("blockchain drop policy where id = {id}")).await
        };
        let of_others = [drops("x1").await, drops("x2").await].map(|dropped| dropped.is_ok());
        let wanted = match permission(door, Access::ChangePoliciesOfOthers) {
            Permission::Yes => [true, true],
            Permission::Within(_) => [true, false],
            Permission::No | Permission::Switch(_) => [false, false],
        };
        assert_eq!(of_others, wanted, "{}", door.name());
        assert!(may_drop || wanted == [false, false], "{}", door.name());
        for id in ["o1", "o2", "x1", "x2"] {
            let _ = node.run(&format!("blockchain drop policy where id = {id}")).await;
        }
    }
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_holds_the_table_for_each_role_and_for_pages_of_other_origins() {
    let tokens = [Role::Read, Role::Publish, Role::Admin].map(|role| NewToken::generate("t", role).unwrap());
    let lines: Vec<&str> = tokens.iter().map(|token| token.line.as_str()).collect();
    let settings = RestSettings {
        auth: Some(Mode::Token),
        tokens: Tokens::parse(&lines.join(" ")).unwrap(),
        ..RestSettings::default()
    };
    let node = TestNode::start(settings).await;
    let home = tempfile::tempdir().unwrap();
    work_directories::locate(&node.node.dictionary, &home.path().to_string_lossy());
    let doors = [Door::RestRead, Door::RestPublish, Door::RestAdmin, Door::OtherOrigin];
    for (number, door) in doors.into_iter().enumerate() {
        let bearer = format!("Bearer {}", tokens[number.min(2)].secret);
        for (access, command) in COMMANDS {
            let verbs = command::select(command).traits().verbs;
            let method = if verbs.has_get() { "GET" } else { "POST" };
            let mut headers = vec![("User-Agent", "curl/8"), ("command", command), ("Authorization", &*bearer)];
            if door == Door::OtherOrigin {
                headers.push(("Origin", "http://elsewhere.example"));
            }
            let reply = request(node.address(), method, "/", &headers).await;
            let refused = is_refusal(&reply.body);
            assert_eq!(!refused, is_open(door, access), "{} {command}: {}", door.name(), reply.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_nodes_the_prompt_and_the_boot_are_held_to_it_as_well() {
    let house = House::sqlite();
    let node: Inhabitant = house.boot().await;
    for (access, command) in COMMANDS.into_iter().filter(|(access, _)| *access != Access::StopServers) {
        for (door, origin) in [(Door::Prompt, Origin::Prompt), (Door::Boot, Origin::Boot)] {
            let text = told(&node.node, origin, command).await;
            assert_eq!(!is_refusal(&text), is_open(door, access), "{} {command}: {text}", door.name());
        }
        let (_, text) = node.block(command).await;
        // What other nodes publish and change goes by commands of their own.
        let own = match access {
            Access::Publish => "blockchain push {\"shop\" : {\"name\" : \"b\"}}",
            _ => command,
        };
        let text = if own == command { text } else { node.block(own).await.1 };
        if matches!(permission(Door::Peer, access), Permission::Switch(_)) {
            // What the configuration opens is looked at with the configuration.
            continue;
        }
        assert_eq!(!is_refusal(&text), is_open(Door::Peer, access), "member {own}: {text}");
    }
    node.stop().await;
}

async fn told(node: &Arc<Node>, origin: Origin, command: &str) -> String {
    let mut session = Session::local(origin, Arc::new(Silent), "test");
    format!("{:?}", command::run(node, &mut session, command).await)
}

/// A task keeps the rights of who made it, also when the prompt runs it.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_may_do_what_who_made_it_may() {
    let house = House::sqlite();
    let node = house.boot().await;
    for command in [
        "schedule name = stop and time = 1 day task exit node",
        "schedule name = list and time = 1 day task get files /etc",
        "schedule name = shell and time = 1 day task system touch /tmp/never",
    ] {
        node.rest(Role::Admin, command).await.unwrap();
    }
    let mut runs = 0;
    while runs < 3 {
        tokio::task::yield_now().await;
        let tasks = node.node.services.scheduler.status().into_iter().flat_map(|one| one.tasks);
        runs = tasks.filter(|task| task.last.is_some()).count();
    }
    let tasks = node.node.services.scheduler.status().into_iter().flat_map(|one| one.tasks);
    for task in tasks {
        assert_eq!(task.last.as_deref(), Some("Non supported remote call"), "{task:?}");
    }
    assert!(!node.node.shutdown.token().is_cancelled());
    node.stop().await;
}

/// Who may publish sets variables for its own request; the node keeps its own.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_publish_changes_no_variable_of_the_node() {
    let house = House::sqlite();
    let node = house.boot().await;
    let before = node.node.dictionary.get("ledger_conn");
    node.rest(Role::Publish, "set ledger_conn = 192.0.2.66:32048").await.unwrap();
    node.rest(Role::Publish, "ledger_conn = 192.0.2.66:32048").await.unwrap();
    assert!(node.rest(Role::Publish, "set $DB_PASSWD = known").await.is_err());
    node.rest(Role::Publish, "set edgelake_path = /").await.unwrap();
    assert_eq!(node.node.dictionary.get("ledger_conn"), before);
    assert_ne!(node.node.dictionary.get("edgelake_path").as_deref(), Some("/"));
    node.stop().await;
}

/// The directories are those of the start, whatever a caller makes of the variables.
#[tokio::test(flavor = "multi_thread")]
async fn variables_move_no_directory() {
    let house = House::sqlite();
    let node = house.boot().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let there = elsewhere.path().display();
    for command in [
        format!("set blockchain_dir = {there}"),
        format!("set tmp_dir = {there}"),
        format!("set blockchain_file = {there}/blockchain.json"),
        "set edgelake_path = /".to_owned(),
    ] {
        node.rest(Role::Admin, &command).await.unwrap();
    }
    for command in [
        format!("blockchain pull to json {there}/f"),
        format!("blockchain pull to sql {there}/f"),
        "blockchain pull to json".to_owned(),
        "process /etc/hostname".to_owned(),
    ] {
        assert!(node.rest(Role::Admin, &command).await.is_err(), "{command}");
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    node.stop().await;
}

/// Where the table stands in the document.
const TABLE: [&str; 2] = ["<!-- rights -->\n", "<!-- end of rights -->\n"];

/// `UPDATE_DOCS=1 cargo test --test it doors::rights` writes the table anew.
#[test]
fn the_document_shows_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/security.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (before, rest) = document.split_once(TABLE[0]).unwrap();
    let (_, after) = rest.split_once(TABLE[1]).unwrap();
    let wanted = [before, TABLE[0], &table(), TABLE[1], after].concat();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
        return;
    }
    assert!(document == wanted, "run with UPDATE_DOCS=1");
}

fn table() -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head = std::iter::once("command".to_owned()).chain(Door::ALL.map(|door| door.name().to_owned())).collect();
    let rule = "|---".repeat(Door::ALL.len() + 1) + "|\n";
    let cell = |door, access| match permission(door, access) {
        Permission::Yes => "yes".to_owned(),
        Permission::No => "no".to_owned(),
        Permission::Switch(variable) => format!("`{variable}`"),
        Permission::Within(limits) => limits.to_owned(),
    };
    let rows = Access::all().map(|access| {
        line(std::iter::once(access.name().to_owned()).chain(Door::ALL.map(|door| cell(door, access))).collect())
    });
    [line(head), rule].into_iter().chain(rows).collect()
}
