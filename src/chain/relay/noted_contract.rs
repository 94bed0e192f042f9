//! The contract that the outbox, and all that is known of the platform, is about.

use super::{context::RelayContext, error::RelayError};
use crate::{
    ledger::{KnownPolicy, OutboxState, OutboxStep},
    node::platforms::ChainAddress,
};

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
    if noted.as_deref() == Some(name.as_str()) {
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

/// Forgets what the contract before made of the rows: those in its blocks are done with, and the others are signed anew.
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
