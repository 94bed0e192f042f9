//! What monitoring reads: the figures, the alert rules and the dashboard that go with them, and the document.

use crate::{
    program::{PATIENCE, Program, command},
    support::postgres::Postgres,
};
use anylog_master::command::figures;
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// How the figures begin that only a node with a relay has.
const WITH_RELAY: &str = "anylog_master_relay_";
/// Figures that only a node with TLS has.
const WITH_TLS: [&str; 1] = ["anylog_master_certificate_expiry_timestamp_seconds"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Returns the figures that a node shows, in the format that everything reads, once it has done a little of everything.
fn page(home: &Path, server: &Postgres) -> String {
    let (port, home_text) = (server.port.to_string(), home.to_str().unwrap());
    let variables = [
        ("ANYLOG_PATH", home_text),
        ("ANYLOG_SERVER_PORT", "0"),
        ("ANYLOG_REST_PORT", "0"),
        ("INTERNAL_IP", "127.0.0.1"),
        ("AUTH", "off"),
        ("DB_TYPE", "psql"),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", &port),
        ("BLOCKCHAIN_SYNC", "1 second"),
        ("BACKUP_SCHEDULE", "1 day"),
    ];
    let program = Program::start(command(home, &["run"], &variables));
    let insert =
        "blockchain insert where policy = {\"device\": {\"name\": \"d1\"}} and local = true and master = !ledger_conn";
    assert_eq!(program.ask("POST", insert).0, 200);
    assert_eq!(program.ask("GET", "file get x").0, 400);
    let member = format!("run client ({}) event get_blockchain blockchain.new 0 0", program.tcp);
    assert_eq!(program.ask("POST", &member).0, 200);
    let started = Instant::now();
    loop {
        let answer = program.page("/metrics");
        let page = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
        // The message of the member comes when it comes, and so does the first round of the synchroniser.
        let rows = [r#"deliveries_total{outcome="sent"} 1"#, "sync_last_success", "backup_last_success"];
        let asks = ["current", "behind", "unknown"].map(|state| format!(r#"members{{state="{state}"}} 1"#));
        let is_whole = rows.iter().all(|row| page.contains(row)) && asks.iter().any(|row| page.contains(row));
        if is_whole || started.elapsed() > PATIENCE {
            assert!(is_whole, "{page}");
            return page;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

/// Returns the names that a page describes.
fn described(page: &str) -> BTreeSet<String> {
    let typed = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    typed.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// Runs promtool in the folder of the rules, with a text on its standard input.
fn promtool(arguments: &[&str], input: &str) {
    let tool = Command::new("promtool")
        .current_dir(root().join("deploy/monitoring"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut tool = tool.expect("promtool is there: it comes with Debian's package prometheus");
    tool.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = tool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    assert!(done.status.success(), "promtool {arguments:?}: {said}");
}

/// Returns every name of a figure in a text.
fn used(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let own = words.filter(|word| word.starts_with("anylog_master_") || word.starts_with("process_"));
    own.map(|word| {
        let parts = ["_bucket", "_sum", "_count"];
        parts.iter().find_map(|part| word.strip_suffix(part)).unwrap_or(word).to_owned()
    })
    .collect()
}

#[test]
fn every_figure_is_on_the_page_and_promtool_finds_nothing_wrong_with_it() {
    let (server, home) = (Postgres::start(), tempfile::tempdir().unwrap());
    let page = page(home.path(), &server);
    promtool(&["check", "metrics"], &page);
    let known: BTreeSet<String> = figures().map(|figure| figure.name()).collect();
    let shown = described(&page);
    let missing: Vec<_> = known
        .difference(&shown)
        .filter(|name| !WITH_TLS.contains(&name.as_str()) && !name.starts_with(WITH_RELAY))
        .collect();
    let unknown: Vec<_> = shown.difference(&known).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "missing {missing:?}, unknown {unknown:?}");
    for (name, labels) in figures().map(|figure| (figure.name(), figure.labels)) {
        let rows = page.lines().filter(|line| line.split(['{', ' ']).next().is_some_and(|word| word == name));
        for row in rows {
            assert!(labels.iter().all(|label| row.contains(&format!("{label}=\""))), "{row} lacks one of {labels:?}");
        }
    }
    for line in
        ["anylog_master_database_up 1", "anylog_master_ready 1", r#"anylog_master_changes_total{outcome="committed"} "#]
    {
        assert!(page.lines().any(|found| found.starts_with(line)), "{line} in {page}");
    }
    for name in ["deploy/monitoring/alerts.yml", "deploy/monitoring/grafana-dashboard.json", "docs/monitoring.md"] {
        let wrong: Vec<String> = used(&read(name)).difference(&known).cloned().collect();
        assert!(wrong.is_empty(), "{name} names figures that no page has: {wrong:?}");
    }
}

#[test]
fn the_rules_fire_when_they_have_to_and_only_then() {
    promtool(&["check", "rules", "alerts.yml"], "");
    promtool(&["test", "rules", "alerts.test.yml"], "");
    promtool(&["check", "config", "--syntax-only", "prometheus.yml"], "");
    let (rules, tests) = (read("deploy/monitoring/alerts.yml"), read("deploy/monitoring/alerts.test.yml"));
    for alert in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(tests.contains(&format!("alertname: {alert}}}")), "{alert} is not tried on a node that is well");
        assert!(tests.contains(&format!("name: {alert}\n")), "{alert} is not tried on its trouble");
    }
}

#[test]
fn the_dashboard_is_whole() {
    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/monitoring/grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids: Vec<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
    let is_row = |panel: &serde_json::Value| panel["type"] == "row";
    for panel in panels.iter().filter(|panel| !is_row(panel)) {
        let title = &panel["title"];
        assert!(panel["targets"].as_array().is_some_and(|targets| !targets.is_empty()), "{title} asks for nothing");
    }
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    assert!(variables.iter().any(|variable| variable["name"] == "datasource"), "it is for any data source");
}

/// `UPDATE_DOCS=1 cargo test --test it monitoring` writes the table anew.
#[test]
fn the_document_lists_the_figures() {
    let mut rows = String::from("| figure | kind | labels | what it tells |\n|---|---|---|---|\n");
    for figure in figures() {
        let labels: Vec<String> = figure.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, help) = (figure.name(), figure.kind.as_str(), figure.help);
        rows += &format!("| `{name}` | {kind} | {} | {help} |\n", labels.join(", "));
    }
    let (path, head) = (root().join("docs/monitoring.md"), "## All figures\n");
    let document = read("docs/monitoring.md");
    let (before, after) = document.split_once(head).unwrap();
    let intro = after.split("\n| figure ").next().unwrap().trim();
    let wanted = format!("{before}{head}\n{intro}\n\n{rows}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    assert!(document == wanted, "run with UPDATE_DOCS=1");
}
