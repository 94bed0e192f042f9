//! One recorded case: set up, run, compare, put back.

use super::{
    masks,
    node::{Node, lines, put},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// What one case showed.
pub struct Outcome {
    pub differences: Vec<String>,
    /// False when the node must be started again.
    pub usable: bool,
}

/// The last `if` of the recording was false where a case leans on it and its part is not in these files.
const AFTER_FALSE_IF: [&str; 2] = ["assigncmd-034", "assigncmd-035"];

/// Runs one case against a node whose variables were `base` at its start.
pub fn run(node: &mut Node, case: &Value, base: &BTreeMap<String, String>) -> Outcome {
    prepare(node, case);
    let before = node.dictionary().unwrap_or_default();
    let mut differences = Vec::new();
    let compared = case["given"] != true;
    let usable = if case["via"] == "rest" {
        rest(node, case, compared, &mut differences);
        node.is_alive()
    } else {
        console(node, case, compared, &mut differences)
    };
    if !usable {
        differences.push("no prompt after the command".to_owned());
        return Outcome { differences, usable };
    }
    if compared {
        variables(node, case, &before, &mut differences);
        errors(node, case, &mut differences);
    }
    if case["expect"] == "error" && !node.type_line("print alive", Some(&|text| text.contains("alive"))) {
        return Outcome { differences: vec!["the node does not answer any more".to_owned()], usable: false };
    }
    for line in lines(&case["teardown"]) {
        node.type_line(&line, None);
    }
    put_back(node, base);
    Outcome { differences, usable: true }
}

fn prepare(node: &mut Node, case: &Value) {
    for (name, content) in case["files"].as_object().into_iter().flatten() {
        put(name, &lines(content));
    }
    if case["via"] == "script" {
        put("case.al", &lines(&case["script"]));
    }
    if AFTER_FALSE_IF.contains(&case["id"].as_str().unwrap_or_default()) {
        node.type_line("if 1 == 2", None);
    }
    for line in lines(&case["setup"]) {
        node.type_line(&line, None);
    }
    node.http("POST", Some("reset error log"), &Value::Null, None);
}

fn rest(node: &mut Node, case: &Value, compared: bool, differences: &mut Vec<String>) {
    node.forget();
    let method = case["method"].as_str().unwrap_or("GET");
    let answer = node.http(method, case["command"].as_str(), &case["headers"], case["body"].as_str());
    if !compared {
        node.rests();
        return;
    }
    let Some(answer) = answer else {
        differences.push("no well-formed answer".to_owned());
        return;
    };
    if case["status"].is_u64() && case["status"] != answer.status {
        differences.push(format!("status {}, recorded {}", answer.status, case["status"]));
    }
    let content_type = case["content_type"].as_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !content_type.is_empty() && content_type != answer.content_type {
        differences.push(format!("content type {:?}, recorded {content_type:?}", answer.content_type));
    }
    if case.get("output").is_some() {
        let recorded = masks::masked(case["output"].as_str().unwrap_or_default());
        differ("output", &masks::masked(&answer.body), &recorded, differences);
    }
    let recorded = masks::masked(case["console"].as_str().unwrap_or_default());
    let end = Instant::now() + Duration::from_millis(if recorded.is_empty() { 60 } else { 2500 });
    while Instant::now() < end && (recorded.is_empty() || node.text() != recorded) {
        std::thread::sleep(Duration::from_millis(5));
    }
    if case.get("console").is_some() {
        differ("console", &node.text(), &recorded, differences);
    }
}

/// Types the command and compares what the console shows; false when no prompt came back.
fn console(node: &mut Node, case: &Value, compared: bool, differences: &mut Vec<String>) -> bool {
    let command = case["command"].as_str().unwrap_or_default();
    let recorded = case["output"].as_str().map(masks::masked).filter(|_| compared);
    let prompt = case["prompt"].as_str().map(|p| p.replacen("AL", "EL", 1));
    let same = |text: &str| {
        let (output, shown) = masks::split(text);
        recorded.as_ref().is_none_or(|r| *r == output) && (prompt.is_none() || shown == prompt)
    };
    let test: &dyn Fn(&str) -> bool = &same;
    let answered = node.type_line(command, recorded.is_some().then_some(test));
    let (output, shown) = masks::split(&node.text());
    if let Some(recorded) = &recorded {
        differ("output", &output, recorded, differences);
        if prompt.is_some() && shown != prompt {
            differences.push(format!("prompt {shown:?}, recorded {prompt:?}"));
        }
    }
    answered && node.is_alive()
}

fn variables(node: &Node, case: &Value, before: &BTreeMap<String, String>, differences: &mut Vec<String>) {
    if case.get("expect").is_some() && case.get("dictionary").is_none() {
        return;
    }
    let after = node.dictionary().unwrap_or_default();
    let changed = after.iter().filter(|(k, v)| before.get(*k) != Some(v));
    let set: BTreeMap<String, String> = changed.map(|(k, v)| (k.clone(), masks::masked(v))).collect();
    let removed: Vec<&String> = before.keys().filter(|k| !after.contains_key(*k)).collect();
    let recorded: BTreeMap<String, String> =
        serde_json::from_value(case["dictionary"]["set"].clone()).unwrap_or_default();
    if set != recorded {
        differences.push(format!("dictionary set {set:?}, recorded {recorded:?}"));
    }
    let mut gone = lines(&case["dictionary"]["removed"]);
    gone.sort();
    if removed.iter().any(|k| !gone.contains(k)) || removed.len() != gone.len() {
        differences.push(format!("dictionary removed {removed:?}, recorded {gone:?}"));
    }
}

/// Compares the code's text of the last failed command.
fn errors(node: &Node, case: &Value, differences: &mut Vec<String>) {
    if case.get("output").is_none() && case.get("error").is_none() {
        return;
    }
    let log = node.errors();
    let last = log.iter().rev().find_map(|text| failed(text));
    let recorded = case["error"]["text"].as_str();
    let known = lines(&case["error_log"]).iter().any(|text| failed(text).is_some());
    if last.as_deref() != recorded && (recorded.is_some() || !known) {
        differences.push(format!("error {last:?}, recorded {recorded:?}"));
    }
}

fn failed(text: &str) -> Option<String> {
    let text = text.strip_prefix("(Failed: ")?;
    Some(text.split(") ").next()?.to_owned())
}

/// Removes what the case added and sets back what it changed.
fn put_back(node: &mut Node, base: &BTreeMap<String, String>) {
    let now = node.dictionary().unwrap_or_default();
    for key in now.keys().filter(|key| !base.contains_key(*key)) {
        node.type_line(&format!("set {key} = \"\""), None);
    }
    for (key, value) in base.iter().filter(|(key, value)| now.get(*key) != Some(value)) {
        node.type_line(&format!("set {key} = \"{value}\""), None);
    }
    for key in node.dictionary().unwrap_or_default().keys().filter(|key| !base.contains_key(*key)) {
        node.http("POST", Some(&format!("set {key} = \"\"")), &Value::Null, None);
    }
}

fn differ(what: &str, got: &str, recorded: &str, differences: &mut Vec<String>) {
    if got != recorded {
        differences.push(format!("{what} {got:?}, recorded {recorded:?}"));
    }
}
