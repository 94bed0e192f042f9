//! The three seed documents: every code block of them, typed as printed, on a node of its own.
//!
//! `docs/seeds.md` names for each line of each document the test that shows it.

use super::{
    node::{Node, put},
    postgres,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const FIRST: &str = include_str!("../vectors/seeds/using-a-master-node.md");
const SECOND: &str = include_str!("../vectors/seeds/master-node.md");
const THIRD: &str = include_str!("../vectors/seeds/deployment-process.md");

/// Runs one document by its number.
pub fn run(number: &str) {
    match number {
        "1" => first(),
        "2" => second(),
        _ => third(),
    }
}

/// Returns the code blocks of a document.
fn blocks(document: &str) -> Vec<String> {
    let parts = document.split("```").skip(1).step_by(2);
    parts.map(|part| part.split_once('\n').map_or("", |(_, block)| block).trim_end().to_owned()).collect()
}

fn start(commands: &[&str], environment: Value) -> Node {
    let rest = "run rest server where internal_ip = 127.0.0.1 and internal_port = 32149 and bind = true";
    let mut init = vec!["create work directories", rest, "ledger_conn = 127.0.0.1:32048"];
    init.extend(commands);
    Node::start(&json!({ "node": { "init.al": init }, "env": environment }))
}

/// Types a block and returns what the console shows before the last prompt.
fn typed(node: &mut Node, block: &str) -> String {
    assert!(node.type_line(block, None), "no prompt after {block:?}: {:?}", node.text());
    super::masks::split(&node.text()).0
}

/// Asks over REST until the answer holds a text.
fn wait_for(node: &Node, command: &str, text: &str) -> String {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let body = node.http("GET", Some(command), &Value::Null, None).map(|answer| answer.body).unwrap_or_default();
        if body.contains(text) {
            return body;
        }
        assert!(Instant::now() < end, "{command}: {text:?} never came: {body}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn master_policies(node: &Node, command: &str) -> Vec<Value> {
    serde_json::from_str(&wait_for(node, command, "master")).expect("policies")
}

/// "Using a Master Node", first edition: database, table, push, local copy.
fn first() {
    let blocks = blocks(FIRST);
    let server = "run tcp server where internal_ip = 127.0.0.1 and internal_port = 32048 and bind = true";
    let mut node = start(&[server], json!({}));
    assert_eq!(typed(&mut node, &blocks[0]), "Database blockchain using sqlite connected!\r\n");
    assert_eq!(typed(&mut node, &blocks[1]), "");
    assert_eq!(typed(&mut node, "info table blockchain ledger exists"), "true\r\n\rEL > ");
    typed(&mut node, "policy = {\"test\" : {\"name\" : \"t1\", \"company\" : \"My Company\"}}");
    typed(&mut node, "blockchain prepare policy !policy");
    let push = blocks[2].replace("(destination)", "(127.0.0.1:32048)").replace("[JSON data]", "!policy");
    typed(&mut node, &push);
    typed(
        &mut node,
        "<run blockchain sync where source=master and time=\"1 second\" and dest=file and connection=!ledger_conn>",
    );
    wait_for(&node, "blockchain get test", "t1");
    let end = Instant::now() + Duration::from_secs(20);
    let file = "/app/EdgeLake/blockchain/blockchain.json";
    while !std::fs::read_to_string(file).unwrap_or_default().contains("\"t1\"") {
        assert!(Instant::now() < end, "{file} never got the policy");
        std::thread::sleep(Duration::from_millis(20));
    }
    node.stop();
}

/// "Using a Master Node", second edition: the standalone master, step by step.
fn second() {
    let blocks = blocks(SECOND);
    let mut node = start(&["external_ip = 127.0.0.1", "ip = 127.0.0.1"], json!({}));
    assert_eq!(typed(&mut node, &blocks[0]), "");
    wait_for(&node, "get connections", "TCP      |127.0.0.1:32048 |127.0.0.1:32048 |0.0.0.0:32048");
    assert_eq!(typed(&mut node, &blocks[1]), "");
    wait_for(&node, "get processes", "Sync every 30 seconds with master using: 127.0.0.1:32048");
    assert_eq!(typed(&mut node, &blocks[2]), "Database blockchain using sqlite connected!\r\n");
    assert_eq!(typed(&mut node, &blocks[4]), "");
    for (block, addresses) in [(&blocks[5], ("127.0.0.1", Some("127.0.0.1"))), (&blocks[6], ("127.0.0.1", None))] {
        assert_eq!(typed(&mut node, block), "");
        let policy: Value = serde_json::from_str(&node.dictionary().unwrap()["new_policy"]).unwrap();
        let master = &policy["master"];
        assert_eq!((&master["name"], &master["company"]), (&json!("master-node"), &json!("My Company")));
        assert_eq!((master["ip"].as_str(), master["local_ip"].as_str()), (Some(addresses.0), addresses.1));
        assert_eq!((&master["port"], &master["rest_port"]), (&json!("32048"), &json!("32049")));
    }
    assert_eq!(typed(&mut node, &blocks[7]), "");
    assert_eq!(master_policies(&node, "blockchain get master").len(), 1);
    assert_eq!(typed(&mut node, &blocks[8]), "Process already active\r\n");
    node.stop();
    postgres_block(&blocks[3].replace("[db user]", "admin").replace("[db password]", "elpw"));
}

/// The PostgreSQL form of a document, on a server of its own.
fn postgres_block(block: &str) {
    let server = match postgres::start() {
        Ok(server) => server,
        Err(why) => {
            crate::skipped(format_args!("the PostgreSQL block: {why}"));
            return;
        }
    };
    let mut node =
        start(&["db_ip = 127.0.0.1", "db_port = 5432", "db_user = admin", "set db_passwd = elpw"], json!({}));
    for command in block.split("\n\n") {
        let output = typed(&mut node, command);
        assert!(output.contains("Database blockchain using psql connected!"), "{command}: {output}");
    }
    typed(&mut node, "create table ledger where dbms=blockchain");
    assert_eq!(typed(&mut node, "info table blockchain ledger exists"), "true\r\n\rEL > ");
    node.stop();
    drop(server);
}

/// "Deployment Process": the steps of a deployment, in both network variants.
fn third() {
    let blocks = blocks(THIRD);
    for overlay in [true, false] {
        deployment(&blocks, overlay);
    }
    let connect = blocks[2].lines().next().unwrap_or_default().to_owned();
    postgres_block(&connect);
}

fn deployment(blocks: &[String], overlay: bool) {
    let environment =
        json!({ "NODE_NAME": "anylog-master", "COMPANY_NAME": "New Company", "ANYLOG_SERVER_PORT": "32048" });
    let keys = ["external_ip = 192.0.2.10", "internal_ip = 127.0.0.1", "anylog_rest_port = 32049"];
    let mut node = start(&keys, environment);
    typed(&mut node, &format!("overlay_network = {overlay}"));
    for line in blocks[0].lines().filter(|line| *line != "...") {
        assert_eq!(typed(&mut node, line), "", "{line}");
    }
    let keys = node.dictionary().unwrap();
    assert_eq!((&*keys["hostname"], &*keys["node_name"]), ("node1", "anylog-master"));
    assert_eq!((&*keys["company_name"], &*keys["anylog_server_port"]), ("New Company", "32048"));

    // The document gives the TCP port to the REST server as well; that is refused, as on any node.
    put("step2.al", &["on error ignore".to_owned(), blocks[1].clone()]);
    typed(&mut node, "exit rest");
    node.type_line("process step2.al", None);
    typed(&mut node, "run rest server where internal_ip = 127.0.0.1 and internal_port = 32149 and bind = true");
    let bound = if overlay { "127.0.0.1:32048" } else { "0.0.0.0:32048" };
    wait_for(&node, "get connections", bound);

    let table = blocks[2].lines().nth(1).unwrap_or_default();
    typed(&mut node, "connect dbms blockchain where type=sqlite");
    assert_eq!(typed(&mut node, table), "");
    for (key, value) in
        [("blockchain_source", "master"), ("blockchain_destination", "file"), ("sync_time", "30 seconds")]
    {
        typed(&mut node, &format!("set {key} = \"{value}\""));
    }
    let mut step4 = blocks[3].lines();
    assert_eq!(typed(&mut node, step4.next().unwrap_or_default()), "");
    let sync = step4.next().unwrap_or_default();
    assert_eq!(typed(&mut node, sync), "Error Command Structure\r\n", "as printed its references lack the sign");
    let sync = sync.replace("=blockchain_", "=!blockchain_");
    assert_eq!(typed(&mut node, &sync), "");

    for key in ["loc = 0,0", "country = US", "state = CA", "city = San Mateo"] {
        typed(&mut node, key);
    }
    typed(&mut node, &blocks[4]);
    let policies = master_policies(&node, "blockchain get master");
    let master = &policies[0]["master"];
    assert_eq!((&master["hostname"], &master["name"]), (&json!("node1"), &json!("anylog-master")));
    assert_eq!((&master["internal_ip"], &master["port"]), (&json!("127.0.0.1"), &json!(32048)));
    assert_eq!(master["external_ip"].as_str(), (!overlay).then_some("192.0.2.10"));
    processes(&node, &blocks[5]);
    node.stop();
}

/// Step 6: the rows and the layout of `get processes`.
fn processes(node: &Node, block: &str) {
    let shown = wait_for(node, "get processes", "Scheduler      |Running");
    let rows = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.trim_end().ends_with('|') && !line.contains("---"));
        lines.map(|line| line.split('|').next().unwrap_or_default().trim_end().to_owned()).collect()
    };
    assert_eq!(rows(&shown), rows(block));
    for running in
        ["Sync every 30 seconds with master using: 127.0.0.1:32048", "Schedulers IDs in use: [0 (system)] [1 (user)]"]
    {
        assert!(shown.contains(running), "{shown}");
    }
}
