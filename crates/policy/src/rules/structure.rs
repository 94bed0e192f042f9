//! What every policy of a ledger fulfils: without it members refuse the whole ledger (reference/ledger 3.6).

use super::{operator, schema::missing, unique};
use crate::{Error, Known, Policy, Without, matching::comparable_text};
use serde_json::Value;
use std::collections::HashMap;

/// Tests policies one after the other, as a member does with the ledger that it receives.
#[derive(Debug, Default)]
pub struct Structure {
    /// Values that are taken, with the id of their policy.
    taken: HashMap<String, String>,
}

impl Structure {
    /// Tests the next policy against itself and the ones before it.
    ///
    /// # Errors
    /// What is missing, wrong, or taken by which policy.
    pub fn add(&mut self, policy: &Policy) -> Result<(), Error> {
        attributes(policy)?;
        for keys in pairs(policy.kind()) {
            let values: Vec<String> = keys
                .iter()
                .map(|key| policy.get(key).map(comparable_text).unwrap_or_default().to_lowercase())
                .collect();
            let place = format!("{}.{}.{}", policy.kind(), keys.join("."), values.join("\n"));
            let id = policy.id().unwrap_or_default();
            if let Some(other) = self.taken.insert(place, id) {
                let values = values.join(".");
                return Err(Error::NotUnique(format!(
                    "policy '{}' {values} is there twice, also with id {other}",
                    policy.kind()
                )));
            }
        }
        Ok(())
    }
}

/// Tests one policy against a ledger that other nodes read; the policy with the same id does not count.
///
/// # Errors
/// What is missing, wrong, or taken by which policy.
pub fn admissible(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    attributes(policy)?;
    let id = policy.id().unwrap_or_default();
    let others = Without::new(known, &id);
    match policy.kind() {
        "table" => unique::together(policy, &others, &["dbms", "name"]),
        "operator" => {
            unique::together(policy, &others, &["company", "name"])?;
            let cluster = policy.get("cluster").map(comparable_text).unwrap_or_default();
            let member = policy.get("member").map(comparable_text).unwrap_or_default();
            match others.serving(&cluster).find(|other| other.has("member", &member)) {
                Some(other) => Err(operator::number_taken(&other, cluster, member)),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

const fn pairs(kind: &str) -> &'static [[&'static str; 2]] {
    match kind.as_bytes() {
        b"table" => &[["dbms", "name"]],
        b"operator" => &[["company", "name"], ["cluster", "member"]],
        _ => &[],
    }
}

fn attributes(policy: &Policy) -> Result<(), Error> {
    let (texts, others): (&[&str], &[&str]) = match policy.kind() {
        "table" => (&["name", "dbms", "create"], &[]),
        "operator" => (&["company", "name", "ip"], &["cluster", "member"]),
        _ => return Ok(()),
    };
    for key in texts {
        text(policy, key)?;
    }
    if policy.kind() == "operator" {
        port(policy)?;
    }
    if let Some(key) = others.iter().find(|key| policy.get(key).is_none_or(Value::is_null)) {
        return Err(missing(policy.kind(), key));
    }
    if policy.kind() == "operator" { kinds(policy) } else { Ok(()) }
}

/// Tests the kinds of values for which other masters refuse the whole ledger; they take no boolean for an integer here.
fn kinds(policy: &Policy) -> Result<(), Error> {
    let is_wrong = |key, fits: fn(&Value) -> bool| policy.get(key).is_some_and(|value| !fits(value));
    let wrong = if is_wrong("member", |value| value.is_i64() || value.is_u64()) {
        "'member' of policy 'operator' has to be an integer"
    } else if is_wrong("cluster", Value::is_string) {
        "'cluster' of policy 'operator' has to be text"
    } else if is_wrong("main", Value::is_boolean) {
        "'main' of policy 'operator' has to be true or false"
    } else {
        return Ok(());
    };
    Err(Error::structure(wrong))
}

fn text(policy: &Policy, key: &str) -> Result<(), Error> {
    match policy.get(key) {
        Some(Value::String(_)) => Ok(()),
        Some(_) => Err(Error::Structure(format!("'{key}' of policy '{}' has to be text", policy.kind()))),
        None => Err(missing(policy.kind(), key)),
    }
}

fn port(policy: &Policy) -> Result<(), Error> {
    match policy.get("port") {
        Some(Value::Number(number)) if !number.is_f64() => Ok(()),
        Some(_) => Err(Error::structure("'port' of policy 'operator' has to be an integer")),
        None => Err(missing("operator", "port")),
    }
}
