//! The subcommands beside `run`: health check, token, version.

use crate::program::{Program, command, finish};
use std::{fs, path::Path, process::Stdio};

fn healthcheck(directory: &Path, port: &str, more: &[(&str, &str)]) -> (Option<i32>, String) {
    finish(directory, &["healthcheck"], &[&[("ANYLOG_REST_PORT", port)], more].concat())
}

#[test]
fn the_health_check_follows_the_configuration_with_and_without_tls() {
    let directory = tempfile::tempdir().unwrap();
    let plain = Program::embedded(directory.path(), &[]);
    let port = plain.rest.port().to_string();
    assert_eq!(healthcheck(directory.path(), &port, &[]), (Some(0), String::new()));
    drop(plain);
    let (code, text) = healthcheck(directory.path(), &port, &[]);
    assert!(code == Some(1) && text.contains("does not answer"), "{text}");

    let own = rcgen::generate_simple_self_signed(vec!["master.example".to_owned()]).unwrap();
    fs::write(directory.path().join("cert.pem"), own.cert.pem()).unwrap();
    fs::write(directory.path().join("key.pem"), own.signing_key.serialize_pem()).unwrap();
    let tls = [("REST_TLS_CERT", "cert.pem"), ("REST_TLS_KEY", "key.pem")];
    let secure = Program::embedded(directory.path(), &tls);
    let port = secure.rest.port().to_string();
    assert_eq!(healthcheck(directory.path(), &port, &tls), (Some(0), String::new()));
    let other = rcgen::generate_simple_self_signed(vec!["other.example".to_owned()]).unwrap();
    fs::write(directory.path().join("other.pem"), other.cert.pem()).unwrap();
    let wrong = [("REST_TLS_CERT", "other.pem"), ("REST_TLS_KEY", "key.pem")];
    assert_eq!(healthcheck(directory.path(), &port, &wrong).0, Some(1));
}

#[test]
fn a_token_opens_what_its_role_may_do() {
    let directory = tempfile::tempdir().unwrap();
    let made = command(directory.path(), &["token", "ann", "publish"], &[]).stdout(Stdio::piped()).output().unwrap();
    let text = String::from_utf8(made.stdout).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines[0].starts_with("alm_") && lines[1].starts_with("ann:publish:"), "{text}");
    assert_eq!(finish(directory.path(), &["token", "ann", "king"], &[]).0, Some(64));
    let program = Program::embedded(directory.path(), &[("REST_TOKENS", lines[1]), ("AUTH", "token")]);
    assert_eq!(program.ask("GET", "get status").0, 401);
    let with = format!("get status\r\nAuthorization: Bearer {}", lines[0]);
    assert_eq!(program.ask("GET", &with).0, 200);
    let (code, text) = finish(directory.path(), &["run", "--embedded"], &[("REST_TOKENS", "nonsense")]);
    assert!(code == Some(64) && text.contains("REST_TOKENS"), "{text}");
}

#[test]
fn version_and_help() {
    let directory = tempfile::tempdir().unwrap();
    for arguments in [["version"], ["--version"], ["--help"]] {
        assert_eq!(finish(directory.path(), &arguments, &[]).0, Some(0), "{arguments:?}");
    }
}
