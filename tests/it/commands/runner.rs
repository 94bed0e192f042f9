//! Runs the cases of one file and reports all differences together.

use super::{
    case::{Case, matches, read},
    node::TestNode,
};
use std::{collections::BTreeMap, env, fs, time::Duration};
use tokio::sync::Mutex;

/// Cases that answer something else here, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("get-008", "the name of this machine"),
    ("assigncmd-001", "the name of this machine"),
    ("setpolicy-054", "the name of this machine"),
    ("python-006", "the port of this node"),
    ("system-016", "a path of the recorded machine"),
    ("system-017", "a path of the recorded machine"),
    ("assigncmd-007", "'x = get !b' stores the value (reference/command-language 4)"),
    ("assigncmd-034", "recorded after a condition that was false"),
    ("assigncmd-035", "recorded after a condition that was false"),
    ("if-092", "'not (…)' tests the group (reference/command-language 9)"),
    ("get-070", "'get members' lists the members"),
    ("extra-001", "'then x = \"\"' removes the key (reference/command-language 5)"),
];

/// Longest time of one case.
const LIMIT: Duration = Duration::from_secs(60);

/// Scripts are found from the working directory, of which a process has one: one group runs at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// Runs every case of a group that binds us.
pub async fn run(group: &str) {
    let _turn = TURN.lock().await;
    let file = read(group);
    let mut node = TestNode::start(&file).await;
    env::set_current_dir(node.home.path()).expect("the directory is there");
    let mut differences = Vec::new();
    for case in &file.cases {
        let binds = case.level != "MAY" && matches!(case.via.as_str(), "cli" | "script");
        let known = DIFFERENT.iter().any(|(id, _)| *id == case.id);
        if !binds || (known && !file.sequence) {
            continue;
        }
        let outcome = tokio::time::timeout(LIMIT, check(&mut node, case)).await;
        let difference = outcome.unwrap_or_else(|_| Some("it does not end".to_owned()));
        if let Some(difference) = difference.filter(|_| !known) {
            differences.push(format!("{} {:?}\n{difference}", case.id, case.command.as_deref().unwrap_or_default()));
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

/// Runs one case and puts the dictionary back as it was.
async fn check(node: &mut TestNode, case: &Case) -> Option<String> {
    let before: BTreeMap<String, String> = node.node.dictionary.variables().into_iter().collect();
    write_files(node, case);
    for command in &case.setup {
        let command = node.here(command);
        let _printed = node.typed(&command).await;
    }
    let set_up: BTreeMap<String, String> = node.node.dictionary.variables().into_iter().collect();
    let command = match (&case.command, &case.script) {
        (Some(command), _) => node.here(command),
        (None, _) => node.here("process case.al"),
    };
    let (printed, outcome) = node.typed(&command).await;
    let compared = !case.given && case.expect.is_none();
    let difference = compared
        .then(|| {
            compare(node, case, &printed, outcome.err().map(|error| error.code.0))
                .or_else(|| changes(node, case, &set_up))
        })
        .flatten();
    for command in &case.teardown {
        let command = node.here(command);
        let _printed = node.typed(&command).await;
    }
    restore(node, &before);
    difference
}

/// Writes the files of a case into the node's directory.
fn write_files(node: &TestNode, case: &Case) {
    let script = case.script.iter().map(|lines| ("case.al", lines));
    for (name, lines) in case.files.iter().map(|(name, lines)| (name.as_str(), lines)).chain(script) {
        let lines: Vec<String> = lines.iter().map(|line| node.here(line)).collect();
        let path = node.home.path().join(name.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("a parent")).expect("the directory is made");
        fs::write(path, lines.join("\n")).expect("the file is written");
    }
}

fn compare(node: &TestNode, case: &Case, printed: &str, code: Option<u16>) -> Option<String> {
    let recorded = node.here(case.output.as_deref()?);
    if !matches(&recorded, printed) {
        return Some(format!("  recorded {recorded:?}\n  printed  {printed:?}"));
    }
    // A script's case records the error of a line, not of the script.
    let recorded = case.error.as_ref().filter(|_| case.via == "cli")?.code;
    (code != Some(recorded)).then(|| format!("  recorded code {recorded}, got {code:?}"))
}

/// Compares what the case set and removed in the dictionary.
fn changes(node: &TestNode, case: &Case, before: &BTreeMap<String, String>) -> Option<String> {
    let recorded = case.dictionary.as_ref()?;
    let after: BTreeMap<String, String> = node.node.dictionary.variables().into_iter().collect();
    let set: Vec<String> = recorded
        .set
        .iter()
        .filter(|(key, value)| !after.get(*key).is_some_and(|now| matches(&node.here(value), now)))
        .map(|(key, value)| format!("  recorded {key} = {value:?}, is {:?}", after.get(key)))
        .collect();
    let kept =
        recorded.removed.iter().filter(|key| after.contains_key(*key)).map(|key| format!("  {key} is still there"));
    let more = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value) && !recorded.set.contains_key(*key))
        .map(|(key, value)| format!("  {key} = {value:?} was not recorded"));
    let all: Vec<String> = set.into_iter().chain(kept).chain(more).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn restore(node: &TestNode, before: &BTreeMap<String, String>) {
    for (key, value) in node.node.dictionary.variables() {
        match before.get(&key) {
            None => node.node.dictionary.remove(&key),
            Some(earlier) if *earlier != value => node.node.dictionary.set(&key, earlier.clone()),
            Some(_) => {}
        }
    }
    for (key, value) in before {
        if node.node.dictionary.get(key).is_none() {
            node.node.dictionary.set(key, value.clone());
        }
    }
}
