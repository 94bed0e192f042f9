//! What differs between two policies, as lines of a page.

use crate::{
    ledger::{AttributeChange, attributes, differences},
    policy::Policy,
    reply::PlannedAttribute,
};
use serde_json::Value;

/// Lines of one difference.
const LINES: usize = 200;
/// Characters of a value that a line shows.
const SHOWN: usize = 600;

/// What differs between two policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeRows {
    /// The first lines.
    pub rows: Vec<AttributeRow>,
    /// How many more there are.
    pub more: usize,
}

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeRow {
    /// Where it stands.
    pub path: String,
    /// What it was, cut when it is long; nothing for one that is added.
    pub old: Option<String>,
    /// What it becomes, cut as well; nothing for one that is removed.
    pub new: Option<String>,
}

impl AttributeRows {
    /// Compares two policies.
    #[must_use]
    pub fn between(old: &Policy, new: &Policy) -> Self {
        Self::of(differences(old, new).iter().map(|AttributeChange { path, old, new }| (path.as_str(), old, new)))
    }

    /// Lists the attributes of a policy that comes, or goes.
    #[must_use]
    pub fn whole(policy: &Policy, is_added: bool) -> Self {
        let attributes: Vec<_> = attributes(policy).collect();
        let rows = attributes.iter().take(LINES).map(|(path, value)| {
            let value = Some(shown(value));
            let (old, new) = if is_added { (None, value) } else { (value, None) };
            AttributeRow { path: path.clone(), old, new }
        });
        Self { rows: rows.collect(), more: attributes.len().saturating_sub(LINES) }
    }

    /// Takes what a plan says of a policy.
    #[must_use]
    pub fn planned(changes: &[PlannedAttribute]) -> Self {
        Self::of(changes.iter().map(|PlannedAttribute { path, old, new }| (path.as_str(), old, new)))
    }

    fn of<'a>(changes: impl ExactSizeIterator<Item = (&'a str, &'a Option<Value>, &'a Option<Value>)>) -> Self {
        let more = changes.len().saturating_sub(LINES);
        let rows = changes.take(LINES).map(|(path, old, new)| AttributeRow {
            path: path.to_owned(),
            old: old.as_ref().map(shown),
            new: new.as_ref().map(shown),
        });
        Self { rows: rows.collect(), more }
    }

    /// Tells whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Writes a value for a line.
fn shown(value: &Value) -> String {
    let text = match value {
        // A text that is cut before it is written costs what is shown and not what it has.
        Value::String(text) if text.len() > 4 * SHOWN => {
            let start: String = text.chars().take(SHOWN).collect();
            return format!("{} … ({} bytes)", Value::from(start), text.len());
        }
        value => value.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} … ({} bytes)", text.get(..end).unwrap_or_default(), text.len()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Policy {
        Policy::parse(text).unwrap()
    }

    #[test]
    fn a_difference_is_lines_with_their_values() {
        let (old, new) = (policy(r#"{"d": {"a": 1, "b": "x"}}"#), policy(r#"{"d": {"a": 2, "c": [true]}}"#));
        let found = AttributeRows::between(&old, &new);
        let told: Vec<_> =
            found.rows.iter().map(|row| (row.path.as_str(), row.old.as_deref(), row.new.as_deref())).collect();
        assert_eq!(told, [("a", Some("1"), Some("2")), ("c", None, Some("[true]")), ("b", Some("\"x\""), None)]);
        assert!(AttributeRows::between(&old, &old).is_empty());
        assert_eq!(AttributeRows::whole(&old, true).rows[1].new.as_deref(), Some("\"x\""));
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = Policy::from_value(serde_json::json!({"d": {"a": "ä".repeat(1_000_000), "b": vec![7; 10_000]}}));
        let rows = AttributeRows::whole(&long.unwrap(), false).rows;
        assert!(rows.iter().all(|row| row.old.as_deref().unwrap().chars().count() < SHOWN + 40), "{rows:?}");
        let body = (0..1000).map(|at| (format!("k{at}"), Value::from(at))).collect();
        let many = AttributeRows::whole(&Policy::new("d", body), true);
        assert_eq!((many.rows.len(), many.more), (LINES, 1000 - LINES));
    }
}
