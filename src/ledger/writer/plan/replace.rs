//! Plans rows that get a new text.

use crate::{
    ledger::{
        change::{Author, PolicyCheck},
        error::Error,
        store::batch::RowEdit,
        view::entry::{LedgerEntry, Location, Position},
        writer::plan::{
            plan::{Planning, TransactionPlan},
            row::PlannedRow,
            rules::checked,
        },
    },
    policy::Policy,
};
use std::{borrow::Cow, sync::Arc};

impl TransactionPlan {
    /// Plans a new text for the row with an id and the type of the policy.
    pub fn replace(&mut self, id: &str, policy: &Policy, host: &str, check: PolicyCheck, author: &Author) -> Planning {
        let row = PlannedRow::from_policy(policy, host)?;
        let view = self.projected.view();
        let is_replaced =
            |entry: &&Arc<LedgerEntry>| entry.location == Location::Table && *entry.kind == *row.fields.kind;
        let there = view.by_id(id).filter(is_replaced).cloned().ok_or_else(|| Error::Missing(id.to_owned()))?;
        self.check_quota(row.values.text.len(), there.text.len(), author)?;
        // The rules compare the new text with the others, not with the one that it replaces.
        self.projected.view().remove(id);
        self.put_back(&there, policy, row, check, author).inspect_err(|_| self.projected.view().insert(there))
    }

    /// Plans the new text of a row that was taken out of the view.
    pub(super) fn put_back(
        &mut self,
        there: &Arc<LedgerEntry>,
        policy: &Policy,
        row: PlannedRow,
        check: PolicyCheck,
        author: &Author,
    ) -> Planning {
        let PlannedRow { id, values, fields } = match checked(policy, check, self.projected.view())? {
            Cow::Borrowed(_) => row,
            Cow::Owned(checked) => PlannedRow::from_policy(&checked, &row.values.host)?,
        };
        let date = match self.engine.date_column(&values.date) {
            "" => Arc::clone(&there.date),
            date => Arc::from(date),
        };
        let at = Position { date, sequence: there.sequence, location: Location::Table };
        let (text, host) = (Arc::clone(&values.text), Arc::clone(&values.host));
        let entry = LedgerEntry::new(text, Arc::clone(&id), host, at, Some(&fields));
        self.write_row(&author.who, &fields.kind, &id, RowEdit::Replace { values, before: Arc::clone(&there.text) });
        Ok(self.put(entry, fields))
    }
}
