//! Brings table and contract in step: what others changed in the contract comes into the table, and what the table changed while no
//! relay was on goes to the contract.

use super::{
    context::{RelayContext, text_hash},
    contract_counts::ContractCounts,
    error::RelayError,
    merge::{MergeDecision, PolicySides},
    noted_contract,
    reader::ContractReader,
    settling,
};
use crate::{
    ledger::{
        self, Change, HistoryAction, KnownPolicy, LedgerEntry, Location, OnDuplicate, OutboxEntry, OutboxRow,
        PolicyCheck, PolicyFields, PolicyInsert, View,
    },
    node::platforms::{ChainAddress, ChainList, CheckedOut, Checkout},
    policy::Policy,
    runtime::{clock, limits},
};
use futures_util::{StreamExt, stream};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// A policy of the contract.
struct ContractPolicy {
    policy: Policy,
    text: String,
    hash: String,
}

/// What both sides have, as of one moment.
pub(super) struct Sides {
    /// Where the contract is.
    address: ChainAddress,
    /// The contract that all that is known is about, as it was noted.
    noted: Option<String>,
    contract: HashMap<String, ContractPolicy>,
    /// Policies that the contract has, and that a `discard` hides.
    hidden: HashSet<String>,
    /// True for a contract without pages, which is read as a whole for one of its policies.
    is_plain: bool,
    /// Ids in the order of the contract's list.
    order: Vec<String>,
    view: Arc<View>,
    known: HashMap<String, String>,
    /// Policies with changes that are in no block yet: what becomes of them is decided by these.
    waiting: HashSet<String>,
    /// The last change of policies that is in a block which may still be re-organised.
    mined: HashMap<String, OutboxRow>,
}

/// What has to be done to bring both in step.
#[derive(Default)]
struct Work {
    known: Vec<KnownPolicy>,
    take_in: Vec<String>,
    drop_here: Vec<String>,
    relay: Vec<OutboxEntry>,
}

/// Reads both sides, and judges whether the contract can be the one that had what is known. Nothing when that cannot be told,
/// because the list is older than the last change that is in a block, or than the one before it, as that of a provider may be that
/// runs behind the others: what it lacks was not dropped. A chain that began anew has old blocks as well, and is found all the same.
///
/// # Errors
/// [`RelayError::EmptyContract`], [`RelayError::BegunAnew`] and [`RelayError::Emptied`] by what the contract has; and when database or
/// provider do not answer.
pub(super) async fn look(context: &RelayContext<'_>, reader: &ContractReader) -> Result<Option<Sides>, RelayError> {
    let Some((contract, list)) = reader.list() else { return Ok(None) };
    let sides = Sides::read(context, *contract, list).await?;
    let blocks = sides.mined.values().filter_map(|row| Some(row.mined.as_ref()?.block.unsigned_abs()));
    if blocks.max().is_some_and(|block| block > list.block.number) {
        return Ok(None);
    }
    // What has only policies that are known, as they are known, is the contract of a moment ago and no other one.
    if reader.is_behind() && sides.is_part_of_known() {
        return Ok(None);
    }
    noted_contract::judge(context, sides.noted.as_deref(), sides.counts(list)).await?;
    Ok(Some(sides).filter(|_| !reader.is_behind()))
}

/// Brings both sides in step; false when that has to be done again, because policies with changes under way were left out, or because
/// one was refused that others may stand in the way of no more.
///
/// # Errors
/// [`RelayError::OfPolicy`] for a policy for which the ledger has no room, when all others are in step; and when database or provider do
/// not answer.
pub(super) async fn pull(context: &RelayContext<'_>, sides: &Sides) -> Result<bool, RelayError> {
    let work = sides.work(context).await?;
    if !work.relay.is_empty() {
        let count = context.outbox.add(context.turn, &clock::policy_date(), &work.relay).await?;
        if count > 0 {
            tracing::info!(
                count,
                platform = context.options.platform.as_str(),
                "policies of the table that the contract does not have as they are: they are relayed"
            );
        }
    }
    let mut known = work.known;
    // What goes first may stand in the way of what comes: a table that others dropped and inserted again.
    drop_here(context, sides, work.drop_here, &mut known).await?;
    let taken = take_in(context, sides, &work.take_in, &mut known).await;
    if taken.as_ref().is_err_and(RelayError::ends_round) {
        return taken;
    }
    if !known.is_empty() {
        context.outbox.note_known(context.turn, &known).await?;
    }
    taken.map(|is_done| is_done && sides.waiting.is_empty())
}

impl Sides {
    async fn read(context: &RelayContext<'_>, address: ChainAddress, list: &ChainList) -> Result<Self, RelayError> {
        // What this master does not know yet it would take for dropped.
        context.node.ledger.catch_up().await?;
        let view = context.node.ledger.view();
        // Read behind the view: a change between the two has its row here.
        let waiting = context.outbox.ids().await?;
        let mined = context.outbox.mined().await?.into_iter().map(|row| (row.id.clone(), row)).collect();
        // Those of the contract of this round: with another one everything was forgotten before it.
        let (noted, known) = context.outbox.known().await?;
        let known = known.into_iter().filter_map(|policy| Some((policy.id, policy.hash?))).collect();
        let out = CheckedOut::of(&list.policies);
        let (hidden, is_plain) = (hidden_in(list, &out), list.fingerprint.is_none());
        let (mut contract, mut order) = (HashMap::with_capacity(out.policies.len()), Vec::new());
        for policy in out.policies {
            let company = PolicyFields::from_policy(&policy).company;
            let Some(id) = policy.id() else { continue };
            if context.options.subset.covers(policy.kind(), company.as_deref()) {
                let text = policy.stored_text();
                order.push(id.clone());
                contract.insert(id, ContractPolicy { hash: text_hash(&text), policy, text });
            }
        }
        Ok(Self { address, noted, contract, hidden, is_plain, order, view, known, waiting, mined })
    }

    /// Tells whether the list has policies, and none that is not known as it is there.
    fn is_part_of_known(&self) -> bool {
        let is_known = |(id, there): (&String, &ContractPolicy)| self.known.get(id) == Some(&there.hash);
        !self.contract.is_empty() && self.contract.iter().all(is_known)
    }

    /// Counts what the list tells of the contract beside what is known of it. An entry that is hidden, or that is no part of what is
    /// relayed, is there all the same; what a change of ours is about that may not be in a block says nothing.
    fn counts(&self, list: &ChainList) -> ContractCounts {
        let entries: HashSet<&str> = list.policies.iter().map(|policy| policy.id.as_str()).collect();
        let mut counts =
            ContractCounts { entries: entries.len(), changes: list.transaction_count, ..ContractCounts::default() };
        for id in self.known.keys() {
            let is_there = entries.contains(id.as_str()) || self.contract.contains_key(id);
            counts.lacking += usize::from(!is_there);
            if is_there || !(self.waiting.contains(id) || self.mined.contains_key(id)) {
                counts.known += 1;
                counts.gone += usize::from(!is_there);
            }
        }
        counts
    }

    /// Decides for every policy of either side.
    async fn work(&self, context: &RelayContext<'_>) -> Result<Work, RelayError> {
        let rows: Vec<&Arc<LedgerEntry>> = self.view.iter().filter(|entry| self.is_relayed(context, entry)).collect();
        let of_table: HashMap<&str, (&Arc<LedgerEntry>, String)> =
            rows.iter().map(|entry| (&*entry.id, (*entry, text_hash(&entry.text)))).collect();
        let (mut work, mut gone) = (Work::default(), Vec::new());
        let ids: BTreeSet<&str> = self.known.keys().map(String::as_str).collect();
        let ids = self.order.iter().map(String::as_str).chain(rows.iter().map(|entry| &*entry.id)).chain(ids);
        let mut seen = HashSet::new();
        let ids: Vec<&str> = ids.filter(|id| !self.waiting.contains(*id) && seen.insert(*id)).collect();
        for id in ids {
            let (contract, table) = (self.contract.get(id), of_table.get(id));
            let date = |policy: Option<&Policy>| policy.and_then(Policy::date).unwrap_or_default().to_owned();
            let sides = PolicySides {
                contract: contract.map(|there| there.hash.as_str()),
                table: table.map(|(_, hash)| hash.as_str()),
                known: self.known.get(id).map(String::as_str),
                table_is_later: date(table.and_then(|(entry, _)| entry.policy()).as_ref())
                    > date(contract.map(|there| &there.policy)),
            };
            let decision = sides.decide();
            if decision != MergeDecision::Nothing && !self.is_certain(context, id, sides).await? {
                continue;
            }
            // The chain takes no transaction with this text; who changes it is tried again.
            let is_relayed = matches!(decision, MergeDecision::RelayInsert | MergeDecision::RelayReplace);
            if is_relayed && sides.table.is_some_and(|hash| context.tally.is_too_large(id, hash)) {
                continue;
            }
            if decision == MergeDecision::DropHere && !self.hidden.contains(id) {
                gone.push(id);
                continue;
            }
            work.add(context, decision, id, contract, table.map(|(entry, _)| *entry));
        }
        // The list may be from before a change of the chain's mind; the contract is asked once more before a policy goes.
        let there = self.still_there(context, &gone).await?;
        work.drop_here.extend(gone.into_iter().filter(|id| !there.contains(*id)).map(str::to_owned));
        Ok(work)
    }

    /// Asks the contract which of several policies it has. One without pages is read once for all of them.
    async fn still_there(&self, context: &RelayContext<'_>, ids: &[&str]) -> Result<HashSet<String>, RelayError> {
        let client = context.platform.client();
        if self.is_plain
            && !ids.is_empty()
            && let Checkout::Changed(list) = client.checkout(self.address, None).await?
        {
            return Ok(list.policies.iter().map(|policy| policy.id.clone()).collect());
        }
        let mut there = HashSet::new();
        for id in ids {
            if client.find(self.address, id).await?.is_some() {
                there.insert((*id).to_owned());
            }
        }
        Ok(there)
    }

    /// Tells whether a policy of the table is one that is relayed.
    fn is_relayed(&self, context: &RelayContext<'_>, entry: &LedgerEntry) -> bool {
        let company = || PolicyFields::read(&entry.text).and_then(|fields| fields.company);
        let subset = &context.options.subset;
        let is_row = entry.location == Location::Table && entry.valid && !entry.id.is_empty();
        is_row && subset.covers(&entry.kind, company().as_deref())
    }

    /// Tells whether what the contract shows is what it has: the last change may be in a block that is no part of the chain any
    /// more, and then it comes back.
    async fn is_certain(
        &self,
        context: &RelayContext<'_>,
        id: &str,
        sides: PolicySides<'_>,
    ) -> Result<bool, RelayError> {
        let Some(row) = self.mined.get(id) else { return Ok(true) };
        let expected = row.after.as_deref().map(text_hash);
        if expected.as_deref() == sides.contract {
            return Ok(true);
        }
        settling::is_still_mined(context, row).await
    }
}

/// Returns the ids of the policies of a list that are not among those it gives to a node, although they can be read: a `discard`
/// hides them.
fn hidden_in(list: &ChainList, out: &CheckedOut) -> HashSet<String> {
    if out.discarded == 0 {
        return HashSet::new();
    }
    let visible: HashSet<String> = out.policies.iter().filter_map(Policy::id).collect();
    // An entry under the id of a visible policy is read by nobody once more.
    let others = list.policies.iter().filter(|entry| !visible.contains(&entry.id));
    let ids = others.filter_map(|entry| Policy::parse(&entry.text).ok()?.id());
    ids.filter(|id| !visible.contains(id)).collect()
}

impl Work {
    fn add(
        &mut self,
        context: &RelayContext<'_>,
        decision: MergeDecision,
        id: &str,
        contract: Option<&ContractPolicy>,
        table: Option<&Arc<LedgerEntry>>,
    ) {
        let hash = contract.map(|there| there.hash.clone());
        match decision {
            MergeDecision::Nothing => {}
            MergeDecision::Know | MergeDecision::Forget => self.known.push(KnownPolicy { id: id.to_owned(), hash }),
            MergeDecision::TakeIn => self.take_in.push(id.to_owned()),
            MergeDecision::DropHere => self.drop_here.push(id.to_owned()),
            MergeDecision::RelayInsert | MergeDecision::RelayReplace | MergeDecision::RelayDrop => {
                let action = match decision {
                    MergeDecision::RelayInsert => HistoryAction::Insert,
                    MergeDecision::RelayReplace => HistoryAction::Replace,
                    _ => HistoryAction::Drop,
                };
                self.relay.push(OutboxEntry {
                    platform: context.options.platform.as_str().into(),
                    who: "relay".to_owned(),
                    action,
                    kind: table
                        .map(|entry| Arc::clone(&entry.kind))
                        .unwrap_or_else(|| contract.map_or_else(|| "".into(), |there| there.policy.kind().into())),
                    id: id.into(),
                    before: contract.map(|there| there.text.as_str().into()),
                    after: table.map(|entry| Arc::clone(&entry.text)),
                    host: table.map_or_else(|| "".into(), |entry| Arc::clone(&entry.host)),
                    shown: true,
                });
            }
        }
    }
}

/// Brings policies of the contract into the table. Anybody can insert there under any id: what breaks the ledger stays out and is told,
/// and so does what would change the type of a policy, or the policy of this node. False when one was refused and another one taken, which
/// may have stood in its way.
///
/// # Errors
/// [`RelayError::OfPolicy`] for the first one for which the ledger has no room, behind all others; and when the database does not answer.
async fn take_in(
    context: &RelayContext<'_>,
    sides: &Sides,
    ids: &[String],
    known: &mut Vec<KnownPolicy>,
) -> Result<bool, RelayError> {
    let ledger = &context.node.ledger;
    let host = context.node.dictionary.get("ip").unwrap_or_else(|| "127.0.0.1".to_owned());
    let mut changes = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(there) = sides.contract.get(id) else { continue };
        let entry = sides.view.by_id(id).filter(|entry| entry.location == Location::Table);
        if let Some(entry) = entry
            && let Some(why) = not_replaced(context, entry, there)
        {
            tracing::warn!(policy.id = %id, "a policy of the contract is left out of the ledger: {why}");
            continue;
        }
        let change = match entry {
            Some(entry) => Change::Replace {
                id: id.clone(),
                policy: there.policy.clone(),
                host: entry.host.to_string(),
                check: PolicyCheck::Structure,
            },
            None => Change::Insert(PolicyInsert {
                policy: there.policy.clone(),
                host: host.clone(),
                // Whether it was dropped here is known by what the contract had, not by a tombstone: a change that the contract refused
                // leaves one as well.
                on_duplicate: OnDuplicate::Ignore,
                check: PolicyCheck::Structure,
            }),
        };
        changes.push((id.clone(), there.hash.clone(), change, context.author()));
    }
    let writes = changes.into_iter().map(|(id, hash, change, author)| {
        let ledger = ledger.clone();
        async move { (id, hash, ledger.write(change, author).await) }
    });
    let outcomes: Vec<_> = stream::iter(writes).buffered(limits::RELAY_WRITES).collect().await;
    let (mut full, mut is_taken, mut is_refused) = (None::<RelayError>, false, false);
    for (id, hash, outcome) in outcomes {
        match outcome {
            Ok(written) if written.ignored => {
                tracing::debug!(policy.id = %id, "somebody here was faster than the contract")
            }
            Ok(_) => {
                is_taken = true;
                context.tally.pulled();
                known.push(KnownPolicy { id, hash: Some(hash) });
            }
            Err(ledger::Error::Missing(_)) => {
                tracing::debug!(policy.id = %id, "somebody here dropped what the contract replaces")
            }
            Err(error @ ledger::Error::Full { .. }) => {
                full.get_or_insert(RelayError::OfPolicy { id, reason: error.to_string() });
            }
            Err(error) if error.is_of_policy() => {
                is_refused = true;
                tracing::warn!(policy.id = %id, %error, "a policy of the contract is left out of the ledger");
            }
            Err(error) => return Err(error.into()),
        }
    }
    full.map_or(Ok(!(is_taken && is_refused)), Err)
}

/// Says why a policy of the contract does not take the place of the row under its id; nothing when it does.
fn not_replaced(context: &RelayContext<'_>, row: &LedgerEntry, there: &ContractPolicy) -> Option<&'static str> {
    if *row.kind != *there.policy.kind() {
        return Some("the row under its id is of another type");
    }
    let is_own = row.policy().is_some_and(|policy| context.node.is_own_policy(&policy));
    is_own.then_some("the row under its id is the policy of this node")
}

/// Drops policies that the contract had and others dropped or hid there; the policy of this node stays.
async fn drop_here(
    context: &RelayContext<'_>,
    sides: &Sides,
    ids: Vec<String>,
    known: &mut Vec<KnownPolicy>,
) -> Result<(), RelayError> {
    let is_own = |id: &String| {
        let policy = sides.view.by_id(id).and_then(|entry| entry.policy());
        policy.is_some_and(|policy| context.node.is_own_policy(&policy))
    };
    let (own, others): (Vec<String>, Vec<String>) = ids.into_iter().partition(is_own);
    // One that is hidden is not relayed again: the contract has it.
    for id in own.into_iter().filter(|id| !sides.hidden.contains(id)) {
        tracing::warn!(policy.id = %id, "somebody dropped the policy of this node from the contract: it is relayed again");
        known.push(KnownPolicy { id, hash: None });
    }
    if others.is_empty() {
        return Ok(());
    }
    context.node.ledger.write(Change::DropSome { ids: others.clone() }, context.author()).await?;
    for id in others {
        context.tally.pulled();
        known.push(KnownPolicy { id, hash: None });
    }
    Ok(())
}
