//! Scripts of the field on a node that boots as their users boot it: `tests/vectors/field` holds them with made-up values.

use crate::program::Program;
use std::{
    fs,
    path::{Path, PathBuf},
};

const ERRORS: &str = "get error log where format = json";

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/field").join(name)
}

/// Starts the embedded node with a script of the operator.
fn start(directory: &Path, script: &str) -> Program {
    fs::write(directory.join("local_script.al"), script).unwrap();
    let scripts = directory.to_str().unwrap();
    Program::embedded(directory, &[("LOCAL_SCRIPTS", scripts), ("DEPLOY_LOCAL_SCRIPT", "true"), ("NODE_NAME", "m1")])
}

/// Two ways in which people load a namespace: blocks that are prepared, and whole policies one a line. Neither says which node the
/// master is, except by a variable.
#[test]
fn three_hundred_policies_of_a_namespace_are_loaded_by_their_scripts() {
    let directory = tempfile::tempdir().unwrap();
    let load = |name: &str| format!("process {}\n", vector(name).display());
    let scripts = load("uns-wits-94-policies.al") + &load("uns-enterprise-209-policies.al");
    let without = start(directory.path(), &format!("on error ignore\n{scripts}"));
    assert_eq!(without.get("blockchain get (wits, uns) bring.count"), "[]");
    let errors = without.get(ERRORS);
    assert!(errors.contains("master_node"), "the log names the variable that is not set: {errors}");
    drop(without);

    let node = start(directory.path(), &format!("master_node = !ledger_conn\n{scripts}"));
    assert_eq!(node.get("blockchain get wits bring.count"), "94");
    assert_eq!(node.get("blockchain get uns bring.count"), "209");
    assert_eq!(node.get("blockchain get wits where [namespace] startswith 'wits/record01' bring.count"), "93");
    let roots: Vec<serde_json::Value> =
        serde_json::from_str(&node.get("blockchain get root policies exclude cluster")).unwrap();
    assert_eq!((roots.len(), &roots[0]["uns"]["name"]), (1, &"Enterprise_C".into()), "its children name it by its id");
    assert_eq!(node.get(ERRORS), "[]");
    drop(node);

    // The scripts end at the first policy that is there; what goes on past it adds none and says so.
    let again = start(directory.path(), &format!("master_node = !ledger_conn\non error ignore\n{scripts}"));
    assert_eq!(again.get("blockchain get (wits, uns) bring.count"), "303");
    assert!(again.get(ERRORS).contains("is in the ledger already"), "{}", again.get(ERRORS));
}

#[test]
fn lines_of_the_documentation_do_what_they_say_or_are_told_the_right_form() {
    let directory = tempfile::tempdir().unwrap();
    let script = fs::read_to_string(vector("documented-commands-2026-08.al")).unwrap();
    let node = start(directory.path(), &format!("on error ignore\n{script}"));
    let boot = node.get("get boot where format = json");
    assert!(boot.contains("local_script.al\", \"outcome\": \"ok\""), "{boot}");
    assert_eq!(node.get("blockchain get * bring.count"), "1", "a drop that has a bring behind it drops nothing");
    let errors = node.get(ERRORS);
    for (line, told) in [
        ("blockchain sync", "'blockchain sync': write: run blockchain sync"),
        ("get streaming format = json", "'format' is not expected here"),
        ("test cluster setup", "run it on an operator or publisher node"),
        ("if !company_name includes anylog", "missing comparison operator"),
        ("run blockchain sync where source", "the synchroniser runs; use 'exit synchronizer' first"),
    ] {
        assert!(errors.contains(&format!(") {line}")) && errors.contains(told), "{line}: {errors}");
    }
}
