//! Values that no other policy of the type may have.

use crate::{Error, Known, Policies, Policy, PolicyRef, matching::comparable_text};

/// Refuses a policy when another one of its type has the same values; nothing to compare when one is missing.
pub(super) fn together(policy: &Policy, known: &dyn Known, keys: &[&str]) -> Result<(), Error> {
    if keys.iter().any(|key| policy.get(key).is_none()) {
        return Ok(());
    }
    leading(policy, known, keys)
}

/// Refuses a policy when another one of its type has the same values; keys after a missing one do not count.
pub(super) fn leading(policy: &Policy, known: &dyn Known, keys: &[&str]) -> Result<(), Error> {
    let wanted: Vec<(&str, String)> =
        keys.iter().map_while(|key| Some((*key, comparable_text(policy.get(key)?)))).collect();
    if wanted.is_empty() {
        let (kind, keys) = (policy.kind(), keys.join("', '"));
        return Err(Error::KeyMissing(format!("policy '{kind}' has no value for '{keys}'")));
    }
    free(policy, known, &wanted)
}

/// Refuses a policy when another one of its type has the values, or when one of them is empty.
pub(super) fn free(policy: &Policy, known: &dyn Known, wanted: &[(&str, String)]) -> Result<(), Error> {
    if let Some((key, _)) = wanted.iter().find(|(_, value)| value.is_empty()) {
        return Err(Error::Empty(format!("'{key}' of policy '{}' is empty", policy.kind())));
    }
    match first(policy.kind(), known, wanted) {
        Some(other) => Err(Error::NotUnique(taken(&other, wanted))),
        None => Ok(()),
    }
}

/// Returns the first policy of a type that has all values.
pub(super) fn first<'a>(kind: &str, known: &'a dyn Known, wanted: &[(&str, String)]) -> Option<PolicyRef<'a>> {
    let value = |key: &str| wanted.iter().find(|(name, _)| *name == key).map(|(_, value)| value);
    let mut candidates: Policies<'a> = match (value("name"), value("ip"), value("port")) {
        (Some(name), ..) => known.named(kind, name),
        (None, Some(ip), Some(port)) => known.at_address(kind, ip, port),
        _ => known.of_type(kind),
    };
    candidates.find(|other| wanted.iter().all(|(key, value)| other.has(key, value)))
}

/// Tells which policy has the values already.
pub(super) fn taken(other: &Policy, wanted: &[(&str, String)]) -> String {
    let values: Vec<String> = wanted.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let id = other.id().unwrap_or_default();
    format!("policy '{}' with id {id} has {} already", other.kind(), values.join(" and "))
}
