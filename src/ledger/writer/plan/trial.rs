//! Tells whether a change would be refused, without making it.

use crate::ledger::{
    change::{Author, Change},
    error::Error,
    store::engine::Engine,
    view::view::View,
    writer::plan::{outcome::PlanOutcome, plan::TransactionPlan},
};

/// Plans a change on a version of the view and forgets the plan. Limits of senders and the database are not asked.
///
/// # Errors
/// Why the change would be refused.
pub fn check_change(view: &View, quota: u64, change: &Change, author: &Author) -> Result<(), Error> {
    // The kind of the database decides how dates read afterwards, and nothing else.
    let mut plan = TransactionPlan::new(view, Engine::Sqlite, 0, String::new(), quota, None);
    match plan.add(change, author) {
        PlanOutcome::Planned(_) | PlanOutcome::NextBatch => Ok(()),
        PlanOutcome::Refused(error) => Err(error),
    }
}
