//! A policy as its text, of which only what is asked for is read.

use crate::{ListedPolicy, Policy, json};
use std::{collections::BTreeSet, sync::Arc};

/// The attribute that tells who knows a policy.
const LEDGER: &str = "ledger";

/// A policy that is not read yet.
#[derive(Clone, Copy, Debug)]
pub struct UnreadPolicy<'a> {
    /// The type.
    pub kind: &'a str,
    /// The text of the whole policy, which a list of policies shares.
    pub text: &'a Arc<str>,
    /// What the attribute `ledger` reads as, whatever the text says of it.
    pub ledger: Option<&'static str>,
}

impl UnreadPolicy<'_> {
    /// Reads the policy; nothing when the text is none.
    #[must_use]
    pub fn whole(&self) -> Option<Policy> {
        whole(self.text, self.ledger)
    }

    /// Reads some attributes: those of the whole policy that have these names, in an order of no meaning. A text that only the
    /// lenient reader understands is read as a whole.
    #[must_use]
    pub fn part(&self, attributes: &BTreeSet<&str>) -> Option<Policy> {
        let Some(mut policy) = json::policy_part(self.text, attributes) else { return self.whole() };
        if let Some(ledger) = self.ledger.filter(|_| attributes.contains(LEDGER)) {
            policy.set_ledger(ledger);
        }
        Some(policy)
    }

    /// Returns the policy for a list that reads it when it is shown.
    #[must_use]
    pub fn listed(&self) -> ListedPolicy {
        ListedPolicy::Text { text: Arc::clone(self.text), ledger: self.ledger }
    }
}

/// Reads a policy from its text; nothing when the text is none.
pub(crate) fn whole(text: &str, ledger: Option<&str>) -> Option<Policy> {
    let mut policy = Policy::parse(text).ok()?;
    if let Some(ledger) = ledger {
        policy.set_ledger(ledger);
    }
    Some(policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, names: &BTreeSet<&str>, ledger: Option<&'static str>) {
        let shared: Arc<str> = Arc::from(text);
        let unread = UnreadPolicy { kind: "x", text: &shared, ledger };
        let whole = unread.whole();
        let part = unread.part(names);
        assert_eq!(part.is_some(), whole.is_some(), "{text}");
        let Some((part, whole)) = part.zip(whole) else { return };
        assert_eq!(part.kind(), whole.kind());
        for name in names {
            assert_eq!(part.get(name), whole.get(name), "{name} of {text}");
        }
    }

    proptest! {
        #[test]
        fn a_part_has_what_the_whole_has(
            values in proptest::collection::vec(
                ("a|b|\\\\u0061|ledger|c", "-?[0-9]{1,22}|-0|-0[.]0|-?[0-9]{1,3}[.][0-9]{1,9}(e[0-9])?|true|null|\"[a-z\u{e4}']{0,6}\"|\\[1, -0, \"a\", \\{\"a\": 1\\}\\]|\\{\"b\": \"\\\\u00e4\", \"a\": \\[\\]\\}|'a'"),
                0..6,
            ),
            names in proptest::collection::btree_set("a|b|c|ledger|d", 0..4),
            is_shown_as_local: bool,
        ) {
            let body: Vec<String> = values.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            let text = format!("{{\"x\": {{{}}}}}", body.join(", "));
            let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            check(&text, &names, is_shown_as_local.then_some("local"));
        }
    }

    #[test]
    fn what_only_the_lenient_reader_takes_is_read_as_a_whole() {
        let names = BTreeSet::from(["a"]);
        for text in
            ["{'x': {'a': True, 'b': 'c'}}", "{\"x\": {\"a\": -0, \"b\": 1}}", "{\"x\": {\"b\": {'a': 1}, \"a\": 2}}"]
        {
            check(text, &names, None);
        }
    }
}
