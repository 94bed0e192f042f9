//! Rows of the outbox on their way to the chain.

use super::{context::RelayContext, error::RelayError, mined::mine, refused};
use crate::{
    ledger::{self, HistoryAction, OutboxRow, OutboxState, OutboxStep, SignedOutbox},
    node::platforms::{
        ChainChange, Fingerprint, PlatformError, Refusal, SendingTurn, SignedTransaction, TransactionOutcome,
    },
    policy::Policy,
    runtime::limits,
};
use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

/// How far a look at the outbox came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SendProgress {
    /// Rows that took a step.
    pub(super) moved: usize,
    /// Rows that wait for a block.
    pub(super) in_flight: usize,
    /// Rows that wait for those.
    pub(super) waiting: usize,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowOutcome {
    /// It waits for a block.
    InFlight,
    /// It waits for lower fees: the provider does not take what it offers any more.
    TooCheap,
    /// It needs nothing more for now.
    Done,
    /// It is to be signed anew.
    Again,
}

/// Since when the transactions of rows wait for a block or for lower fees, by the numbers of the rows.
pub(super) type PendingSince = HashMap<i64, Instant>;

/// Takes all rows that wait one step further. Changes of one policy go one after the other, each when the one before it is in a
/// block: what the chain says of a change depends on it. What a provider does not take of one policy, or what finds no room in the
/// ledger, holds up that policy alone. When sending costs too much nothing more is signed, and what was is looked up all the same.
///
/// # Errors
/// What sending costs, or [`RelayError::OfPolicy`] for the first of these, after all other rows; any other error at once.
pub(super) async fn send(context: &RelayContext<'_>, pending: &mut PendingSince) -> Result<SendProgress, RelayError> {
    let rows = context.outbox.waiting(limits::RELAY_ROWS).await?;
    pending.retain(|number, _| rows.iter().any(|row| row.number == *number));
    let mut progress = SendProgress::default();
    let mut busy: HashSet<&str> = HashSet::new();
    let (mut rejected, mut too_dear): (Option<RelayError>, Option<RelayError>) = (None, None);
    for row in &rows {
        context.keep_turn().await?;
        let is_signed = row.state == OutboxState::Signed;
        let may_sign = too_dear.is_none() && progress.in_flight < limits::RELAY_IN_FLIGHT;
        if busy.contains(row.id.as_str()) || !(is_signed || may_sign) {
            progress.waiting += 1;
            busy.insert(&row.id);
            continue;
        }
        let outcome = if is_signed {
            look_up(context, row, pending).await
        } else {
            progress.moved += 1;
            sign_and_send(context, row).await
        };
        match outcome {
            Ok(RowOutcome::InFlight | RowOutcome::TooCheap) => {
                progress.in_flight += 1;
                busy.insert(&row.id);
            }
            Ok(RowOutcome::Done) => progress.moved += 1,
            Ok(RowOutcome::Again) => {
                progress.moved += 1;
                busy.insert(&row.id);
            }
            Err(error) if error.is_of_price() => {
                too_dear.get_or_insert(error);
                busy.insert(&row.id);
            }
            Err(error) => {
                let error = of_policy(row, error)?;
                rejected.get_or_insert(error);
                // It counts as one in flight: a provider that takes nothing is not asked for every row.
                progress.in_flight += 1;
                busy.insert(&row.id);
            }
        }
    }
    too_dear.or(rejected).map_or(Ok(progress), Err)
}

/// Tells an error that is about one row alone from those that are about all of them, which are the error.
fn of_policy(row: &OutboxRow, error: RelayError) -> Result<RelayError, RelayError> {
    let reason = match error {
        RelayError::Platform(reason @ PlatformError::Rejected { .. }) => reason.to_string(),
        RelayError::Ledger(reason @ ledger::Error::Full { .. }) => reason.to_string(),
        error => return Err(error),
    };
    Ok(RelayError::OfPolicy { id: row.id.clone(), reason })
}

/// Looks what became of a transaction that was signed, now or before a restart.
async fn look_up(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    pending: &mut PendingSince,
) -> Result<RowOutcome, RelayError> {
    let Some(transaction) = row.signed.as_ref().and_then(transaction) else {
        // Nobody can send what cannot be read.
        context.step(row, OutboxStep::Requeue).await?;
        return Ok(RowOutcome::Again);
    };
    let client = context.platform.client();
    match client.outcome(&transaction.hash).await? {
        TransactionOutcome::Mined(mined) if mined.confirmations >= context.platform.options().confirmations => {
            mine(context, row, mined).await?;
            Ok(RowOutcome::Done)
        }
        TransactionOutcome::Mined(_) => Ok(RowOutcome::InFlight),
        TransactionOutcome::Pending => pay_more_in_time(context, row, &transaction, pending).await,
        TransactionOutcome::Reverted { refusal, .. } => answer_refusal(context, row, &refusal).await,
        TransactionOutcome::Unknown => {
            if client.nonce_of(transaction.account).await? > transaction.nonce {
                return sign_anew(context, row, &transaction).await;
            }
            let turn = context.platform.turn().await;
            match hand_over(context, row, turn, &transaction).await? {
                // Fees that stay where they are would keep it out for ever.
                RowOutcome::TooCheap => pay_more_in_time(context, row, &transaction, pending).await,
                outcome => Ok(outcome),
            }
        }
    }
}

/// Sends a row back whose number another transaction used.
async fn sign_anew(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    transaction: &SignedTransaction,
) -> Result<RowOutcome, RelayError> {
    // It may have come into a block between the two questions.
    if context.platform.client().outcome(&transaction.hash).await? != TransactionOutcome::Unknown {
        return Ok(RowOutcome::InFlight);
    }
    // The other one may be that in whose place this one came, with the same change. The contract refuses an insert that it has and a
    // drop of what it has not, and takes a replacement again and again.
    if row.action == HistoryAction::Replace && has_text(row, context.platform.find(&row.id).await?.as_deref()) {
        return settle_as_made(context, row).await;
    }
    tracing::info!(policy.id = %row.id, nonce = transaction.nonce, "somebody else used the number of a transaction: it is signed anew");
    context.step(row, OutboxStep::Requeue).await?;
    Ok(RowOutcome::Again)
}

/// Signs a transaction with a higher fee when it has waited too long.
async fn pay_more_in_time(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    waiting: &SignedTransaction,
    pending: &mut PendingSince,
) -> Result<RowOutcome, RelayError> {
    let since = *pending.entry(row.number).or_insert_with(Instant::now);
    if since.elapsed() < limits::RELAY_STUCK {
        return Ok(RowOutcome::InFlight);
    }
    pending.remove(&row.number);
    pay_more(context, row, waiting).await
}

/// Signs a transaction that waits too long with a higher fee. Only one of the two gets into a block; when it is the old one after
/// all, the new one is not taken, and the contract has the change.
async fn pay_more(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    waiting: &SignedTransaction,
) -> Result<RowOutcome, RelayError> {
    let turn = context.platform.turn().await;
    match turn.sign_again(&change_of(row), waiting).await {
        Ok(transaction) => keep_and_send(context, row, turn, &transaction).await,
        // The chain knows more by now: it is looked up in the next round.
        Err(PlatformError::Refused { .. }) => Ok(RowOutcome::InFlight),
        Err(error) => Err(error.into()),
    }
}

/// Signs the change of a row, keeps the signed transaction in the row, and sends it.
async fn sign_and_send(context: &RelayContext<'_>, row: &OutboxRow) -> Result<RowOutcome, RelayError> {
    let turn = context.platform.turn().await;
    let transaction = match turn.sign(&change_of(row)).await {
        Err(PlatformError::Refused { refusal: Refusal::Missing, .. }) if row.action == HistoryAction::Replace => {
            // The contract never had it: the text comes as a new one.
            turn.sign(&insert_of(row)).await
        }
        signed => signed,
    };
    let transaction = match transaction {
        Ok(transaction) => transaction,
        Err(PlatformError::Refused { refusal, .. }) => {
            drop(turn);
            return answer_refusal(context, row, &refusal).await;
        }
        Err(error) => return Err(error.into()),
    };
    keep_and_send(context, row, turn, &transaction).await
}

/// Keeps a signed transaction in its row and sends it.
async fn keep_and_send(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    turn: SendingTurn<'_>,
    transaction: &SignedTransaction,
) -> Result<RowOutcome, RelayError> {
    let signed = SignedOutbox {
        account: transaction.account.to_string(),
        nonce: i64::try_from(transaction.nonce).unwrap_or(i64::MAX),
        hash: transaction.hash.to_string(),
        raw: hex::encode(&transaction.raw),
    };
    // Kept before it is sent: whoever finds the row after a crash sends the same bytes.
    context.step(row, OutboxStep::Sign(signed.clone())).await?;
    context.tally.sent(transaction.hash.to_string(), transaction.nonce);
    let kept = OutboxRow { state: OutboxState::Signed, signed: Some(signed), ..row.clone() };
    hand_over(context, &kept, turn, transaction).await
}

/// Sends the signed transaction of a row, which is as the outbox has it.
async fn hand_over(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    turn: SendingTurn<'_>,
    transaction: &SignedTransaction,
) -> Result<RowOutcome, RelayError> {
    let sent = turn.send(transaction).await;
    drop(turn);
    match sent {
        // Whether somebody else has the number for good is seen when the transaction is looked up.
        Ok(()) | Err(PlatformError::NonceTaken { .. }) => Ok(RowOutcome::InFlight),
        Err(PlatformError::FeeTooLow { .. }) => Ok(RowOutcome::TooCheap),
        // The chain did not take it and never will.
        Err(PlatformError::Refused { refusal, .. }) => answer_refusal(context, row, &refusal).await,
        Err(error) => Err(error.into()),
    }
}

/// Decides what a refusal means: the contract has what it was to get, or the change is undone.
async fn answer_refusal(
    context: &RelayContext<'_>,
    row: &OutboxRow,
    refusal: &Refusal,
) -> Result<RowOutcome, RelayError> {
    let is_there = match (row.action, refusal) {
        (HistoryAction::Drop, Refusal::Missing) => true,
        (HistoryAction::Insert | HistoryAction::Replace, Refusal::Exists) => {
            match context.platform.find(&row.id).await? {
                Some(there) => has_text(row, Some(&there)),
                // It is not there as of the newest block: what the estimate saw is a transaction that waits for the next one,
                // perhaps of this very change; or it was, and is dropped by now.
                None if row.state == OutboxState::Signed => {
                    context.step(row, OutboxStep::Requeue).await?;
                    return Ok(RowOutcome::Again);
                }
                None => return Ok(RowOutcome::InFlight),
            }
        }
        _ => false,
    };
    if !is_there {
        refused::undo_change(context, row, refusal).await?;
        return Ok(RowOutcome::Done);
    }
    settle_as_made(context, row).await
}

/// Forgets a row whose change the contract has already.
async fn settle_as_made(context: &RelayContext<'_>, row: &OutboxRow) -> Result<RowOutcome, RelayError> {
    if !row.shown {
        context.show(row).await?;
    }
    context.note(row).await?;
    context.step(row, OutboxStep::Settle).await?;
    Ok(RowOutcome::Done)
}

/// Returns what the contract is asked for.
fn change_of(row: &OutboxRow) -> ChainChange {
    match (row.action, &row.after) {
        (HistoryAction::Replace, Some(text)) => ChainChange::Update { id: row.id.clone(), text: text.clone() },
        (_, Some(_)) => insert_of(row),
        (_, None) => ChainChange::Delete { id: row.id.clone() },
    }
}

fn insert_of(row: &OutboxRow) -> ChainChange {
    ChainChange::Insert { id: row.id.clone(), text: row.after.clone().unwrap_or_default() }
}

/// Returns the transaction that a row keeps.
fn transaction(signed: &SignedOutbox) -> Option<SignedTransaction> {
    Some(SignedTransaction {
        hash: signed.hash.parse::<Fingerprint>().ok()?,
        raw: hex::decode(&signed.raw).ok()?,
        nonce: signed.nonce.try_into().ok()?,
        account: signed.account.parse().ok()?,
    })
}

/// Tells whether what the contract has is what a row is to bring there.
fn has_text(row: &OutboxRow, there: Option<&str>) -> bool {
    there.zip(row.after.as_deref()).is_some_and(|(there, wanted)| is_same(there, wanted))
}

/// Tells whether two texts are the same policy.
fn is_same(there: &str, wanted: &str) -> bool {
    there == wanted || Policy::parse(there).ok().zip(Policy::parse(wanted).ok()).is_some_and(|(a, b)| a == b)
}
