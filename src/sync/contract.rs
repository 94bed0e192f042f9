//! One round whose source is the contract of a platform (reference/ledger 12.6).

use super::round;
use crate::{
    ledger::{Location, SyncReport},
    node::{
        Node, SyncOptions,
        platforms::{
            ChainAddress, ChainChange, ChainList, CheckedOut, Checkout, ConnectedPlatform, PlatformError, PlatformName,
            Refusal,
        },
    },
    policy::Policy,
    reply::{Code, Error},
    runtime::limits,
};
use std::collections::HashSet;

/// What the rounds know of a contract.
#[derive(Default)]
pub(super) struct KnownContract {
    /// What it had when it was read last, and where it is.
    list: Option<(ChainAddress, ChainList)>,
    /// True after a round that failed behind that: the next one does the rest again, although it finds the contract
    /// unchanged.
    is_undone: bool,
    /// Ids of the policies of this node that it lacked in the last round and was told.
    told: HashSet<String>,
    /// Ids of what it was told in the last round and gave no answer to, neither yes nor no: there is no key, there are no
    /// coins, the chain is too dear, or the provider is away.
    unanswered: HashSet<String>,
}

impl KnownContract {
    /// Returns what a contract had when it was read last. What another one had is no beginning of its list, and what that one was
    /// told this one was not.
    fn of(&mut self, contract: ChainAddress) -> Option<&ChainList> {
        if self.list.as_ref().is_some_and(|(of, _)| *of != contract) {
            (self.list, self.told) = (None, HashSet::new());
        }
        self.list.as_ref().map(|(_, list)| list)
    }
}

/// Tells whether a list is of an older block than the one before it, as where several machines answer for a provider and this one
/// runs behind the others. A chain that stays there for long has no newer block any more.
fn is_behind(list: &ChainList, before: &ChainList) -> bool {
    list.block.number < before.block.number && before.read_at.elapsed() < limits::RELAY_SETTLED
}

/// Brings the local copy in step with the contract; true when it changed. While the contract is as it was and this
/// node has nothing of its own to tell, that is one question.
pub(super) async fn run(
    node: &Node,
    name: PlatformName,
    options: &SyncOptions,
    known: &mut KnownContract,
) -> Result<bool, Error> {
    let platform = node.platforms.get(name)?;
    let contract = platform.contract()?;
    let before = known.of(contract);
    let is_new = match platform.client().checkout(contract, before).await? {
        Checkout::Changed(list) if before.is_none_or(|before| !is_behind(&list, before)) => {
            known.list = Some((contract, list));
            true
        }
        Checkout::Changed(_) | Checkout::Unchanged => false,
    };
    if !is_new && !known.is_undone && !has_own(node) && !is_copy_missing(node) {
        return Ok(false);
    }
    let merged = merge(node, &platform, options, known).await;
    known.is_undone = merged.is_err();
    merged
}

/// Makes the list of the contract the local copy, and tells the contract what only this node knows.
async fn merge(
    node: &Node,
    platform: &ConnectedPlatform,
    options: &SyncOptions,
    known: &mut KnownContract,
) -> Result<bool, Error> {
    let Some((_, list)) = &known.list else { return Ok(false) };
    let policies = CheckedOut::of(&list.policies).policies;
    // What the contract may not have yet is no sign that it lost anything.
    let is_of_contract = |id: &str| !known.told.contains(id);
    if policies.is_empty() && node.ledger.view().iter().any(|entry| !entry.local && is_of_contract(&entry.id)) {
        let name = platform.name();
        let detail =
            format!("the contract on {name} has no policies: the local copy stays as it is; is it the right contract?");
        return Err(Error::with(Code::BLOCKCHAIN_FAILED, detail));
    }
    let text = source_text(node, &policies, &known.unanswered);
    let report = node.ledger.sync_from_master(&text).await?;
    known.told = report.push.iter().filter_map(|text| id_of(text)).collect();
    let told = tell_all(platform, &report, &mut known.unanswered).await;
    let copied = round::copy_if_asked(node, options).await;
    told.and(copied)?;
    Ok(report.changed)
}

/// Returns what the contract has as the writer merges it. Behind it stand, as local, the policies to which it gave no
/// answer: the round in which it was told them is not among those after which a policy is given up.
fn source_text(node: &Node, policies: &[Policy], unanswered: &HashSet<String>) -> String {
    let mut text: String = policies.iter().map(|policy| policy.stored_text() + "\n").collect();
    let view = node.ledger.view();
    // One that somebody dropped here meanwhile does not come back.
    for mut policy in unanswered.iter().filter_map(|id| view.by_id(id)?.policy()) {
        policy.set_ledger("local");
        text.push_str(&policy.stored_text());
        text.push('\n');
    }
    if text.is_empty() { "\n".to_owned() } else { text }
}

/// Tells whether this node has policies that only it knows.
fn has_own(node: &Node) -> bool {
    node.ledger.view().iter().any(|entry| entry.location == Location::File && entry.local)
}

fn is_copy_missing(node: &Node) -> bool {
    node.dictionary.get("blockchain_file").is_some_and(|path| !std::path::Path::new(&path).exists())
}

fn id_of(text: &str) -> Option<String> {
    Policy::parse(text).ok()?.id()
}

/// Tells the contract what only this node knows, and notes the ids of what it gave no answer to. A change that fails
/// keeps none of the others back; the error of the first is returned.
async fn tell_all(
    platform: &ConnectedPlatform,
    report: &SyncReport,
    unanswered: &mut HashSet<String>,
) -> Result<(), Error> {
    let insert = |text: &String| Some(ChainChange::Insert { id: id_of(text)?, text: text.clone() });
    let mut changes: Vec<ChainChange> = report.push.iter().filter_map(insert).collect();
    changes.extend(report.drop.iter().map(|id| ChainChange::Delete { id: id.clone() }));
    unanswered.clear();
    let mut outcome = Ok(());
    for change in &changes {
        let told = tell(platform, change).await;
        if told.is_err() {
            unanswered.insert(change.id().to_owned());
        }
        outcome = outcome.and(told);
    }
    outcome
}

/// Tells the contract one change; an error when it gave no answer. What is there already needs nothing. What the contract
/// refuses is in the log; the local copy keeps it, and it is told again when the contract changed, for some rounds.
async fn tell(platform: &ConnectedPlatform, change: &ChainChange) -> Result<(), Error> {
    match platform.carry_out(change).await {
        Ok(_) | Err(PlatformError::Refused { refusal: Refusal::Exists | Refusal::Missing, .. }) => Ok(()),
        Err(error @ PlatformError::Refused { .. }) => {
            tracing::warn!(%error, "the contract did not take a policy of this node");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
