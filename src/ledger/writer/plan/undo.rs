//! Plans policies that become what they were before changes that are undone.

use crate::ledger::{
    change::{Author, UndoRow, UndoStep},
    error::Error,
    store::batch::{RowEdit, RowValues},
    view::{
        entry::{LedgerEntry, Location, Position},
        fields::PolicyFields,
    },
    writer::plan::{
        outcome::PlannedChange,
        plan::{Planning, TransactionPlan},
    },
};
use std::sync::Arc;

impl TransactionPlan {
    /// Plans all steps, or none when one is refused: rows come back with the text, the host and the date that they had, whatever
    /// rules there are now. A row that is another one than a step has seen is left alone; the policies of what was planned tell
    /// which steps were made.
    pub fn undo(&mut self, steps: &[UndoStep], author: &Author) -> Planning {
        let savepoint = self.savepoint();
        let planned = self.undo_all(steps, author);
        if planned.is_err() {
            self.return_to(savepoint);
        }
        planned
    }

    fn undo_all(&mut self, steps: &[UndoStep], author: &Author) -> Planning {
        let mut planned = PlannedChange::default();
        for step in steps {
            let there = self.projected.view().by_id(step.id()).filter(is_row).cloned();
            self.undo_one(step, there, author, &mut planned)?;
        }
        Ok(planned)
    }

    fn undo_one(
        &mut self,
        step: &UndoStep,
        there: Option<Arc<LedgerEntry>>,
        author: &Author,
        planned: &mut PlannedChange,
    ) -> Result<(), Error> {
        match (step, there) {
            (UndoStep::Remove { .. }, Some(there)) => self.drop_row(&there, &author.who, planned),
            (UndoStep::Remove { .. }, None) | (UndoStep::Add(_), Some(_)) => {}
            (UndoStep::Restore(row), there) => self.restore(row, there, author, planned)?,
            (UndoStep::Add(row), None) => self.restore(row, None, author, planned)?,
            (UndoStep::While { seen, step }, there) => {
                if there.as_ref().map(|there| &there.text) == seen.as_ref() {
                    self.undo_one(step, there, author, planned)?;
                }
            }
        }
        Ok(())
    }

    fn restore(
        &mut self,
        row: &UndoRow,
        there: Option<Arc<LedgerEntry>>,
        author: &Author,
        planned: &mut PlannedChange,
    ) -> Result<(), Error> {
        let UndoRow { id, text, host, date } = row;
        let Some(fields) = PolicyFields::read_lenient(text) else { return Err(Error::NoId) };
        let date = date.clone().or_else(|| fields.date.clone()).filter(|date| !date.is_empty());
        let values = RowValues {
            company: fields.company.clone(),
            date: date.unwrap_or_else(|| self.batch.time.clone()),
            host: host.as_str().into(),
            status: fields.status.clone(),
            text: text.as_str().into(),
        };
        self.check_quota(values.text.len(), there.as_ref().map_or(0, |there| there.text.len()), author)?;
        let sequence = match &there {
            Some(there) => there.sequence,
            None => self.projected.view().last_sequence().saturating_add(1),
        };
        let date: Arc<str> = Arc::from(self.engine.date_column(&values.date));
        let is_same =
            |there: &Arc<LedgerEntry>| there.text == values.text && there.host == values.host && there.date == date;
        if there.as_ref().is_some_and(is_same) {
            // The answer of the commit was lost and this is another try, or somebody else did the same.
            return Ok(());
        }
        let at = Position { date, sequence, location: Location::Table };
        let (text, id, host) = (Arc::clone(&values.text), Arc::<str>::from(id.as_str()), Arc::clone(&values.host));
        let entry = LedgerEntry::new(text, Arc::clone(&id), host, at, Some(&fields));
        let edit = match there {
            Some(there) => {
                self.projected.view().remove(&id);
                RowEdit::Replace { values, before: Arc::clone(&there.text) }
            }
            None => RowEdit::Insert(values),
        };
        self.write_row(&author.who, &fields.kind, &id, edit);
        let (entry, fields) = self.place(entry, fields);
        planned.put(entry, fields);
        Ok(())
    }
}

fn is_row(entry: &&Arc<LedgerEntry>) -> bool {
    entry.location == Location::Table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{change::Change, store::engine::Engine, view::view::View, writer::plan::outcome::PlanOutcome};

    fn text(id: &str, x: u8) -> String {
        format!(r#"{{"d": {{"id": "{id}", "x": {x}, "date": "2020-01-01T00:00:00.000000Z"}}}}"#)
    }

    fn row(id: &str, x: u8) -> UndoRow {
        UndoRow { id: id.to_owned(), text: text(id, x), host: "h".to_owned(), date: None }
    }

    /// Plans steps on a ledger that has the policy `there`, and returns what came of them and the ids that are written.
    fn planned(quota: u64, steps: Vec<UndoStep>) -> (PlanOutcome, Vec<String>) {
        let fields = PolicyFields::read(&text("there", 1)).unwrap();
        let at = Position { date: "2020-01-01T00:00:00.000000Z".into(), sequence: 1, location: Location::Table };
        let mut view = View::default();
        let entry = LedgerEntry::new(text("there", 1).as_str().into(), "there".into(), "h".into(), at, Some(&fields));
        view.insert(Arc::new(entry));
        let time = "2026-01-01T00:00:00.000000Z".to_owned();
        let mut plan = TransactionPlan::new(&view, Engine::Sqlite, 0, time, quota, None);
        let outcome = plan.add(&Change::Undo { steps }, &Author::new("w"));
        (outcome, plan.batch().changes.iter().map(|change| change.id.to_string()).collect())
    }

    #[test]
    fn steps_are_planned_all_or_none() {
        let quota = u64::MAX / 2;
        let no_policy = UndoRow { text: "{".to_owned(), ..row("b", 1) };
        let (outcome, written) = planned(quota, vec![UndoStep::Restore(row("a", 1)), UndoStep::Restore(no_policy)]);
        assert!(matches!(outcome, PlanOutcome::Refused(_)) && written.is_empty(), "{written:?}");
    }

    #[test]
    fn a_row_that_is_another_one_than_was_seen_is_left_alone() {
        let quota = u64::MAX / 2;
        let seen = |seen: Option<String>, step| UndoStep::While { seen: seen.map(Arc::from), step: Box::new(step) };
        let restored = |id: &str| UndoStep::Restore(row(id, 2));
        let removed = || UndoStep::Remove { id: "there".to_owned() };
        let before = || Some(text("there", 0));
        let now = || Some(text("there", 1));
        for (steps, changed) in [
            (vec![seen(now(), restored("there"))], vec!["there"]),
            (vec![seen(now(), removed())], vec!["there"]),
            (vec![seen(None, restored("new"))], vec!["new"]),
            (vec![seen(before(), restored("there"))], vec![]),
            (vec![seen(before(), removed())], vec![]),
            // It came back, or was dropped, since it was looked at.
            (vec![seen(None, restored("there"))], vec![]),
            (vec![seen(before(), restored("gone"))], vec![]),
            (vec![seen(before(), restored("there")), seen(None, restored("new"))], vec!["new"]),
        ] {
            let (outcome, written) = planned(quota, steps.clone());
            let PlanOutcome::Planned(change) = outcome else { panic!("{steps:?} is refused") };
            assert_eq!(written, changed, "{steps:?}");
            assert_eq!(change.entries().len(), changed.len(), "what was left alone is told: {steps:?}");
        }
    }

    #[test]
    fn a_row_that_is_there_stays_when_one_is_only_added_and_the_same_row_is_not_written_again() {
        let quota = u64::MAX / 2;
        assert_eq!(planned(quota, vec![UndoStep::Restore(row("there", 2))]).1, ["there"]);
        assert_eq!(planned(quota, vec![UndoStep::Add(row("there", 2)), UndoStep::Add(row("new", 1))]).1, ["new"]);
        assert!(planned(quota, vec![UndoStep::Restore(row("there", 1))]).1.is_empty());
    }
}
