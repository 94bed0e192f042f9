//! Lists of policies, of which each is read when its turn comes.

use crate::policy::ListedPolicy;
use serde_json::Value;

/// What stands between two policies.
const SEPARATOR: &str = ", ";

/// Writes policies as a list in brackets, each as `write` does. Beside the text no more than one policy is held.
#[must_use]
pub fn policies(list: &[ListedPolicy], write: fn(&Value) -> String) -> String {
    // A text that grew to the megabytes of a list would be copied, and stand twice in memory meanwhile.
    let room: usize = list.iter().map(|policy| policy.text_bytes() + SEPARATOR.len()).sum();
    let mut out = String::with_capacity(room);
    out.push('[');
    for (at, policy) in list.iter().filter_map(ListedPolicy::value).enumerate() {
        if at > 0 {
            out.push_str(SEPARATOR);
        }
        out.push_str(&write(&policy));
    }
    out.push(']');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{policy::python, render::value};
    use serde_json::json;

    #[test]
    fn texts_are_written_like_values_and_what_is_no_policy_is_left_out() {
        let text = |text: &str| ListedPolicy::Text { text: text.into(), ledger: Some("local") };
        let list =
            [text("{'x': {'ledger': 'global', 'a': True}}"), text("no policy"), ListedPolicy::from(json!({"y": {}}))];
        assert_eq!(policies(&list, value), r#"[{"x": {"a": true, "ledger": "local"}}, {"y": {}}]"#);
        assert_eq!(policies(&list, python::text), "[{'x': {'a': True, 'ledger': 'local'}}, {'y': {}}]");
        assert_eq!(policies(&[], value), "[]");
    }
}
