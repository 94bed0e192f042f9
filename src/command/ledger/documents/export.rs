//! Policies as one text that somebody keeps, and that an import takes again.

use super::filter::PolicyFilter;
use crate::{
    command::{
        engine::{Entry, typed},
        ledger::export::EXPORT_ENTRY,
    },
    ledger::{Location, View},
    node::{Node, Session},
    policy::Policy,
    query::{Budget, Exhausted},
    reply::Error,
};
use std::sync::Arc;

/// The entry whose rights exports have.
pub const EXPORT: &Entry = EXPORT_ENTRY;

/// How the policies are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// A policy on each line.
    Lines,
    /// One JSON list, with a policy on each line.
    List,
}

/// Policies as a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPolicies {
    /// The text.
    pub text: String,
    /// How many policies are in it.
    pub count: usize,
}

/// Writes the policies of the table that a filter takes, without the note where they are known: an import of the same text changes
/// nothing.
///
/// # Errors
/// The budget of queries is used up.
pub async fn export(
    node: &Arc<Node>,
    session: &Session,
    filter: PolicyFilter,
    form: ExportForm,
) -> Result<ExportedPolicies, Error> {
    typed(EXPORT, node, session, async {
        let view = node.ledger.view();
        node.queries.compute(session, move |budget| Ok(written(&view, &filter, form, budget)?)).await
    })
    .await
}

fn written(
    view: &View,
    filter: &PolicyFilter,
    form: ExportForm,
    budget: &Budget<'_>,
) -> Result<ExportedPolicies, Exhausted> {
    let (mut text, mut count) = (String::new(), 0);
    for entry in view.listed(filter.kind.as_deref(), None).filter(|entry| entry.location == Location::Table) {
        budget.read(entry.text.len())?;
        if !filter.may_take(&entry.text) {
            continue;
        }
        // Read for this once: a download of everything must not leave everything in memory as values.
        let Ok(mut policy) = Policy::parse(&entry.text) else { continue };
        if !filter.takes(&policy) {
            continue;
        }
        policy.remove("ledger");
        let line = policy.to_value().to_string();
        budget.keep(line.len())?;
        text += match (form, count) {
            (ExportForm::Lines, _) => "",
            (ExportForm::List, 0) => "[\n",
            (ExportForm::List, _) => ",\n",
        };
        text += &line;
        if form == ExportForm::Lines {
            text.push('\n');
        }
        count += 1;
    }
    if form == ExportForm::List {
        text += if count == 0 { "[]\n" } else { "\n]\n" };
    }
    Ok(ExportedPolicies { text, count })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::WrittenPolicies;

    fn view() -> View {
        let texts = [
            r#"{"device": {"name": "zeta", "id": "1", "date": "d", "ledger": "global"}}"#,
            r#"{"device": {"name": "b", "id": "2", "date": "d", "ledger": "global"}}"#,
            r#"{"table": {"name": "a", "id": "3", "date": "d", "ledger": "global"}}"#,
        ];
        super::super::relations::tests::view(&texts)
    }

    #[test]
    fn both_forms_are_read_again() {
        let all = |form| written(&view(), &PolicyFilter::default(), form, &Budget::unlimited()).unwrap();
        for form in [ExportForm::Lines, ExportForm::List] {
            let exported = all(form);
            let read = WrittenPolicies::read(&exported.text);
            assert_eq!((exported.count, read.policies.len(), read.mistakes.len()), (3, 3, 0), "{}", exported.text);
            assert!(read.policies.iter().all(|(policy, _)| policy.get("ledger").is_none()));
        }
        let none = PolicyFilter { kind: Some("x".to_owned()), ..PolicyFilter::default() };
        let empty = written(&view(), &none, ExportForm::List, &Budget::unlimited()).unwrap();
        assert_eq!((empty.text.as_str(), empty.count), ("[]\n", 0));
        let some =
            PolicyFilter { text: Some("ZET".to_owned()), kind: Some("device".to_owned()), ..PolicyFilter::default() };
        let found = written(&view(), &some, ExportForm::Lines, &Budget::unlimited()).unwrap();
        assert_eq!(found.text, "{\"device\":{\"name\":\"zeta\",\"id\":\"1\",\"date\":\"d\"}}\n");
    }
}
