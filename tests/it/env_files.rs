//! Env files as people have them: `tests/vectors/env` holds files of the field with made-up values.

use crate::{
    program::{Program, command, finish},
    support::port::free,
};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Stdio,
};

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/env").join(name)
}

/// Runs `check-config` in a directory: the exit code, and what it wrote to standard error and to standard output.
fn check(directory: &Path, more: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let arguments = [&["check-config"], more].concat();
    let output = command(directory, &arguments, variables).stdout(Stdio::piped()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stderr), text(output.stdout))
}

#[test]
fn files_of_the_field_are_read_or_refused_for_their_own_reason() {
    let directory = tempfile::tempdir().unwrap();
    for (file, code, parts, shown) in [
        (
            "env-01-yaml-style-lines.env",
            0,
            &["MASTER_NODE is an old name; write LEDGER_CONN", "for MQTT_ENABLE (", "DEPLOY_LOCAL_SCRIPT ("][..],
            &["DEPLOY_LOCAL_SCRIPT=false", "LEDGER_CONN=127.0.0.1:32048", "DB_USER=admin"][..],
        ),
        (
            "env-02-unclosed-quote.env",
            0,
            &[
                "LIGHTHOUSE_NODE_IP: the quote is never closed",
                "a master does not use it",
                "compose v2 refuses the file",
            ],
            &["REST_TIMEOUT=30"],
        ),
        (
            "env-04-inline-comments-and-references.env",
            64,
            &["2 mistakes", "rest is a node without a role", "DB_USER: the template was never filled in"],
            &[],
        ),
        (
            "env-05-merge-conflict.env",
            64,
            &["2 mistakes", "conflict marks of git in lines 7-25, 43-55 and 97-105", "this program is no operator"],
            &[],
        ),
        ("env-06-node-type-ledger.env", 0, &["NODE_TYPE=ledger is an old name of the master"], &["NODE_TYPE=master"]),
        (
            "env-07-node-type-master-operator.env",
            64,
            &["1 mistake ", "write NODE_TYPE=master here, and run the operator"],
            &[],
        ),
        ("env-08-overlay-ip-without-switch.env", 0, &[], &["NODE_TYPE=master"]),
        ("env-09-vagrant-overlay-bound.env", 0, &[], &["OVERLAY_IP=192.168.56.10"]),
        ("env-11-ledger-conn-by-name.env", 0, &[], &["LEDGER_CONN=site-macmini.local:32048"]),
        ("env-12-password-exclamation.env", 64, &["1 mistake ", "this program is no operator"], &[]),
    ] {
        let path = vector(file);
        let (ended, said, printed) = check(directory.path(), &["--env-file", path.to_str().unwrap()], &[]);
        assert_eq!(ended, Some(code), "{file}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{file}: {said}");
        assert!(shown.iter().all(|line| printed.lines().any(|is| is.starts_with(line))), "{file}: {printed}");
        assert!(!said.contains("passwd@") && !printed.contains("postgres4Example"), "{file}");
    }
}

#[test]
fn a_master_starts_from_a_file_with_a_password_of_the_field() {
    let directory = tempfile::tempdir().unwrap();
    let file = fs::read_to_string(vector("env-12-password-exclamation.env")).unwrap();
    let file = file.replace("NODE_TYPE=operator", "NODE_TYPE=master").replace("DB_TYPE=sqlite", "DB_TYPE=psql");
    fs::write(directory.path().join("anylog_configs.env"), file).unwrap();
    let (code, said, printed) = check(directory.path(), &[], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(printed.contains("DB_PASSWD=********") && !said.contains("DB_PASSWD"), "{said}{printed}");
}

#[test]
fn a_pod_beside_services_of_our_names_starts() {
    let directory = tempfile::tempdir().unwrap();
    let injected = fs::read_to_string(vector("k8s-injected.env")).unwrap();
    let variables: Vec<_> = injected.lines().filter_map(|line| line.split_once('=')).collect();
    let (code, said, printed) = check(directory.path(), &[], &variables);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.contains("ANYLOG_SERVER_PORT=tcp://10.96.12.7:32048") && said.contains("enableServiceLinks: false"),
        "{said}"
    );
    assert!(printed.lines().any(|line| line.starts_with("DB_PORT=5432 ")), "{printed}");
}

/// As the values of `boot_values`, but from a file.
#[test]
fn odd_texts_of_a_file_reach_the_policy_as_they_are_meant() {
    let directory = tempfile::tempdir().unwrap();
    let file = "COMPANY_NAME=\"O'Neil \\\"Edge\\\" GmbH\"\nNODE_NAME='My_Node a\\b'\nLOCATION=40.08,-105.19 # Boulder\nCITY=$HOME\n\
                STATE={\"a\":1}\nCOUNTRY=Smith & Sons\nOTHER=\"a\tb\\nc\"\n";
    fs::write(directory.path().join("anylog_configs.env"), file).unwrap();
    let (tcp, rest) = (free().to_string(), free().to_string());
    for _start in 0..2 {
        let ports = [("ANYLOG_SERVER_PORT", &*tcp), ("ANYLOG_REST_PORT", &*rest), ("HOME", "/home/u")];
        let node = Program::embedded(directory.path(), &ports);
        let policies: serde_json::Value = serde_json::from_str(&node.get("blockchain get master")).unwrap();
        let [policy] = &policies.as_array().unwrap()[..] else { panic!("{policies}") };
        for (attribute, value) in [
            ("company", "O'Neil \"Edge\" GmbH"),
            ("name", "My_Node a\\b"),
            ("loc", "40.08,-105.19"),
            ("city", "$HOME"),
            ("state", "{\"a\":1}"),
            ("country", "Smith & Sons"),
        ] {
            assert_eq!(policy["master"][attribute], value, "{policy}");
        }
        let variables = node.get("get env var where format = json");
        let variables: serde_json::Value =
            serde_json::from_str(&variables).unwrap_or_else(|e| panic!("{e}: {variables}"));
        assert!(variables.to_string().contains("O'Neil"), "{variables}");
    }
}

#[test]
fn databases_are_described_in_the_forms_that_people_know() {
    let directory = tempfile::tempdir().unwrap();
    for (file, code, parts, shown) in [
        ("DB_USER=u:s3cret@10.0.0.5:5433", 0, &["old form user:password@address"][..], &["DB_IP=10.0.0.5:5433"][..]),
        ("DB_USER=u@[::1]:s3cret", 0, &["write DB_USER=u, DB_IP=[::1]"], &["DB_USER=u "]),
        ("DB_USER=postgres://u:s3cret@h/x", 64, &["1 mistake ", "my.env:2 DB_USER=", "write it into DB_URL"], &[]),
        (
            "DB_USER=u\nDB_IP=postgres://u:s3cret@h/x",
            64,
            &["1 mistake ", "my.env:3 DB_IP=", "write it into DB_URL"],
            &[],
        ),
        ("DB_URL=jdbc:postgresql://h/x?password=s3cret", 64, &["1 mistake ", "begin with postgres://"], &[]),
        ("DB_USER=u\nDB_IP=pg1;pg2:5433", 64, &["my.env:3 DB_IP=", "it names more than one"], &[]),
        (
            "DB_USER=u\nDB_PASSWD=p\nDB_IP=${PG_HOST}",
            0,
            &["my.env:4: DB_IP refers to PG_HOST, which is set nowhere"],
            &[],
        ),
        (
            "DB_USER=u\nLEDGER_CONN=$MASTER:32048",
            64,
            &["my.env:3 LEDGER_CONN=\":32048\"", "(MASTER is set nowhere)"],
            &[],
        ),
    ] {
        fs::write(directory.path().join("my.env"), format!("DB_TYPE=postgresql\n{file}\n")).unwrap();
        let (ended, said, printed) = check(directory.path(), &["--env-file", "my.env"], &[]);
        assert_eq!(ended, Some(code), "{file}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{file}: {said}");
        assert!(shown.iter().all(|line| printed.lines().any(|is| is.starts_with(line))), "{file}: {printed}");
        assert!(!said.contains("s3cret") && !printed.contains("s3cret"), "{file}: {said}{printed}");
    }
}

/// What a node really runs with is asked of the node itself.
#[test]
fn a_login_of_the_old_form_is_nowhere_to_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = "DB_TYPE=psql\nDB_USER=psql@127.0.0.1:demo-s3cret\nDB_CONN=admin@127.0.0.1:demo-s3cret\n";
    fs::write(directory.path().join("anylog_configs.env"), file).unwrap();
    let (code, said, printed) = check(directory.path(), &[], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("DB_USER has the old form user@address:password; write DB_USER=psql, DB_IP=127.0.0.1"),
        "{said}"
    );
    assert!(
        printed.contains("DB_USER=psql ") && !format!("{said}{printed}").contains("demo-s3cret"),
        "{said}{printed}"
    );
    let node = Program::embedded(directory.path(), &[]);
    for question in
        ["get env var", "get env var where format = json", "get databases", "get dictionary", "get event log"]
    {
        let answer = node.get(question);
        assert!(!answer.contains("demo-s3cret"), "{question}: {answer}");
    }
    assert!(!node.page("/metrics").contains("demo-s3cret"));
}

#[test]
fn a_url_or_a_key_in_the_wrong_place_is_told_without_its_secret() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("key"), "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n")
        .unwrap();
    fs::write(directory.path().join("cert"), "no certificate").unwrap();
    let psql = [("DB_TYPE", "psql"), ("DB_USER", "u")];
    for (line, code, part) in [
        ("DB_IP=postgres://u:s3cret@h/d", 64, "DB_IP=\"postgres://u:********@h/d\""),
        ("LEDGER_CONN=http://u:s3cret@h:32048", 64, "LEDGER_CONN=\"http://u:********@h:32048\""),
        ("DB_SSL_CERT=cert\nDB_SSL_KEY_FILE=key", 64, "write the path of the file, and no _FILE behind the name"),
        ("EXTERNAL_IP_URL=http://u:s3cret@h/ip", 0, "EXTERNAL_IP_URL=http://u:********@h/ip"),
        ("DATABASE_URL=postgres://u:s3cret@h/d", 0, "DATABASE_URL is not read by this program; write DB_URL"),
    ] {
        fs::write(directory.path().join("anylog_configs.env"), format!("{line}\n")).unwrap();
        let (ended, said, printed) = check(directory.path(), &[], &psql);
        assert_eq!(ended, Some(code), "{line}: {said}");
        let told = said + &printed;
        assert!(told.contains(part) && !told.contains("s3cret"), "{line}: {told}");
    }
}

#[test]
fn what_is_no_readable_file_says_who_can_mend_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("anylog_configs.env");
    fs::create_dir(&file).unwrap();
    for verb in ["run", "check-config", "healthcheck"] {
        let (code, said) = finish(directory.path(), &[verb], &[]);
        assert!(code == Some(64) && said.contains("anylog_configs.env: it is a directory"), "{verb}: {said}");
        assert!(said.contains("rmdir anylog_configs.env"), "{said}");
    }
    fs::remove_dir(&file).unwrap();
    symlink("nowhere.env", &file).unwrap();
    assert_eq!(finish(directory.path(), &["check-config"], &[]).0, Some(64));
    fs::remove_file(&file).unwrap();
    fs::write(&file, "anylog_master.env").unwrap();
    let (code, said) = finish(directory.path(), &["check-config"], &[]);
    assert!(code == Some(64) && said.contains("put a copy of anylog_master.env in its place"), "{said}");
}

/// Root may read everything, so another user has to ask.
#[test]
fn a_file_of_somebody_else_is_told_with_user_mode_and_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("anylog_configs.env");
    fs::write(&file, "NODE_NAME=a\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = directory.path().join("anylog-master");
    fs::copy(env!("CARGO_BIN_EXE_anylog-master"), &program).unwrap();
    let mut asked = std::process::Command::new(&program);
    asked.current_dir(directory.path()).env_clear().arg("check-config").stdin(Stdio::null());
    let is_root = rustix::process::geteuid().is_root();
    if is_root {
        std::os::unix::process::CommandExt::uid(&mut asked, 65532);
    }
    let output = asked.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let user = if is_root { 65532 } else { rustix::process::geteuid().as_raw() };
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert!(said.contains(&format!("runs as user {user} and may not read it")) && said.contains("mode 0000"), "{said}");
    assert!(said.contains(&format!("chown {user} anylog_configs.env")) && said.contains("chmod 644"), "{said}");
}

#[test]
fn the_log_of_the_start_tells_what_others_read_otherwise() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("anylog_configs.env"), "DB_TYPE=psql\nDB_USER=u\nDB_PASSWD=pa$word\nDB_WAIT=0\n")
        .unwrap();
    let own = [("ANYLOG_PATH", directory.path().to_str().unwrap()), ("DB_PORT", "1"), ("ANYLOG_SERVER_PORT", "0")];
    let variables = [&own[..], &[("ANYLOG_REST_PORT", "0"), ("INTERNAL_IP", "127.0.0.1")]].concat();
    let (_, said) = finish(directory.path(), &["run"], &variables);
    assert!(said.contains("anylog_configs.env:3: DB_PASSWD is read otherwise by compose v2; compose gives"), "{said}");
    assert!(!said.contains("pa$word"), "{said}");
}

#[test]
fn what_compose_reads_instead_of_the_env_file_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (file, beside) = (directory.path().join("anylog_configs.env"), directory.path().join(".env"));
    fs::write(&file, "DB_TYPE=psql\nDB_USER=u\nDB_PASSWD=s3cret\n").unwrap();
    symlink("anylog_configs.env", &beside).unwrap();
    assert_eq!(check(directory.path(), &[], &[]).1, "");
    fs::remove_file(&beside).unwrap();
    fs::write(&beside, "anylog_configs.env").unwrap();
    let said = check(directory.path(), &[], &[]).1;
    assert!(
        said.contains("a link that became a text file") && said.contains("ln -sf anylog_configs.env .env"),
        "{said}"
    );
    fs::write(&beside, "DB_USER=u\nDB_PASSWD=other\n").unwrap();
    let said = check(directory.path(), &[], &[]).1;
    assert!(
        said.contains("do not agree about DB_PASSWD;") && !said.contains("s3cret") && !said.contains("other;"),
        "{said}"
    );
    fs::write(&beside, "DB_USER=u\nDB_PASSWD='s3cret'\n").unwrap();
    assert_eq!(check(directory.path(), &[], &[]).1, "");
}

#[test]
fn a_clean_file_is_written_beside_the_old_one_and_over_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (file, anew) = (directory.path().join("my.env"), directory.path().join("my.env.fixed"));
    fs::write(&file, "# ours\nexport NODE_NAME = a b # name\nDB_PASSWD=pa$word\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let fix = || check(directory.path(), &["--fix", "--env-file", "my.env"], &[]);
    let (code, said, printed) = fix();
    assert_eq!(
        (code, printed.as_str()),
        (Some(0), "wrote my.env.fixed; look at it, then: mv my.env.fixed my.env\n"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&anew).unwrap(), "# ours\n# name\nNODE_NAME='a b'\nDB_PASSWD='pa$word'\n");
    assert_eq!(fs::metadata(&anew).unwrap().permissions().mode() & 0o7777, 0o640);
    let (code, said, _) = fix();
    assert!(code == Some(64) && said.contains("my.env.fixed is there already"), "{said}");
    fs::rename(&anew, &file).unwrap();
    let (code, said, printed) = fix();
    assert_eq!((code, printed.as_str()), (Some(0), "my.env is read alike by all; nothing was written\n"), "{said}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_running_node_is_asked_over_its_own_tls_with_a_token_of_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let signed = rcgen::generate_simple_self_signed(vec!["master.example".to_owned()]).unwrap();
    fs::write(directory.path().join("cert.pem"), signed.cert.pem()).unwrap();
    fs::write(directory.path().join("key.pem"), signed.signing_key.serialize_pem()).unwrap();
    let made = command(directory.path(), &["token", "ann", "admin"], &[]).stdout(Stdio::piped()).output().unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    let [token, line] = made.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>()[..] else {
        panic!("{made}")
    };
    let port = free().to_string();
    let file = format!(
        "ANYLOG_REST_PORT={port}\nREST_TLS_CERT=cert.pem\nREST_TLS_KEY=key.pem\nAUTH=token\nREST_TOKENS={line}\n"
    );
    fs::write(directory.path().join("anylog_configs.env"), file).unwrap();
    fs::write(directory.path().join("token"), format!("{token}\n")).unwrap();
    let node = [("ANYLOG_SERVER_PORT", "0"), ("INTERNAL_IP", "127.0.0.1")];
    let _node = Program::start(command(directory.path(), &["run", "--embedded"], &node));
    let exec = ["exec", "set a = 1"];
    let refused = finish(directory.path(), &exec, &[]);
    assert!(refused.0 == Some(1) && refused.1.contains("REST_TOKEN"), "{refused:?}");
    for given in [("REST_TOKEN", token), ("REST_TOKEN_FILE", "token")] {
        assert_eq!(finish(directory.path(), &exec, &[given]), (Some(0), String::new()), "{}", given.0);
    }
    let address = format!("https://127.0.0.1:{port}");
    let (code, said) =
        finish(directory.path(), &["exec", "--connect", &address, "get status"], &[("REST_TOKEN", token)]);
    assert!(code == Some(1) && said.contains("--ca FILE"), "{said}");
    let (code, said) = finish(directory.path(), &["check-config"], &[("REST_TOKEN", line)]);
    assert!(code == Some(64) && said.contains("this is a line for REST_TOKENS"), "{said}");
}

#[test]
fn typing_errors_behind_the_name_of_the_program_end_with_64() {
    let directory = tempfile::tempdir().unwrap();
    for (words, part) in [
        (&["run", "--embeded"][..], "did you mean --embedded?"),
        (&["rnu"], "did you mean anylog-master run?"),
        (&["start"], "did you mean anylog-master run?"),
        (&["run", "blockchian", "sync"], "blockchain sync'?"),
    ] {
        let (code, said) = finish(directory.path(), words, &[]);
        assert!(code == Some(64) && said.contains(part) && said.lines().count() == 1, "{words:?}: {code:?} {said}");
    }
    assert!(!directory.path().join("EdgeLake").exists());
}
