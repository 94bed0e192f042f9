//! One round whose source is the contract of a platform (reference/ledger 12.6).

use super::round;
use crate::{
    ledger::Location,
    node::{
        Node, SyncOptions,
        platforms::{
            ChainChange, ChainList, CheckedOut, Checkout, ConnectedPlatform, PlatformError, PlatformName, Refusal,
        },
    },
    policy::Policy,
    reply::{Code, Error},
};

/// Brings the local copy in step with the contract; true when it changed. While the contract is as it was and this node has nothing of
/// its own to tell, that is one question.
pub(super) async fn run(
    node: &Node,
    name: PlatformName,
    options: &SyncOptions,
    known: &mut Option<ChainList>,
) -> Result<bool, Error> {
    let platform = node.platforms.get(name)?;
    let is_new = match platform.checkout(known.as_ref()).await? {
        Checkout::Unchanged => false,
        Checkout::Changed(list) => {
            *known = Some(list);
            true
        }
    };
    let Some(list) = known.as_ref().filter(|_| is_new || has_own(node) || is_copy_missing(node)) else {
        return Ok(false);
    };
    let policies = CheckedOut::of(&list.policies).policies;
    if policies.is_empty() && node.ledger.view().iter().any(|entry| !entry.local) {
        let detail =
            format!("the contract on {name} has no policies: the local copy stays as it is; is it the right contract?");
        *known = None;
        return Err(Error::with(Code::BLOCKCHAIN_FAILED, detail));
    }
    let text: String = policies.iter().map(|policy| policy.stored_text() + "\n").collect();
    let text = if text.is_empty() { "\n".to_owned() } else { text };
    let report = node.ledger.sync_from_master(&text).await?;
    for text in &report.push {
        tell(&platform, insert(text)).await?;
    }
    for id in &report.drop {
        tell(&platform, Some(ChainChange::Delete { id: id.clone() })).await?;
    }
    round::copy_if_asked(node, options).await?;
    Ok(report.changed)
}

/// Tells whether this node has policies that only it knows.
fn has_own(node: &Node) -> bool {
    node.ledger.view().iter().any(|entry| entry.location == Location::File && entry.local)
}

fn is_copy_missing(node: &Node) -> bool {
    node.dictionary.get("blockchain_file").is_some_and(|path| !std::path::Path::new(&path).exists())
}

fn insert(text: &str) -> Option<ChainChange> {
    let id = Policy::parse(text).ok()?.id()?;
    Some(ChainChange::Insert { id, text: text.to_owned() })
}

/// Tells the contract what only this node knows. What is there already needs nothing; what the contract refuses stays in the local
/// copy, and the log tells it.
async fn tell(platform: &ConnectedPlatform, change: Option<ChainChange>) -> Result<(), Error> {
    let Some(change) = change else { return Ok(()) };
    match platform.carry_out(&change).await {
        Ok(_) | Err(PlatformError::Refused { refusal: Refusal::Exists | Refusal::Missing, .. }) => Ok(()),
        Err(error @ PlatformError::Refused { .. }) => {
            tracing::warn!(%error, "the contract did not take a policy of this node");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
