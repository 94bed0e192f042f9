//! What is offered while somebody types: names, options, variables, and what stands in the ledger.

use crate::support::silent::Silent;
use anylog_master::{
    boot,
    command::{self, Candidate, CandidateKind},
    config::Config,
    node::{Node, Origin, Role, Session},
    runtime::shutdown::Shutdown,
};
use std::{net::Ipv4Addr, sync::Arc};

/// A node with some policies in its local copy, and a caller at its prompt.
async fn node() -> (Arc<Node>, Session) {
    let node = boot::node(Config::default(), Arc::new(Silent), Shutdown::new()).unwrap();
    let mut session = Session::local(Origin::Prompt, Arc::new(Silent), "test");
    node.dictionary.set("node_name", "edge");
    for policy in [
        r#"{"operator": {"name": "op1", "company": "New Company", "ip": "10.0.0.1", "port": 32148, "main": true, "id": "aa1"}}"#,
        r#"{"operator": {"name": "op2", "company": "A & B", "ip": "10.0.0.2", "port": 32149, "id": "aa2"}}"#,
        r#"{"cluster": {"name": "c1", "table": [{"dbms": "demo", "name": "ping"}], "id": "bb1"}}"#,
    ] {
        let insert = format!("blockchain insert where policy = {policy} and local = true");
        command::run(&node, &mut session, &insert).await.unwrap();
    }
    (node, session)
}

fn offered(node: &Node, session: &Session, line: &str) -> Vec<Candidate> {
    command::complete(line, line.len(), node, session).candidates
}

fn texts(node: &Node, session: &Session, line: &str) -> Vec<String> {
    offered(node, session, line).into_iter().map(|candidate| candidate.text).collect()
}

#[tokio::test]
async fn names_are_completed_word_by_word() {
    let (node, session) = node().await;
    let texts = |line| texts(&node, &session, line);
    assert_eq!(texts("blockch"), ["blockchain"]);
    assert_eq!(texts("get proc"), ["processes"]);
    assert_eq!(texts("x = get proc"), ["processes"]);
    assert_eq!(texts("print a & run cl"), ["client"]);
    assert_eq!(texts("help get proc"), ["processes"]);
    assert_eq!(texts("if !x == 1 then get proc"), ["processes"]);
    assert_eq!(texts("run client (10.0.0.1:7) get proc"), ["processes"]);
    assert!(texts("get ").len() > 50 && texts("").contains(&"print".to_owned()));
    assert!(texts("blockchain push {\"operator\": {\"na").is_empty());
    assert!(!texts("drop ").contains(&"partition".to_owned()), "it belongs to other nodes");
}

#[tokio::test]
async fn options_are_those_of_the_help() {
    let (node, session) = node().await;
    let texts = |line| texts(&node, &session, line);
    assert_eq!(texts("get processes wh"), ["where"]);
    assert_eq!(texts("get processes where "), ["format"]);
    assert!(texts("get processes where format = ").contains(&"json".to_owned()));
    assert_eq!(texts("connect dbms x where type = "), ["psql", "sqlite"]);
    assert_eq!(texts("get policy history where id = aa1 an"), ["and"]);
    assert_eq!(texts("get policy history where id = aa1 and "), ["format"]);
    assert_eq!(texts("blockchain drop by h"), ["host"]);
}

#[tokio::test]
async fn types_attributes_values_and_ids_come_from_the_ledger() {
    let (node, session) = node().await;
    let texts = |line| texts(&node, &session, line);
    assert_eq!(texts("blockchain get o"), ["operator"]);
    assert_eq!(texts("blockchain get (operator,cl"), ["cluster"]);
    assert_eq!(texts("create policy op"), ["operator"]);
    assert_eq!(texts("blockchain get operator where po"), ["port"]);
    assert_eq!(texts("blockchain get operator where [po"), ["[port]"]);
    assert_eq!(texts("blockchain get cluster where tab"), ["table", "table[dbms]", "table[name]"]);
    assert_eq!(texts("blockchain get cluster where table[dbms] = "), ["demo"]);
    assert_eq!(texts("blockchain get operator where name = "), ["op1", "op2"]);
    assert_eq!(texts("blockchain get operator where [port] == "), ["32148", "32149"]);
    assert_eq!(texts("blockchain get operator where company = New"), ["\"New Company\""]);
    assert_eq!(texts("blockchain get operator where company = \"New C"), ["\"New Company\""]);
    assert_eq!(texts("blockchain get operator where name = op1 a"), ["and"]);
    assert_eq!(texts("blockchain get operator where name = op1 b"), ["bring"]);
    assert_eq!(texts("blockchain get operator bring.tab"), ["bring.table"]);
    assert_eq!(texts("blockchain get operator bring.table.un"), ["bring.table.unique"]);
    assert_eq!(texts("blockchain get operator bring [*][po"), ["[*][port]"]);
    assert_eq!(texts("blockchain get operator bring [*][name] [operator][po"), ["[operator][port]"]);
    assert_eq!(texts("blockchain get * where id = b"), ["bb1"]);
    assert_eq!(texts("print !node_n"), ["!node_name"]);
}

#[tokio::test]
async fn ids_are_found_by_their_beginning_and_by_the_name_of_their_policy() {
    let (node, session) = node().await;
    for line in ["blockchain drop policy where id = ", "blockchain test id ", "get policy history where id = "] {
        let found = offered(&node, &session, &format!("{line}aa"));
        let ids: Vec<&str> = found.iter().map(|candidate| candidate.text.as_str()).collect();
        assert_eq!(ids, ["aa1", "aa2"], "{line}");
        assert!(found.iter().all(|candidate| candidate.kind == CandidateKind::PolicyId));
        assert_eq!(found[0].about.as_deref(), Some("operator op1"));
        assert_eq!(texts(&node, &session, &format!("{line}op2")), ["aa2"], "{line}");
    }
    assert_eq!(texts(&node, &session, "blockchain drop policy where id = aa1, b"), ["bb1"]);
    let line = "get policy history where id = op2 and format = json";
    let found = command::complete(line, 33, &node, &session);
    assert_eq!((found.from, found.to, found.candidates.len()), (30, 33, 1));
}

#[tokio::test]
async fn what_a_caller_may_not_run_or_read_is_not_offered() {
    let (node, _) = node().await;
    let rest = Origin::Rest { caller: Ipv4Addr::LOCALHOST.into(), user: None, is_foreign: false };
    let reader = Session::new(rest, Role::Read, Arc::new(Silent), "test");
    assert_eq!(texts(&node, &reader, "blockchain get o"), ["operator"]);
    assert!(texts(&node, &reader, "blockchain dr").is_empty());
    assert!(texts(&node, &reader, "blockchain drop policy where id = ").is_empty());
    let rest = Origin::Rest { caller: Ipv4Addr::LOCALHOST.into(), user: None, is_foreign: true };
    let foreign = Session::new(rest, Role::Admin, Arc::new(Silent), "test");
    assert!(texts(&node, &foreign, "print !node_n").is_empty());
}
