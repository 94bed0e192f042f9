//! The log and the console beside it: on a terminal that somebody looks at, on one that nobody looks at, and without one.

use super::terminal::Terminal;
use crate::program::{PATIENCE, Program, command, try_ask};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    path::Path,
    process::Stdio,
};

const NODE: [(&str, &str); 5] = [
    ("ANYLOG_SERVER_PORT", "0"),
    ("ANYLOG_REST_PORT", "0"),
    ("INTERNAL_IP", "127.0.0.1"),
    ("AUTH", "off"),
    ("NODE_NAME", "anylog-master"),
];
const PROMPT: &str = "AL anylog-master > ";

/// Returns what a terminal showed, without colours.
fn plain(shown: &str) -> String {
    let mut parts = shown.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    first
        + &parts
            .map(|part| part.split_once(|end: char| end.is_ascii_alphabetic()).map_or("", |(_, text)| text))
            .collect::<String>()
}

/// Returns where the REST server listens, from the log on a terminal.
fn rest(shown: &str) -> SocketAddr {
    let value = shown.split("rest.addr=").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    ([127, 0, 0, 1], value.rsplit(':').next().unwrap().parse().unwrap()).into()
}

#[test]
fn lines_of_the_log_leave_what_is_typed_alone() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = Terminal::with_log(directory.path(), &["run", "--embedded"], &NODE) else { return };
    // The prompt is there before the boot is done; the greeting comes after it.
    terminal.until("'exit node' ends the node.");
    let shown = plain(terminal.until(PROMPT));
    for part in ["anylog-master 0.1.0", "LEDGER_CONN=127.0.0.1:", "SQLite ", "/readyz", "policies"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let rest = rest(&shown);
    terminal.line("set exception traceback on", PROMPT);
    terminal.press("print hal");
    assert_eq!(try_ask(rest, "POST", "set cli nonsense").unwrap().0, 400);
    // The greeting of the prompt may redraw what is typed as well.
    terminal.until("http.request.id=");
    let shown = terminal.until(&format!("{PROMPT}\x1b[0mprint hal")).to_owned();
    let said = plain(&shown);
    assert!(said.contains("command failed") && said.contains("http.request.id="), "{shown:?}");
    assert!(!shown.contains("Error in command parameters\r\n"), "a refusal of somebody else: {shown:?}");
    terminal.line("f", "\"half\"");
    terminal.exit("exit node");
}

#[test]
fn a_terminal_that_nobody_looks_at_shows_the_log_alone_until_a_key_is_pressed() {
    for format in ["json", "text"] {
        let directory = tempfile::tempdir().unwrap();
        let variables = [&NODE[..], &[("LOG_FORMAT", format)]].concat();
        let started = Terminal::of_an_engine(directory.path(), &["run", "--embedded"], &variables);
        let Some(mut terminal) = started else { return };
        let shown = terminal.until("LEDGER_CONN=").to_owned();
        assert!(
            !shown.contains(['\r', '\x1b']) && !shown.contains("AL ") && !shown.contains("EdgeLake Version"),
            "{shown:?}"
        );
        let whole = &shown[..shown.rfind('\n').unwrap()];
        if format == "json" {
            for line in whole.lines() {
                let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                assert!(line["ms"].is_null() || line["ms"].is_f64(), "{line}");
            }
        }
        terminal.wake("\r");
        terminal.until("'exit node' ends the node.");
        terminal.line("print here", "\"here\"");
        terminal.line("quit", "any key opens the prompt again");
        terminal.wake("print again\r");
        terminal.until("\"again\"");
        terminal.exit("exit node");
    }
}

/// An engine keeps what the terminal shows as the log of the container, to its last line.
#[test]
fn the_last_lines_of_a_node_that_nobody_looks_at_end_as_those_before() {
    for disabled in ["false", "true"] {
        let directory = tempfile::tempdir().unwrap();
        let variables = [&NODE[..], &[("LOG_FORMAT", "text"), ("DISABLE_CLI", disabled)]].concat();
        let started = Terminal::of_an_engine(directory.path(), &["run", "--embedded"], &variables);
        let Some(mut terminal) = started else { return };
        terminal.until("LEDGER_CONN=");
        if disabled == "true" {
            terminal.until("AnyLog CLI disabled");
        }
        let last = terminal.stop();
        assert!(last.contains("stopping") && last.contains("stopped"), "{last:?}");
        assert!(!last.contains(['\r', '\x1b']), "{last:?}");
    }
}

#[test]
fn who_wants_to_leave_is_told_how() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = Terminal::start(directory.path(), &["run", "--embedded"], &NODE) else { return };
    terminal.until("'exit node' ends the node.");
    // Before a line is read the key would be an end of input for the terminal itself.
    terminal.until(PROMPT);
    terminal.press("\x04");
    terminal.until("The prompt is closed");
    terminal.until("ends the node.");
    terminal.wake("\r");
    terminal.until(PROMPT);
    terminal.line("exit", "any key opens the prompt again");
    terminal.until("'exit node' ends the node");
    terminal.wake("get status\r");
    terminal.until("running");
    terminal.exit("exit node");
}

#[test]
fn an_insert_says_that_it_worked_and_help_comes_page_by_page() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = Terminal::start(directory.path(), &["run", "--embedded"], &NODE) else { return };
    terminal.until("'get status'");
    terminal.until(PROMPT);
    terminal.line(
        "blockchain insert where policy = {\"device\": {\"name\": \"x\"}} and local = true and master = !ledger_conn",
        "is there now, 2 in all",
    );
    terminal.line("help", "lines; Enter shows more");
    terminal.wake("\r");
    terminal.until("lines; Enter shows more");
    terminal.wake("q");
    terminal.until(PROMPT);
    terminal.line("get stauts", "did you mean 'get status'");
    terminal.exit("exit node");
}

/// Starts a node whose standard output is heard, and returns it with that.
fn heard(directory: &Path, variables: &[(&str, &str)]) -> (Program, std::io::PipeReader) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut start = command(directory, &["run", "--embedded"], &[&NODE[..], variables].concat());
    start.stdout(writer);
    (Program::start(start), reader)
}

#[test]
fn a_node_without_a_terminal_writes_json_lines_and_nothing_beside_them() {
    let directory = tempfile::tempdir().unwrap();
    let (program, mut output) = heard(directory.path(), &[]);
    assert_eq!(program.ask("GET", "print from a script").0, 200);
    assert_eq!(program.ask("GET", "get nosuch").0, 400);
    drop(program);
    let mut text = String::new();
    output.read_to_string(&mut text).unwrap();
    assert_eq!(text, "");

    let mut start = command(directory.path(), &["run", "--embedded"], &NODE);
    let mut child = start.stdin(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    loop {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the log ends before the node is ready");
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        if event["message"] == "ready" {
            assert_eq!(event["version"], "anylog-master 0.1.0");
            assert!(event["database"].as_str().unwrap().starts_with("SQLite "), "{event}");
            assert!(event["ms"].is_f64() && event["policies"].is_u64(), "{event}");
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn disable_cli_reads_no_commands() {
    let directory = tempfile::tempdir().unwrap();
    let mut start =
        command(directory.path(), &["run", "--embedded"], &[&NODE[..], &[("DISABLE_CLI", "true")]].concat());
    start.stdin(Stdio::piped());
    let (mut program, mut input) = Program::start_with_input(start);
    input.write_all(b"set typed = here\nexit node\n").unwrap();
    program.event("AnyLog CLI disabled");
    assert_eq!(program.get("get !typed"), "", "nobody reads what is typed");
    drop(input);
}

#[test]
fn the_level_of_the_log_changes_while_the_node_runs() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::embedded(directory.path(), &[("LOG_LEVEL", "info,peer=debug")]);
    assert_eq!(program.get("get log level"), "info,peer=debug");
    assert_eq!(program.ask("POST", "set log level = info,rset=debug").0, 400);
    assert_eq!(program.ask("POST", "set log level = info,rest=debug").0, 200);
    assert_eq!(program.get("get log level"), "info,rest=debug");
    program.event("the level of the log is another one");
    let asked = "get status\r\nX-Request-Id: seen-7";
    assert_eq!(program.ask("GET", asked).0, 200);
    let started = std::time::Instant::now();
    while program.event("answered")["http.request.id"] != "seen-7" {
        assert!(started.elapsed() < PATIENCE, "no line of the request");
    }
}
