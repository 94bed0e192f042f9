//! A change that is in a block.

use super::{context::RelayContext, error::RelayError};
use crate::{
    ledger::{MinedOutbox, OutboxRow, OutboxState, OutboxStep},
    node::platforms::Mined,
    runtime::clock,
};

/// Takes note that a transaction is in a block; a change that was held back is shown now.
pub(super) async fn mine(context: &RelayContext<'_>, row: &OutboxRow, mined: Mined) -> Result<(), RelayError> {
    if !row.shown {
        context.show(row).await?;
    }
    let block = MinedOutbox {
        block: i64::try_from(mined.block.number).unwrap_or(i64::MAX),
        block_hash: mined.block.hash.to_string(),
        time: clock::policy_date(),
    };
    let is_new = row.state != OutboxState::Mined;
    context.step(row, OutboxStep::Mine(block)).await?;
    if is_new {
        context.note(row).await?;
        context.tally.mined();
    }
    Ok(())
}
