//! The contract that the outbox, and all that is known of the platform, is about.

use super::{context::RelayContext, contract_counts::ContractCounts, error::RelayError};
use crate::{
    ledger::{KnownPolicy, OutboxState, OutboxStep},
    node::platforms::ChainAddress,
};

/// What stands behind the name of a contract that was found to have begun anew.
const BEGUN_ANEW: &str = ", begun anew";

/// Takes note of the contract of the rounds to come. When it was another one before, all that is known goes: what the one had says
/// nothing about what somebody dropped from the other, and what was signed and sent for the one has to reach the other anew. Where
/// none was noted, an older version of this program knows the policies of the present one.
///
/// # Errors
/// [`RelayError::TurnOver`], and when database or provider do not answer. A contract that is none of policies is refused before
/// anything is forgotten.
pub(super) async fn follow(context: &RelayContext<'_>, contract: ChainAddress) -> Result<(), RelayError> {
    // Accounts deploy to the same addresses on every chain.
    let chain_id = context.platform.client().chain_id().await?;
    let name = format!("{contract} on chain {chain_id}");
    let (noted, policies) = context.outbox.known().await?;
    // That it began anew stays noted: it is judged before anything is sent.
    if noted.as_deref().is_some_and(|noted| name_in(noted) == name) {
        return Ok(());
    }
    let mut known = Vec::new();
    if let Some(before) = noted {
        context.platform.client().transaction_count(contract).await?;
        let platform = context.options.platform.as_str();
        tracing::warn!(platform, before, now = name, "the contract is another one: it gets what the ledger has");
        send_anew(context).await?;
        known.extend(policies.into_iter().map(|policy| KnownPolicy { hash: None, ..policy }));
    }
    known.push(KnownPolicy::of_contract(name));
    Ok(context.outbox.note_known(context.turn, &known).await?)
}

/// Judges the noted contract by what it has and did. That it began anew is noted, because others change it from then on as they
/// changed the one before, and soon its changes tell nothing any more. A contract that has all that is known is the known one after
/// all, as where a provider ran far behind: whatever was noted, nothing would be dropped for it.
///
/// # Errors
/// Those of [`ContractCounts::check`], and when the database does not answer.
pub(super) async fn judge(
    context: &RelayContext<'_>,
    noted: Option<&str>,
    counts: ContractCounts,
) -> Result<(), RelayError> {
    let was_anew = noted.is_some_and(|noted| noted.ends_with(BEGUN_ANEW));
    let judged = counts.check(was_anew);
    let is_anew = judged.as_ref().is_err_and(RelayError::is_of_contract);
    if let Some(noted) = noted.filter(|_| was_anew != is_anew) {
        let (platform, name) = (context.options.platform.as_str(), name_in(noted));
        let ContractCounts { entries, changes, known, gone, .. } = counts;
        let finding = if is_anew { "it began anew" } else { "it is the known one after all" };
        tracing::warn!(platform, contract = name, entries, changes, known, gone, finding, "judged the contract anew");
        let name = if is_anew { format!("{name}{BEGUN_ANEW}") } else { name.to_owned() };
        context.outbox.note_known(context.turn, &[KnownPolicy::of_contract(name)]).await?;
    }
    judged
}

/// Returns the name of a noted contract, whatever was found about it.
fn name_in(noted: &str) -> &str {
    noted.strip_suffix(BEGUN_ANEW).unwrap_or(noted)
}

/// Forgets what the contract before made of the rows: those in its blocks are done with, and the others are signed anew. A row that
/// was signed may stand anywhere among those that wait, so all of these are read.
async fn send_anew(context: &RelayContext<'_>) -> Result<(), RelayError> {
    for row in &context.outbox.mined().await? {
        context.keep_turn().await?;
        context.step(row, OutboxStep::Settle).await?;
    }
    for row in &context.outbox.waiting(i64::MAX).await? {
        if row.state == OutboxState::Signed {
            context.keep_turn().await?;
            context.step(row, OutboxStep::Requeue).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_contract_is_told_from_what_was_found_about_it() {
        let name = "0xc0 on chain 1";
        assert_eq!((name_in(name), name_in(&format!("{name}{BEGUN_ANEW}"))), (name, name));
    }
}
