//! The rules that a policy has to satisfy (reference/ledger 3).

use crate::{
    ledger::{change::PolicyCheck, error::Error, view::view::View, writer::plan::row::PlannedRow},
    policy::{Policy, rules},
    runtime::random::any_number,
};

/// Returns the row of a policy after the rules that a change asks for; the policy may get attributes by them.
///
/// # Errors
/// The rule that the policy breaks.
pub fn checked_row(policy: &Policy, check: PolicyCheck, row: PlannedRow, view: &View) -> Result<PlannedRow, Error> {
    let mut checked = policy.clone();
    match check {
        PolicyCheck::Nothing => return Ok(row),
        PolicyCheck::Structure => {
            rules::admissible(policy, view)?;
            return Ok(row);
        }
        PolicyCheck::Added => rules::check(&mut checked, view, any_number)?,
        PolicyCheck::Local => {
            checked.set_ledger("local");
            rules::check(&mut checked, view, any_number)?;
        }
        PolicyCheck::Rules => complete(&mut checked, view)?,
        PolicyCheck::Publish => {
            complete(&mut checked, view)?;
            checked.set_ledger("global");
        }
    }
    // Publishing may move the attribute `ledger` to the end, which no comparison of attributes shows.
    let unchanged = check != PolicyCheck::Publish && checked == *policy;
    if unchanged { Ok(row) } else { PlannedRow::from_policy(&checked, &row.values.host) }
}

/// Applies every rule to a policy of the table.
fn complete(policy: &mut Policy, view: &View) -> Result<(), Error> {
    rules::check(policy, view, any_number)?;
    Ok(rules::admissible(policy, view)?)
}

/// Checks a policy that is refused in any case, because a broken rule of its type is told before that.
///
/// # Errors
/// The rule that the policy breaks.
pub fn check_refused(policy: &Policy, check: PolicyCheck, view: &View) -> Result<(), Error> {
    match check {
        PolicyCheck::Nothing | PolicyCheck::Structure => Ok(()),
        PolicyCheck::Rules | PolicyCheck::Publish | PolicyCheck::Added | PolicyCheck::Local => {
            Ok(rules::check(&mut policy.clone(), view, any_number)?)
        }
    }
}
