//! What is wrong in the configuration is said at once, all of it, and ends the start with 64.

use crate::program::{command, finish};
use anylog_master::config::{Config, Variable};
use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path, process::Stdio};

#[test]
fn all_mistakes_of_an_env_file_end_the_start_with_64() {
    let directory = tempfile::tempdir().unwrap();
    let file = "COMPANY_NAME=New Company # fine\nANYLOG_SERVER_PORT=99999\nCOMPNY_NAME=x\nTCP_BIND=perhaps\n";
    fs::write(directory.path().join("my.env"), file).unwrap();
    for verb in ["run", "check-config", "healthcheck"] {
        let (code, text) = finish(directory.path(), &[verb, "--env-file", "my.env"], &[("DB_TYPE", "oracle")]);
        assert_eq!(code, Some(64), "{text}");
        for part in [
            "4 mistakes",
            "my.env:2 ANYLOG_SERVER_PORT=\"99999\"",
            "my.env:3 COMPNY_NAME",
            "did you mean COMPANY_NAME?",
            "my.env:4 TCP_BIND=\"perhaps\"",
            "environment DB_TYPE=\"oracle\"",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}

#[test]
fn a_mistyped_variable_of_a_database_that_a_url_names_ends_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = "DB_URL=postgres://u:p@db/blockchain\nDB_SSLMODE=verify_full\n";
    fs::write(directory.path().join("my.env"), file).unwrap();
    for verb in ["run", "check-config"] {
        let (code, text) = finish(directory.path(), &[verb, "--env-file", "my.env"], &[]);
        assert!(code == Some(64) && text.contains("my.env:2 DB_SSLMODE=\"verify_full\""), "{verb}: {code:?} {text}");
    }
}

#[test]
fn what_only_some_rooms_can_judge_is_told_with_all_other_mistakes() {
    let directory = tempfile::tempdir().unwrap();
    let file = "LOG_LEVEL=loud\nAUTH=perhaps\nREST_TOKENS=nonsense\nCITY=${TOWN:?}\nDB_TYPE=psql\nDB_USER=u\nDB_USER_FILE=my.env\n";
    fs::write(directory.path().join("my.env"), file).unwrap();
    for verb in ["run", "check-config"] {
        let (_, text) = finish(directory.path(), &[verb, "--env-file", "my.env"], &[]);
        for part in [
            "5 mistakes",
            "my.env:1 LOG_LEVEL=",
            "my.env:2 AUTH=",
            "my.env:3 REST_TOKENS=",
            "my.env:4 CITY: it needs a variable that is not set (TOWN is set nowhere)",
            "my.env:7: DB_USER and DB_USER_FILE are both set",
        ] {
            assert!(text.contains(part), "{verb} {part}\n{text}");
        }
    }
}

#[test]
fn a_variable_of_the_environment_that_is_no_text_is_not_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut check = command(directory.path(), &["check-config"], &[]);
    check.env("COMPANY_NAME", OsStr::from_bytes(b"Z\xfcrich AG")).env("OTHER", OsStr::from_bytes(b"\xff"));
    let output = check.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(64), "{text}");
    assert!(text.contains("1 mistake ") && text.contains("environment COMPANY_NAME="), "{text}");
    assert!(text.contains("it is not UTF-8"), "{text}");
}

#[test]
fn what_is_no_place_of_a_node_is_wrong_usage() {
    let directory = tempfile::tempdir().unwrap();
    for (place, part) in [
        ("master", "it has no port"),
        ("::1", "brackets"),
        ("2001:db8::10:32049", "brackets"),
        ("10.0.0.5:99999", "its port is not a number"),
        ("10.0.0.5:32049/x", "its port is not a number"),
        ("", "it has no port"),
    ] {
        let (code, text) = finish(directory.path(), &["exec", "--connect", place, "get status"], &[]);
        assert!(
            code == Some(64) && text.contains(part) && text.contains("write HOST:PORT"),
            "{place}: {code:?} {text}"
        );
    }
    let nobody = finish(directory.path(), &["exec", "--connect", "http://127.0.0.1:1/", "get status"], &[]);
    assert_eq!(nobody.0, Some(1), "{}", nobody.1);
}

/// The values of `check-config` are those of the env file that its text is.
#[test]
fn the_effective_configuration_is_an_env_file_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("my.env");
    let shown = |text: &[u8]| {
        fs::write(&path, text).unwrap();
        let mut check = command(directory.path(), &["check-config", "--env-file", "my.env"], &[]);
        let output = check.stdout(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let values = |text: &[u8]| {
        let lines = String::from_utf8(text.to_vec()).unwrap();
        lines.lines().filter_map(|line| Some(line.rsplit_once(" # ")?.0.trim_end().to_owned())).collect::<Vec<_>>()
    };
    let odd = "COMPANY_NAME=\"O'Neil \\\"Edge\\\" GmbH\"\nNODE_NAME='a b\\n'\nCITY='\"x\"'\nSTATE='${HOME}'\nCOUNTRY=\"a #b\"\n";
    let once = shown(odd.as_bytes());
    assert_eq!(values(&shown(&once)), values(&once));
    assert!(String::from_utf8(once).unwrap().contains("COMPANY_NAME=\"O'Neil \\\"Edge\\\" GmbH\""));
}

#[test]
fn an_env_file_that_is_not_there_and_unknown_options_are_mistakes() {
    let directory = tempfile::tempdir().unwrap();
    let (code, text) = finish(directory.path(), &["run", "--env-file", "no.env"], &[]);
    assert!(code == Some(64) && text.contains("no.env: cannot be read"), "{code:?} {text}");
    assert_eq!(finish(directory.path(), &["check-config", "--nonsense"], &[]).0, Some(64));
    assert_eq!(finish(directory.path(), &["--help"], &[]).0, Some(0));
}

#[test]
fn tls_files_that_cannot_be_used_are_mistakes_before_anything_starts() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let [one, other] = [(); 2].map(|()| rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap());
    fs::write(at("cert"), one.cert.pem()).unwrap();
    fs::write(at("key"), one.signing_key.serialize_pem()).unwrap();
    fs::write(at("other"), other.signing_key.serialize_pem()).unwrap();
    let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    fs::write(at("locked"), locked).unwrap();
    fs::create_dir(at("directory")).unwrap();
    for (cert, key, part) in [
        ("directory", "key", "REST_TLS_CERT=\"directory\": it is a directory"),
        ("key", "cert", "REST_TLS_CERT=\"key\": key: holds no certificate in PEM form"),
        ("cert", "locked", "REST_TLS_KEY=\"locked\": locked: its key is locked with a password"),
        ("cert", "cert", "REST_TLS_KEY=\"cert\": cert: holds no private key in PEM form"),
        ("cert", "other", "REST_TLS_KEY=\"other\": certificate, key and authority do not fit together"),
    ] {
        for verb in ["check-config", "run"] {
            let (code, text) = finish(directory.path(), &[verb], &[("REST_TLS_CERT", cert), ("REST_TLS_KEY", key)]);
            assert!(code == Some(64) && text.contains(part), "{cert} {key}: {code:?} {text}");
        }
    }
    let good = [("REST_TLS_CERT", "cert"), ("REST_TLS_KEY", "key")];
    let (code, text) = finish(directory.path(), &["check-config"], &good);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn the_effective_configuration_is_shown_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("anylog_configs.env"), "NODE_NAME=from file\nDB_PASSWD=s3cret\n").unwrap();
    fs::write(directory.path().join("key"), "chain-s3cret\n").unwrap();
    let variables = [("COMPANY_NAME", "Mine"), ("BLOCKCHAIN_PRIVATE_KEY_FILE", "key")];
    let output = command(directory.path(), &["check-config"], &variables).stdout(Stdio::piped()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |name: &str| text.lines().find(|l| l.starts_with(&format!("{name}="))).unwrap_or_default();
    assert!(
        line("NODE_NAME").contains("\"from file\"") && line("NODE_NAME").ends_with("# anylog_configs.env:1"),
        "{text}"
    );
    assert!(line("COMPANY_NAME").contains("=Mine") && line("COMPANY_NAME").ends_with("# environment"), "{text}");
    assert!(line("ANYLOG_REST_PORT").contains("=32049") && line("ANYLOG_REST_PORT").ends_with("# default"), "{text}");
    assert!(line("DB_PASSWD").contains("=********") && line("BLOCKCHAIN_PRIVATE_KEY").contains("=********"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn the_shipped_env_file_names_every_variable_an_operator_needs_and_is_right() {
    let root = env!("CARGO_MANIFEST_DIR");
    let file = fs::read_to_string(format!("{root}/anylog_configs.env")).unwrap();
    let parsed = anylog_master::config::EnvFile::parse("anylog_configs.env".into(), file.as_bytes());
    assert_eq!(parsed.wrong, []);
    let sources = anylog_master::config::Sources { file: Some(parsed), ..Default::default() };
    let config = anylog_master::config::Config::load(&sources).unwrap();
    assert_eq!(config.warnings(), [] as [&str; 0]);
    let docker: Vec<_> = config.notes().iter().filter(|note| note.contains("docker")).collect();
    assert!(docker.is_empty(), "Docker reads the shipped file as this node does: {docker:?}");
}

/// `UPDATE_DOCS=1 cargo test --test it configuration` writes the tables of the document anew.
#[test]
fn the_document_has_a_row_for_every_variable() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    let document = fs::read_to_string(path).unwrap();
    let wanted = with_tables(&document);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &wanted).unwrap();
        return;
    }
    let different = document.lines().zip(wanted.lines()).find(|(is, should)| is != should);
    assert!(document == wanted, "run with UPDATE_DOCS=1; first difference: {different:#?}");
}

/// Writes the rows of each table of the document, one table a group, and leaves the rest as it is.
fn with_tables(document: &str) -> String {
    let mut groups = Config::groups().into_iter();
    let mut out = String::new();
    let mut in_table = false;
    for line in document.lines() {
        if in_table && line.starts_with('|') {
            continue;
        }
        in_table = false;
        out.push_str(line);
        out.push('\n');
        if line == "| variable | default | meaning |" {
            in_table = true;
            out.push_str("|---|---|---|\n");
            out.extend(groups.next().expect("a table for each group").iter().map(row));
        }
    }
    assert!(groups.next().is_none(), "docs/configuration.md has fewer tables than there are groups");
    out
}

/// Writes the row of one variable.
fn row(variable: &Variable) -> String {
    let default = if variable.default.is_empty() { "not set".to_owned() } else { format!("`{}`", variable.default) };
    let mut meaning = variable.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    for alias in variable.aliases {
        meaning.push_str(&format!(" Older name: `{alias}`."));
    }
    format!("| `{}` | {default} | {meaning} |\n", variable.name)
}

#[test]
fn what_the_rooms_would_refuse_later_is_told_with_the_rest_before_anything_starts() {
    let directory = tempfile::tempdir().unwrap();
    for (file, parts) in [
        (
            "LOG_LEVEL=loud\nREST_TOKENS=abc\nBOOT_SCRIPT=no.al\n",
            ["3 mistakes", "LOG_LEVEL=\"loud\"", "BOOT_SCRIPT=\"no.al\""],
        ),
        (
            "REST_TLS_CERT=no.crt\nREST_TLS_KEY=no.key\nNODE_NAME=a\n",
            ["2 mistakes", "my.env:1 REST_TLS_CERT", "REST_TLS_KEY"],
        ),
        (
            "ALLOW_COMMANDS=sytem\nREST_CONNECTIONS=0\nREST_BODY_LIMIT=0\n",
            ["3 mistakes", "\"sytem\"", "REST_BODY_LIMIT"],
        ),
    ] {
        fs::write(directory.path().join("my.env"), file).unwrap();
        for verb in ["run", "check-config"] {
            let (code, text) = finish(directory.path(), &[verb, "--env-file", "my.env"], &[]);
            assert_eq!(code, Some(64), "{verb}: {text}");
            assert!(parts.iter().all(|part| text.contains(part)), "{verb}: {text}");
        }
    }
}

#[test]
fn what_is_wrong_is_told_with_its_file_and_a_reader_may_stop_reading() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("my.env"), "NODE_NAME=a\nCITY=x\nCITY=x\nNODE_NAME=b\n").unwrap();
    fs::write(directory.path().join("wrong.al"), "no such command\n").unwrap();
    let warning = "warning: my.env:1: NODE_NAME is written again in line 4, which counts\n";
    let found = "anylog-master: 1 finding in 1 script\n";
    let missing = "anylog-master: none.al: No such file or directory (os error 2)\n";
    for (arguments, said, code) in [
        (&["check-config", "--env-file", "my.env"][..], warning, 0),
        (&["check-script", "wrong.al"], found, 1),
        (&["check-script", "none.al"], missing, 64),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(directory.path(), arguments, &[]).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), said);
        assert_eq!(output.status.code(), Some(code));
    }
}

#[test]
fn the_exit_code_says_what_the_standard_error_cannot() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("twice.env"), "NODE_NAME=a\nNODE_NAME=b\n").unwrap();
    for (arguments, code) in [
        (&["run", "--env-file", "none.env"][..], 64),
        (&["check-config", "--env-file", "none.env"], 64),
        (&["check-config", "--env-file", "twice.env"], 0),
        (&["check-config", "--nonsense"], 64),
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (reader, unread) = std::io::pipe().unwrap();
        drop(reader);
        for stderr in [Stdio::from(full), Stdio::from(unread)] {
            let status = command(directory.path(), arguments, &[]).stderr(stderr).status().unwrap();
            assert_eq!(status.code(), Some(code), "{arguments:?}");
        }
    }
}

#[test]
fn a_container_is_not_unhealthy_while_the_start_waits_for_its_database() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (file, sign) in [("docker/Dockerfile", "--start-period="), ("docker-compose.yml", "start_period: ")] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let (_, behind) = text.split_once(sign).unwrap();
        let (seconds, _) = behind.split_once('s').unwrap();
        let seconds: u64 = seconds.parse().unwrap();
        assert!(seconds > Config::default().database.db_wait.as_secs(), "{file}");
    }
}
