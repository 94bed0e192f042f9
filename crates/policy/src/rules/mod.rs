//! What a policy has to fulfil before it is added (reference/ledger 3).
//!
//! [`check`] is what a node asks of a policy that it adds itself; [`Structure`] is what every policy of a
//! ledger fulfils, wherever it came from.

mod cluster;
mod mapping;
mod operator;
mod schema;
mod structure;
mod unique;
mod words;

pub use structure::{Structure, admissible};
pub use words::described;

use super::{Error, Known, Policy};
use schema::Attribute;

/// Checks a prepared policy against the policies that are there and completes it: an operator gets a
/// `member` number, a cluster its `status`, both before `ledger`. `random` returns a number to choose among the free member numbers by.
///
/// # Errors
/// The first rule that the policy breaks; the reason names the policy it clashes with.
pub fn check(policy: &mut Policy, known: &dyn Known, random: impl FnOnce() -> u32) -> Result<(), Error> {
    if policy.get("ledger").is_none() || policy.is_local() {
        by_type(policy, known, random)?;
        if let Some(ledger) = policy.remove("ledger") {
            policy.set("ledger", ledger);
        }
    }
    for keys in unique_keys(policy.kind()) {
        unique::leading(policy, known, keys)?;
    }
    Ok(())
}

/// Returns the groups of attributes that no other policy of the type may have (reference/ledger 3.3).
fn unique_keys(kind: &str) -> &'static [&'static [&'static str]] {
    match kind {
        "operator" => &[&["ip", "port"], &["name"]],
        "table" => &[&["dbms", "name"]],
        _ => &[],
    }
}

fn by_type(policy: &mut Policy, known: &dyn Known, random: impl FnOnce() -> u32) -> Result<(), Error> {
    match policy.kind() {
        "operator" => operator::check(policy, known, random),
        "cluster" => cluster::check(policy, known),
        "mapping" => mapping::check(policy, known),
        "tag" => tag(policy, known),
        "uns" => namespace(policy, known),
        kind => simple(policy, known, schema::of(kind)),
    }
}

/// Checks types whose attributes alone have rules.
fn simple(policy: &Policy, known: &dyn Known, schema: &[Attribute]) -> Result<(), Error> {
    schema::check(policy.kind(), policy.body(), schema)?;
    for attribute in schema.iter().filter(|attribute| attribute.unique) {
        unique::together(policy, known, &[attribute.name])?;
    }
    if policy.kind() == "member" && policy.has("type", "root") {
        unique::together(policy, known, &["type"])?;
    }
    Ok(())
}

fn tag(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    simple(policy, known, schema::of("tag"))?;
    unique::together(policy, known, &["dbms", "table"])?;
    if policy.get("node_iid").is_none() && policy.get("node_sid").is_none() {
        return Err(Error::AttributeMissing("policy 'tag' needs 'node_iid' or 'node_sid'".into()));
    }
    unique::together(policy, known, &["dbms", "table", "node_iid"])?;
    unique::together(policy, known, &["dbms", "table", "node_sid"])
}

fn namespace(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    simple(policy, known, schema::of("uns"))?;
    if policy.text("parent") == Some("") {
        return Err(Error::Empty("'parent' of policy 'uns' is empty".to_owned()));
    }
    if let Some(parent) = policy.text("parent")
        && known.by_id(parent).is_none_or(|found| found.kind() != "uns")
    {
        return Err(Error::NoCluster(format!("the parent '{parent}' of policy 'uns' is not there")));
    }
    if policy.get("table").is_some() {
        if policy.get("dbms").is_none() {
            return Err(schema::missing("uns", "dbms"));
        }
        unique::together(policy, known, &["dbms", "table", "name"])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
