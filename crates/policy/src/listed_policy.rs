//! A policy in a list that somebody asked for.

use crate::{Policy, unread};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// A policy of a list. Most are the texts that are kept anyway, and who shows the list reads one after the other: the values of
/// all of them together would take five times the memory of the texts.
#[derive(Clone, Debug)]
pub enum ListedPolicy {
    /// Its value: what is shown is not the stored text, because an overlay or a query changed it.
    Value(Box<Value>),
    /// Its text.
    Text {
        /// The text of the whole policy, shared with who keeps it.
        text: Arc<str>,
        /// What the attribute `ledger` reads as, whatever the text says of it.
        ledger: Option<&'static str>,
    },
}

impl ListedPolicy {
    /// Returns the value `{type: body}`, which is read now if it was not; nothing when the text is no policy. Who shows a list
    /// leaves such a text out, as queries do.
    #[must_use]
    pub fn value(&self) -> Option<Cow<'_, Value>> {
        match self {
            Self::Value(value) => Some(Cow::Borrowed(&**value)),
            Self::Text { text, ledger } => unread::whole(text, *ledger).map(|policy| Cow::Owned(policy.into_value())),
        }
    }

    /// Makes the value, as [`ListedPolicy::value`] returns it.
    #[must_use]
    pub fn into_value(self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(*value),
            Self::Text { text, ledger } => unread::whole(&text, ledger).map(Policy::into_value),
        }
    }

    /// Returns the bytes of the text, which are about those that are written of the policy; none for a value.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        match self {
            Self::Value(_) => 0,
            Self::Text { text, .. } => text.len(),
        }
    }
}

impl From<Value> for ListedPolicy {
    fn from(value: Value) -> Self {
        Self::Value(Box::new(value))
    }
}

/// Two are equal when their values are.
impl PartialEq for ListedPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UnreadPolicy, json};

    /// Returns how a text is shown in a list, and how its policy is.
    fn shown(text: &str, ledger: Option<&'static str>) -> [Option<String>; 2] {
        let shared: Arc<str> = Arc::from(text);
        let unread = UnreadPolicy { kind: "x", text: &shared, ledger };
        let listed = unread.listed();
        assert!(matches!(&listed, ListedPolicy::Text { text, .. } if Arc::ptr_eq(text, &shared)), "{text}");
        assert_eq!(listed.clone().into_value().as_ref(), listed.value().as_deref(), "{text}");
        [listed.value().map(|value| json::text(&value)), unread.whole().map(|policy| policy.stored_text())]
    }

    #[test]
    fn a_text_is_shown_like_its_policy() {
        for text in [
            r#"{"x": {"name": "a", "ledger": "global", "list": [1, -0, {"b": null}], "id": "i"}}"#,
            r#"{"x": {"a": 1, "b": 2, "a": 3}}"#,
            "{'x': {'a': True, 'b': 'c'}}",
            "{\"x\": {\"a\": \"\u{e4}\\u00e4\"}}",
        ] {
            for ledger in [None, Some("local")] {
                let [listed, policy] = shown(text, ledger);
                assert_eq!(listed, policy, "{text}");
                assert!(listed.is_some(), "{text}");
            }
        }
        let [listed, _] = shown(r#"{"x": {"ledger": "global", "a": 1}}"#, Some("local"));
        assert_eq!(listed.as_deref(), Some(r#"{"x": {"a": 1, "ledger": "local"}}"#));
    }

    #[test]
    fn what_is_no_policy_has_no_value() {
        for text in ["{", "[]", r#"{"x": 1}"#, r#"{"x": {}, "y": {}}"#] {
            assert_eq!(shown(text, Some("local")), [None::<String>, None]);
        }
    }

    #[test]
    fn a_text_equals_its_value() {
        let text = |text: &str| ListedPolicy::Text { text: text.into(), ledger: None };
        let value = ListedPolicy::from(serde_json::json!({"x": {"a": true}}));
        assert_eq!(text("{'x': {'a': True}}"), value);
        assert_ne!(text("{'x': {'a': False}}"), value);
    }
}
