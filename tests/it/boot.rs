//! The boot: the steps of the deployment document, a restart that changes nothing, scripts, what stops it.

use crate::{
    program::{Program, command, finish},
    support::{port::free, postgres::Postgres},
};
use serde_json::Value;
use std::{fs, path::Path, time::Instant};

/// Returns policies without the attribute that tells whether a round of the synchroniser has passed since their insert.
fn policies(program: &Program, what: &str) -> Vec<Value> {
    let mut policies: Vec<Value> = serde_json::from_str(&program.get(what)).unwrap();
    for body in policies.iter_mut().filter_map(|policy| policy.as_object_mut()?.values_mut().next()?.as_object_mut()) {
        body.shift_remove("ledger");
    }
    policies
}

#[test]
fn a_first_start_runs_every_step_and_a_restart_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (tcp, rest) = (free().to_string(), free().to_string());
    let variables = [("NODE_NAME", "m1"), ("ANYLOG_SERVER_PORT", &*tcp), ("ANYLOG_REST_PORT", &*rest)];
    let first = Program::embedded(directory.path(), &variables);
    let steps: Vec<Value> = serde_json::from_str(&first.get("get boot where format = json")).unwrap();
    let names: Vec<_> = steps.iter().map(|s| s["step"].as_str().unwrap()).collect();
    assert_eq!(names, ["parameters", "servers", "database", "synchronization", "policy"]);
    assert!(steps.iter().all(|s| s["outcome"] == "done" && s["ms"].is_number()), "{steps:#?}");
    let errors = first.get("get error log");
    assert!(!errors.contains("Error|"), "{errors}");
    let processes = first.get("get processes");
    for row in
        ["TCP            |Running", "REST           |Running", "Blockchain Sync|Running", "Scheduler      |Running"]
    {
        assert!(processes.contains(row), "{row}\n{processes}");
    }
    let own = policies(&first, "blockchain get master");
    let master = &own[0]["master"];
    assert_eq!(own.len(), 1);
    assert_eq!((&master["name"], &master["company"]), (&"m1".into(), &"New Company".into()));
    assert_eq!((&master["ip"], &master["local_ip"]), (&"127.0.0.1".into(), &"127.0.0.1".into()));
    assert_eq!((&master["external_ip"], &master["internal_ip"]), (&"127.0.0.1".into(), &"127.0.0.1".into()));
    assert_eq!(master["port"], first.tcp.port());
    assert_eq!(master["rest_port"], first.rest.port());
    drop(first);

    let second = Program::embedded(directory.path(), &variables);
    assert_eq!(policies(&second, "blockchain get master"), own);
    let steps: Vec<Value> = serde_json::from_str(&second.get("get boot where format = json")).unwrap();
    assert_eq!(steps[4]["outcome"], "was there");
    drop(second);

    let moved = [variables.as_slice(), &[("EXTERNAL_IP", "192.0.2.7")]].concat();
    let third = Program::embedded(directory.path(), &moved);
    let now = policies(&third, "blockchain get master");
    assert_eq!((now.len(), &now[0]["master"]["ip"]), (1, &"192.0.2.7".into()));
    assert_eq!(now[0]["master"]["id"], own[0]["master"]["id"]);
}

#[test]
fn the_local_script_runs_last_and_its_failure_stops_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let scripts = directory.path().join("scripts");
    fs::create_dir(&scripts).unwrap();
    fs::write(scripts.join("local_script.al"), "ran = !node_type\n").unwrap();
    let path = scripts.display().to_string();
    let variables = [("LOCAL_SCRIPTS", path.as_str()), ("DEPLOY_LOCAL_SCRIPT", "true")];
    let first = Program::embedded(directory.path(), &variables);
    assert_eq!((first.get("get !ran"), first.get("get !local_scripts")), ("master".to_owned(), path.clone()));
    drop(first);

    fs::remove_file(scripts.join("local_script.al")).unwrap();
    let second = Program::embedded(directory.path(), &variables);
    let steps: Vec<Value> = serde_json::from_str(&second.get("get boot where format = json")).unwrap();
    assert_eq!(steps[5]["outcome"], "no script, the node goes on");
}

#[test]
fn in_an_overlay_network_the_policy_has_the_overlay_address_alone() {
    let directory = tempfile::tempdir().unwrap();
    let overlay = [("OVERLAY_NETWORK", "true"), ("OVERLAY_IP", "127.0.0.1"), ("EXTERNAL_IP", "192.0.2.9")];
    let program = Program::embedded(directory.path(), &overlay);
    let own = policies(&program, "blockchain get master");
    let master = own[0]["master"].as_object().unwrap();
    assert_eq!((&master["ip"], &master["internal_ip"]), (&"127.0.0.1".into(), &"127.0.0.1".into()));
    assert!(!master.contains_key("external_ip") && !master.contains_key("local_ip"), "{master:?}");
}

#[test]
fn an_external_address_is_asked_for_without_delaying_the_boot_and_published() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ip", server.local_addr().unwrap());
    let directory = tempfile::tempdir().unwrap();
    // Ready although nobody has answered yet.
    let mut program = Program::embedded(directory.path(), &[("EXTERNAL_IP_URL", &url)]);
    let (mut stream, _) = server.accept().unwrap();
    let _question = std::io::Read::read(&mut stream, &mut [0; 1024]).unwrap();
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n203.0.113.5\n";
    std::io::Write::write_all(&mut stream, answer).unwrap();
    let found = program.event("external address found");
    assert_eq!(
        (&found["ip"], &found["join"]),
        (&"203.0.113.5".into(), &format!("LEDGER_CONN=203.0.113.5:{}", program.tcp.port()).into())
    );
    let own = policies(&program, "blockchain get master");
    assert_eq!((own.len(), &own[0]["master"]["ip"]), (1, &"203.0.113.5".into()));
    assert_eq!(own[0]["master"]["local_ip"], "127.0.0.1");
}

#[test]
fn secrets_are_in_no_step_and_postgres_is_served_the_same() {
    let server = Postgres::start();
    let directory = tempfile::tempdir().unwrap();
    let program = Program::start(postgres(directory.path(), server.port, &[]));
    let (log, table) = (program.get("get boot where format = json"), program.get("get boot"));
    assert!(!log.contains("elpw") && !table.contains("elpw"), "{log}");
    assert!(!program.get("get dictionary").contains("elpw"));
    assert_eq!(policies(&program, "blockchain get master").len(), 1);
}

#[test]
fn a_password_of_any_signs_opens_the_database() {
    let server = Postgres::start();
    for (number, password) in
        ["two words", "it's \"quoted\"", "!nobody", "$NOBODY", "a=b, c and port = 1", "{\"a\": 1}#&"]
            .into_iter()
            .enumerate()
    {
        let user = format!("user{number}");
        let quoted = password.replace('\'', "''");
        server.sql("postgres", &format!("CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{quoted}'"));
        let directory = tempfile::tempdir().unwrap();
        // Quotes around a value of the process environment are not part of it.
        let written = format!("\"{password}\"");
        let login = [("DB_USER", &*user), ("DB_PASSWD", &*written)];
        let program = Program::start(postgres(directory.path(), server.port, &login));
        assert!(!policies(&program, "blockchain get master").is_empty(), "{password}");
        assert!(!program.get("get boot").contains(password), "{password}");
    }
}

#[test]
fn a_login_of_the_old_form_opens_the_database_and_no_secret_of_the_environment_is_told() {
    let (server, directory) = (Postgres::start(), tempfile::tempdir().unwrap());
    let login = ("DB_USER", "admin@127.0.0.1:elpw");
    let foreign = [("DATABASE_URL", "postgres://u:s3cret@h/d"), ("PG_DSN", "host=h user=u password=s3cret")];
    let mut start = postgres(directory.path(), server.port, &[&[login][..], &foreign].concat());
    start.env_remove("DB_PASSWD").env_remove("DB_IP");
    let mut program = Program::start(start);
    assert_eq!(policies(&program, "blockchain get master").len(), 1);
    assert_eq!(program.get("get $DATABASE_URL"), "postgres://u:********@h/d");
    assert_eq!(program.ask("POST", "found = $DATABASE_URL").0, 200);
    for question in [
        "get env var",
        "get env var where format = json",
        "get dictionary",
        "get databases",
        "get boot",
        "get event log",
        "get $DB_USER",
        "get $PG_DSN",
        "get !found",
    ] {
        let answer = program.get(question);
        assert!(!answer.contains("elpw") && !answer.contains("s3cret"), "{question}: {answer}");
    }
    assert!(!program.page("/metrics").contains("elpw"));
    program.signal(rustix::process::Signal::TERM);
    program.wait();
    let log = format!("{:?}{:?}", program.told, program.rest_of_the_log());
    assert!(log.contains("old form") && !log.contains("elpw") && !log.contains("s3cret"), "{log}");
}

/// Passwords as the files of the field have them.
const PASSWORDS: [&str; 10] = [
    "pa$word",
    "p${HOME}q",
    "'a$b'",
    "\"a\\\"b\"",
    "\"tab\\tend\"",
    "abc#def",
    "abc #def",
    "   # none",
    "\"postgres4Example!\"",
    "pä ss@:/?%",
];

/// PostgreSQL gets its password as compose reads it from the same line.
#[test]
fn a_line_of_a_password_opens_the_database_that_compose_made_or_is_warned_of() {
    let recorded: Value = serde_json::from_str(include_str!("../vectors/env_readers.json")).unwrap();
    let server = Postgres::start();
    for (number, line) in PASSWORDS.into_iter().enumerate() {
        let whole = format!("K={line}");
        let row = recorded["rows"].as_array().unwrap().iter().find(|row| row["line"] == whole).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("anylog_configs.env"), format!("DB_PASSWD={line}\n")).unwrap();
        let user = format!("user{number}");
        let login = [("DB_USER", &*user), ("HOME", "/home/u")];
        let (code, said) = finish(directory.path(), &["check-config"], &[&[("DB_TYPE", "psql")], &login[..]].concat());
        if line.contains("\\t") {
            assert!(code == Some(64) && said.contains("a character, such as a tab"), "{line}: {said}");
            continue;
        }
        let is_warned_of = ["pa$word", "p${HOME}q", "   # none"].contains(&line);
        assert_eq!((code, said.contains("DB_PASSWD is ")), (Some(0), is_warned_of), "{line}: {said}");
        if is_warned_of {
            continue;
        }
        assert_eq!(row["compose1"], row["compose2"]);
        let password = row["compose1"].as_str().unwrap().replace('\'', "''");
        server.sql("postgres", &format!("CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{password}'"));
        let mut start = postgres(directory.path(), server.port, &login);
        start.env_remove("DB_PASSWD");
        let program = Program::start(start);
        assert!(!policies(&program, "blockchain get master").is_empty(), "{line}");
    }
}

#[test]
fn a_database_that_stays_away_ends_the_boot_with_75() {
    let directory = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut command = postgres(directory.path(), 1, &[("DB_WAIT", "1 second")]);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(75), "{text}");
    assert!(text.contains("boot stopped at step database") && text.contains("DB_WAIT=1s"), "{text}");
    assert!(!text.contains("elpw"), "{text}");
    assert!(started.elapsed().as_secs() < 15);
}

#[test]
fn a_database_that_comes_late_is_waited_for() {
    let server = Postgres::start();
    let port = server.port;
    server.stop();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_owned();
    let node = std::thread::spawn(move || Program::start(postgres(&path, port, &[])));
    server.run_start("");
    assert_eq!(policies(&node.join().unwrap(), "blockchain get master").len(), 1);
}

#[test]
fn a_port_that_is_taken_ends_the_boot_and_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let directory = tempfile::tempdir().unwrap();
    let variables =
        [("ANYLOG_SERVER_PORT", &*port), ("ANYLOG_REST_PORT", "0"), ("INTERNAL_IP", "127.0.0.1"), ("TCP_BIND", "true")];
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &variables);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("boot stopped at step servers") && text.contains("free the port"), "{text}");
}

#[test]
fn a_directory_that_cannot_be_written_ends_the_start_with_64_and_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("anylog-data"), "a file").unwrap();
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &[]);
    assert!(code == Some(64) && text.contains("anylog-data: a file is where a directory belongs"), "{code:?} {text}");
    assert!(text.contains("as root where these paths are: mv "), "{text}");
}

#[test]
fn a_script_replaces_the_plan_and_the_node_is_ready_when_it_did_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let script = "set node name m9\ncreate work directories\n\
                  run tcp server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true\n\
                  run rest server where internal_ip = 127.0.0.1 and internal_port = 0 and bind = true\n\
                  connect dbms blockchain where type = sqlite\ncreate table ledger where dbms = blockchain\n";
    fs::write(directory.path().join("mine.al"), script).unwrap();
    let home = directory.path().display().to_string();
    for (arguments, variables) in [
        (&["process", "mine.al"][..], vec![("EDGELAKE_HOME", &*home)]),
        (&["run"][..], vec![("EDGELAKE_HOME", &*home), ("BOOT_SCRIPT", "mine.al")]),
    ] {
        let program = Program::start(command(directory.path(), arguments, &variables));
        assert!(program.get("get status").starts_with("m9@127.0.0.1:"));
        assert_eq!(program.get("blockchain get master"), "[]");
    }
}

#[test]
fn a_script_that_is_not_there_or_connects_no_ledger_never_looks_alive() {
    let directory = tempfile::tempdir().unwrap();
    let (code, text) = finish(directory.path(), &["run"], &[("BOOT_SCRIPT", "no.al")]);
    assert!(code == Some(64) && text.contains("BOOT_SCRIPT=\"no.al\": there is no such file"), "{code:?} {text}");
    fs::write(directory.path().join("empty.al"), "set node name m9\n").unwrap();
    let (code, text) = finish(directory.path(), &["run"], &[("BOOT_SCRIPT", "empty.al")]);
    assert!(code == Some(75) && text.contains("the script connected no ledger"), "{code:?} {text}");
}

fn postgres(directory: &Path, port: u16, variables: &[(&str, &str)]) -> std::process::Command {
    let home = directory.join("data").display().to_string();
    let port = port.to_string();
    let base = [
        ("ANYLOG_PATH", &*home),
        ("ANYLOG_SERVER_PORT", "0"),
        ("ANYLOG_REST_PORT", "0"),
        ("INTERNAL_IP", "127.0.0.1"),
        ("AUTH", "off"),
        ("DB_TYPE", "psql"),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", &*port),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
    ];
    let all: Vec<_> = base.into_iter().chain(variables.iter().copied()).collect();
    command(directory, &["run"], &all)
}

#[test]
fn a_database_that_is_not_there_is_told_with_what_the_system_said() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().to_str().unwrap();
    let nobody = [("ANYLOG_SERVER_PORT", "0"), ("ANYLOG_REST_PORT", "0"), ("ANYLOG_PATH", home), ("DB_WAIT", "1 ms")];
    let psql = [("DB_TYPE", "psql"), ("DB_USER", "u"), ("DB_PORT", "1")];
    let variables: Vec<_> = nobody.into_iter().chain(psql).collect();
    let (code, text) = finish(directory.path(), &["run"], &variables);
    assert_eq!(code, Some(75), "{text}");
    assert!(text.contains("127.0.0.1:1: ") && text.contains("Connection refused"), "{text}");
    assert!(text.contains("DB_IP, DB_PORT, DB_USER and DB_PASSWD"), "{text}");
}

#[test]
fn a_second_node_on_one_file_and_a_file_that_is_no_database_end_the_boot() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Program::embedded(directory.path(), &[("NODE_NAME", "m1")]);
    let ports = [("ANYLOG_SERVER_PORT", "0"), ("ANYLOG_REST_PORT", "0"), ("DB_WAIT", "1 ms")];
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &ports);
    assert!(code == Some(1) && text.contains("another node uses") && text.contains("PostgreSQL"), "{code:?} {text}");
    // In order, so that no log beside the file mends it.
    first.signal(rustix::process::Signal::TERM);
    first.wait();
    let dbms = directory.path().join("anylog-data/EdgeLake/data/dbms/blockchain.dbms");
    fs::write(dbms, "no database ".repeat(100)).unwrap();
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &ports);
    assert!(code == Some(1) && text.contains("not a database") && text.contains("backup"), "{code:?} {text}");
}
