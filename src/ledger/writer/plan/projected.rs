//! The view as it will be after the transaction.

use crate::ledger::view::{entry::LedgerEntry, fields::PolicyFields, view::View};
use std::sync::Arc;

/// The view with the changes planned so far.
///
/// The last added policy comes into the view when somebody needs it there: before the next change is planned, or while the
/// database works. With a single client it is always the latter, which is nearly a tenth of the time of a change on
/// PostgreSQL (378 us instead of 416).
#[derive(Clone)]
pub struct ProjectedView {
    view: View,
    last: Option<(Arc<LedgerEntry>, Arc<PolicyFields>)>,
}

impl ProjectedView {
    /// Creates the next version of a view, with no change yet.
    #[must_use]
    pub fn after(view: &View) -> Self {
        let mut view = view.clone();
        view.advance();
        Self { view, last: None }
    }

    /// Returns the bytes of the texts of all policies.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let last = self.last.as_ref().map_or(0, |(entry, _)| entry.text.len() as u64);
        self.view.bytes().saturating_add(last)
    }

    /// Puts the last added policy into the view.
    pub fn flush_last(&mut self) {
        if let Some((entry, fields)) = self.last.take() {
            self.view.insert_with_fields(entry, Some(&fields));
        }
    }

    /// Returns the view with everything that was planned.
    pub fn view(&mut self) -> &mut View {
        self.flush_last();
        &mut self.view
    }

    /// Adds a policy.
    pub fn add(&mut self, entry: Arc<LedgerEntry>, fields: Arc<PolicyFields>) {
        self.flush_last();
        self.last = Some((entry, fields));
    }

    /// Returns the view with everything that was planned.
    #[must_use]
    pub fn into_view(mut self) -> View {
        self.flush_last();
        self.view
    }
}
