//! The rules on a small network.

use super::*;
use serde_json::{Value, json};

fn policy(value: Value) -> Policy {
    Policy::from_value(value).unwrap()
}

fn network() -> Vec<Policy> {
    vec![
        policy(json!({"cluster": {"company": "C", "name": "c1", "id": "cl-1", "status": "active"}})),
        policy(
            json!({"operator": {"name": "op1", "company": "C", "ip": "10.0.0.1", "port": 32148, "cluster": "cl-1", "id": "op-1", "member": 7}}),
        ),
        policy(json!({"table": {"name": "t1", "dbms": "db1", "create": "x", "id": "tb-1"}})),
        policy(json!({"member": {"type": "root", "public_key": "PK", "id": "mb-1"}})),
        policy(json!({"uns": {"name": "ent", "namespace": "ent", "id": "un-1"}})),
    ]
}

fn operator(changes: &[(&str, Value)]) -> Policy {
    let mut new = policy(
        json!({"operator": {"name": "op2", "company": "C", "ip": "10.0.0.2", "port": 32148, "cluster": "cl-1"}}),
    );
    for (key, value) in changes {
        match value {
            Value::Null => drop(new.remove(key)),
            value => new.set(key, value.clone()),
        }
    }
    new
}

fn refusal(mut new: Policy) -> Error {
    check(&mut new, &network(), || 0).expect_err("the policy breaks a rule")
}

#[test]
fn an_operator_gets_a_free_member_number() {
    for random in [0, 5, 6, 253, 254, u32::MAX] {
        let mut new = operator(&[]);
        check(&mut new, &network(), || random).unwrap();
        let member = new.get("member").and_then(Value::as_u64).unwrap();
        assert!((1..=255).contains(&member) && member != 7, "{member}");
    }
}

#[test]
fn the_case_of_a_cluster_makes_no_other_cluster() {
    let there = [("cluster", json!("CL-1"))];
    for random in 0..254 {
        let mut new = operator(&there);
        check(&mut new, &network(), || random).unwrap();
        assert_ne!(new.get("member"), Some(&json!(7)), "the number is taken");
    }
    let taken = operator(&[("cluster", json!("CL-1")), ("member", json!(7)), ("id", json!("op-2"))]);
    assert!(matches!(refusal(taken.clone()), Error::NotUnique(reason) if reason.contains("op-1")));
    assert!(matches!(admissible(&taken, &network()), Err(Error::NotUnique(reason)) if reason.contains("op-1")));
}

#[test]
fn a_given_member_number_is_any_integer() {
    for number in [0, -3, 255, 4096] {
        let mut new = operator(&[("member", json!(number)), ("id", json!("op-2"))]);
        assert_eq!(check(&mut new, &network(), || 0), Ok(()), "{number}");
        assert_eq!(admissible(&new, &network()), Ok(()), "{number}");
        assert_eq!(new.get("member"), Some(&json!(number)));
    }
}

#[test]
fn operators_are_refused_in_the_order_of_their_rules() {
    assert!(matches!(refusal(operator(&[("cluster", Value::Null)])), Error::Attribute(_)));
    assert!(
        matches!(refusal(operator(&[("ip", json!("10.0.0.1"))])), Error::AddressTaken(reason) if reason.contains("op-1"))
    );
    assert!(matches!(refusal(operator(&[("name", json!("OP1"))])), Error::NotUnique(_)));
    assert!(matches!(refusal(operator(&[("member", json!(7))])), Error::NotUnique(_)));
    assert!(matches!(refusal(operator(&[("port", json!("1"))])), Error::Attribute(_)));
    assert!(matches!(refusal(operator(&[("ip", Value::Null)])), Error::Attribute(_)));
    assert!(matches!(refusal(operator(&[("cluster", json!("zz"))])), Error::NoCluster(_)));
}

#[test]
fn clusters_get_their_status_and_know_their_parent() {
    let mut new = policy(json!({"cluster": {"company": "C", "name": "c9", "table": [{"name": "t", "dbms": "d"}]}}));
    check(&mut new, &network(), || 0).unwrap();
    assert_eq!(new.get("status"), Some(&json!("active")));
    assert_eq!(new.get("table"), Some(&json!([{"name": "t", "dbms": "d", "status": "active"}])));
    let child = |name: &str, parent: &str, company: &str| {
        policy(json!({"cluster": {"parent": parent, "name": name, "company": company}}))
    };
    assert!(check(&mut child("c1", "cl-1", "C"), &network(), || 0).is_ok());
    assert!(matches!(refusal(child("cX", "cl-1", "C")), Error::Structure(_)));
    assert!(matches!(refusal(child("c1", "nope", "C")), Error::Parent(_)));
    assert!(matches!(refusal(child("c1", "cl-1", "Z")), Error::Parent(_)));
    let twice = json!([{"name": "t", "dbms": "d"}, {"name": "t", "dbms": "d"}]);
    assert!(matches!(
        refusal(policy(json!({"cluster": {"company": "C", "name": "c9", "table": twice}}))),
        Error::Structure(_)
    ));
}

#[test]
fn tables_clash_on_the_keys_that_they_have() {
    assert!(matches!(refusal(policy(json!({"table": {"name": "t1", "dbms": "DB1"}}))), Error::NotUnique(_)));
    assert!(matches!(refusal(policy(json!({"table": {"dbms": "db1"}}))), Error::NotUnique(_)));
    assert!(matches!(refusal(policy(json!({"table": {"x": 1}}))), Error::KeyMissing(_)));
    assert!(check(&mut policy(json!({"table": {"name": "t1", "dbms": "db2"}})), &network(), || 0).is_ok());
}

#[test]
fn other_types_have_rules_of_their_own() {
    assert!(matches!(refusal(policy(json!({"member": {"type": "root", "public_key": "PK2"}}))), Error::NotUnique(_)));
    assert!(matches!(
        refusal(policy(json!({"tag": {"dbms": "d", "table": "t", "ns": 2}}))),
        Error::AttributeMissing(_)
    ));
    assert!(matches!(
        refusal(policy(json!({"uns": {"name": "s", "namespace": "s", "parent": "zz"}}))),
        Error::NoCluster(_)
    ));
    assert!(matches!(refusal(policy(json!({"uns": {"name": "s", "namespace": "ENT"}}))), Error::NotUnique(_)));
    let mapping = json!({"mapping": {"dbms": "d", "table": "t", "schema": {"v": {"type": "int", "default": "x"}}}});
    assert!(matches!(refusal(policy(mapping)), Error::Structure(_)));
    let import = json!({"mapping": {"dbms": "d", "table": "t", "schema": {}, "import": {"a": "zz"}}});
    assert!(matches!(refusal(policy(import)), Error::PolicyMissing(_)));
}

#[test]
fn empty_values_are_not_looked_for() {
    for policy in [
        operator(&[("ip", json!("")), ("id", json!("op-2"))]),
        operator(&[("cluster", json!(""))]),
        policy(json!({"cluster": {"company": "New Company", "name": ""}})),
        policy(json!({"table": {"name": "", "dbms": "db1", "create": "x"}})),
        policy(json!({"uns": {"name": "s", "namespace": ""}})),
    ] {
        assert!(matches!(refusal(policy), Error::Empty(_)));
    }
    let nameless = operator(&[("name", Value::Null), ("ip", json!("10.0.0.9"))]);
    assert!(matches!(refusal(nameless), Error::NotUnique(_)));
}

#[test]
fn policies_that_the_network_knows_already_skip_the_rules_of_their_type() {
    let mut known = operator(&[("cluster", Value::Null), ("ledger", json!("global"))]);
    assert!(check(&mut known, &network(), || 0).is_ok());
    assert!(matches!(admissible(&known, &network()), Err(Error::Attribute(_))));
}

#[test]
fn a_pushed_policy_may_not_break_the_ledger_of_others() {
    let known = network();
    let fine = operator(&[("member", json!(8)), ("id", json!("op-2"))]);
    assert_eq!(admissible(&fine, &known), Ok(()));
    assert!(admissible(&operator(&[("id", json!("op-2"))]), &known).is_err());
    assert!(admissible(&operator(&[("member", json!(7)), ("id", json!("op-2"))]), &known).is_err());
    let again = operator(&[("member", json!(7)), ("id", json!("op-1")), ("name", json!("op1"))]);
    assert_eq!(admissible(&again, &known), Ok(()));
    let clash = admissible(&operator(&[("member", json!(7)), ("id", json!("op-2"))]), &known).unwrap_err();
    assert!(clash.to_string().contains("draws another number"), "{clash}");
    for (key, value) in [
        ("member", json!("8")),
        ("member", json!(true)),
        ("member", json!(8.5)),
        ("cluster", json!(5)),
        ("main", json!("true")),
    ] {
        let wrong = operator(&[("member", json!(8)), ("id", json!("op-2")), (key, value)]);
        assert!(matches!(admissible(&wrong, &known), Err(Error::Structure(reason)) if reason.contains(key)), "{key}");
    }
    let main = operator(&[("member", json!(8)), ("id", json!("op-2")), ("main", json!(true))]);
    assert_eq!(admissible(&main, &known), Ok(()));
    let table = policy(json!({"table": {"name": "t1", "dbms": "db1", "create": "y", "id": "tb-9"}}));
    assert!(matches!(admissible(&table, &known), Err(Error::NotUnique(reason)) if reason.contains("tb-1")));
}

#[test]
fn a_whole_ledger_is_tested_in_one_pass() {
    let mut structure = Structure::default();
    for known in network() {
        structure.add(&known).unwrap();
    }
    assert!(structure.add(&operator(&[("member", json!(7)), ("id", json!("op-2"))])).is_err());
    assert!(structure.add(&policy(json!({"table": {"name": "t2", "dbms": "db1"}}))).is_err());
    assert!(structure.add(&policy(json!({"master": {"name": "m"}}))).is_ok());
}
