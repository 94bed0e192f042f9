//! Rules of operators (reference/ledger 3.2).

use super::{schema, unique};
use crate::{Error, Known, Policy, matching::comparable_text};

/// Largest member number that is chosen; whoever writes one may write any integer (reference/ledger 3.2).
const MEMBERS: u32 = 255;

pub(super) fn check(policy: &mut Policy, known: &dyn Known, random: impl FnOnce() -> u32) -> Result<(), Error> {
    let Some(cluster) = policy.get("cluster").map(comparable_text) else {
        return Err(schema::missing("operator", "cluster"));
    };
    if cluster.is_empty() {
        return Err(Error::Empty("'cluster' of policy 'operator' is empty".to_owned()));
    }
    address(policy, known)?;
    if policy.get("member").is_none() {
        policy.set("member", free_member(known, &cluster, random())?);
    }
    name(policy, known)?;
    member(policy, known, &cluster)?;
    schema::check("operator", policy.body(), schema::OPERATOR)?;
    if is_cluster(known, &cluster) {
        return Ok(());
    }
    Err(Error::NoCluster(format!(
        "the cluster '{cluster}' of policy 'operator' is not there; add a cluster policy first"
    )))
}

/// Tells whether one cluster policy has the id, which is compared as all texts are (reference/ledger 3.4).
fn is_cluster(known: &dyn Known, id: &str) -> bool {
    known.by_id(id).is_some_and(|found| found.kind() == "cluster")
        || known.of_type("cluster").filter(|cluster| cluster.has("id", id)).count() == 1
}

fn address(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    let (Some(ip), Some(port)) = (policy.get("ip"), policy.get("port")) else {
        return Ok(());
    };
    let wanted = [("ip", comparable_text(ip)), ("port", comparable_text(port))];
    if ip.as_str() == Some("") {
        return Err(Error::Empty("'ip' of policy 'operator' is empty".to_owned()));
    }
    match unique::first("operator", known, &wanted) {
        Some(other) => Err(Error::AddressTaken(unique::taken(&other, &wanted))),
        None => Ok(()),
    }
}

/// Refuses the company and name of another operator; without a name any operator of the company is one.
fn name(policy: &Policy, known: &dyn Known) -> Result<(), Error> {
    let given = |key: &'static str| policy.get(key).map(comparable_text).filter(|value| !value.is_empty());
    let Some(company) = given("company") else { return Ok(()) };
    let wanted: Vec<_> = [("company", Some(company)), ("name", given("name"))]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect();
    unique::free(policy, known, &wanted)
}

fn member(policy: &Policy, known: &dyn Known, cluster: &str) -> Result<(), Error> {
    let Some(number) = policy.get("member").map(comparable_text) else {
        return Ok(());
    };
    match known.serving(cluster).find(|other| other.has("member", &number)) {
        Some(other) => Err(number_taken(&other, cluster.to_owned(), number)),
        None => Ok(()),
    }
}

/// Refuses the number of another operator, and says what gives the node another one: nodes draw theirs by chance, so two that
/// start together may have the same.
pub(super) fn number_taken(other: &Policy, cluster: String, number: String) -> Error {
    let taken = unique::taken(other, &[("cluster", cluster), ("member", number)]);
    Error::NotUnique(format!(
        "{taken}; a node that publishes its policy again without 'member' (a restart does) draws another number"
    ))
}

/// Returns a number that no operator of the cluster has.
fn free_member(known: &dyn Known, cluster: &str, random: u32) -> Result<u32, Error> {
    let taken: Vec<u64> =
        known.serving(cluster).filter_map(|other| other.get("member").and_then(serde_json::Value::as_u64)).collect();
    let free: Vec<u32> = (1..=MEMBERS).filter(|number| !taken.contains(&u64::from(*number))).collect();
    let choice = usize::try_from(random).unwrap_or_default().checked_rem(free.len());
    choice.and_then(|at| free.get(at)).copied().ok_or_else(|| {
        Error::NotUnique(format!("the cluster '{cluster}' has {MEMBERS} operators, no member number is free"))
    })
}
