//! The prompt in the page.

use super::ConsoleNode;
use serde_json::{Value, json};

const RUN: &str = "/console/commands";
const DOWNLOAD: &str = "/console/commands/download";
/// What a policy holds that wants to be a script.
const HOSTILE: &str = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>";

async fn run(node: &ConsoleNode, command: &str) -> String {
    let reply = node.part(RUN, &[("command", command)]).await;
    assert_eq!(reply.status, 200, "{command}: {}", reply.body);
    reply.body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_in_the_page_with_and_without_a_script() {
    let node = ConsoleNode::everybodys(false).await;
    let part = run(&node, "get processes").await;
    assert!(part.starts_with("<article") && part.contains("<table data-sortable"), "{part}");
    assert!(part.contains("Blockchain Sync"), "{part}");
    assert!(part.contains("data-keep=\"get processes\"") && part.contains(">CSV</button>"), "{part}");
    let token = node.csrf().await;
    let whole = node.post(RUN, "", &[("csrf", &token), ("command", "get status")]).await;
    assert!(whole.status == 200 && whole.body.starts_with("<!DOCTYPE html>"), "{}", whole.body);
    assert!(whole.body.contains("<h1>Commands</h1>") && whole.body.contains("<article"), "{}", whole.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_told_in_words() {
    let node = ConsoleNode::everybodys(false).await;
    let part = run(&node, "get proceses").await;
    assert!(part.contains("result failed") && part.contains("did you mean"), "{part}");
    let refused = run(&node, "set node name x").await;
    assert!(refused.contains("CONSOLE_WRITE=true"), "{refused}");
    let writing = ConsoleNode::everybodys(true).await;
    let done = run(&writing, "set node name x").await;
    assert!(!done.contains("failed"), "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_without_the_token_of_the_page() {
    let node = ConsoleNode::everybodys(true).await;
    for target in [RUN, DOWNLOAD, "/console/commands/suggest"] {
        let reply = node.post(target, "", &[("command", "get status"), ("as", "txt")]).await;
        assert_eq!(reply.status, 403, "{target}: {}", reply.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_policy_says_is_never_markup() {
    let node = ConsoleNode::everybodys(true).await;
    node.add([json!({"device": {"name": HOSTILE, HOSTILE: [HOSTILE]}})]).await;
    for command in [
        "blockchain get *",
        "blockchain get device bring [device][name]",
        "blockchain get device bring.table [*] [*][name]",
    ] {
        let part = run(&node, command).await;
        assert!(part.contains("alert(1)"), "{command}: {part}");
        assert!(!part.contains("<script") && !part.contains("<img"), "{command}: {part}");
    }
    let two = run(&node, "a = 5 & get status").await;
    assert!(two.contains("one command at a time") && two.contains("get status"), "{two}");
    let echoed = run(&node, &format!("print {HOSTILE}")).await;
    assert!(!echoed.contains("<script") && !echoed.contains("<img"), "{echoed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_shows_its_beginning_and_all_of_it_is_a_file() {
    let node = ConsoleNode::everybodys(true).await;
    node.add((0..2000).map(|number| json!({"device": {"name": format!("=d{number}")}}))).await;
    let part = run(&node, "blockchain get device").await;
    assert_eq!(part.matches("href=\"/console/policies/").count(), 1000, "the first ones are shown");
    assert!(part.contains("The first 1,000 of 2,000 rows"), "{}", part.chars().take(2000).collect::<String>());
    let file = async |kind| node.part(DOWNLOAD, &[("command", "blockchain get device"), ("as", kind)]).await;
    let csv = node_file(file("csv").await, "text/csv; charset=utf-8", ".csv");
    assert_eq!(csv.lines().count(), 2001);
    assert!(csv.contains(",'=d7,") && !csv.contains(",=d7,"), "no cell is a formula");
    let all: Value = serde_json::from_str(&node_file(file("json").await, "application/json", ".json")).unwrap();
    assert_eq!(all.as_array().map(Vec::len), Some(2000));
    assert!(all[7]["device"]["name"].as_str().is_some_and(|name| name.starts_with("=d")));
}

fn node_file(reply: crate::rest::client::Reply, kind: &str, end: &str) -> String {
    assert_eq!((reply.status, reply.header("content-type")), (200, kind), "{}", reply.body);
    let name = reply.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"blockchain-get-") && name.ends_with(&format!("{end}\"")),
        "{name}"
    );
    reply.body
}

#[tokio::test(flavor = "multi_thread")]
async fn only_questions_run_again_for_a_file() {
    let node = ConsoleNode::everybodys(true).await;
    for (command, kind) in
        [("set node name y", "txt"), ("x = get status", "txt"), ("nothing", "txt"), ("get status", "exe")]
    {
        let reply = node.part(DOWNLOAD, &[("command", command), ("as", kind)]).await;
        assert_eq!(reply.status, 400, "{command}: {}", reply.body);
    }
    assert!(!run(&node, "get node name").await.contains(">y<"));
    let reply = node.part(DOWNLOAD, &[("command", "get status"), ("as", "csv")]).await;
    assert!(reply.status == 400 && reply.body.contains("no rows"), "{}", reply.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_offered_with_the_help_of_their_command() {
    let node = ConsoleNode::everybodys(true).await;
    node.add([json!({"operator": {"name": "ä"}})]).await;
    let ask = async |line: &str| -> Value {
        let at = line.len().to_string();
        let reply = node.part("/console/commands/suggest", &[("line", line), ("at", &at)]).await;
        assert_eq!(reply.header("content-type"), "application/json");
        serde_json::from_str(&reply.body).unwrap()
    };
    let answer = ask("get proc").await;
    assert_eq!((&answer["from"], &answer["candidates"][0]["text"]), (&json!(4), &json!("processes")));
    assert_eq!(answer["help"]["words"], "get", "what stands there so far");
    let answer = ask("blockchain get op").await;
    assert_eq!(answer["candidates"][0]["text"], "operator");
    assert_eq!(answer["help"]["words"], "blockchain get");
    let reading = ConsoleNode::everybodys(false).await;
    let reply = reading.part("/console/commands/suggest", &[("line", "set node name x"), ("at", "99999")]).await;
    let answer: Value = serde_json::from_str(&reply.body).unwrap();
    assert!(answer["help"]["refused"].is_string(), "{answer}");
    let long = reading.part("/console/commands/suggest", &[("line", &"x".repeat(100_000))]).await;
    assert_eq!(serde_json::from_str::<Value>(&long.body).unwrap()["candidates"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_asked_for_and_kept_nowhere() {
    let node = ConsoleNode::everybodys(true).await;
    let asks = run(&node, "blockchain set account info where platform = ethereum and private_key = ?").await;
    assert!(asks.contains("type=\"password\"") && !asks.contains("data-keep"), "{asks}");
    let typed = run(&node, "set x where password = s3cret-word").await;
    assert!(!typed.contains("s3cret-word"), "{typed}");
}
