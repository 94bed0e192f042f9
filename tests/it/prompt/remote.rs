//! `exec` and `prompt --connect` against a running node: exit codes, formats, tokens, TLS.

use crate::program::{Program, command};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Output, Stdio},
};

/// Runs the program with some input and returns how it ended.
fn run(directory: &Path, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut start = command(directory, arguments, &[("HOME", directory.to_str().unwrap())]);
    let mut child = start.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn exec_answers_and_ends_with_a_code() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[("NODE_NAME", "far")]);
    let address = node.rest.to_string();
    let exec = |more: &[&str]| run(directory.path(), &[&["exec", "--connect", &address], more].concat(), "");

    let (code, text, _) = exec(&["get status"]);
    assert_eq!(code, Some(0));
    assert!(text.starts_with("far@") && text.ends_with(" running\n"), "{text}");
    let (code, text, _) = exec(&["--format", "json", "get status"]);
    let status: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, status["status"].as_str()), (Some(0), Some("running")));
    let (code, text, _) = exec(&["--format", "json", "get", "hostname"]);
    assert!(code == Some(0) && serde_json::from_str::<serde_json::Value>(&text).unwrap().is_string(), "{text}");
    let (code, text, _) = exec(&["print", "hello", "there"]);
    assert_eq!((code, text.trim()), (Some(0), "\"hello there\""));
    let (code, text, _) = exec(&["set k = v"]);
    assert_eq!((code, text.as_str()), (Some(0), ""));
    assert_eq!(exec(&["get !k"]).1, "v\n");
    let (code, text, error) = exec(&["get nosuch"]);
    assert_eq!((code, text.as_str()), (Some(1), ""));
    assert!(error.contains("Error Command Structure"), "{error}");
    assert_eq!(exec(&[]).0, Some(64));
    drop(node);
    let (code, _, error) = exec(&["get status"]);
    assert!(code == Some(1) && error.contains("is the node running"), "{error}");
}

#[test]
fn piped_lines_run_on_the_other_node() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let prompt = |input: &str| run(directory.path(), &["prompt", "--connect", &address], input);
    let lines = "print one & print two\n<a = {\"k\" :\n 1}>\n!a\n. print three\nexit\nprint never\n";
    let (code, text, error) = prompt(lines);
    assert_eq!(code, Some(0), "{error}");
    for shown in ["\"one\"", "\"two\"", "{\"k\" : 1}", "\"three\""] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("never") && !text.contains('\x1b'), "{text}");
    let (code, text, _) = prompt("get nosuch\nprint after\n");
    assert!(code == Some(1) && text.contains("Error Command Structure") && text.contains("\"after\""), "{text}");
    for (word, known) in [("prnt", "'print'"), ("frobnicate", "'help'")] {
        let (_, text, _) = prompt(&format!("{word}\n"));
        assert!(text.contains("Unrecognized Command"), "{text}");
        let (_, _, error) = run(directory.path(), &["exec", word, "--connect", &address], "");
        assert!(error.contains("Unrecognized Command") && error.contains(known), "{error}");
    }
    let tcp = node.tcp;
    let (_, text, _) = prompt(&format!("run client ({tcp})\nget node name\nrun client .\nget hostname\n"));
    assert!(text.contains(&format!("@{tcp}")), "{text}");
}

#[test]
fn a_watched_command_is_shown_below_each_other_at_a_pipe() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let mut start = command(directory.path(), &["prompt", "--connect", &address], &[]);
    let mut child = start.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    input.write_all(b"watch get status every 200 ms\n").unwrap();
    let first = output.next().unwrap();
    assert!(first.starts_with("--- get status: every 200ms, ") && first.ends_with("the first answer"), "{first}");
    assert!(output.next().unwrap().ends_with("running"));
    assert!(output.next().unwrap().ends_with("nothing changed"));
    input.write_all(b"print after\n").unwrap();
    drop(input);
    let rest: Vec<String> = output.collect();
    assert!(rest.last().is_some_and(|line| line == "\"after\"") && !rest.concat().contains('\x1b'), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let (code, text, _) = run(directory.path(), &["prompt", "--connect", &address], "watch get status\n");
    assert_eq!((code, text.lines().count()), (Some(0), 2), "the end of the input ends it: {text}");
    let (code, _, error) = run(directory.path(), &["exec", "--connect", &address, "watch get status"], "");
    assert!(code == Some(1) && error.contains("carried out by a prompt"), "{error}");
}

#[test]
fn conditions_last_from_line_to_line() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let shown = |input: &str| {
        let (code, text, error) = run(directory.path(), &["prompt", "--connect", &address], input);
        assert_eq!(code, Some(0), "{error}");
        text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        shown("x = 1\nif !x == 1 then\ndo print a\nelse print b\nget !x\ndo print c\n"),
        ["\"a\"", "1", "\"c\""]
    );
    assert_eq!(shown("if !x == 2 then print a\ndo print b\nelse print c\n"), ["\"c\""]);
    let branch = "overlay_network = true\nIf (overlay_network is true) {\nprint yes\n} else {\nprint no\n}\n";
    assert_eq!(shown(branch), ["\"yes\""]);
    assert_eq!(run(directory.path(), &["exec", "--connect", &address, branch], "").1.trim(), "\"yes\"");
}

#[test]
fn commands_run_as_they_are_copied_from_documents() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let exec = |text: &str| run(directory.path(), &["exec", "--connect", &address, text], "");
    let policy = "<new_policy = create policy master where\n    name=master-node and\n    company=\"My Company\">";
    assert_eq!(exec(policy), (Some(0), String::new(), String::new()));
    let stored = r#"{"master": {"name": "master-node", "company": "My Company"}}"#;
    assert_eq!(exec("AL anylog-master +> get !new_policy").1.trim(), stored);
    for command in ["<get !new_policy>", "AL > get !new_policy", "AL > <get !new_policy>"] {
        assert_eq!(node.ask("GET", command).1, stored, "{command}");
    }
    assert_eq!(node.ask("POST", "AL > hostname = get hostname").0, 200);
    let (code, _, error) = exec("<x = create policy master where\n name = a");
    assert!(code == Some(64) && error.contains("close '<' with '>'"), "{error}");
}

#[test]
fn references_that_are_not_defined_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let node = Program::embedded(directory.path(), &[]);
    let address = node.rest.to_string();
    let exec = |text: &str| run(directory.path(), &["exec", "--connect", &address, text], "").2;
    assert_eq!(exec(r#"p = {"sensor": {"name": "s1", "loc": !nowhere}}"#), "");
    for command in
        ["blockchain prepare policy !p", "blockchain insert where policy=!p and local=true", "blockchain push !p"]
    {
        let error = exec(command);
        assert!(error.contains("Missing dictionary definition for: '!nowhere'"), "{command}: {error}");
    }
    let error = exec("blockchain push !nothing");
    assert!(error.contains("Missing dictionary definition for: '!nothing'"), "{error}");
}

#[test]
fn a_token_file_gives_the_rights_of_its_token() {
    let directory = tempfile::tempdir().unwrap();
    let made = command(directory.path(), &["token", "ann", "admin"], &[]).stdout(Stdio::piped()).output().unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let lines: Vec<_> = made.lines().filter(|line| !line.starts_with('#')).collect();
    fs::write(directory.path().join("token"), lines[0]).unwrap();
    let node = Program::embedded(directory.path(), &[("REST_TOKENS", lines[1]), ("AUTH", "token")]);
    let address = node.rest.to_string();
    let (code, _, error) = run(directory.path(), &["exec", "--connect", &address, "set k = v"], "");
    assert!(code == Some(1) && error.contains("oken"), "{error}");
    let with = ["--connect", &address, "--token-file", "token"];
    assert_eq!(run(directory.path(), &[&["exec"], &with[..], &["set k = v"]].concat(), "").0, Some(0));
    let (code, text, error) = run(directory.path(), &[&["prompt"], &with[..]].concat(), "get !k\nset k = w\nget !k\n");
    assert_eq!((code, text.as_str()), (Some(0), "v\nw\n"), "{error}");
}

#[test]
fn tls_needs_the_authority_of_the_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(directory.path().join("cert.pem"), own.cert.pem()).unwrap();
    fs::write(directory.path().join("key.pem"), own.signing_key.serialize_pem()).unwrap();
    let tls = [("REST_TLS_CERT", "cert.pem"), ("REST_TLS_KEY", "key.pem")];
    let node = Program::embedded(directory.path(), &tls);
    let address = format!("https://localhost:{}", node.rest.port());
    let (code, _, error) = run(directory.path(), &["exec", "--connect", &address, "get status"], "");
    assert!(code == Some(1) && error.contains("--ca FILE"), "{error}");
    let with = ["--connect", &address, "--ca", "cert.pem"];
    let (code, text, error) = run(directory.path(), &[&["exec"], &with[..], &["get status"]].concat(), "");
    assert!(code == Some(0) && text.contains("running"), "{text}{error}");
    let (code, text, error) = run(directory.path(), &[&["prompt"], &with[..]].concat(), "print secure\n");
    assert!(code == Some(0) && text.contains("\"secure\""), "{text}{error}");
}
