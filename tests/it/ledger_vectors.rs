//! Commands on policies, as recorded on a running network, on a node inside this process (reference/ledger 3 and 6).
//!
//! Each case gets a node of its own: the recorded lines in its local file, the recorded rows in a ledger in memory. What is
//! compared: code, reply text, and every policy afterwards. MUST and SHOULD cases have to be equal unless the
//! recording says that a master may do better, or [`EXCEPTIONS`] says why this one differs.

use crate::support::silent::Silent;
use anylog_master::{
    boot, command,
    config::Config,
    ledger::{Change, OnDuplicate, PolicyCheck, PolicyInsert},
    node::{Node, Origin, Output, Role, Session, work_directories},
    policy::{self, Policy},
    render,
    reply::Reply,
    runtime::shutdown::Shutdown,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    sync::Arc,
};

/// Cases in which this node differs, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("cmd-test_missing_id", "a line without id is no policy of the ledger, so this one is empty"),
    ("cmd-test_id", "'blockchain test id' does what the documentation says"),
    ("cmd-metadata_version", "the version is the one of the export, not of lines that only the local file has"),
    ("cmd-update_file_default", "a new local file is read at once, not at the next load"),
    ("cmd-update_file_named", "a new local file is read at once, not at the next load"),
    ("cmd-drop_by_id", "the view follows the ledger at once; the recorded one followed the file"),
];

/// A node with what a case needs.
struct Bench {
    node: Arc<Node>,
    session: Session,
    home: tempfile::TempDir,
}

impl Bench {
    async fn open(case: &Value) -> Self {
        let output: Arc<dyn Output> = Arc::new(Silent);
        let node = boot::node(Config::default(), Arc::clone(&output), Shutdown::new()).expect("the node is built");
        let home = tempfile::tempdir().expect("a directory");
        work_directories::locate(&node.dictionary, &home.path().to_string_lossy());
        let known = [
            ("ip", "192.0.2.10"),
            ("external_ip", "192.0.2.10"),
            ("company_name", "New Company"),
            ("anylog_server_port", "33410"),
        ];
        for (key, value) in known {
            node.dictionary.set(key, value);
        }
        let caller = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut session = Session::local(Origin::Prompt, output, "rest");
        for command in [
            "create work directories",
            "connect dbms blockchain where type = sqlite and memory = true",
            "create table ledger where dbms = blockchain",
        ] {
            command::run(&node, &mut session, command).await.expect(command);
        }
        session.origin = Origin::Rest { caller, user: None, is_foreign: false };
        session.role = Role::Admin;
        let bench = Self { node, session, home };
        bench.fill(case).await;
        bench
    }

    async fn fill(&self, case: &Value) {
        let setup = &case["setup"];
        if let Some(text) = case["files_after"]["other.json"].as_str() {
            let folder =
                PathBuf::from(self.node.dictionary.get("blockchain_dir").expect("the node knows its directory"));
            std::fs::write(folder.join("other.json"), text).expect("the file is written");
        }
        for row in setup["ledger_rows"].as_array().into_iter().flatten() {
            let policy = Policy::parse(row[6].as_str().expect("a row has a text")).expect("a row is a policy");
            let host = row[4].as_str().expect("a row has a host").to_owned();
            let insert = PolicyInsert { policy, host, on_duplicate: OnDuplicate::Refuse, check: PolicyCheck::Nothing };
            let author = anylog_master::ledger::Author::new("test");
            self.node.ledger.write(Change::Insert(insert), author).await.expect("the row is added");
        }
        let Some(lines) = setup["local_file"].as_array() else { return };
        let text: String = lines
            .iter()
            .map(|line| line.as_str().map_or_else(|| policy::json::text(line), str::to_owned) + "\n")
            .collect();
        let file = PathBuf::from(self.node.dictionary.get("blockchain_file").expect("the node knows its file"));
        std::fs::create_dir_all(file.parent().expect("it is in a directory")).expect("the directory is made");
        std::fs::write(&file, text).expect("the local file is written");
        self.run("blockchain reload metadata").await.ok();
    }

    async fn run(&self, text: &str) -> Result<Reply, anylog_master::reply::Error> {
        command::run(&self.node, &mut self.session.clone(), text).await
    }

    /// Runs one step and returns what differs from its recorded reply.
    async fn step(&self, command: &str, recorded: &Value, mask: &Mask) -> Option<String> {
        let outcome = self.run(command).await;
        match (outcome, recorded["err_code"].as_u64()) {
            (Ok(_), None) if command == "get synchronizer" => None,
            (Ok(reply), None) => {
                let (text, body) =
                    (mask.of(&render::text(&reply)), mask.of(recorded["body"].as_str().unwrap_or_default()));
                (text != body).then(|| format!("{command}: {text:?}, recorded {body:?}"))
            }
            (Err(error), Some(code)) if u64::from(error.code.0) == code => None,
            (Err(error), code) => Some(format!("{command}: {error} ({}), recorded {code:?}", error.code.0)),
            (Ok(_), Some(code)) => Some(format!("{command}: done, recorded {code}")),
        }
    }

    /// Returns the text of every policy by id.
    fn policies(&self) -> BTreeMap<String, String> {
        self.node.ledger.view().iter().map(|entry| (entry.id.to_string(), entry.text.to_string())).collect()
    }
}

/// Makes texts comparable: times and member numbers that the node chose, and its address.
struct Mask {
    given: String,
    member: bool,
}

impl Mask {
    fn of(&self, text: &str) -> String {
        let mut masked = text.replace("192.0.2.10", "<node-ip>");
        for piece in
            text.split('"').filter(|piece| piece.len() == 27 && piece.ends_with('Z') && !self.given.contains(*piece))
        {
            masked = masked.replace(piece, "<time>");
        }
        match masked.split_once("\"member\": ") {
            Some((before, after)) if self.member => {
                format!("{before}\"member\": N{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
            }
            _ => masked,
        }
    }

    /// Returns a policy without its flag, as the view and the file differ in it.
    fn policy(&self, text: &str) -> String {
        let stored = Policy::parse(text).map_or_else(|_| text.to_owned(), |policy| policy.stored_text());
        self.of(&stored).replace(", \"ledger\": \"local\"", "").replace(", \"ledger\": \"global\"", "")
    }
}

/// Returns the policies that a case has to leave, by id.
fn left(case: &Value) -> Option<BTreeMap<String, String>> {
    let rows = case["ledger_rows_after"].as_array()?;
    let lines: Vec<String> =
        match (case["local_file_after"].as_array(), case["files_after"]["blockchain.json"].as_str()) {
            (Some(lines), _) => lines.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect(),
            (None, text) => text.unwrap_or_default().lines().map(str::to_owned).collect(),
        };
    let texts = lines.into_iter().chain(rows.iter().map(|row| row[7].as_str().unwrap_or_default().to_owned()));
    Some(texts.filter_map(|text| Some((Policy::parse(&text).ok()?.id()?, text))).collect())
}

/// Writes the long texts that the recording shortens.
fn written_out(case: &Value) -> Value {
    let mut case = case.clone();
    let length = case["id"].as_str().and_then(|id| id.strip_prefix("x-push_size_")).and_then(|size| size.parse().ok());
    if let Some(length) = length {
        let row = &mut case["ledger_rows_after"][0];
        let text = policy::json::text(&json!({"device": {"name": "n".repeat(length), "id": row[2], "date": row[4]}}));
        row[7] = text.clone().into();
        case["steps"][0]["body"] = format!("<v={text}>").into();
    }
    case
}

async fn differences(case: &Value) -> Vec<String> {
    let case = &written_out(case);
    let bench = Bench::open(case).await;
    let inputs = |step: &Value| format!("{}{}", step["command"], step["body"]);
    let steps: String = case["steps"].as_array().into_iter().flatten().map(inputs).collect();
    let mask = Mask {
        given: format!("{}{}{steps}", case["setup"], case["variables"]),
        member: case["volatile"].as_array().is_some_and(|list| list.iter().any(|entry| entry == "member")),
    };
    let single = [case.clone()];
    let steps = case["steps"].as_array().map_or(single.as_slice(), Vec::as_slice);
    let mut wrong = Vec::new();
    for step in steps {
        let assigned = step["body"].as_str().and_then(|body| body.strip_prefix("<v=")?.strip_suffix('>'));
        let variable = assigned.or_else(|| case["variables"]["v"].as_str());
        if let Some(text) = variable {
            if let Err(error) = bench.run(&format!("v={text}")).await {
                let recorded = step["reply"]["err_code"].as_u64();
                return if recorded == Some(error.code.0.into()) { wrong } else { vec![error.to_string()] };
            }
            bench.node.dictionary.set("v", text);
        }
        wrong.extend(bench.step(step["command"].as_str().unwrap_or_default(), &step["reply"], &mask).await);
    }
    if let Some(expected) = left(case) {
        let found = bench.policies();
        wrong.extend(expected.keys().filter(|id| !found.contains_key(*id)).map(|id| format!("policy {id} is missing")));
        for (id, text) in found {
            match expected.get(&id).map(|text| mask.policy(text)) {
                None => wrong.push(format!("policy {id} is not in the record")),
                Some(recorded) if recorded != mask.policy(&text) => {
                    wrong.push(format!("policy {id}: {text}, recorded {recorded}"))
                }
                Some(_) => {}
            }
        }
    }
    drop(bench.home);
    wrong
}

async fn run(text: &str) {
    let file: Value = serde_json::from_str(text).expect("the vectors are JSON");
    let cases = file["cases"].as_array().expect("there are cases");
    let mut failed = Vec::new();
    for case in cases {
        let (id, level) = (case["id"].as_str().unwrap_or_default(), case["level"].as_str().unwrap_or_default());
        let wrong = differences(case).await.join("\n    ");
        let excused = EXCEPTIONS.iter().find(|(exception, _)| *exception == id).map(|(_, reason)| *reason);
        match (wrong.is_empty(), case["better"].as_str().or(excused)) {
            (true, _) => {}
            (false, Some(reason)) => println!("{id} differs: {reason}"),
            (false, None) if level == "MAY" => println!("{id} (MAY) differs: {wrong}"),
            (false, None) => failed.push(format!("{id} ({level})\n    {wrong}")),
        }
    }
    assert!(failed.is_empty(), "{} of {} cases differ:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

#[tokio::test]
async fn commands() {
    run(include_str!("../vectors/ledger/commands.json")).await;
}

#[tokio::test]
async fn policies_that_are_written() {
    run(include_str!("../vectors/ledger/write_policies.json")).await;
}

#[tokio::test]
async fn further_commands() {
    run(include_str!("../vectors/ledger/commands_more.json")).await;
}

#[tokio::test]
async fn views_and_variables() {
    run(include_str!("../vectors/ledger/views_and_variables.json")).await;
}

/// Commands of another node, one after the other on the same ledger. Left out are policies that the recording shortens;
/// an operator without cluster, which this master refuses; and what other nodes may not do here (reference/tcp-protocol 8.4).
#[tokio::test]
async fn commands_of_other_nodes() {
    let file: Value =
        serde_json::from_str(include_str!("../vectors/ledger/tcp_commands.json")).expect("the vectors are JSON");
    let mut bench = Bench::open(&Value::Null).await;
    bench.session.origin =
        Origin::Peer { host: "127.0.0.1".to_owned(), port: 1, caller: IpAddr::V4(Ipv4Addr::LOCALHOST) };
    bench.session.role = Role::Publish;
    for case in file["cases"].as_array().expect("there are cases") {
        let words: Vec<&str> = case["member_command"].as_str().unwrap_or_default().splitn(4, ' ').collect();
        let (id, body) = (&case["id"], case["body"].as_str().unwrap_or_default());
        let ["run", "client", _, command] = words.as_slice() else { continue };
        if body.ends_with("...") {
            continue;
        }
        let policy = body.strip_prefix("<v=").and_then(|body| body.strip_suffix('>')).unwrap_or_default();
        let outcome = bench.run(&command.replace("!v", policy)).await;
        match (*command, policy) {
            ("blockchain bogus", _) => assert_eq!(outcome.map_err(|error| error.code.0), Err(2), "{id}"),
            (_, "{\"operator\":{\"name\":\"x\"}}") => {
                assert_eq!(outcome.map_err(|error| error.code.0), Err(87), "{id}")
            }
            (command, _) if command.contains("pull") || command.contains("insert") || command.contains("by host") => {
                assert_eq!(outcome.map_err(|error| error.code.0), Err(224), "{id}");
                continue;
            }
            _ => assert!(outcome.is_ok(), "{id}: {outcome:?}"),
        }
        let rows = case["master_rows_after"].as_array().expect("the rows are recorded");
        let texts = rows.iter().map(|row| (row[2].as_str().unwrap_or_default(), row[7].as_str().unwrap_or_default()));
        let recorded: BTreeMap<String, String> = texts
            .filter(|(_, text)| !text.ends_with("...") && !text.starts_with("{\"operator\""))
            .map(|(id, text)| (id.to_owned(), text.to_owned()))
            .collect();
        assert_eq!(bench.policies(), recorded, "{id}");
    }
}
