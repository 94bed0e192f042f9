//! `anylog-master process main.al`: a tree of deployment scripts, ours always, the public one where it is at hand.

use crate::{
    program::{PATIENCE, Program, command, finish},
    support::{port::free, postgres::Postgres},
};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// Time that the public scripts wait themselves, and the second that everything else may take on a busy machine.
const PUBLIC_BOOT: Duration = Duration::from_secs(5 + 10);

/// Returns a port that is free now.
fn port() -> String {
    free().to_string()
}

/// Returns the variables of a PostgreSQL database on a port of this machine.
fn psql(port: &str) -> [(&str, &str); 5] {
    [("DB_TYPE", "psql"), ("DB_USER", "admin"), ("DB_PASSWD", "elpw"), ("DB_IP", "127.0.0.1"), ("DB_PORT", port)]
}

/// Returns the variables of a deployment, the given ones last.
fn variables<'a>(
    home: &'a Path,
    scripts: &'a Path,
    ports: &'a [String; 2],
    more: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let (home, scripts) = (home.to_str().unwrap(), scripts.to_str().unwrap());
    let all = [
        ("ANYLOG_PATH", home),
        ("EDGELAKE_HOME", home),
        ("LOCAL_SCRIPTS", scripts),
        ("NODE_TYPE", "master"),
        ("NODE_NAME", "anylog-master"),
        ("COMPANY_NAME", "New Company"),
        ("DB_TYPE", "sqlite"),
        ("LOCATION", "0,0"),
        ("COUNTRY", "US"),
        ("STATE", "CA"),
        ("CITY", "San Mateo"),
        ("AUTH", "off"),
        ("ANYLOG_SERVER_PORT", &ports[0]),
        ("ANYLOG_REST_PORT", &ports[1]),
    ];
    all.into_iter().chain(more.iter().copied()).collect()
}

/// Starts the scripts of a directory with its own home; returns the node and the time it took.
fn start(home: &Path, main: &Path, scripts: &Path, more: &[(&str, &str)]) -> (Program, Duration) {
    let ports = [port(), port()];
    let started = Instant::now();
    let words = ["process", main.to_str().unwrap()];
    let program = Program::start(command(home, &words, &variables(home, scripts, &ports, more)));
    (program, started.elapsed())
}

/// Returns the policies of the node once there are as many as expected.
fn policies(program: &Program, count: usize) -> Vec<Value> {
    let started = Instant::now();
    loop {
        let list: Vec<Value> = serde_json::from_str(&program.get("blockchain get *")).unwrap();
        if list.len() == count || started.elapsed() > PATIENCE {
            assert_eq!(list.len(), count, "{list:?}");
            return list;
        }
        std::thread::yield_now();
    }
}

fn kinds(policies: &[Value]) -> Vec<&str> {
    policies.iter().filter_map(|policy| policy.as_object()?.keys().next().map(String::as_str)).collect()
}

fn runs(program: &Program) {
    let processes = program.get("get processes");
    for name in ["TCP ", "REST ", "Blockchain Sync", "Scheduler"] {
        let row = processes.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
        assert!(row.contains("Running"), "{name}\n{processes}");
    }
}

#[test]
fn a_tree_of_scripts_boots_a_master_and_a_restart_changes_nothing() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let main = scripts.join("main.al");
    let network: [&[(&str, &str)]; 3] = [
        &[],
        &[("OVERLAY_IP", "127.0.0.1"), ("TCP_BIND", "true")],
        &[("OVERLAY_IP", "127.0.0.1"), ("TCP_BIND", "false")],
    ];
    let database = Postgres::start();
    let port = database.port.to_string();
    let psql = psql(&port);
    let with_psql: Vec<_> = psql.into_iter().chain(network[1].iter().copied()).collect();
    for variables in network.into_iter().chain([&*with_psql]) {
        let home = tempfile::tempdir().unwrap();
        let (first, _) = start(home.path(), &main, &scripts, variables);
        let published = policies(&first, 2);
        assert_eq!(kinds(&published), ["config", "master"]);
        assert_eq!(published[0]["config"]["version"], "1.0.0 (tests)\r\n");
        runs(&first);
        drop(first);

        let (again, _) = start(home.path(), &main, &scripts, variables);
        let ids =
            |list: &[Value], kind: &str| list.iter().find_map(|policy| policy[kind]["id"].as_str().map(str::to_owned));
        let now = policies(&again, 2);
        assert_eq!(ids(&now, "config"), ids(&published, "config"));
        assert_eq!(ids(&now, "master"), ids(&published, "master"));
        runs(&again);
    }
}

#[test]
fn the_public_deployment_scripts_boot_unmodified() {
    let Some(tree) = std::env::var_os("DEPLOYMENT_SCRIPTS") else {
        crate::support::skipped("DEPLOYMENT_SCRIPTS does not name a copy of the public deployment scripts");
        return;
    };
    let scripts = Path::new(&tree);
    let main = scripts.join("node-deployment/main.al");
    let recorded: Value = serde_json::from_str(include_str!("../vectors/commands/boot.json")).unwrap();
    for case in recorded["cases"].as_array().unwrap() {
        let (id, env) = (case["id"].as_str().unwrap(), &case["env"]);
        let Some(wanted) = case["policies"].as_array().filter(|_| env["DB_TYPE"] == "sqlite") else { continue };
        let chosen = ["OVERLAY_IP", "TCP_BIND", "REST_BIND", "IS_HIDDEN", "CONFIG_NAME", "TCP_THREADS", "REST_THREADS"];
        let variables: Vec<(&str, &str)> =
            chosen.into_iter().filter_map(|name| Some((name, env.get(name)?.as_str()?))).collect();
        if env.get("ANYLOG_BROKER_PORT").is_some() {
            continue;
        }
        let home = tempfile::tempdir().unwrap();
        let (node, time) = start(home.path(), &main, scripts, &variables);
        assert!(time < PUBLIC_BOOT, "{id} took {time:?}");
        let published = policies(&node, wanted.len());
        assert_eq!(kinds(&published), kinds(wanted), "{id}");
        assert_eq!(published[0]["config"]["id"], wanted[0]["config"]["id"], "{id}");
        assert_eq!(published[0]["config"]["script"], wanted[0]["config"]["script"], "{id}");
        runs(&node);
    }
}

/// Starts the scripts where something is wrong, nobody can type, and returns how that ended.
fn refused(words: &[&str], scripts: &Path, more: &[(&str, &str)]) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let ports = [port(), port()];
    finish(home.path(), words, &variables(home.path(), scripts, &ports, more))
}

#[test]
fn a_deployment_that_cannot_work_says_so_and_ends() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let main = scripts.join("main.al");
    let words = ["process", main.to_str().unwrap()];
    let nowhere = Path::new("/nonexistent/scripts");
    for (case, scripts, more, told) in [
        ("no type of node", &*scripts, ("NODE_TYPE", ""), "neither"),
        ("an unknown type of node", &*scripts, ("NODE_TYPE", "mastr"), "NODE_TYPE"),
        ("a type that is no master", &*scripts, ("NODE_TYPE", "operator"), "NODE_TYPE"),
        ("no scripts", nowhere, ("NODE_TYPE", "master"), "LOCAL_SCRIPTS"),
        ("scripts one level too high", scripts.parent().unwrap(), ("NODE_TYPE", "master"), "params.al"),
    ] {
        let (code, log) = refused(&words, scripts, &[more]);
        assert!(matches!(code, Some(1 | 64)), "{case}: {code:?}: {log}");
        assert!(log.contains(told) || log.contains("nobody can type"), "{case}: {log}");
    }
}

#[test]
fn scripts_named_one_level_too_deep_are_told_where_they_are() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let tree = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&own).unwrap().flatten() {
        fs::copy(entry.path(), tree.path().join(entry.file_name())).unwrap();
    }
    let deep = tree.path().join("node-deployment");
    fs::create_dir(&deep).unwrap();
    let main = own.join("main.al");
    let public = std::env::var_os("DEPLOYMENT_SCRIPTS").map(|tree| Path::new(&tree).join("node-deployment"));
    let public = public.map(|deep| (deep.join("main.al"), deep, "set_params.al"));
    for (main, deep, there) in [(main, deep, "params.al")].into_iter().chain(public) {
        let (code, log) = refused(&["process", main.to_str().unwrap()], &deep, &[]);
        assert!(matches!(code, Some(1 | 64)), "{code:?}: {log}");
        let told = log.lines().find(|line| line.contains("is LOCAL_SCRIPTS one directory too deep?")).unwrap_or(&log);
        assert!(told.contains(&format!("/{there} is there")), "{told}");
    }
}

#[test]
fn a_database_that_is_down_ends_a_boot_with_try_again() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let main = scripts.join("main.al");
    let main = main.to_str().unwrap();
    let closed = port();
    let psql = psql(&closed);
    let (code, log) = refused(&["process", main], &scripts, &psql);
    assert_eq!(code, Some(75), "{log}");
    assert!(log.contains("the ledger is not loaded") && !log.contains("elpw"), "{log}");
    let by_variable: Vec<_> = psql.into_iter().chain([("BOOT_SCRIPT", main)]).collect();
    let (code, log) = refused(&["run"], &scripts, &by_variable);
    assert_eq!(code, Some(75), "{log}");
    assert!(log.contains("the script connected no ledger") && !log.contains("elpw"), "{log}");
}

#[test]
fn a_node_that_somebody_can_type_at_stays_and_tells_in_readyz() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let (home, ports, closed) = (tempfile::tempdir().unwrap(), [port(), port()], port());
    let main = scripts.join("main.al");
    let psql = psql(&closed);
    let variables = variables(home.path(), &scripts, &ports, &psql);
    let mut start = command(home.path(), &["process", main.to_str().unwrap()], &variables);
    start.stdin(std::process::Stdio::piped());
    let node = Program::start_unready(start);
    let answer = node.page("/readyz");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("the ledger is not loaded"), "{answer}");
    assert!(answer.contains("connect dbms blockchain") && !answer.contains("elpw"), "{answer}");
}

#[test]
fn a_configuration_policy_that_was_not_applied_to_its_end_leaves_a_node_that_is_not_ready() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let (tree, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for entry in fs::read_dir(&own).unwrap().flatten() {
        fs::copy(entry.path(), tree.path().join(entry.file_name())).unwrap();
    }
    // The ledger is there, the policy of the node never comes.
    fs::write(tree.path().join("node_policy.al"), "blockchain insert where policy = !nothing and local = true\n")
        .unwrap();
    let ports = [port(), port()];
    let main = tree.path().join("main.al");
    let variables = variables(home.path(), tree.path(), &ports, &[]);
    let node = Program::start_unready(command(home.path(), &["process", main.to_str().unwrap()], &variables));
    let answer = node.page("/readyz");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("the boot has not finished"), "{answer}");
    assert!(answer.contains("the configuration policy master-configs"), "{answer}");
}

#[test]
fn scripts_that_want_names_get_one_or_the_address_and_a_ledger_conn_that_leads_somewhere() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let home = tempfile::tempdir().unwrap();
    let main = scripts.join("main.al");
    // An address of documents: it has no name.
    let names = [("ENABLE_DNS", "true"), ("EXTERNAL_IP", "192.0.2.9")];
    let (node, _) = start(home.path(), &main, &scripts, &names);
    assert_eq!(node.get("get !external_dns"), "192.0.2.9");
}
