//! `import`: the ledger of a node of EdgeLake comes into a running one, from its file, its server, or a local copy.

use crate::{
    program::{PATIENCE, Program, command},
    support::postgres::Postgres,
};
use rusqlite::{Connection, params};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

/// The table as a node of EdgeLake makes it in a SQLite file.
const SQLITE_TABLE: &str = "CREATE TABLE ledger (sequence_id integer primary key autoincrement,policy_type varchar not null,\
    policy_id varchar not null,company_name varchar,date timestamp not null default current_timestamp,host varchar not null,\
    status varchar,policy varchar);
    CREATE UNIQUE INDEX hash_index on ledger(policy_id);
    CREATE INDEX time_index on ledger(date);";
/// The table as it makes it on a server.
const POSTGRES_TABLE: &str = "CREATE TABLE ledger (sequence_id SERIAL PRIMARY KEY,policy_type VARCHAR NOT NULL,\
    policy_id VARCHAR NOT NULL,company_name VARCHAR,date TIMESTAMP NOT NULL DEFAULT NOW(),host VARCHAR NOT NULL,\
    status VARCHAR,policy VARCHAR);
    CREATE UNIQUE INDEX hash_index ON ledger(policy_id);
    CREATE INDEX time_index ON ledger(date);";
/// The ids of the devices in the order of the ledger.
const DEVICES: &str = "blockchain get device bring [*][id] separator = ,";

fn device(id: &str, day: u8, note: &str) -> String {
    format!(
        r#"{{"device": {{"note": "{note}", "id": "{id}", "date": "2025-01-{day:02}T00:00:00.000000Z", "ledger": "global"}}}}"#
    )
}

/// Runs an import into a node and returns its exit code and all that it says.
fn import(directory: &Path, node: &Program, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let address = node.rest.to_string();
    let all = [&["import", "--connect", address.as_str()], arguments].concat();
    let output = command(directory, &all, variables).stdout(Stdio::piped()).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

/// Imports what has to come.
fn imported(directory: &Path, node: &Program, arguments: &[&str]) -> String {
    let (code, text) = import(directory, node, arguments, &[]);
    assert_eq!(code, Some(0), "{text}");
    text
}

fn written(directory: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = directory.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

fn add(file: &Connection, id: &str, date: &str, policy: impl rusqlite::ToSql) {
    let row =
        "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ('device', ?1, ?2, '10.0.0.7', ?3)";
    file.execute(row, params![id, date, policy]).unwrap();
}

/// Makes the file of a node of EdgeLake with three devices, and rows that are none.
fn edgelake_file(path: &Path) -> Connection {
    let file = Connection::open(path).unwrap();
    file.execute_batch(SQLITE_TABLE).unwrap();
    add(&file, "b", "2025-01-02T00:00:00.000000Z", device("b", 2, "O'Neill {x} !ip \\\"quoted\\\" \\u00e9"));
    add(&file, "a", "2025-01-01T00:00:00.000000Z", device("a", 1, ""));
    add(&file, "c", "any text", device("c", 3, ""));
    add(&file, "broken", "2025-01-04", "{\"device\": {");
    add(&file, "blob", "2025-01-05", vec![0xFF_u8, 0xFE]);
    add(&file, "none", "2025-01-06", None::<String>);
    file
}

#[test]
fn a_sqlite_file_of_edgelake_comes_with_ids_dates_order_and_hosts() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let path = directory.path().join("any.name");
    drop(edgelake_file(&path));
    let (before, from) = (fs::read(&path).unwrap(), path.display().to_string());
    let strict = import(directory.path(), &node, &["--from", &from, "--strict"], &[]);
    assert!(strict.0 == Some(1) && strict.1.contains("--strict: row "), "{}", strict.1);
    let preview = imported(directory.path(), &node, &["--from", &from, "--dry-run"]);
    assert!(preview.contains("nothing is changed: 3 added") && node.get(DEVICES) != "a,b,c", "{preview}");
    let text = imported(directory.path(), &node, &["--from", &from]);
    assert!(text.contains("SQLite file") && text.contains("6 found, 3 policies, 3 that cannot be read"), "{text}");
    assert!(text.contains("done: 3 added, 0 replaced, 0 removed\nset aside: 3\n  row "), "{text}");
    assert_eq!(node.get(DEVICES), "a,b,c");
    let note = node.get("blockchain get device where id = b bring [*][note]");
    assert!(note.contains("O'Neill {x} !ip") && note.contains("quoted"), "{note}");
    let rows = node.get("sql blockchain stat = false \"select host, date from ledger where policy_id = 'a'\"");
    assert!(rows.contains("10.0.0.7") && rows.contains("2025-01-01"), "{rows}");
    assert_eq!(fs::read(&path).unwrap(), before, "the source is as it was");
    let beside = fs::read_dir(directory.path()).unwrap().flatten().map(|entry| entry.file_name());
    assert!(
        !beside.into_iter().any(|name| name.to_string_lossy().starts_with("any.name-")),
        "nothing is made beside it"
    );
}

#[test]
fn a_file_in_use_is_read_with_its_log_and_not_changed() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let path = directory.path().join("blockchain.dbms");
    let used = edgelake_file(&path);
    let mode: String = used.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    add(&used, "late", "2025-02-01", device("late", 9, ""));
    let (before, log) =
        (fs::read(&path).unwrap(), fs::metadata(directory.path().join("blockchain.dbms-wal")).unwrap().len());
    assert!(log > 0);
    let text = imported(directory.path(), &node, &["--from", &path.display().to_string()]);
    assert!(text.contains("with what its -wal holds") && text.contains("done: 4 added"), "{text}");
    assert_eq!(node.get(DEVICES), "a,b,c,late");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::metadata(directory.path().join("blockchain.dbms-wal")).unwrap().len(), log);
}

#[test]
fn a_local_copy_comes_in_every_form_and_members_get_it() {
    let (directory, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let node = Program::embedded(directory.path(), &[("NODE_NAME", "master")]);
    let source = format!("127.0.0.2:{}", node.tcp.port());
    let copy = format!("\u{feff}{}\r\n\r\n{}\r\n{{'x': {{'a': True}}}}\r\n", device("b", 2, ""), device("a", 1, ""));
    let from = written(directory.path(), "copy", copy);
    let text = imported(directory.path(), &node, &["--from", &from]);
    assert!(text.contains("3 found, 3 policies\ndone: 3 added"), "{text}");
    assert_eq!(node.get(DEVICES), "a,b");
    let id = node.get("blockchain get x bring [*][id]");
    assert_eq!(id.len(), 32, "a policy of a script gets an id: {id}");
    // It publishes a policy of its own.
    let member = Program::embedded(second.path(), &[("NODE_NAME", "member"), ("LEDGER_CONN", &source)]);
    let started = Instant::now();
    while member.get(DEVICES) != "a,b" {
        assert!(started.elapsed() < PATIENCE, "the member has {}", member.get(DEVICES));
        member.ask("POST", "run blockchain sync");
    }
    let list = written(directory.path(), "list", format!("[\n{},\n {}]", device("a", 1, ""), device("c", 3, "")));
    let text = imported(directory.path(), &node, &["--from", &list, "--merge"]);
    assert!(text.contains("done: 1 added, 0 replaced, 0 removed, 1 were there\n"), "{text}");
    assert_eq!(node.get(DEVICES), "a,b,c");
}

#[test]
fn what_is_there_stays_or_becomes_what_the_source_says() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let own = node.get("blockchain get master bring [*][id]");
    let lines = |devices: &[String]| devices.join("\n");
    let old: Vec<_> = (1..=4).map(|day| device(&format!("d{day}"), day, "old")).collect();
    let first = written(directory.path(), "first", lines(&old));
    imported(directory.path(), &node, &["--from", &first]);
    let repeated = [device("d1", 1, "old"), device("d2", 2, "new"), device("d5", 5, "new"), device("d5", 6, "again")];
    let second = written(directory.path(), "second", lines(&repeated));
    let (code, text) = import(directory.path(), &node, &["--from", &second], &[]);
    assert!(code == Some(1) && text.contains("the ledger has 4 policies already, nothing is imported"), "{text}");
    assert_eq!(node.get(DEVICES), "d1,d2,d3,d4");
    let text = imported(directory.path(), &node, &["--from", &second, "--merge"]);
    assert!(
        text.contains("1 with an id that came before") && text.contains("1 added, 0 replaced, 0 removed"),
        "{text}"
    );
    assert!(text.contains("1 were there, 1 were there with another text, which stays"), "{text}");
    assert_eq!(node.get("blockchain get device where id = d2 bring [*][note]"), "old");
    let text = imported(directory.path(), &node, &["--from", &second, "--replace", "--dry-run"]);
    assert!(text.contains("nothing is changed: 0 added, 1 replaced, 2 removed"), "{text}");
    let text = imported(directory.path(), &node, &["--from", &second, "--replace"]);
    assert!(text.contains("done: 0 added, 1 replaced, 2 removed"), "{text}");
    assert_eq!(node.get(DEVICES), "d1,d2,d5");
    assert_eq!(node.get("blockchain get device where id = d2 bring [*][note]"), "new");
    assert_eq!(node.get("blockchain get master bring [*][id]"), own, "the policy of the node stays");
    let history = node.get("get policy history where id = d3");
    assert!(history.contains("drop"), "{history}");
}

#[test]
fn hostile_content_is_set_aside_and_the_rest_comes() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let huge = device("huge", 1, &"x".repeat(300_000));
    let lines: [&[u8]; 9] = [
        b"{\"device\": {\"id\": \"x' or '1'='1\", \"date\": \"2025-01-01\"}}",
        b"{\"device\": {\"id\": \"nul\\u0000\"}}",
        b"{\"device\": {\"id\": \"when\", \"date\": \"infinity\"}}",
        b"\xFF\xFE\xFD",
        b"[]",
        b"{\"a\": {}, \"b\": {}}",
        huge.as_bytes(),
        b"{\"operator\": {\"name\": \"lacks all\", \"id\": \"o\", \"date\": \"2025-01-01\"}}",
        b"\x1b[31m no policy",
    ];
    let from = written(directory.path(), "hostile", lines.join(&b"\n"[..]));
    let text = imported(directory.path(), &node, &["--from", &from]);
    assert!(text.contains("done: 2 added") && text.contains("set aside: 7\n"), "{text}");
    assert!(text.contains("object: 1\n  line 8: ") && !text.contains('\x1b'), "{text}");
    assert_eq!(node.get(DEVICES), "x' or '1'='1");
    let strict = written(directory.path(), "strict", "{\"d\": {\"id\": \"when\", \"date\": \"infinity\"}}");
    let (code, text) = import(directory.path(), &node, &["--from", &strict, "--merge", "--strict"], &[]);
    assert!(code == Some(1) && text.contains("line 1"), "{text}");
}

#[test]
fn an_odd_entry_of_a_list_is_set_aside_like_an_odd_line() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let entries = [
        device("first", 1, "a [list] {of}, signs"),
        device("half", 2, "\\ud83d"),
        r#"{"device": {"id": "huge", "date": "2025-01-01", "x": 1e400}}"#.to_owned(),
        r#"{"device": {"id": "zero", "date": "2025-01-03", "x": -0}}"#.to_owned(),
    ];
    let list = written(directory.path(), "list", format!("[{}]", entries.join(",\n")));
    let text = imported(directory.path(), &node, &["--from", &list]);
    assert!(text.contains("done: 2 added, 0 replaced, 0 removed\nset aside: 2\n  entry 2: "), "{text}");
    assert!(text.contains("\n  entry 3: "), "{text}");
    assert_eq!(node.get(DEVICES), "first,zero");
    assert_eq!(node.get("blockchain get device where id = zero bring [*][x]"), "0", "an integer stays one");
    // The same policies, a line each, are the same.
    let lines = written(directory.path(), "lines", entries.join("\n"));
    let text = imported(directory.path(), &node, &["--from", &lines, "--merge"]);
    assert!(text.contains("done: 0 added, 0 replaced, 0 removed, 2 were there\nset aside: 2\n  line 2: "), "{text}");
}

#[test]
fn what_is_no_ledger_is_refused_with_what_was_looked_for() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let foreign = directory.path().join("foreign.dbms");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    let columns = directory.path().join("columns.dbms");
    Connection::open(&columns).unwrap().execute_batch("CREATE TABLE ledger (x)").unwrap();
    let endless = directory.path().join("endless.dbms");
    let view = "CREATE VIEW ledger AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS sequence_id, \
                'd' AS policy_type, i AS policy_id, '' AS company_name, '' AS date, 'h' AS host, '' AS status, '' AS policy FROM n";
    Connection::open(&endless).unwrap().execute_batch(view).unwrap();
    let text = written(directory.path(), "blockchain.json", "hello");
    let damaged = written(directory.path(), "damaged", b"SQLite format 3\0 and nothing else");
    for (from, code, told) in [
        (foreign.display().to_string(), 1, "no table 'ledger'"),
        (columns.display().to_string(), 1, "lacks the columns"),
        (text, 64, "expected a SQLite file"),
        (damaged, 1, "damaged"),
        (directory.path().join("nosuch").display().to_string(), 64, "nosuch"),
        ("postgres://".to_owned(), 64, "--from"),
        ("postgresql+psycopg://admin:hunter2@h/blockchain".to_owned(), 64, "--from: postgresql+psycopg://"),
        (endless.display().to_string(), 1, "no table 'ledger'"),
    ] {
        let (ended, text) = import(directory.path(), &node, &["--from", &from], &[]);
        assert!(ended == Some(code), "{from}: {ended:?} {text}");
        assert!(text.contains(told) && !text.contains("hunter2"), "{from}: {text}");
    }
    let file = written(directory.path(), "one", device("a", 1, ""));
    drop(node);
    let stopped = ["import", "--connect", "127.0.0.1:9", "--from", &file];
    let output = command(directory.path(), &stopped, &[]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(75) && told.contains("the node has to run"), "{told}");
}

#[test]
fn a_local_copy_comes_on_the_standard_input() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let mut program = command(directory.path(), &["import", "--connect", &address, "--from", "-"], &[]);
    let mut running = program.stdin(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(device("a", 1, "").as_bytes()).unwrap();
    assert!(running.wait().unwrap().success());
    assert_eq!(node.get(DEVICES), "a");
}

#[test]
fn a_server_of_edgelake_is_read_and_not_written_and_no_password_is_shown() {
    let (server, directory) = (Postgres::start(), tempfile::tempdir().unwrap());
    server.sql("postgres", "CREATE DATABASE blockchain");
    server.sql("blockchain", POSTGRES_TABLE);
    for (id, date, policy) in [
        ("b", "2025-01-02T00:00:00.000000Z", device("b", 2, "O''Neill")),
        ("a", "2025-01-01T00:00:00.123456Z", device("a", 1, "")),
        ("c", "infinity", device("c", 3, "")),
        ("broken", "2025-01-04", "{".to_owned()),
    ] {
        let row = "INSERT INTO ledger (policy_type, policy_id, date, host, policy) VALUES ('device', '";
        server.sql("blockchain", &format!("{row}{id}', '{date}', '10.0.0.7', '{policy}')"));
    }
    let node = Program::embedded(directory.path(), &[]);
    let place = format!("127.0.0.1:{}/blockchain", server.port);
    let wrong = format!("postgres://admin:hunter2@{place}");
    let (code, text) = import(directory.path(), &node, &["--from", &wrong], &[]);
    assert!(code != Some(0) && !text.contains("hunter2") && text.contains("127.0.0.1"), "{text}");
    let url = format!("postgres://admin@{place}");
    let password = written(directory.path(), "password", "elpw\n");
    let preview = imported(directory.path(), &node, &["--from", &url, "--password-file", &password, "--dry-run"]);
    assert!(preview.contains("PostgreSQL 127.0.0.1") && preview.contains("4 found, 3 policies"), "{preview}");
    let (code, text) = import(directory.path(), &node, &["--from", &url], &[("PGPASSWORD", "elpw")]);
    assert!(code == Some(0) && text.contains("done: 3 added") && !text.contains("elpw"), "{text}");
    assert_eq!(node.get(DEVICES), "a,b,c");
    assert_eq!(server.ask("blockchain", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "1");
    assert_eq!(server.ask("blockchain", "SELECT count(*) FROM ledger"), "4");
    let none = format!("postgres://admin:elpw@127.0.0.1:{}/nosuch", server.port);
    let (code, text) = import(directory.path(), &node, &["--from", &none], &[]);
    assert!(code == Some(1) && text.contains("no table 'ledger'"), "{text}");
    assert_eq!(server.ask("postgres", "SELECT count(*) FROM pg_database WHERE datname = 'nosuch'"), "0");
}

/// Makes a local copy that takes several requests.
fn large_copy(directory: &Path) -> (PathBuf, usize) {
    let devices = 3000;
    let lines: Vec<_> = (0..devices).map(|n| device(&format!("d{n:04}"), 1, &"x".repeat(600))).collect();
    (written(directory, "large", lines.join("\n")).into(), devices)
}

#[test]
fn many_policies_are_one_transaction_on_both_databases() {
    let (server, directory, second) = (Postgres::start(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = server.port.to_string();
    let postgres = [
        ("DB_TYPE", "psql"),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", port.as_str()),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
        ("AUTH", "off"),
        ("ANYLOG_SERVER_PORT", "0"),
        ("ANYLOG_REST_PORT", "0"),
        ("INTERNAL_IP", "127.0.0.1"),
    ];
    let home = second.path().join("home").display().to_string();
    let variables = [&postgres[..], &[("ANYLOG_PATH", home.as_str())]].concat();
    let nodes =
        [Program::embedded(directory.path(), &[]), Program::start(command(second.path(), &["run"], &variables))];
    let (from, count) = large_copy(directory.path());
    for node in &nodes {
        let text = imported(directory.path(), node, &["--from", &from.display().to_string()]);
        assert!(text.contains(&format!("done: {count} added")), "{text}");
        let counted = node.get("blockchain get device bring.count");
        assert!(counted.contains(&count.to_string()), "{counted}");
        let undone = node.ask("POST", "blockchain undo 1 confirm");
        assert_eq!(undone.0, 200, "{undone:?}");
    }
}
