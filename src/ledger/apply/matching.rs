//! Which policy of the ledger a desired policy means.

use crate::{
    ledger::view::{
        entry::{LedgerEntry, Location},
        view::View,
    },
    policy::{Policy, id},
};
use serde_json::Value;
use std::sync::Arc;

/// Which policy is meant.
#[derive(Clone, Debug)]
pub enum Match {
    /// This one.
    Found(Arc<LedgerEntry>),
    /// None that is there.
    New,
    /// One of several, which nothing in the file tells apart, or one of another type: why.
    Unclear(String),
}

/// Attributes that tell policies of one name apart, in the order in which they are asked: `company` for all of them, and what the
/// rules of a type make unique (reference/ledger 3.3).
const NARROWING: [&str; 6] = ["company", "parent", "dbms", "table", "ip", "port"];

/// Finds the policy of the table that is meant: by the id when the file has one, else by type and name, with the company and the
/// unique attributes of its type where several have the name. A policy without a name is found by its content.
#[must_use]
pub fn find(view: &View, desired: &Policy) -> Match {
    if let Some(id) = desired.id() {
        return match row(view, &id) {
            None => Match::New,
            Some(there) if *there.kind == *desired.kind() => Match::Found(Arc::clone(there)),
            Some(there) => Match::Unclear(format!("id {id} belongs to a policy of type '{}'", there.kind)),
        };
    }
    let same = same_names(view, desired);
    match same.as_slice() {
        [] => by_content(view, desired),
        [one] => Match::Found(Arc::clone(one)),
        many => narrowed(many, desired),
    }
}

/// Returns the policies of the table that have the type and the names of a policy: `name`, no other `company`, and where the name
/// alone says nothing also `dbms` of a table and `parent` of a cluster.
#[must_use]
pub fn same_names<'a>(view: &'a View, desired: &Policy) -> Vec<&'a Arc<LedgerEntry>> {
    let Some(name) = name(desired) else { return Vec::new() };
    let also: &[&str] = match desired.kind() {
        "table" => &["dbms"],
        "cluster" => &["parent"],
        _ => &[],
    };
    let company = desired.get("company");
    let is_same = |there: &Policy| {
        there.text("name") == Some(name)
            && there.get("company").zip(company).is_none_or(|(there, wanted)| there == wanted)
            && also.iter().all(|key| there.get(key) == desired.get(key))
    };
    let mut found = view.named(desired.kind(), name);
    found.retain(|entry| entry.location == Location::Table && entry.policy().is_some_and(|there| is_same(&there)));
    found
}

/// Returns the name of a policy, if it has one that names it.
#[must_use]
pub fn name(policy: &Policy) -> Option<&str> {
    policy.text("name").filter(|name| !name.is_empty())
}

/// Returns what two desired policies without ids must not have both, because they would mean the same policy.
#[must_use]
pub fn identity(desired: &Policy) -> String {
    match (desired.id(), name(desired)) {
        (Some(id), _) => format!("id\u{0}{id}"),
        (None, Some(name)) => {
            let more = NARROWING.map(|key| desired.get(key).map(Value::to_string).unwrap_or_default());
            format!("name\u{0}{}\u{0}{name}\u{0}{}", desired.kind(), more.join("\u{0}"))
        }
        (None, None) => format!("id\u{0}{}", id::of(desired)),
    }
}

fn by_content(view: &View, desired: &Policy) -> Match {
    let id = id::of(desired);
    match row(view, &id) {
        None => Match::New,
        Some(there) if name(desired).is_none() && *there.kind == *desired.kind() => Match::Found(Arc::clone(there)),
        Some(there) => {
            let policy = there.policy();
            let name = policy.as_ref().and_then(name).unwrap_or_default();
            Match::Unclear(format!("its id would be {id}, which '{name}' of type '{}' has: give it an id", there.kind))
        }
    }
}

/// Takes the one of several policies of a name that the other attributes of the file fit.
fn narrowed(many: &[&Arc<LedgerEntry>], desired: &Policy) -> Match {
    let mut left: Vec<&Arc<LedgerEntry>> = many.to_vec();
    for key in NARROWING {
        let has_same =
            |entry: &&&Arc<LedgerEntry>| entry.policy().is_some_and(|there| there.get(key) == desired.get(key));
        let fitting: Vec<_> = left.iter().filter(has_same).copied().collect();
        // Where none fits, the attribute may just be what the file changes.
        if !fitting.is_empty() {
            left = fitting;
        }
    }
    match left.as_slice() {
        [one] => Match::Found(Arc::clone(one)),
        left => {
            let ids: Vec<&str> = left.iter().take(SHOWN).map(|entry| &*entry.id).collect();
            let more = if left.len() > SHOWN { " and more" } else { "" };
            let (kind, name) = (desired.kind(), name(desired).unwrap_or_default());
            let ids = ids.join(" and ");
            Match::Unclear(format!(
                "'{name}' of type '{kind}' may be the policy with id {ids}{more}: write the id of the one that is meant"
            ))
        }
    }
}

/// Ids that the reason names.
const SHOWN: usize = 4;

fn row<'a>(view: &'a View, id: &str) -> Option<&'a Arc<LedgerEntry>> {
    view.by_id(id).filter(|entry| entry.location == Location::Table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{entry::Position, fields::PolicyFields};

    fn view(texts: &[&str]) -> View {
        let mut view = View::default();
        for (sequence, text) in (1..).zip(texts) {
            let fields = PolicyFields::read(text).unwrap();
            let at = Position { date: "d".into(), sequence, location: Location::Table };
            let id = fields.id.clone().unwrap();
            view.insert(Arc::new(LedgerEntry::new((*text).into(), id.into(), "h".into(), at, Some(&fields))));
        }
        view
    }

    fn found(view: &View, text: &str) -> String {
        match find(view, &Policy::parse(text).unwrap()) {
            Match::Found(entry) => entry.id.to_string(),
            Match::New => "new".to_owned(),
            Match::Unclear(reason) => reason,
        }
    }

    #[test]
    fn an_id_counts_before_everything_else() {
        let view = view(&[r#"{"d": {"name": "n", "id": "1"}}"#, r#"{"d": {"name": "m", "id": 2}}"#]);
        assert_eq!(found(&view, r#"{"d": {"name": "n", "id": "2"}}"#), "2");
        assert_eq!(found(&view, r#"{"d": {"name": "n", "id": "3"}}"#), "new");
        assert_eq!(found(&view, r#"{"e": {"name": "n", "id": "1"}}"#), "id 1 belongs to a policy of type 'd'");
    }

    #[test]
    fn a_name_and_what_makes_it_clear() {
        let view = view(&[
            r#"{"master": {"name": "n", "company": "A", "id": "1"}}"#,
            r#"{"master": {"name": "n", "company": "B", "port": 1, "id": "2"}}"#,
            r#"{"master": {"name": "n", "company": "B", "port": 2, "id": "3"}}"#,
            r#"{"table": {"name": "t", "dbms": "d1", "id": "4"}}"#,
            r#"{"cluster": {"name": "c", "id": "5"}}"#,
            r#"{"cluster": {"name": "c", "parent": "5", "id": "6"}}"#,
        ]);
        assert_eq!(found(&view, r#"{"master": {"name": "n", "company": "A"}}"#), "1");
        assert_eq!(found(&view, r#"{"master": {"name": "n", "company": "B", "port": 2}}"#), "3");
        assert_eq!(found(&view, r#"{"master": {"name": "n", "company": "C"}}"#), "new");
        assert_eq!(found(&view, r#"{"master": {"name": "N", "company": "A"}}"#), "new", "capitals count");
        let unclear = found(&view, r#"{"master": {"name": "n", "company": "B"}}"#);
        assert!(unclear.contains("id 2 and 3: write the id"), "{unclear}");
        assert_eq!(found(&view, r#"{"table": {"name": "t", "dbms": "d1", "x": 1}}"#), "4");
        assert_eq!(found(&view, r#"{"table": {"name": "t", "dbms": "d2"}}"#), "new");
        assert_eq!(found(&view, r#"{"cluster": {"name": "c"}}"#), "5");
        assert_eq!(found(&view, r#"{"cluster": {"name": "c", "parent": "5"}}"#), "6");
    }

    #[test]
    fn a_policy_without_a_name_is_found_by_its_content() {
        let nameless = Policy::parse(r#"{"d": {"x": 1}}"#).unwrap();
        let id = id::of(&nameless);
        let view = view(&[&format!(r#"{{"d": {{"x": 1, "id": "{id}"}}}}"#)]);
        assert_eq!(found(&view, r#"{"d": {"x": 1}}"#), id);
        assert_eq!(found(&view, r#"{"d": {"x": 2}}"#), "new");
    }
}
