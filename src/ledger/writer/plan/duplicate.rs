//! Refuses a policy whose id is in the ledger already.

use crate::{
    ledger::{
        change::{OnDuplicate, PolicyCheck},
        error::Error,
        view::{entry::LedgerEntry, view::View},
        writer::plan::{outcome::PlannedChange, rules::check_refused},
    },
    policy::Policy,
};

/// Decides what becomes of a policy whose id is there already: the first one stays, and the change is done or refused.
///
/// # Errors
/// Why the policy is refused.
pub fn resolve_duplicate(
    on_duplicate: OnDuplicate,
    policy: &Policy,
    check: PolicyCheck,
    there: &LedgerEntry,
    view: &View,
) -> Result<PlannedChange, Error> {
    match on_duplicate {
        OnDuplicate::Ignore | OnDuplicate::IgnoreAndStayDropped => Ok(PlannedChange::ignored()),
        OnDuplicate::Refuse => {
            check_refused(policy, check, view)?;
            Err(Error::Duplicate {
                id: there.id.to_string(),
                kind: there.kind.to_string(),
                host: there.host.to_string(),
            })
        }
    }
}
