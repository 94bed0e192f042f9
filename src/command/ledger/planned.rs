//! What a plan of policies looks like to whoever asked for it: without secrets.

use crate::{
    config::without_passwords,
    ledger::{ApplyItem, ApplyPlan, AttributeChange, attributes, policy_name},
    node::secret::{MASK, is_kept_closed},
    policy::Policy,
    reply::{PlanMistake, PlannedAction, PlannedAttribute, PlannedPolicy, PolicyPlan},
};
use serde_json::Value;

/// Returns a plan as callers read it.
pub(super) fn report(plan: &ApplyPlan, mistakes: Vec<PlanMistake>) -> PolicyPlan {
    let steps = plan.items.iter().map(step).collect();
    let unknown =
        |kind: &String| format!("no policy of the type '{kind}' is there to prune, here or in what was given");
    let warnings = plan.unknown.iter().map(unknown).collect();
    PolicyPlan { plan: plan.fingerprint(), done: false, unchanged: plan.unchanged, steps, mistakes, warnings }
}

fn step(item: &ApplyItem) -> PlannedPolicy {
    let place = item.place();
    match item {
        ApplyItem::Create { policy, .. } => {
            let added = |(path, value): (String, &Value)| {
                let new = Some(masked(&path, value));
                PlannedAttribute { path, old: None, new }
            };
            let changes = attributes(policy).map(added).collect();
            described(PlannedAction::Create, policy.kind(), Some(policy), policy.id(), place, changes)
        }
        ApplyItem::Replace { there, policy, changes, .. } => {
            let changes = changes.iter().map(attribute).collect();
            described(PlannedAction::Replace, &there.kind, Some(policy), Some(there.id.to_string()), place, changes)
        }
        ApplyItem::Drop { there } => {
            let id = Some(there.id.to_string());
            described(PlannedAction::Drop, &there.kind, there.policy().as_ref(), id, place, Vec::new())
        }
    }
}

fn described(
    action: PlannedAction,
    kind: &str,
    policy: Option<&Policy>,
    id: Option<String>,
    place: Option<usize>,
    changes: Vec<PlannedAttribute>,
) -> PlannedPolicy {
    let name = policy.and_then(policy_name).map(str::to_owned);
    PlannedPolicy { action, kind: kind.to_owned(), name, id, policy: place, changes }
}

fn attribute(change: &AttributeChange) -> PlannedAttribute {
    let AttributeChange { path, old, new } = change;
    let shown = |value: Option<&Value>| value.map(|value| masked(path, value));
    PlannedAttribute { path: path.clone(), old: shown(old.as_ref()), new: shown(new.as_ref()) }
}

/// Returns a value without the secrets that its name, and the names inside of it, tell of.
fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), masked(&format!("{name}.{key}"), value))).collect()
        }
        Value::Array(items) => items.iter().map(|item| masked(name, item)).collect(),
        // A reference names a secret without telling it.
        Value::String(text) if text.is_empty() || text.starts_with(['!', '$']) => value.clone(),
        Value::String(_) | Value::Number(_) if is_kept_closed(name) => MASK.into(),
        Value::String(text) => without_passwords(text).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_plan_tells_no_secret() {
        let value =
            json!({"password": "x", "url": "postgres://u:pw@h/d", "n": [1, "!db_passwd"], "token": 7, "ip": "::1"});
        let shown = json!({"password": MASK, "url": "postgres://u:********@h/d", "n": [1, "!db_passwd"], "token": MASK, "ip": "::1"});
        assert_eq!(masked("login", &value), shown);
        assert_eq!(masked("db_passwd", &json!("!db_passwd")), json!("!db_passwd"));
    }
}
