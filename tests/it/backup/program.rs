//! `backup`, `restore` and `verify` of the program, with and without a node that runs.

use crate::{
    doors::device,
    program::{PATIENCE, Program, command},
};
use std::{fs, io::Write, path::Path, process::Stdio};

/// Runs the program to its end and returns its exit code, what it printed, and what it told on standard error.
fn run(
    directory: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
    input: &[u8],
) -> (Option<i32>, Vec<u8>, String) {
    let mut command = command(directory, arguments, variables);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Whoever does not read its input closes it.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (output.status.code(), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_running_node_is_backed_up_restored_and_compared() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let port = node.rest.port().to_string();
    let variables = [("ANYLOG_REST_PORT", port.as_str()), ("AUTH", "off")];
    let run = |arguments: &[&str], input: &[u8]| {
        let arguments: Vec<&str> = [&arguments[..1], &["--embedded"][..], &arguments[1..]].concat();
        run(directory.path(), &arguments, &variables, input)
    };
    node.ask("POST", &format!("blockchain push {}", device("a")));
    let (code, stream, told) = run(&["backup", "--to", "-"], b"");
    assert!(code == Some(0) && told.contains("2 policies"), "{told}");
    assert!(stream.starts_with(b"{\"backup\":") && stream.ends_with(b"\n"));
    let (code, _, told) = run(&["backup", "--to", "b.jsonl.gz"], b"");
    assert_eq!(code, Some(0), "{told}");
    let _socket = std::os::unix::net::UnixListener::bind(directory.path().join("socket")).unwrap();
    let (code, _, told) = run(&["backup", "--to", "socket"], b"");
    assert!(code == Some(1) && told.contains("is no file"), "{told}");
    let kept = fs::read_dir(directory.path().join("anylog-data/EdgeLake/data/bkup")).unwrap().count();
    assert_eq!(kept, 0, "nothing is left of the exchange");
    node.ask("POST", "run blockchain sync");
    // The local copy is rewritten soon after a change, and not at once.
    let started = std::time::Instant::now();
    loop {
        let (code, shown, told) = run(&["verify", "--backup", "b.jsonl.gz"], b"");
        if code == Some(0) {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{told} {}", String::from_utf8_lossy(&shown));
    }
    node.ask("POST", "blockchain drop policy where id = a");
    let (code, shown, told) = run(&["verify", "--backup", "b.jsonl.gz"], b"");
    let shown = String::from_utf8(shown).unwrap();
    assert!(code == Some(1) && shown.contains("extra") && told.contains("differs from"), "{shown} {told}");
    let (code, _, told) = run(&["restore", "--from", "-"], &stream);
    assert!(code == Some(1) && told.contains("--merge"), "{told}");
    let (code, shown, _) = run(&["restore", "--from", "-", "--replace", "--dry-run"], &stream);
    assert!(code == Some(0) && String::from_utf8(shown).unwrap().contains("Nothing is changed yet"));
    let (code, shown, told) = run(&["restore", "--from", "b.jsonl.gz", "--replace"], b"");
    assert!(code == Some(0), "{told} {}", String::from_utf8_lossy(&shown));
    assert!(node.get("blockchain get device").contains("d-a"), "the node shows it at once");
    let (code, _, told) = run(&["restore", "--from", "-", "--replace"], &stream[..stream.len() - 10]);
    assert!(code == Some(1) && told.contains("line"), "{told}");
    assert_eq!(run(&["restore", "--from", "x", "--merge", "--replace"], b"").0, Some(64));
}

#[test]
fn without_a_node_the_database_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let port = crate::support::port::free().to_string();
    let variables = [("ANYLOG_REST_PORT", port.as_str()), ("AUTH", "off")];
    let run = |arguments: &[&str], input: &[u8]| run(directory.path(), arguments, &variables, input);
    let (code, _, told) = run(&["backup", "--embedded", "--to", "b.jsonl"], b"");
    assert!(code == Some(1) && told.contains("there is no ledger at"), "{told}");
    let (code, _, told) = run(&["backup", "--connect", "127.0.0.1:9", "--to", "b.jsonl"], b"");
    assert!(code == Some(75) && told.contains("is the node running"), "{told}");
    let mut node = Program::embedded(directory.path(), &[]);
    node.ask("POST", &format!("blockchain push {}", device("a")));
    node.signal(rustix::process::Signal::TERM);
    node.wait();
    let (code, _, told) = run(&["backup", "--embedded", "--to", "b.jsonl"], b"");
    assert_eq!(code, Some(0), "{told}");
    let (code, stream, told) = run(&["backup", "--embedded", "--to", "-"], b"");
    assert!(code == Some(0) && told.contains("2 policies"), "{told}");
    fs::remove_dir_all(directory.path().join("anylog-data")).unwrap();
    let (code, shown, told) = run(&["restore", "--embedded", "--from", "-"], &stream);
    let shown = String::from_utf8(shown).unwrap();
    assert!(code == Some(0) && shown.contains("The ledger has 2 policies (it had 0)"), "{shown} {told}");
    let (code, _, told) = run(&["verify", "--embedded", "--backup", "b.jsonl"], b"");
    assert_eq!(code, Some(0), "{told}");
    let node = Program::embedded(directory.path(), &[]);
    assert!(node.get("blockchain get device").contains("d-a"));
}

#[test]
fn who_only_looks_what_a_restore_would_do_migrates_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let port = crate::support::port::free().to_string();
    let variables = [("ANYLOG_REST_PORT", port.as_str()), ("AUTH", "off")];
    let run = |arguments: &[&str]| run(directory.path(), arguments, &variables, b"");
    let mut node = Program::embedded(directory.path(), &[]);
    node.ask("POST", &format!("blockchain push {}", device("a")));
    node.signal(rustix::process::Signal::TERM);
    node.wait();
    let (code, _, told) = run(&["backup", "--embedded", "--to", "b.jsonl"]);
    assert_eq!(code, Some(0), "{told}");
    let dry = ["restore", "--embedded", "--from", "b.jsonl", "--replace", "--dry-run"];
    let (code, shown, _) = run(&dry);
    assert!(code == Some(0) && String::from_utf8(shown).unwrap().contains("Nothing is changed yet"));
    // The database of an older version takes its place.
    let databases = directory.path().join("anylog-data/EdgeLake/data/dbms");
    fs::remove_dir_all(&databases).unwrap();
    fs::create_dir(&databases).unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/upgrade/0.1.0/blockchain.dbms");
    fs::copy(old, databases.join("blockchain.dbms")).unwrap();
    let pending = || run(&["migrate", "--embedded", "--dry-run"]).1;
    let before = pending();
    let (code, _, told) = run(&dry);
    assert!(code == Some(1) && told.contains("of an older version") && told.contains("nothing was changed"), "{told}");
    assert_eq!(pending(), before, "the tables are as they were");
    let (code, _, told) = run(&["restore", "--embedded", "--from", "b.jsonl", "--replace"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(run(&dry).0, Some(0), "the run has migrated them");
}
