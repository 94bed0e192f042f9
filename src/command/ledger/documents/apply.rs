//! Policies as code, for programs: what it takes to make the ledger what somebody wrote down, and the doing of it.

use crate::{
    command::{
        engine::{Entry, typed},
        ledger::apply::{self, APPLY_ENTRY, PLAN_ENTRY},
    },
    ledger::DesiredPolicies,
    node::{Node, Session},
    reply::{Error, PolicyPlan},
};
use std::sync::Arc;

/// The entry whose rights plans have.
pub const PLAN: &Entry = PLAN_ENTRY;
/// The entry whose rights the carrying out of plans has.
pub const APPLY: &Entry = APPLY_ENTRY;

/// Plans what makes the ledger what is desired, and changes nothing.
///
/// # Errors
/// Too much waits.
pub async fn plan(node: &Arc<Node>, session: &Session, desired: DesiredPolicies) -> Result<PolicyPlan, Error> {
    typed(PLAN, node, session, apply::plan(node, session, desired)).await
}

/// Carries out the plan with a fingerprint, in one transaction.
///
/// # Errors
/// [`crate::ledger::Error::PlanOutdated`] when it would be another plan by now; what is wrong with it; the rules of the ledger.
pub async fn carry_out(
    node: &Arc<Node>,
    session: &Session,
    desired: DesiredPolicies,
    fingerprint: String,
) -> Result<PolicyPlan, Error> {
    typed(APPLY, node, session, apply::carry_out(node, session, desired, Some(fingerprint))).await
}
