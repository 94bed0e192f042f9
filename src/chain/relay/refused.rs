//! A change that the contract refused is undone in the ledger, and its member told.

use super::{
    context::{RelayContext, text_hash},
    error::RelayError,
    told,
};
use crate::{
    ledger::{Author, Change, HistorySelection, OutboxRow, OutboxStep, PastChange, UndoEffect, undo},
    node::platforms::Refusal,
};

/// Changes of the history that are looked at to undo one.
const MOST_CHANGES: usize = 20_000;

/// What a refusal did to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LedgerAfterRefusal {
    /// The change is undone.
    Undone,
    /// Somebody changed the policy since, so that it was left alone.
    ChangedSince,
    /// Nothing: the policy was in the table before the relay was on, or the history tells no more what was there.
    AsItWas,
}

impl LedgerAfterRefusal {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Undone => "it is undone",
            Self::ChangedSince => "it stays here, because somebody changed the policy since",
            Self::AsItWas => "the ledger stays as it is",
        }
    }
}

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
    let ledger = if row.shown { undo_in_table(context, row).await? } else { LedgerAfterRefusal::Undone };
    context.step(row, OutboxStep::Refuse(refusal.to_string())).await?;
    context.tally.refused();
    if let (Refusal::TooLarge, Some(text)) = (refusal, &row.after) {
        context.tally.note_too_large(row.id.clone(), text_hash(text));
    }
    let (id, outcome) = (&row.id, ledger.as_str());
    let undone = ledger == LedgerAfterRefusal::Undone;
    let text = format!("{platform} refused the {what} of policy '{id}' by {}: {refusal}; {outcome}", row.who);
    tracing::warn!(policy.id = %id, platform = platform.as_str(), who = row.who, what, refusal = %refusal, undone, "a relayed change was refused");
    told::refused(context.node, &row.host, &text).await;
    Ok(())
}

/// Makes the policy what it was before the change.
async fn undo_in_table(context: &RelayContext<'_>, row: &OutboxRow) -> Result<LedgerAfterRefusal, RelayError> {
    let ledger = &context.node.ledger;
    let is_this = |change: &PastChange| change.id == row.id && change.time == row.time;
    let changes = ledger.past_changes(&HistorySelection::Since(row.time.clone()), MOST_CHANGES).await?;
    let found = undo::undone(&ledger.view(), changes, is_this);
    let steps = undo::steps(&found, &row.host);
    if found.is_empty() {
        return Ok(LedgerAfterRefusal::AsItWas);
    }
    if steps.is_empty() {
        let is_as_before = found.iter().all(|one| one.effect == UndoEffect::Nothing);
        return Ok(if is_as_before { LedgerAfterRefusal::Undone } else { LedgerAfterRefusal::ChangedSince });
    }
    let author = Author { who: format!("relay:{}, undoing {}", context.options.platform, row.who), ..context.author() };
    ledger.write(Change::Undo { steps }, author).await?;
    Ok(LedgerAfterRefusal::Undone)
}
