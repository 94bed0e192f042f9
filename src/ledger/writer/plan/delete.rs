//! Plans policies that are deleted.

use crate::ledger::{
    error::Error,
    file::lines::{DeletionScope, deleted_line},
    store::batch::RowEdit,
    view::entry::{LedgerEntry, Location},
    writer::plan::{
        outcome::PlannedChange,
        plan::{Planning, TransactionPlan},
    },
};
use std::sync::Arc;

impl TransactionPlan {
    /// Plans the deletion of policies one by one, up to the first that is not there.
    pub fn drop_until_missing(&mut self, ids: &[String], who: &str) -> PlannedChange {
        let mut planned = PlannedChange::default();
        if let Some(missing) = ids.iter().find(|id| !self.drop_one(id, who, &mut planned)) {
            planned.end_with(Error::Missing(missing.clone()));
        }
        planned
    }

    /// Plans the deletion of those of several policies that are there.
    pub fn drop_some(&mut self, ids: &[String], who: &str) -> PlannedChange {
        let mut planned = PlannedChange::default();
        let missing: Vec<&str> =
            ids.iter().filter(|id| !self.drop_one(id, who, &mut planned)).map(String::as_str).collect();
        match missing.first() {
            None => {}
            Some(first) if missing.len() == ids.len() => planned.end_with(Error::Missing((*first).to_owned())),
            Some(_) => planned.end_with(Error::Subset(missing.join(", "))),
        }
        planned
    }

    /// Plans the deletion of all rows that a host published.
    pub fn drop_host(&mut self, host: &str, who: &str) -> Planning {
        let rows = self.rows_of_host(host);
        if rows.is_empty() {
            return Err(Error::MissingHost(host.to_owned()));
        }
        let mut planned = PlannedChange::default();
        rows.iter().for_each(|entry| self.drop_row(entry, who, &mut planned));
        Ok(planned)
    }

    /// Plans the deletion of a policy of the table, or of the local file when only that has it; false when it is not there.
    fn drop_one(&mut self, id: &str, who: &str, planned: &mut PlannedChange) -> bool {
        let Some(entry) = self.projected.view().by_id(id).cloned() else { return false };
        match entry.location {
            Location::Table => self.drop_row(&entry, who, planned),
            Location::File => self.drop_line(&entry, planned),
        }
        true
    }

    pub(super) fn drop_row(&mut self, entry: &Arc<LedgerEntry>, who: &str, planned: &mut PlannedChange) {
        self.write_row(who, &entry.kind, &entry.id, RowEdit::Drop { before: Arc::clone(&entry.text) });
        self.remove(entry, planned);
    }

    /// Plans the deletion of a policy that only the local file has: a line at the end of the file says so.
    fn drop_line(&mut self, entry: &Arc<LedgerEntry>, planned: &mut PlannedChange) {
        self.lines.push_str(&deleted_line(&entry.id, DeletionScope::Local));
        self.remove(entry, planned);
    }
}
