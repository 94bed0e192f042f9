//! `anylog-master process main.al`: a tree of deployment scripts, ours always, the public one where it is at hand.

use crate::{
    postgres::port::free,
    program::{PATIENCE, Program, command},
};
use serde_json::Value;
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Time that the public scripts wait themselves, and the second that everything else may take on a busy machine.
const PUBLIC_BOOT: Duration = Duration::from_secs(5 + 10);

/// Starts the scripts of a directory with its own home; returns the node and the time it took.
fn start(home: &Path, main: &Path, scripts: &Path, variables: &[(&str, &str)]) -> (Program, Duration) {
    let (tcp, rest) = (free().to_string(), free().to_string());
    let (home, scripts, main) = (home.to_str().unwrap(), scripts.to_str().unwrap(), main.to_str().unwrap());
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
        ("ANYLOG_SERVER_PORT", &*tcp),
        ("ANYLOG_REST_PORT", &*rest),
    ];
    let variables: Vec<_> = all.into_iter().chain(variables.iter().copied()).collect();
    let started = Instant::now();
    let program = Program::start(command(Path::new(home), &["process", main], &variables));
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
    for variables in network {
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
        eprintln!("skipped: DEPLOYMENT_SCRIPTS does not name a copy of the public deployment scripts");
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
