//! Plans policies that are added.

use crate::{
    ledger::{
        change::{Author, OnDuplicate, PolicyCheck, PolicyInsert},
        error::Error,
        store::batch::RowEdit,
        view::{
            entry::{LedgerEntry, Location, Position},
            fields::PolicyFields,
        },
        writer::plan::{
            duplicate::resolve_duplicate,
            outcome::next_line,
            plan::{Planning, TransactionPlan},
            row::PlannedRow,
            rules::checked,
        },
    },
    policy::Policy,
};
use std::sync::Arc;

/// How a row reads on this node until the next round of the synchroniser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReadsAs {
    Stored,
    Local,
}

impl TransactionPlan {
    /// Plans a row. A line of the local file with the same id is no duplicate: the row takes its place.
    pub fn insert(&mut self, insert: &PolicyInsert, author: &Author) -> Planning {
        let id = id_of(&insert.policy)?;
        let there = self.projected.view().by_id(&id).filter(|entry| entry.location == Location::Table).cloned();
        match there {
            Some(there) => self.duplicate(insert, &there),
            None => self.add_row(insert, author, ReadsAs::Stored),
        }
    }

    /// Plans a row of a publisher that names policies of its own copy: an id that is there in any form is a duplicate
    /// (reference/ledger 3.5).
    pub fn publish(&mut self, insert: &PolicyInsert, author: &Author) -> Planning {
        let id = id_of(&insert.policy)?;
        let there = self.projected.view().by_id(&id).cloned();
        match there {
            Some(there) => self.duplicate(insert, &there),
            None => self.add_row(insert, author, ReadsAs::Local),
        }
    }

    /// Plans a line of the local file.
    pub fn insert_local(&mut self, policy: &Policy, check: PolicyCheck, author: &Author) -> Planning {
        let id = id_of(policy)?;
        let view = self.projected.view();
        if let Some(there) = view.by_id(&id) {
            return resolve_duplicate(OnDuplicate::Refuse, policy, check, there, view);
        }
        let checked = checked(policy, check, view)?;
        let row = PlannedRow::from_policy(&checked, "")?;
        let at = next_line(view);
        self.check_quota(row.values.text.len(), 0, author)?;
        self.lines.push_str(&row.values.text);
        self.lines.push('\n');
        let PlannedRow { id, values, fields } = row;
        Ok(self.put(LedgerEntry::new(values.text, id, values.host, at, Some(&fields)), fields))
    }

    fn duplicate(&mut self, insert: &PolicyInsert, there: &LedgerEntry) -> Planning {
        resolve_duplicate(insert.on_duplicate, &insert.policy, insert.check, there, self.projected.view())
    }

    fn add_row(&mut self, insert: &PolicyInsert, author: &Author, reads_as: ReadsAs) -> Planning {
        let view = self.projected.view();
        let checked = checked(&insert.policy, insert.check, view)?;
        let PlannedRow { id, mut values, fields } = PlannedRow::from_policy(&checked, &insert.host)?;
        if values.date.is_empty() {
            values.date.clone_from(&self.batch.time);
        }
        let sequence = view.last_sequence().saturating_add(1);
        self.check_quota(values.text.len(), 0, author)?;
        let date = Arc::from(self.engine.date_column(&values.date));
        let at = Position { date, sequence, location: Location::Table };
        let (text, host) = (Arc::clone(&values.text), Arc::clone(&values.host));
        let mut entry = LedgerEntry::new(text, Arc::clone(&id), host, at, Some(&fields));
        entry.local_until = (reads_as == ReadsAs::Local).then(|| self.projected.view().local_until().clone());
        self.write_row(&author.who, &fields.kind, &id, RowEdit::Insert(values));
        Ok(self.put(entry, fields))
    }
}

/// Returns the id under which a policy is looked for, before anything else is made of it.
fn id_of(policy: &Policy) -> Result<String, Error> {
    PolicyFields::id_of(policy).filter(|id| !id.is_empty()).ok_or(Error::NoId)
}
