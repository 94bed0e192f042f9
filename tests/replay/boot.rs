//! Whole boots with the public deployment scripts, unmodified, compared with the recorded ones.

use super::{
    document, masks,
    node::{HOME, Node, clear},
    postgres,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// Time that the scripts wait themselves, and what everything else may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(5 + 10);

/// Silence after which a boot is over; the scripts' own `wait 5` is longer, so it is waited for a text.
const QUIET: Duration = Duration::from_millis(300);

/// Variables whose values belong to the recording's machine or moment.
const OF_THE_MACHINE: [&str; 5] = ["is_vm", "db_user", "new_policy", "db_passwd", "is_policy"];

/// Returns the tree of scripts, if there is one.
pub fn scripts() -> Option<PathBuf> {
    std::env::var_os("DEPLOYMENT_SCRIPTS").map(PathBuf::from)
}

/// Boots every recorded case in order.
pub fn run() {
    let scripts = scripts().expect("a tree of scripts");
    let document = document("boot");
    let mut failures = Vec::new();
    for case in document["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if id != "boot-restart" {
            clear(Path::new(HOME));
            let copied =
                Command::new("cp").args(["-r"]).arg(&scripts).arg(format!("{HOME}/deployment-scripts")).status();
            assert!(copied.unwrap().success());
        }
        let database = (case["env"]["DB_TYPE"] == "psql").then(|| postgres::start().unwrap());
        failures.extend(boot(case).into_iter().map(|text| format!("{id}: {text}")));
        drop(database);
    }
    assert!(failures.is_empty(), "{} differences\n{}", failures.len(), failures.join("\n"));
}

fn boot(case: &Value) -> Vec<String> {
    let started = Instant::now();
    let mut node = Node::process(&format!("{HOME}/deployment-scripts/node-deployment/main.al"), &case["env"]);
    let recorded = masks::masked(case["output"].as_str().unwrap());
    let (console, table) = cut(&recorded);
    let last = if table { "Kafka Consumer" } else { console.trim_end().rsplit('\n').nth(1).unwrap_or_default().trim() };
    let mut differences = Vec::new();
    if !node.shows(last, QUIET) {
        differences.push(format!("{last:?} never came: {:?}", node.text()));
    }
    if started.elapsed() > LIMIT {
        differences.push(format!("took {:?}", started.elapsed()));
    }
    // A master offers no message broker, so what is said and shown of one is left out.
    let broker = case["env"].get("ANYLOG_BROKER_PORT").is_some();
    let text = node.text();
    let (ours, _) = cut(&text);
    if !broker {
        differ("console", ours, console, &mut differences);
    }
    let mut sockets: BTreeSet<String> = super::node::lines(&case["listening"]).into_iter().collect();
    sockets.retain(|address| !broker || !address.ends_with(":32050"));
    differ("listening", &format!("{:?}", listening()), &format!("{sockets:?}"), &mut differences);
    if case["rest"] == true {
        asked(&node, case, &mut differences);
    }
    node.stop();
    differences
}

/// Cuts a console text before the table of processes, which shows the rows of the third seed here.
fn cut(text: &str) -> (&str, bool) {
    text.find("\r\n    Process ").map_or((text, false), |at| (&text[..at], true))
}

fn asked(node: &Node, case: &Value, differences: &mut Vec<String>) {
    let get = |command: &str| node.http("GET", Some(command), &Value::Null, None).map(|a| a.body).unwrap_or_default();
    let policies: Vec<Value> = serde_json::from_str(&get("blockchain get *")).unwrap_or_default();
    let bare =
        |list: &[Value]| list.iter().cloned().map(without_moment).map(|p| p.to_string()).collect::<Vec<_>>().join("\n");
    differ("policies", &bare(&policies), &bare(case["policies"].as_array().unwrap()), differences);
    for (name, command) in [("databases", "get databases"), ("config_policies", "get config policies")] {
        let recorded = case[name].as_str().unwrap_or_default();
        differ(name, masks::masked(&get(command)).trim(), masks::masked(recorded).trim(), differences);
    }
    // A bound server shows the address that it is bound to (reference/command-language 14.2).
    let columns = |text: &str| -> Vec<String> {
        let rows = text.trim().lines().filter(|line| !line.starts_with("Messaging"));
        rows.map(|row| row.rsplitn(3, '|').nth(2).unwrap_or_default().to_owned()).collect()
    };
    let recorded = columns(case["connections"].as_str().unwrap_or_default()).join("\n");
    differ("connections", &columns(&get("get connections")).join("\n"), &recorded, differences);
    variables(node, case, differences);
}

fn variables(node: &Node, case: &Value, differences: &mut Vec<String>) {
    let ours = node.dictionary().unwrap_or_default();
    let recorded: BTreeMap<String, String> =
        serde_json::from_value(case["dictionary_after"].clone()).unwrap_or_default();
    for (key, value) in recorded.iter().filter(|(key, _)| !OF_THE_MACHINE.contains(&key.as_str())) {
        let shown = ours.get(key).map(String::as_str).unwrap_or_default();
        if shown != "********" && masks::masked(shown) != masks::masked(value) {
            differences.push(format!("!{key} is {shown:?}, recorded {value:?}"));
        }
    }
}

/// Returns a policy without its date and its state.
fn without_moment(mut policy: Value) -> Value {
    for attributes in policy.as_object_mut().into_iter().flat_map(|object| object.values_mut()) {
        if let Some(attributes) = attributes.as_object_mut() {
            attributes.shift_remove("date");
            attributes.shift_remove("ledger");
        }
    }
    policy
}

/// Returns the addresses that this namespace listens on, without the database.
fn listening() -> BTreeSet<String> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let sockets = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (address, port) = fields.get(1)?.split_once(':').filter(|_| fields.get(3) == Some(&"0A"))?;
        let address = u32::from_str_radix(address, 16).ok()?.to_le_bytes();
        Some((std::net::Ipv4Addr::from(address), u16::from_str_radix(port, 16).ok()?))
    });
    sockets.filter(|(_, port)| *port != 5432).map(|(address, port)| format!("{address}:{port}")).collect()
}

fn differ(what: &str, got: &str, recorded: &str, differences: &mut Vec<String>) {
    if got != recorded {
        differences.push(format!("{what}\n  is       {got:?}\n  recorded {recorded:?}"));
    }
}
