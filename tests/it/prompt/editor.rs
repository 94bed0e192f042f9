//! The node's own terminal: `anylog-master run` with a person in front of it.

use super::terminal::Terminal;
use crate::{
    program::{Program, command},
    support::anvil::KEYS,
};
use std::path::Path;

const NODE: [(&str, &str); 5] = [
    ("ANYLOG_SERVER_PORT", "0"),
    ("ANYLOG_REST_PORT", "0"),
    ("INTERNAL_IP", "127.0.0.1"),
    ("AUTH", "off"),
    ("NODE_NAME", "anylog-master"),
];
/// Bold, as titles and the prompt are shown.
const BOLD: &str = "\x1b[1m";
const UP: &str = "\x1b[A";
const CTRL_C: &str = "\x03";

fn node(directory: &Path) -> Option<Terminal> {
    let mut terminal = Terminal::start(directory, &["run", "--embedded"], &NODE)?;
    terminal.until("AL anylog-master > ");
    Some(terminal)
}

#[test]
fn lines_blocks_and_interrupts() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.line("print hello", "\"hello\"");
    terminal.press("print never-run");
    terminal.press(CTRL_C);
    terminal.until("AL anylog-master > ");
    assert!(!terminal.line("print next", "\"next\"").contains("\"never-run\""));
    terminal.line("<a = {\"k\" :", "  < ");
    terminal.line("1}>", "AL anylog-master > ");
    terminal.line("!a", "{\"k\" : 1}");
    terminal.line("<b = dropped", "  < ");
    terminal.press(CTRL_C);
    terminal.until("AL anylog-master > ");
    terminal.line("print [!b]", "\"[!b]\"");
    terminal.line("print one & print two", "\"two\"");
    terminal.line("a = get nosuch", "Error Command Structure");
    terminal.until("no command or lacks words");
    terminal.exit("exit node");
}

#[test]
fn lines_typed_ahead_and_pasted_lines_are_commands_each() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.press("print one\rprint two\rwait 1\rprint three\rprint four\r");
    for said in ["\"one\"", "\"two\"", "\"three\"", "\"four\""] {
        terminal.until(said);
    }
    terminal.press("\x1b[200~print five\n<a = {\"k\" :\n1}>\nprint six\n\x1b[201~\r");
    for said in ["\"five\"", "\"six\""] {
        terminal.until(said);
    }
    terminal.line("!a", "{\"k\" : 1}");
    terminal.exit("exit node");
}

#[test]
fn completion_offers_commands_keys_and_types() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.press("get conn\t\r");
    terminal.until("Messaging");
    terminal.press("print !node_n\t\r");
    terminal.until("\"anylog-master\"");
    terminal.press("blockchain get mas\t bring [*][name]\r");
    terminal.until("anylog-master\r\r\n");
    terminal.exit("exit node");
}

#[test]
fn completion_knows_what_stands_in_the_ledger() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    let policy = "{\"device\": {\"name\": \"pump\", \"site\": \"North Hall\"}}";
    let insert = format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
    terminal.line(&insert, "is there now");
    terminal.press("blockchain get device where si\t = Nor\t bring [*][na\t\r");
    terminal.until("pump\r\r\n");
    terminal.press("blockchain test id pum\t\r");
    terminal.until("true");
    terminal.exit("exit node");
}

#[test]
fn a_watched_command_is_drawn_in_one_place_until_a_key() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.line("watch get status every 300 ms", "the first answer");
    terminal.until("nothing changed");
    assert!(terminal.shown.contains("\x1b[?1049h") && terminal.shown.contains("running"), "{:?}", terminal.shown);
    terminal.wake("q");
    terminal.until("\x1b[?1049l");
    terminal.until("running");
    terminal.until("AL anylog-master > ");
    terminal.line("watch get status every soon", "does not begin with a number");
    terminal.line("print still-here", "\"still-here\"");
    terminal.exit("exit node");
}

#[test]
fn long_answers_come_page_by_page_and_can_be_searched() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.line("help", "lines; Enter shows more");
    terminal.wake(" ");
    terminal.until("lines; Enter shows more");
    terminal.wake("/");
    terminal.until("/");
    terminal.wake("get proc\r");
    terminal.until("get processes [where");
    terminal.wake("q");
    terminal.until("AL anylog-master > ");
    terminal.line("set pager off", "AL anylog-master > ");
    terminal.line("help", "AL anylog-master > ");
    assert!(!terminal.shown.contains("Enter shows more"));
    terminal.exit("exit node");
}

#[test]
fn who_wants_no_colours_gets_none() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [&NODE[..], &[("NO_COLOR", "1")]].concat();
    let Some(mut terminal) = Terminal::start(directory.path(), &["run", "--embedded"], &variables) else { return };
    terminal.until("AL anylog-master > ");
    terminal.line("get connections", "Type ");
    terminal.until("AL anylog-master > ");
    assert!(!terminal.shown.contains(BOLD), "{:?}", terminal.shown);
    terminal.exit("exit node");
}

#[test]
fn tables_fit_the_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    let text = "word ".repeat(30);
    let policy = format!("{{\"device\": {{\"name\": \"pump\", \"text\": \"{}\"}}}}", text.trim());
    let insert = format!("blockchain insert where policy = {policy} and local = true and master = !ledger_conn");
    terminal.line(&insert, "is there now");
    terminal.line("blockchain get device bring.table [*][id] [*][text]", "---|");
    terminal.until("AL anylog-master > ");
    let lines: Vec<&str> = terminal.shown.lines().filter(|line| line.trim_end().ends_with('|')).collect();
    assert!(lines.len() > 2 && lines.iter().all(|line| line.trim_end().chars().count() <= 80), "{lines:?}");
    terminal.exit("exit node");
}

#[test]
fn history_is_kept_over_restarts_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.line("print remembered", "\"remembered\"");
    terminal.line("set db_password = hunter2", "AL anylog-master > ");
    terminal.exit("exit node");
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.press(&format!("{UP}{UP}\r"));
    terminal.until("\"remembered\"");
    terminal.exit("exit node");
    let kept = directory.path().join("anylog-data/EdgeLake/anylog/prompt_history");
    let kept = std::fs::read_to_string(&kept).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
    assert!(kept.contains("print remembered") && !kept.contains("hunter2"), "{kept}");
}

#[test]
fn a_key_is_asked_for_and_shown_and_kept_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    let connect = "blockchain connect ethereum where provider = http://127.0.0.1:1 and required = false";
    terminal.line(&format!("{connect} and private_key = ?"), "private key: ");
    terminal.press(CTRL_C);
    terminal.until("nothing was typed");
    terminal.line(&format!("{connect} and private_key = ?"), "private key: ");
    let shown = terminal.line(KEYS[0], "AL anylog-master > ").to_owned();
    let digits = KEYS[0].trim_start_matches("0x");
    assert!(!shown.contains(digits) && !shown.contains(&digits[..8]), "{shown}");
    let other = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let set = format!("blockchain set account info where platform = ethereum and public_key = {other}");
    terminal.line(&set, "the private key belongs to account 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    for page in ["get event log", "get error log", "get dictionary"] {
        let shown = terminal.line(&format!("{page} & print end-of-page"), "\"end-of-page\"");
        assert!(!shown.contains(digits), "{page}: {shown}");
    }
    terminal.exit("exit node");
    for file in ["anylog-data/EdgeLake/anylog/prompt_history", "log"] {
        let kept = std::fs::read_to_string(directory.path().join(file)).unwrap();
        assert!(!kept.contains(digits), "{file}: {kept}");
    }
}

#[test]
fn unread_messages_show_a_plus() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.line("set echo queue on", "AL anylog-master > ");
    terminal.line("echo a message", "AL anylog-master +> ");
    terminal.line("get echo queue", "a message");
    terminal.until("AL anylog-master > ");
    terminal.exit("exit node");
}

#[test]
fn tables_are_coloured_on_a_terminal_only() {
    let directory = tempfile::tempdir().unwrap();
    let Some(mut terminal) = node(directory.path()) else { return };
    terminal.line("get connections", &format!("{BOLD}Type "));
    terminal.exit("exit node");

    let plain = tempfile::tempdir().unwrap();
    let program = Program::embedded(plain.path(), &[]);
    let address = program.rest.to_string();
    let exec = ["exec", "--connect", &address, "get connections"];
    let output = command(plain.path(), &exec, &[]).stdout(std::process::Stdio::piped()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("External Address") && !text.contains('\x1b'), "{text}");
}

#[test]
fn the_prompt_of_a_running_node_edits_lines_too() {
    let directory = tempfile::tempdir().unwrap();
    let program = Program::embedded(directory.path(), &[("NODE_NAME", "far")]);
    let home = directory.path().to_str().unwrap();
    let address = program.rest.to_string();
    let start = || Terminal::start(directory.path(), &["prompt", "--connect", &address], &[("HOME", home)]);
    let Some(mut terminal) = start() else { return };
    terminal.until("AL far > ");
    terminal.line("print hello there", "\"hello there\"");
    terminal.press("get conn\t\r");
    terminal.until(&format!("{BOLD}Type "));
    terminal.line("<a = {\"k\" :", "  < ");
    terminal.line("1}>", "AL far > ");
    terminal.line("get !a", "{\"k\" : 1}");
    terminal.press(&format!("no such{CTRL_C}"));
    terminal.until("AL far > ");
    terminal.line("watch get status every 300 ms", "nothing changed");
    terminal.wake("\r");
    terminal.until("AL far > ");
    terminal.press("print !node_na\t\r");
    terminal.until("\"far\"");
    terminal.line("set echo queue on", "AL far > ");
    terminal.line("echo look", "AL far +> ");
    terminal.exit("exit");
    let Some(mut terminal) = start() else { return };
    terminal.until("AL far +> ");
    terminal.press(&format!("{}\r", UP.repeat(8)));
    terminal.until("\"hello there\"");
    terminal.exit("exit");
}
