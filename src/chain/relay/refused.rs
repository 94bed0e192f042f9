//! A change that the contract refused is undone in the ledger, and its member told.

use super::{context::RelayContext, error::RelayError, told};
use crate::{
    ledger::{Author, Change, HistorySelection, OutboxRow, OutboxStep, PastChange, UndoEffect, undo},
    node::platforms::Refusal,
};

/// Changes of the history that are looked at to undo one.
const MOST_CHANGES: usize = 20_000;

/// Undoes the change of a row, unless somebody changed the policy afterwards, and marks the row.
pub(super) async fn undo_change(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    refusal: &Refusal,
) -> Result<(), RelayError> {
    let platform = context.options.platform;
    let what = row.action.as_str();
    // A question to the provider may have hung until another master did all of this.
    context.confirm_turn().await?;
    let undone = if row.shown { undo_in_table(context, row).await? } else { true };
    context.step(row, OutboxStep::Refuse(refusal.to_string())).await?;
    context.tally.refused();
    let outcome = if undone { "it is undone" } else { "it stays here, because somebody changed the policy since" };
    let id = &row.id;
    let text = format!("{platform} refused the {what} of policy '{id}' by {}: {refusal}; {outcome}", row.who);
    tracing::warn!(policy.id = %id, platform = platform.as_str(), who = row.who, what, refusal = %refusal, undone, "a relayed change was refused");
    told::refused(context.node, &row.host, &text).await;
    Ok(())
}

/// Makes the policy what it was before the change; false when somebody changed it since.
async fn undo_in_table(context: &RelayContext<'_>, row: &OutboxRow) -> Result<bool, RelayError> {
    let ledger = &context.node.ledger;
    let is_this = |change: &PastChange| change.id == row.id && change.time == row.time;
    let changes = ledger.past_changes(&HistorySelection::Since(row.time.clone()), MOST_CHANGES).await?;
    let found = undo::undone(&ledger.view(), changes, is_this);
    let steps = undo::steps(&found, &row.host);
    if steps.is_empty() {
        return Ok(found.iter().all(|one| one.effect == UndoEffect::Nothing));
    }
    let author = Author { who: format!("relay:{}, undoing {}", context.options.platform, row.who), ..context.author() };
    ledger.write(Change::Undo { steps }, author).await?;
    Ok(true)
}
