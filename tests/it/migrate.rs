//! `migrate`: the steps that the tables lack, shown or done, with and without a node beside it.

use crate::{
    program::{Program, command, finish},
    support::{port::free, postgres::Postgres},
};
use std::{fs, path::Path, process::Stdio};

/// Runs the program to its end and returns its exit code and what it printed.
fn printed(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = command(directory, arguments, variables).stdout(Stdio::piped()).output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

/// Returns how many steps stand in the folder of an engine.
fn steps(engine: &str) -> usize {
    fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine)).unwrap().count()
}

#[test]
fn a_file_is_looked_at_without_being_made_and_then_made() {
    let directory = tempfile::tempdir().unwrap();
    let (code, text) = printed(directory.path(), &["migrate", "--embedded", "--dry-run"], &[]);
    let all = format!("0 steps were done before, {} to be done:\n0001 ledger\n", steps("sqlite"));
    assert!(code == Some(0) && text.starts_with(&all) && text.contains("CREATE TABLE IF NOT EXISTS ledger"), "{text}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "nothing was made");
    let (code, text) = printed(directory.path(), &["migrate", "--embedded"], &[]);
    assert!(code == Some(0) && text.contains("done now:\n0001 ledger\n"), "{text}");
    let nothing = format!("nothing to do: all {} steps were done\n", steps("sqlite"));
    for arguments in [&["migrate", "--embedded"][..], &["migrate", "--embedded", "--dry-run"]] {
        assert_eq!(printed(directory.path(), arguments, &[]), (Some(0), nothing.clone()));
    }
    let _running = Program::embedded(directory.path(), &[]);
    assert_eq!(printed(directory.path(), &["migrate", "--embedded", "--dry-run"], &[]), (Some(0), nothing));
}

#[test]
fn a_server_is_looked_at_without_a_database_being_made() {
    let (server, directory) = (Postgres::start(), tempfile::tempdir().unwrap());
    let port = server.port.to_string();
    let variables = [
        ("DB_TYPE", "psql"),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", port.as_str()),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
        ("AUTH", "off"),
    ];
    let (code, text) = printed(directory.path(), &["migrate", "--dry-run"], &variables);
    assert!(code == Some(0) && text.starts_with("0 steps were done before"), "{text}");
    let databases = "SELECT count(*) FROM pg_database WHERE datname = 'blockchain'";
    assert_eq!(server.ask("postgres", databases), "0");
    assert_eq!(printed(directory.path(), &["migrate"], &variables).0, Some(0));
    let nothing = format!("nothing to do: all {} steps were done\n", steps("postgres"));
    assert_eq!(printed(directory.path(), &["migrate", "--dry-run"], &variables), (Some(0), nothing));
    server.sql(
        "blockchain",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', true, '', 0)",
    );
    for arguments in [&["migrate"][..], &["migrate", "--dry-run"]] {
        let (code, text) = finish(directory.path(), arguments, &variables);
        assert!(code == Some(1) && text.contains("a newer version of this program"), "{text}");
    }
}

#[test]
fn a_server_that_is_not_there_is_75() {
    let directory = tempfile::tempdir().unwrap();
    let port = free().to_string();
    let variables = [
        ("DB_TYPE", "psql"),
        ("DB_IP", "127.0.0.1"),
        ("DB_PORT", port.as_str()),
        ("DB_USER", "admin"),
        ("DB_PASSWD", "elpw"),
        ("AUTH", "off"),
    ];
    assert_eq!(finish(directory.path(), &["migrate", "--dry-run"], &variables).0, Some(75));
}
