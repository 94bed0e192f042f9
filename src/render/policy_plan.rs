//! Plans of policies for people: a sign for each policy and attribute, as `diff` has them, and the counts.

use crate::reply::{PlannedAction, PlannedAttribute, PlannedPolicy, PolicyPlan};

/// Renders a plan: what is done to each policy, why it cannot be carried out, what to look at again, and the counts as the last line.
#[must_use]
pub fn policy_plan(plan: &PolicyPlan) -> String {
    let mut lines: Vec<String> = plan.steps.iter().flat_map(lines_of).collect();
    lines.extend(plan.mistakes.iter().map(|mistake| match mistake.policy {
        Some(place) => format!("✘ policy {}: {}", place + 1, mistake.reason),
        None => format!("✘ {}", mistake.reason),
    }));
    lines.extend(plan.warnings.iter().map(|warning| format!("! {warning}")));
    lines.push(outcome(plan));
    lines.join("\r\n")
}

fn lines_of(step: &PlannedPolicy) -> Vec<String> {
    let PlannedPolicy { action, kind, name, id, changes, .. } = step;
    let (sign, word) = match action {
        PlannedAction::Create => ('+', "create"),
        PlannedAction::Replace => ('~', "replace"),
        PlannedAction::Drop => ('-', "drop"),
    };
    let name = name.as_ref().map(|name| format!(" '{name}'")).unwrap_or_default();
    let id = id.as_ref().map(|id| format!(" (id {id})")).unwrap_or_default();
    let first = format!("{sign} {word} {kind}{name}{id}");
    std::iter::once(first).chain(changes.iter().map(attribute)).collect()
}

fn attribute(change: &PlannedAttribute) -> String {
    let PlannedAttribute { path, old, new } = change;
    match (old, new) {
        (Some(old), Some(new)) => format!("    ~ {path}: {old} → {new}"),
        (Some(old), None) => format!("    - {path}: {old}"),
        (None, Some(new)) => format!("    + {path}: {new}"),
        (None, None) => format!("    {path}"),
    }
}

fn outcome(plan: &PolicyPlan) -> String {
    let count = |action| plan.count(action);
    let (created, replaced, dropped) =
        (count(PlannedAction::Create), count(PlannedAction::Replace), count(PlannedAction::Drop));
    let unchanged = plan.unchanged;
    match (plan.steps.is_empty() && plan.mistakes.is_empty(), plan.done) {
        (true, _) => format!("nothing to do: {unchanged} policies are as they should be"),
        (false, true) => {
            format!("done: {created} created, {replaced} replaced, {dropped} dropped, {unchanged} unchanged")
        }
        (false, false) => {
            format!("plan: {created} to create, {replaced} to replace, {dropped} to drop, {unchanged} unchanged")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::PlanMistake;
    use serde_json::json;

    #[test]
    fn each_attribute_has_its_sign() {
        let change = |path: &str, old, new| PlannedAttribute { path: path.to_owned(), old, new };
        let step = |action, name: Option<&str>, id: Option<&str>, changes| PlannedPolicy {
            action,
            kind: "device".to_owned(),
            name: name.map(str::to_owned),
            id: id.map(str::to_owned),
            policy: None,
            changes,
        };
        let mut plan = PolicyPlan {
            unchanged: 2,
            steps: vec![
                step(PlannedAction::Create, Some("a"), None, vec![change("x", None, Some(json!("y")))]),
                step(
                    PlannedAction::Replace,
                    None,
                    Some("1"),
                    vec![change("p", Some(json!(1)), Some(json!(2))), change("q", Some(json!([])), None)],
                ),
                step(PlannedAction::Drop, Some("b"), Some("2"), Vec::new()),
            ],
            ..PolicyPlan::default()
        };
        let shown = "+ create device 'a'\r\n    + x: \"y\"\r\n~ replace device (id 1)\r\n    ~ p: 1 → 2\r\n    - q: []\r\n\
                     - drop device 'b' (id 2)\r\nplan: 1 to create, 1 to replace, 1 to drop, 2 unchanged";
        assert_eq!(policy_plan(&plan), shown);
        plan.done = true;
        assert!(policy_plan(&plan).ends_with("done: 1 created, 1 replaced, 1 dropped, 2 unchanged"));
        plan.steps.clear();
        assert_eq!(policy_plan(&plan), "nothing to do: 2 policies are as they should be");
        plan.warnings.push("look".to_owned());
        assert_eq!(policy_plan(&plan), "! look\r\nnothing to do: 2 policies are as they should be");
        plan.mistakes.push(PlanMistake { policy: Some(0), reason: "why".to_owned(), refused: false });
        assert!(policy_plan(&plan).starts_with("✘ policy 1: why\r\n"));
    }
}
