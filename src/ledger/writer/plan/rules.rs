//! The rules that a policy has to satisfy (reference/ledger 3).

use crate::{
    ledger::{change::PolicyCheck, error::Error, view::view::View},
    policy::{Policy, rules},
    runtime::random::any_number,
};
use std::borrow::Cow;

/// Returns a policy after the rules that a change asks for; it may get attributes by them.
///
/// # Errors
/// The rule that the policy breaks.
pub fn checked<'p>(policy: &'p Policy, check: PolicyCheck, view: &View) -> Result<Cow<'p, Policy>, Error> {
    if check == PolicyCheck::Nothing {
        return Ok(Cow::Borrowed(policy));
    }
    if check == PolicyCheck::Structure {
        rules::admissible(policy, view)?;
        return Ok(Cow::Borrowed(policy));
    }
    let mut checked = policy.clone();
    match check {
        PolicyCheck::Nothing | PolicyCheck::Structure => {}
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
    Ok(Cow::Owned(checked))
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
