//! What an import does to the ledger: policies of another node come as they are, with their ids, dates and publishers.

use crate::{
    ledger::{
        change::{UndoRow, UndoStep},
        source::policies::{ImportRow, SetAside},
        view::{
            entry::{LedgerEntry, Location},
            view::View,
        },
        writer::plan::row::PlannedRow,
    },
    policy::{Policy, rules::Structure},
};
use std::{collections::HashSet, sync::Arc};

/// What becomes of the policies that the ledger has before an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// There may be none, but that of the node itself.
    Empty,
    /// They stay as they are; only what the ledger does not have comes.
    Merge,
    /// They become what the source says; what it does not have goes, but the policy of the node itself stays.
    Replace,
}

/// What an import would do; nothing is done yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportPlan {
    /// The changes, which are one transaction.
    pub steps: Vec<UndoStep>,
    /// Policies that come.
    pub added: usize,
    /// Policies that get another text.
    pub replaced: usize,
    /// Policies that go.
    pub removed: usize,
    /// Policies that the ledger has with the same text.
    pub same: usize,
    /// Policies that the ledger has with another text, which stays.
    pub kept: usize,
    /// Policies of the source that the ledger cannot take.
    pub set_aside: Vec<SetAside>,
    /// Policies that come although members or the rules of their type object to them.
    pub objections: Vec<SetAside>,
}

impl ImportPlan {
    /// Plans an import into a version of the ledger. `host` publishes what the source names no publisher for, and `is_own` knows
    /// the policy of the node itself, which an import leaves alone.
    #[must_use]
    pub fn new(
        view: &View,
        rows: Vec<ImportRow>,
        mode: ImportMode,
        host: &str,
        is_own: impl Fn(&Policy) -> bool,
    ) -> Self {
        let is_own = |entry: &LedgerEntry| entry.policy().is_some_and(|policy| is_own(&policy));
        let (mut plan, mut structure, mut seen) = (Self::default(), Structure::default(), HashSet::new());
        for row in rows {
            let place = row.place.clone();
            match Candidate::new(row, host) {
                Err(reason) => plan.set_aside.push(SetAside { place, reason }),
                Ok(candidate) if !seen.insert(Arc::clone(&candidate.row.id)) => {
                    let reason = format!("an earlier policy has the same id '{}'", candidate.row.id);
                    plan.set_aside.push(SetAside { place, reason });
                }
                Ok(candidate) => {
                    if let Err(objection) = structure.add(&candidate.policy) {
                        plan.objections.push(SetAside { place: place.clone(), reason: objection.to_string() });
                    }
                    plan.take(view, candidate, place, mode, is_own);
                }
            }
        }
        if mode == ImportMode::Replace {
            plan.remove_others(view, &seen, is_own);
        }
        plan
    }

    /// Plans one policy.
    fn take(
        &mut self,
        view: &View,
        candidate: Candidate,
        place: String,
        mode: ImportMode,
        is_own: impl Fn(&LedgerEntry) -> bool,
    ) {
        let PlannedRow { id, values, fields } = candidate.row;
        match view.by_id(&id).filter(|there| there.location == Location::Table) {
            None => self.added += 1,
            Some(there) if there.text == values.text => {
                self.same += 1;
                return;
            }
            Some(there) if mode != ImportMode::Replace || is_own(there) => {
                self.kept += 1;
                return;
            }
            // The type of a row is the one thing that stays for ever.
            Some(there) if *there.kind != *fields.kind => {
                let reason = format!("the ledger has the id '{id}' for a policy of type '{}'", there.kind);
                self.set_aside.push(SetAside { place, reason });
                return;
            }
            Some(_) => self.replaced += 1,
        }
        let (text, host) = (values.text.to_string(), values.host.to_string());
        let row = UndoRow { id: id.to_string(), text, host, date: candidate.date };
        // Who publishes the same policy between the plan and the transaction is faster, and it stays.
        let step = if mode == ImportMode::Replace { UndoStep::Restore(row) } else { UndoStep::Add(row) };
        self.steps.push(step);
    }

    /// Plans that the rows go that the source does not have.
    fn remove_others(&mut self, view: &View, seen: &HashSet<Arc<str>>, is_own: impl Fn(&LedgerEntry) -> bool) {
        let rows = view.entries_from(None).filter(|entry| entry.location == Location::Table);
        let others = rows.filter(|entry| !seen.contains(&entry.id) && !is_own(entry));
        let steps: Vec<_> = others.map(|entry| UndoStep::Remove { id: entry.id.to_string() }).collect();
        self.removed = steps.len();
        // They go first: the bytes of both ledgers together may be more than one may have.
        self.steps.splice(0..0, steps);
    }

    /// Returns how many rows a ledger has that are not the policy of the node itself.
    #[must_use]
    pub fn rows_of_others(view: &View, is_own: impl Fn(&Policy) -> bool) -> usize {
        let rows = view.entries_from(None).filter(|entry| entry.location == Location::Table);
        rows.filter(|entry| !entry.policy().is_some_and(|policy| is_own(&policy))).count()
    }
}

/// A policy of the source as the row that it would be.
struct Candidate {
    policy: Policy,
    row: PlannedRow,
    date: Option<String>,
}

impl Candidate {
    /// Makes the row of a policy, or says why the ledger cannot take it.
    fn new(row: ImportRow, host: &str) -> Result<Self, String> {
        let ImportRow { host: published, date, text, .. } = row;
        let policy = Policy::parse(&text).map_err(|error| error.to_string())?;
        let host = published.as_deref().unwrap_or(host);
        let row = PlannedRow::from_policy(&policy, host).map_err(|error| error.to_string())?;
        let date = date.filter(|date| crate::policy::date::is_moment(date));
        Ok(Self { policy, row, date })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{entry::Position, fields::PolicyFields};

    fn text(id: &str, x: u8) -> String {
        format!(r#"{{"d": {{"id": "{id}", "x": {x}, "date": "2020-01-01"}}}}"#)
    }

    fn view(texts: &[String]) -> View {
        let mut view = View::default();
        for (sequence, text) in (1..).zip(texts) {
            let fields = PolicyFields::read(text).unwrap();
            let at = Position { date: "d".into(), sequence, location: Location::Table };
            let id = fields.id.clone().unwrap();
            view.insert(Arc::new(LedgerEntry::new(text.as_str().into(), id.into(), "h".into(), at, Some(&fields))));
        }
        view
    }

    fn rows(texts: &[String]) -> Vec<ImportRow> {
        let row = |(number, text): (usize, &String)| ImportRow {
            place: format!("line {number}"),
            host: None,
            date: None,
            text: text.clone(),
        };
        (1..).zip(texts).map(row).collect()
    }

    fn is_own(policy: &Policy) -> bool {
        policy.id().as_deref() == Some("own")
    }

    fn plan(mode: ImportMode) -> ImportPlan {
        let there = view(&[text("own", 0), text("same", 1), text("other", 1), text("gone", 1)]);
        let source = rows(&[text("own", 9), text("same", 1), text("other", 2), text("new", 1), text("new", 2)]);
        ImportPlan::new(&there, source, mode, "10.0.0.1", is_own)
    }

    fn counts(plan: &ImportPlan) -> [usize; 6] {
        [plan.added, plan.replaced, plan.removed, plan.same, plan.kept, plan.set_aside.len()]
    }

    #[test]
    fn a_merge_adds_and_a_replacement_makes_the_ledger_what_the_source_says() {
        let merged = plan(ImportMode::Merge);
        assert_eq!(counts(&merged), [1, 0, 0, 1, 2, 1]);
        assert!(matches!(&merged.steps[..], [UndoStep::Add(UndoRow { id, .. })] if id == "new"), "{merged:?}");
        let replaced = plan(ImportMode::Replace);
        assert_eq!(counts(&replaced), [1, 1, 1, 1, 1, 1]);
        assert_eq!(replaced.steps.iter().map(UndoStep::id).collect::<Vec<_>>(), ["gone", "other", "new"]);
        let UndoStep::Restore(UndoRow { host, .. }) = &replaced.steps[1] else { panic!("it comes") };
        assert_eq!(host, "10.0.0.1", "a file names no publisher");
        assert_eq!(ImportPlan::rows_of_others(&view(&[text("own", 0), text("a", 1)]), is_own), 1);
    }

    #[test]
    fn what_the_ledger_cannot_take_is_set_aside_and_rules_only_object() {
        let source = [
            r#"{"d": {"id": "a", "date": "infinity"}}"#.to_owned(),
            r#"{"d": {"id": "nul\u0000", "date": "2020-01-01"}}"#.to_owned(),
            "{".to_owned(),
            r#"{"operator": {"id": "o", "date": "2020-01-01"}}"#.to_owned(),
        ];
        let plan = ImportPlan::new(&View::default(), rows(&source), ImportMode::Empty, "h", is_own);
        assert_eq!(counts(&plan), [1, 0, 0, 0, 0, 3]);
        assert_eq!(plan.objections.iter().map(|one| one.place.as_str()).collect::<Vec<_>>(), ["line 4"]);
        let kinds = view(&[r#"{"x": {"id": "o", "date": "2020-01-01"}}"#.to_owned()]);
        let plan = ImportPlan::new(&kinds, rows(&source[3..]), ImportMode::Replace, "h", is_own);
        assert!(plan.set_aside[0].reason.contains("of type 'x'"), "{plan:?}");
    }
}
