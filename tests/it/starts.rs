//! Starts over a database that is not what the node left: it comes up and waits for a decision, or ends with what to mend; and
//! the node's own policy when its name or its port changed.

use crate::{
    program::{Program, command, finish},
    support::{port::free, postgres::Postgres},
};
use rustix::process::Signal;
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::TempDir;

/// A node with its database, started again and again.
struct Place {
    directory: TempDir,
    server: Option<Postgres>,
    ports: [String; 2],
}

impl Place {
    fn sqlite() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            server: None,
            ports: [free(), free()].map(|port| port.to_string()),
        }
    }

    fn postgres() -> Self {
        Self { server: Some(Postgres::start()), ..Self::sqlite() }
    }

    fn variables(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut variables = vec![
            ("ANYLOG_PATH", self.directory.path().join("data").display().to_string()),
            ("ANYLOG_SERVER_PORT", self.ports[0].clone()),
            ("ANYLOG_REST_PORT", self.ports[1].clone()),
            ("INTERNAL_IP", "127.0.0.1".to_owned()),
            ("AUTH", "off".to_owned()),
            ("NODE_NAME", "m1".to_owned()),
            ("DB_WAIT", "60 seconds".to_owned()),
        ];
        if let Some(server) = &self.server {
            let (port, user) = (server.port.to_string(), "admin".to_owned());
            let login = [("DB_TYPE", "psql".to_owned()), ("DB_IP", "127.0.0.1".to_owned()), ("DB_PORT", port)];
            variables.extend(login);
            variables.extend([("DB_USER", user), ("DB_PASSWD", "elpw".to_owned())]);
        }
        for (name, value) in more {
            variables.retain(|(there, _)| there != name);
            variables.push((name, (*value).to_owned()));
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn start(&self, more: &[(&str, &str)]) -> Program {
        let variables = self.variables(more);
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Program::start(command(self.directory.path(), &["run"], &variables))
    }

    /// Runs a start that has to end by itself.
    fn fail(&self, more: &[(&str, &str)]) -> (Option<i32>, String) {
        let variables = self.variables(more);
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        finish(self.directory.path(), &["run"], &variables)
    }

    /// Starts once, publishes policies, and ends in order: the local copy has them, and the node's own.
    fn fill(&self) {
        let mut program = self.start(&[]);
        for name in ["d1", "d2", "d3"] {
            let (status, body) = program.ask("POST", &format!(r#"blockchain push {{"device": {{"name": "{name}"}}}}"#));
            assert_eq!(status, 200, "{body}");
        }
        end(&mut program);
        assert_eq!(fs::read_to_string(self.copy()).unwrap().lines().count(), 4);
    }

    /// Loses the database, as a lost volume does.
    fn lose(&self) {
        match &self.server {
            Some(server) => server.sql("postgres", "DROP DATABASE blockchain WITH (FORCE)"),
            None => fs::remove_dir_all(self.below("data/dbms")).unwrap(),
        }
    }

    fn sql(&self, statements: &str) {
        match &self.server {
            Some(server) => server.sql("blockchain", statements),
            None => {
                let path = self.below("data/dbms/blockchain.dbms").display().to_string();
                let statements = sqlx::AssertSqlSafe(statements.to_owned());
                tokio::runtime::Runtime::new().unwrap().block_on(async {
                    use sqlx::Connection;
                    let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{path}")).await.unwrap();
                    sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
                    connection.close().await.unwrap();
                });
            }
        }
    }

    fn below(&self, path: &str) -> std::path::PathBuf {
        self.directory.path().join("data/EdgeLake").join(path)
    }

    fn copy(&self) -> std::path::PathBuf {
        self.below("blockchain/blockchain.json")
    }
}

fn end(program: &mut Program) {
    program.signal(Signal::TERM);
    assert!(program.wait().0.success());
}

fn outcome(program: &Program, step: &str) -> String {
    let steps: Vec<Value> = serde_json::from_str(&program.get("get boot where format = json")).unwrap();
    let step = steps.iter().rev().find(|there| there["step"] == step).unwrap();
    step["outcome"].as_str().unwrap().to_owned()
}

/// Returns the policies of a type, each its name and its id.
fn names(program: &Program, kind: &str) -> Vec<(String, String)> {
    let policies: Vec<Value> =
        serde_json::from_str(&program.get(&format!("blockchain get {kind}"))).unwrap_or_default();
    let text = |policy: &Value, key: &str| policy[kind][key].as_str().unwrap().to_owned();
    policies.iter().map(|policy| (text(policy, "name"), text(policy, "id"))).collect()
}

fn devices(program: &Program) -> Vec<String> {
    names(program, "device").into_iter().map(|(name, _)| name).collect()
}

fn waits_for_a_decision_and_takes_either(place: &Place) {
    place.fill();
    let copy = fs::read(place.copy()).unwrap();
    place.lose();
    let mut program = place.start(&[]);
    assert!(outcome(&program, "database").contains("blockchain start from copy"));
    assert_eq!(outcome(&program, "policy"), "waits until it is decided what the ledger is");
    let ready = program.page("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("lacks 4 policies that the local copy has"), "{ready}");
    assert_eq!(devices(&program), ["d1", "d2", "d3"], "reads go on from the copy");
    let (status, body) = program.ask("POST", "run blockchain sync");
    assert!(status != 200, "{body}");
    end(&mut program);
    assert_eq!(fs::read(place.copy()).unwrap(), copy, "the copy is as it was");

    let mut program = place.start(&[]);
    let (status, body) = program.ask("POST", "blockchain start from copy");
    assert!(status == 200 && body.contains("Policies back in the ledger table: 4"), "{status} {body}");
    let (status, body) = program.ask("POST", "blockchain start from table");
    assert!(status == 400 && body.contains("\"err_code\": 175"), "{status} {body}");
    assert_eq!(program.event("the policy of this node, after the decision")["outcome"], "was there");
    assert!(!program.page("/readyz").contains("local copy has"));
    end(&mut program);

    place.lose();
    let mut program = place.start(&[]);
    let (status, body) = program.ask("POST", "blockchain start from table");
    assert!(status == 200 && body.contains(".kept"), "{status} {body}");
    assert_eq!(program.event("the policy of this node, after the decision")["outcome"], "done");
    assert_eq!((devices(&program).len(), names(&program, "master").len()), (0, 1));
    end(&mut program);
    let mut program = place.start(&[]);
    assert_eq!(outcome(&program, "database"), "done", "it was decided");
    assert_eq!(names(&program, "master").len(), 1);
    end(&mut program);
}

#[test]
fn a_lost_file_waits_for_a_decision() {
    waits_for_a_decision_and_takes_either(&Place::sqlite());
}

#[test]
fn a_lost_server_waits_for_a_decision() {
    waits_for_a_decision_and_takes_either(&Place::postgres());
}

#[test]
fn a_variable_decides_at_the_start() {
    for place in [Place::sqlite(), Place::postgres()] {
        place.fill();
        place.lose();
        let mut program = place.start(&[("START_FROM", "copy")]);
        assert!(outcome(&program, "database").contains("START_FROM=copy"));
        assert_eq!(outcome(&program, "policy"), "was there");
        assert_eq!((devices(&program).len(), names(&program, "master").len()), (3, 1));
        end(&mut program);
        place.lose();
        let mut program = place.start(&[("START_FROM", "table")]);
        assert_eq!((outcome(&program, "policy").as_str(), devices(&program).len()), ("done", 0));
        end(&mut program);
        // What stays set does nothing while nothing is lost.
        let mut program = place.start(&[("START_FROM", "copy")]);
        assert_eq!((outcome(&program, "policy").as_str(), devices(&program).len()), ("was there", 0));
        end(&mut program);
    }
}

/// A script finds the policy of its node in what the node shows, so the decision has to come before it looks.
#[test]
fn a_variable_decides_for_a_boot_script_as_soon_as_it_has_its_table() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let main = scripts.join("main.al");
    let script = [
        ("BOOT_SCRIPT", main.to_str().unwrap()),
        ("LOCAL_SCRIPTS", scripts.to_str().unwrap()),
        ("NODE_TYPE", "master"),
        ("COMPANY_NAME", "New Company"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&script[..], more].concat();
    for place in [Place::sqlite(), Place::postgres()] {
        fs::create_dir(place.directory.path().join("data")).unwrap();
        let mut program = place.start(&script);
        assert_eq!(program.ask("POST", r#"blockchain push {"device": {"name": "d1"}}"#).0, 200);
        end(&mut program);
        place.lose();
        let mut program = place.start(&with(&[("START_FROM", "copy")]));
        assert!(program.was_told("the ledger starts from what was decided"), "{:#?}", program.told);
        assert_eq!((devices(&program).len(), names(&program, "master").len()), (1, 1));
        assert!(!program.page("/readyz").contains("local copy has"));
        end(&mut program);
        place.lose();
        let mut program = place.start(&script);
        assert!(program.was_told("decide with 'blockchain start from copy'"), "{:#?}", program.told);
        assert_eq!((devices(&program).len(), names(&program, "master").len()), (1, 1), "reads go on from the copy");
        end(&mut program);
        let mut program = place.start(&with(&[("START_FROM", "table")]));
        assert_eq!((devices(&program).len(), names(&program, "master").len()), (0, 1), "the script published it anew");
        end(&mut program);
    }
}

#[test]
fn a_newer_or_foreign_schema_ends_the_start_in_one_sentence_at_once() {
    for place in [Place::sqlite(), Place::postgres()] {
        place.fill();
        place.sql("ALTER TABLE ledger RENAME TO ledger_before; CREATE TABLE ledger (id integer, amount integer)");
        let begun = std::time::Instant::now();
        let (code, text) = place.fail(&[]);
        assert!(
            code == Some(1) && text.contains("lacks the columns sequence_id") && text.contains("id, amount"),
            "{text}"
        );
        place.sql("DROP TABLE ledger; ALTER TABLE ledger_before RENAME TO ledger");
        place.sql("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', true, '', 0)");
        let (code, text) = place.fail(&[]);
        assert!(
            code == Some(1) && text.contains("a newer version of this program") && text.contains("step 9999"),
            "{text}"
        );
        assert!(begun.elapsed().as_secs() < 30, "it does not wait for what does not come");
        place.sql("DELETE FROM _sqlx_migrations WHERE version = 9999");
        let program = place.start(&[]);
        assert_eq!((devices(&program).len(), names(&program, "master").len()), (3, 1), "nothing was changed meanwhile");
    }
}

#[test]
fn a_system_that_sorts_otherwise_is_told_with_the_statements_that_help() {
    let place = Place::postgres();
    let server = place.server.as_ref().unwrap();
    server.sql("postgres", "CREATE DATABASE blockchain TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'");
    let mut program = place.start(&[]);
    assert!(!program.was_told("sorts texts otherwise"), "{:#?}", program.told);
    end(&mut program);
    server.sql("postgres", "UPDATE pg_database SET datcollversion = '1' WHERE datname = 'blockchain'");
    let mut program = place.start(&[]);
    assert!(program.was_told("sorts texts otherwise than when the indexes"), "{:#?}", program.told);
    let statements = ["REINDEX DATABASE \"blockchain\"", "ALTER DATABASE \"blockchain\" REFRESH COLLATION VERSION"];
    assert!(statements.iter().all(|statement| program.was_told(statement)), "{:#?}", program.told);
    end(&mut program);
    statements.iter().for_each(|statement| server.sql("blockchain", statement));
    let mut program = place.start(&[]);
    assert!(!program.was_told("sorts texts otherwise"), "{:#?}", program.told);
    end(&mut program);
}

#[test]
fn a_start_waits_for_a_connection_while_others_have_them_all() {
    let place = Place::postgres();
    let server = place.server.as_ref().unwrap();
    server.sql("postgres", "CREATE ROLE someone LOGIN CREATEDB PASSWORD 'pw' CONNECTION LIMIT 0");
    let program = std::thread::scope(|scope| {
        let start = scope.spawn(|| place.start(&[("DB_USER", "someone"), ("DB_PASSWD", "pw")]));
        let begun = std::time::Instant::now();
        while !server.log().contains("too many connections for role") {
            assert!(begun.elapsed() < crate::program::PATIENCE, "nobody came: {}", server.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        server.sql("postgres", "ALTER ROLE someone CONNECTION LIMIT -1");
        start.join().unwrap()
    });
    assert!(program.was_told("no connection to spare"), "{:#?}", program.told);
    assert_eq!(names(&program, "master").len(), 1);
}

#[test]
fn a_new_name_or_port_replaces_the_policy_that_the_node_had() {
    for place in [Place::sqlite(), Place::postgres()] {
        let mut program = place.start(&[]);
        let first = names(&program, "master");
        end(&mut program);
        let mut program = place.start(&[("NODE_NAME", "m2")]);
        assert_eq!(outcome(&program, "policy"), "replaced: the name or the port changed");
        assert_eq!(names(&program, "master"), [("m2".to_owned(), first[0].1.clone())]);
        end(&mut program);
        let (tcp, rest) = (free().to_string(), free().to_string());
        let moved = [
            ("NODE_NAME", "m3"),
            ("COMPANY_NAME", "Other"),
            ("ANYLOG_SERVER_PORT", &*tcp),
            ("ANYLOG_REST_PORT", &*rest),
        ];
        let mut program = place.start(&moved);
        assert_eq!(names(&program, "master"), [("m3".to_owned(), first[0].1.clone())], "{}", program.get("get boot"));
        end(&mut program);
        // Without what it remembers the node still knows a policy that leads to its own server.
        fs::remove_file(place.below("blockchain/blockchain.own")).unwrap();
        let moved = [("NODE_NAME", "m4"), ("ANYLOG_SERVER_PORT", &*tcp), ("ANYLOG_REST_PORT", &*rest)];
        let mut program = place.start(&moved);
        assert_eq!(names(&program, "master"), [("m4".to_owned(), first[0].1.clone())]);
        end(&mut program);
    }
}

#[test]
fn a_policy_of_the_node_that_is_there_twice_is_there_once_after_the_start() {
    for place in [Place::sqlite(), Place::postgres()] {
        let mut program = place.start(&[]);
        let first = names(&program, "master");
        end(&mut program);
        place.sql(&format!(
            "INSERT INTO ledger (policy_type, policy_id, date, host, policy) SELECT policy_type, 'twin', date, host, \
             replace(policy, '{}', 'twin') FROM ledger WHERE policy_type = 'master'",
            first[0].1
        ));
        let mut program = place.start(&[]);
        assert_eq!(outcome(&program, "policy"), "was there; older ones of this node are removed");
        assert_eq!(names(&program, "master").len(), 1);
        end(&mut program);
    }
}

/// The directory of a node is copied for a second one, which has other ports and another name.
#[test]
fn a_copy_of_a_running_node_takes_nothing_from_it() {
    let (place, second) = (Place::postgres(), Place::sqlite());
    let first = place.start(&[]);
    let own = names(&first, "master");
    copy_tree(&place.directory.path().join("data"), &second.directory.path().join("data"));
    let port = place.server.as_ref().unwrap().port.to_string();
    let login =
        [("DB_TYPE", "psql"), ("DB_IP", "127.0.0.1"), ("DB_PORT", &*port), ("DB_USER", "admin"), ("DB_PASSWD", "elpw")];
    let variables: Vec<_> = login.into_iter().chain([("NODE_NAME", "m2")]).collect();
    let other = second.start(&variables);
    let mut there = names(&other, "master");
    there.sort();
    assert_eq!((there.len(), &there[0], there[1].0.as_str()), (2, &own[0], "m2"));
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}
