//! Things that were looked at one after the other: what was found, how it was looked for, and what mends it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Things that were looked at, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    /// The things.
    #[serde(rename = "checks")]
    pub items: Vec<ChecklistItem>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// What was looked at.
    pub name: String,
    /// How it is.
    pub state: ItemState,
    /// What was found, as a sentence.
    pub found: String,
    /// What was tried to find it.
    pub tried: String,
    /// What to do, where something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// How a thing is that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// As it should be.
    Good,
    /// Something is to be done about it.
    Wrong,
    /// It cannot be told yet, or not from here.
    NotKnown,
}

impl Checklist {
    /// Tells whether nothing is wrong; what is not known is not wrong.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.count(ItemState::Wrong) == 0
    }

    /// Counts the things that are in a state.
    #[must_use]
    pub fn count(&self, state: ItemState) -> usize {
        self.items.iter().filter(|item| item.state == state).count()
    }

    /// Returns the list as JSON, with the outcome in front.
    #[must_use]
    pub fn value(&self) -> Value {
        json!({"good": self.is_good(), "checks": self.items})
    }
}

impl ChecklistItem {
    /// A thing that is as it should be.
    pub fn good(name: impl Into<String>, tried: impl Into<String>, found: impl Into<String>) -> Self {
        let (name, tried, found) = (name.into(), tried.into(), found.into());
        Self { name, state: ItemState::Good, found, tried, remedy: None }
    }

    /// A thing about which something is to be done.
    pub fn wrong(
        name: impl Into<String>,
        tried: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { state: ItemState::Wrong, remedy: Some(remedy.into()), ..Self::good(name, tried, found) }
    }

    /// A thing that cannot be told yet, and what would tell it.
    pub fn not_known(
        name: impl Into<String>,
        tried: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { state: ItemState::NotKnown, remedy: Some(remedy.into()), ..Self::good(name, tried, found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_wrong_and_json_is_read_again() {
        let unknown = ChecklistItem::not_known("members", "looked", "nobody asked", "start one");
        let good = ChecklistItem::good("port", "looked", "listens");
        let list = Checklist { items: vec![good, unknown] };
        assert!(list.is_good());
        assert_eq!(
            (list.value()["good"].as_bool(), &list.value()["checks"][1]["state"]),
            (Some(true), &json!("not_known"))
        );
        assert_eq!(serde_json::from_value::<Checklist>(list.value()).unwrap(), list);
        let wrong = ChecklistItem::wrong("port", "looked", "silent", "start it");
        assert!(!Checklist { items: vec![wrong] }.is_good());
    }
}
