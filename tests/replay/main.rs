//! Replays recorded commands against the built program.
//!
//! Each file of `tests/vectors/commands` runs in namespaces of its own (mounts, host name, network), where the home is
//! `/app`, the host `node1` and the address 192.0.2.10, as recorded. That needs root; without it the
//! tests are skipped. `REPLAY_ONLY=sched-0` runs the cases whose id begins so.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that meets the unexpected fails"
)]

mod boot;
mod case;
mod exceptions;
mod masks;
mod node;
mod postgres;
mod seeds;
#[path = "../support/skipped.rs"]
mod skipped;

use node::Node;
use serde_json::Value;
use skipped::{IN_THE_NAME_OF, skipped};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Names the file for the run inside the namespace.
const INSIDE: &str = "REPLAY_FILE";

/// Makes the home, the host name and the address of the recordings, then becomes the given command.
const SETUP: &str = r#"mount --make-rprivate / 2>/dev/null
mount --bind "$0" /app && hostname node1 && ip link set lo up && ip addr add 192.0.2.10/32 dev lo || exit 9
ip route add 8.8.8.8/32 dev lo src 192.0.2.10; exec "$@""#;

/// A file that was recorded on a node that had just run another file's cases.
const AFTER: [(&str, &str); 1] = [("servers", "sched")];

macro_rules! replay {
    ($($group:ident)*) => { $( #[test] fn $group() { outside(stringify!($group)); } )* };
}

replay! {
    assign bring cli config control dbms expressions get help json ledger policy refs rest sched seed servers set
    setpolicy tokens
}

#[test]
fn conditions() {
    outside("if");
}

#[test]
fn seed_using_a_master_node() {
    outside("seed-document-1");
}

#[test]
fn seed_master_node() {
    outside("seed-document-2");
}

#[test]
fn seed_deployment_process() {
    outside("seed-document-3");
}

/// `DEPLOYMENT_SCRIPTS` names a copy of the public deployment scripts; without one the test is skipped.
#[test]
fn boots_with_the_public_deployment_scripts() {
    match boot::scripts() {
        Some(_) => outside("boot"),
        None => skipped("DEPLOYMENT_SCRIPTS does not name a copy of the public deployment scripts"),
    }
}

/// Runs a group in namespaces of its own.
fn outside(group: &str) {
    let home = tempfile::tempdir().expect("a scratch directory");
    if let Err(why) = isolated(home.path(), &["true"], group) {
        skipped(format_args!("needs root and namespaces of its own ({why}); run as root or in CI"));
        return;
    }
    let program = std::env::current_exe().unwrap();
    let program = program.to_str().unwrap();
    let result = isolated(home.path(), &[program, "--exact", "inside", "--nocapture"], group);
    result.unwrap_or_else(|why| panic!("{group}: {why}"));
}

fn isolated(home: &Path, command: &[&str], group: &str) -> Result<(), String> {
    fs::create_dir_all(node::HOME).map_err(|e| format!("cannot make {}: {e}", node::HOME))?;
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "-u", "-n", "--fork", "--kill-child", "bash", "-c", SETUP]).arg(home).args(command);
    unshare.env(INSIDE, group).env(IN_THE_NAME_OF, std::thread::current().name().unwrap_or_default());
    let output = unshare.output().map_err(|e| format!("cannot run unshare: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Err(format!("{}\n{}", text(&output.stdout), text(&output.stderr)))
}

/// Does nothing unless another test runs it inside the namespaces that it made.
#[test]
fn inside() {
    let Ok(group) = std::env::var(INSIDE) else { return };
    if let Some(number) = group.strip_prefix("seed-document-") {
        return seeds::run(number);
    }
    if group == "boot" {
        return boot::run();
    }
    let database = (group == "dbms").then(postgres::start);
    if let Some(Err(why)) = &database {
        skipped(why);
        return;
    }
    let failures = replay(&group);
    drop(database);
    assert!(failures.is_empty(), "{} cases differ\n{}", failures.len(), failures.join("\n"));
}

fn document(group: &str) -> Value {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/commands");
    let text = fs::read_to_string(root.join(format!("{group}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Runs all cases of a group in order and returns those that must not differ but do.
fn replay(group: &str) -> Vec<String> {
    let document = document(group);
    let mut node = Node::start(&document);
    let mut base = node.dictionary().unwrap_or_default();
    for (_, earlier) in AFTER.iter().filter(|(of, _)| *of == group) {
        for case in self::document(earlier)["cases"].as_array().into_iter().flatten() {
            let mut given = case.clone();
            given["given"] = true.into();
            case::run(&mut node, &given, &base);
        }
    }
    let only = std::env::var("REPLAY_ONLY").unwrap_or_default();
    let in_order = document["sequence"] == true;
    let mut failures = Vec::new();
    for case in document["cases"].as_array().into_iter().flatten() {
        let id = case["id"].as_str().unwrap_or_default();
        if !in_order && !id.starts_with(&only) {
            continue;
        }
        let outcome = case::run(&mut node, case, &base);
        if id.starts_with(&only) && counts(case) && !outcome.differences.is_empty() {
            failures.push(format!("{id} {}: {}", case["command"], outcome.differences.join("; ")));
        }
        if !outcome.usable {
            node.stop();
            node = Node::start(&document);
            base = node.dictionary().unwrap_or_default();
        }
    }
    node.stop();
    failures
}

/// Tells whether a difference fails the test: MUST and SHOULD, unless a better answer is allowed.
fn counts(case: &Value) -> bool {
    let id = case["id"].as_str().unwrap_or_default();
    let binding = case["level"] == "MUST" || case["level"] == "SHOULD";
    let free = case["expect"] == "free" || case["expect"] == "unsafe" || case["given"] == true;
    binding && !free && exceptions::reason(id).is_none()
}
