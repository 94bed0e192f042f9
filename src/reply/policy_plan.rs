//! What would be, or was, changed to make the ledger what somebody wrote down.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A plan of changes, policy by policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyPlan {
    /// Its fingerprint: the same as long as it does the same to the same policies.
    pub plan: String,
    /// True when it was carried out.
    pub done: bool,
    /// How many policies are there as they should be.
    pub unchanged: usize,
    /// What changes.
    pub steps: Vec<PlannedPolicy>,
    /// Why it cannot be carried out.
    pub mistakes: Vec<PlanMistake>,
    /// What may not be what was meant, and is no mistake.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// What happens to one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedPolicy {
    /// What is done.
    pub action: PlannedAction,
    /// Type of the policy.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id; nothing for a new one that gets it when it is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its place among the policies that were given, from 0; nothing for one that is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<usize>,
    /// What differs.
    pub changes: Vec<PlannedAttribute>,
}

/// One attribute of a policy that changes; secrets are masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedAttribute {
    /// Where it stands, for example `table[0].name`.
    pub path: String,
    /// What it was; nothing for one that is added.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it becomes; nothing for one that is removed.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// Reads a value that is there; `null` is a value as well.
fn given<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(input).map(Some)
}

/// What is done to a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedAction {
    /// It is added.
    Create,
    /// It gets other attributes.
    Replace,
    /// It is removed.
    Drop,
}

/// Why a plan cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanMistake {
    /// Place of the policy among those that were given, from 0; nothing when the reason names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<usize>,
    /// The reason.
    pub reason: String,
    /// True when the ledger refuses what the policy says, false when it is not clear which policy is meant.
    pub refused: bool,
}

impl PolicyPlan {
    /// Counts the policies to which something is done.
    #[must_use]
    pub fn count(&self, action: PlannedAction) -> usize {
        self.steps.iter().filter(|step| step.action == action).count()
    }

    /// Returns the plan as JSON, with the counts in front.
    #[must_use]
    pub fn value(&self) -> Value {
        let count = |action| self.count(action);
        json!({
            "create": count(PlannedAction::Create),
            "replace": count(PlannedAction::Replace),
            "drop": count(PlannedAction::Drop),
            "unchanged": self.unchanged,
            "done": self.done,
            "plan": self.plan,
            "steps": self.steps,
            "mistakes": self.mistakes,
            "warnings": self.warnings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_again() {
        let changes = vec![
            PlannedAttribute { path: "a".to_owned(), old: None, new: Some(Value::Null) },
            PlannedAttribute { path: "b".to_owned(), old: Some(json!({"x": [1]})), new: None },
        ];
        let step = PlannedPolicy {
            action: PlannedAction::Replace,
            kind: "operator".to_owned(),
            name: Some("o".to_owned()),
            id: Some("1".to_owned()),
            policy: Some(4),
            changes,
        };
        let mistakes = vec![PlanMistake { policy: None, reason: "why".to_owned(), refused: true }];
        let warnings = vec!["look".to_owned()];
        let plan =
            PolicyPlan { plan: "f".to_owned(), done: false, unchanged: 3, steps: vec![step], mistakes, warnings };
        assert_eq!((&plan.value()["replace"], &plan.value()["create"]), (&json!(1), &json!(0)));
        assert_eq!(serde_json::from_value::<PolicyPlan>(plan.value()).unwrap(), plan);
    }
}
