//! Plans policies that become what they were before changes that are undone.

use crate::ledger::{
    change::{Author, UndoStep},
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
    /// Plans all steps: rows come back with the text, the host and the date that they had, whatever rules there are now.
    pub fn undo(&mut self, steps: &[UndoStep], author: &Author) -> Planning {
        let mut planned = PlannedChange::default();
        for step in steps {
            match step {
                UndoStep::Remove { id } => {
                    if let Some(there) = self.projected.view().by_id(id).filter(is_row).cloned() {
                        self.drop_row(&there, &author.who, &mut planned);
                    }
                }
                UndoStep::Restore { id, text, host, date } => {
                    let Some(fields) = PolicyFields::read_lenient(text) else { return Err(Error::NoId) };
                    let date = date.clone().or_else(|| fields.date.clone()).filter(|date| !date.is_empty());
                    let values = RowValues {
                        company: fields.company.clone(),
                        date: date.unwrap_or_else(|| self.batch.time.clone()),
                        host: host.as_str().into(),
                        status: fields.status.clone(),
                        text: text.as_str().into(),
                    };
                    self.restore(id, values, fields, author, &mut planned)?;
                }
            }
        }
        Ok(planned)
    }

    fn restore(
        &mut self,
        id: &str,
        values: RowValues,
        fields: PolicyFields,
        author: &Author,
        planned: &mut PlannedChange,
    ) -> Result<(), Error> {
        let there = self.projected.view().by_id(id).filter(is_row).cloned();
        self.check_quota(values.text.len(), there.as_ref().map_or(0, |there| there.text.len()), author)?;
        let sequence = match &there {
            Some(there) => there.sequence,
            None => self.projected.view().last_sequence().saturating_add(1),
        };
        let date = Arc::from(self.engine.date_column(&values.date));
        let at = Position { date, sequence, location: Location::Table };
        let (text, id, host) = (Arc::clone(&values.text), Arc::<str>::from(id), Arc::clone(&values.host));
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
