//! Off again: what was held back until the chain has it comes into the table.

use super::{context::RelayContext, error::RelayError, tally::RelayTally, turn_rule};
use crate::{
    ledger::{Outbox, OutboxStep},
    node::{Node, RelayOptions, platforms::ConnectedPlatform},
};
use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

/// Shows the changes that members do not see yet, unless another master still sends: then it shows them itself.
pub(super) async fn show_held(
    node: &Arc<Node>,
    platform: &ConnectedPlatform,
    options: &RelayOptions,
    outbox: &Outbox,
    holder: &str,
    tally: &RelayTally,
) -> Result<(), RelayError> {
    let Some(turn) = outbox.take_turn(holder, 0, turn_rule::seconds()).await? else { return Ok(()) };
    let context =
        RelayContext { node, platform, options, outbox, turn: &turn, holder, kept: Mutex::new(Instant::now()), tally };
    let rows = outbox.waiting(i64::MAX).await?;
    for row in &rows {
        if row.shown {
            continue;
        }
        context.keep_turn().await?;
        context.show(row).await?;
        context.step(row, OutboxStep::Show).await?;
    }
    Ok(outbox.end_turn(&turn).await?)
}
