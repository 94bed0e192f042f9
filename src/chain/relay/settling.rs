//! Mined rows until nobody expects the chain to be re-organised.

use super::{context::RelayContext, error::RelayError, mined::mine, refused};
use crate::{
    ledger::{OutboxRow, OutboxStep},
    node::platforms::{ChainBlock, Fingerprint, TransactionOutcome},
    runtime::{clock, limits},
};
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// Looks whether the blocks of mined rows are still part of the chain, and forgets rows that are settled. Rows of one block share
/// its fate; those of different ones do not, as a row may have come into its block after others had lost theirs.
pub(super) async fn settle(context: &RelayContext<'_>, seen: &mut Option<ChainBlock>) -> Result<(), RelayError> {
    let rows = context.outbox.mined().await?;
    if rows.is_empty() {
        return Ok(());
    }
    let head = context.platform.client().head().await?;
    if *seen == Some(head) && !rows.iter().any(is_old) {
        return Ok(());
    }
    let mut blocks: HashMap<&str, bool> = HashMap::new();
    for row in &rows {
        context.keep_turn().await?;
        let block = row.mined.as_ref().map_or("", |mined| mined.block_hash.as_str());
        let is_unchanged = match blocks.get(block) {
            Some(is_unchanged) => *is_unchanged,
            None => {
                let is_unchanged = is_still_mined(context, row).await?;
                blocks.insert(block, is_unchanged);
                is_unchanged
            }
        };
        if is_unchanged {
            let behind = head.number.saturating_sub(block_of(row));
            if behind >= limits::RELAY_SETTLED_BLOCKS || is_old(row) {
                context.step(row, OutboxStep::Settle).await?;
            }
        } else {
            look_again(context, row).await?;
        }
    }
    *seen = Some(head);
    Ok(())
}

/// Finds the row of a re-organised chain in its new block, or sends it back to be looked up.
async fn look_again(context: &RelayContext<'_>, row: &OutboxRow) -> Result<(), RelayError> {
    match outcome(context, row).await? {
        TransactionOutcome::Mined(mined) if is_in(row, mined.block) => Ok(()),
        TransactionOutcome::Mined(mined) => mine(context, row, mined).await,
        TransactionOutcome::Reverted { refusal, .. } => refused::undo_change(context, row, &refusal).await,
        TransactionOutcome::Pending | TransactionOutcome::Unknown => {
            tracing::warn!(policy.id = %row.id, "the chain was re-organised: a change is looked up again");
            context.tally.reorganised();
            context.step(row, OutboxStep::Unmine).await
        }
    }
}

/// Tells whether the block of a mined row is still part of the chain.
pub(super) async fn is_still_mined(context: &RelayContext<'_>, row: &OutboxRow) -> Result<bool, RelayError> {
    Ok(match outcome(context, row).await? {
        TransactionOutcome::Mined(mined) => is_in(row, mined.block),
        _ => false,
    })
}

async fn outcome(context: &RelayContext<'_>, row: &OutboxRow) -> Result<TransactionOutcome, RelayError> {
    let hash = row.signed.as_ref().and_then(|signed| signed.hash.parse::<Fingerprint>().ok());
    match hash {
        Some(hash) => Ok(context.platform.client().outcome(&hash).await?),
        None => Ok(TransactionOutcome::Unknown),
    }
}

fn block_of(row: &OutboxRow) -> u64 {
    row.mined.as_ref().map_or(0, |mined| mined.block.unsigned_abs())
}

fn is_in(row: &OutboxRow, block: ChainBlock) -> bool {
    row.mined.as_ref().is_some_and(|mined| mined.block_hash == block.hash.to_string())
}

/// Tells whether a row has been in its block for so long that even a chain without new blocks settled it.
fn is_old(row: &OutboxRow) -> bool {
    let since = row.mined.as_ref().and_then(|mined| mined.time.parse::<Timestamp>().ok());
    let age = since.map(|since| clock::now().duration_since(since));
    age.and_then(|age| Duration::try_from(age).ok()).is_some_and(|age| age > limits::RELAY_SETTLED)
}
