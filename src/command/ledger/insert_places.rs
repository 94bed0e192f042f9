//! Where inserted policies go: this node, other masters, contract platforms.

use crate::{
    command::ledger::{caller, push, this_node},
    ledger::{self, Change, InsertedAs, LedgerEntry, OnDuplicate, PolicyCheck, PolicyInsert},
    node::{Node, Session, platforms::ChainChange},
    policy::{Policy, rules},
    reply::Error,
    runtime::random::any_number,
};
use anylog_values::Address;
use std::sync::Arc;

/// Where inserted policies go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsertPlaces {
    /// True when the local copy of this node gets them.
    pub local: bool,
    /// The masters that get them.
    pub masters: Vec<Address>,
    /// The contract platforms that get them.
    pub platforms: Vec<String>,
}

/// Adds policies to the local copy, all of them or none, and returns them as they are kept.
///
/// # Errors
/// The rules of the ledger; the file.
pub(super) async fn add_local(
    node: &Node,
    session: &Session,
    policies: Vec<Policy>,
    check: PolicyCheck,
) -> Result<Vec<Arc<LedgerEntry>>, Error> {
    node.open_local_file().await?;
    Ok(caller::write(node, session, lines(policies, check)).await?.entries)
}

/// Makes the change that adds policies to the local copy.
fn lines(policies: Vec<Policy>, check: PolicyCheck) -> Change {
    match <[Policy; 1]>::try_from(policies) {
        Ok([policy]) => Change::InsertLocal { policy, check },
        Err(policies) => {
            let line = |policy| PolicyInsert { policy, host: String::new(), on_duplicate: OnDuplicate::Refuse, check };
            Change::InsertAll { inserts: policies.into_iter().map(line).collect(), each: InsertedAs::Line }
        }
    }
}

/// Adds a policy to the contract of a platform.
async fn to_platform(node: &Node, policy: &Policy, platform: &str) -> Result<(), Error> {
    let (id, text) = (policy.id().unwrap_or_default(), policy.stored_text());
    node.platforms.named(platform)?.carry_out(&ChainChange::Insert { id, text }).await?;
    Ok(())
}

/// Says which of several policies an error is about.
fn numbered(policies: &[Policy], place: usize, error: Error) -> Error {
    if policies.len() > 1 { error.of_one(place) } else { error }
}

impl InsertPlaces {
    /// Adds the policies here, all of them or none, then to every other place one by one; once they are here, a place that
    /// fails is only told in the log.
    ///
    /// # Errors
    /// The rules of the ledger; a place that fails while the policies are not here; 212, or 224 for
    /// another node, for a platform whose contract the caller may not change.
    pub async fn publish(&self, node: &Arc<Node>, session: &Session, mut policies: Vec<Policy>) -> Result<(), Error> {
        if !self.platforms.is_empty() {
            caller::may_change_contracts(session)?;
        }
        let mut masters = self.masters.clone();
        let here = self.publish_here(node, session, &policies).await?;
        if here.is_some() {
            masters.retain(|master| !node.is_own_address(master));
        }
        let kept = match here {
            Some(kept) => kept,
            None if self.local => add_local(node, session, policies.clone(), PolicyCheck::Local).await?,
            None => checked(node, session, &mut policies)?,
        };
        if masters.is_empty() && self.platforms.is_empty() {
            return Ok(());
        }
        // The rules of their types may have completed them.
        if kept.len() == policies.len() {
            let complete = |(policy, kept): (Policy, &Arc<LedgerEntry>)| kept.policy().unwrap_or(policy);
            policies = policies.into_iter().zip(&kept).map(complete).collect();
        }
        policies.iter_mut().for_each(|policy| policy.set_ledger("global"));
        for master in &masters {
            let outcome = push_each(node, session, &policies, master).await;
            self.warn_once_local(node, session, outcome, &master.to_string())?;
        }
        for platform in &self.platforms {
            let outcome = commit_each(node, &policies, platform).await;
            self.warn_once_local(node, session, outcome, platform)?;
        }
        Ok(())
    }

    /// Adds the policies to the ledger of this node when it is one of the masters: one transaction. Nothing when it is not, or
    /// when the database is away and the local copy keeps the policies for it.
    async fn publish_here(
        &self,
        node: &Node,
        session: &Session,
        policies: &[Policy],
    ) -> Result<Option<Vec<Arc<LedgerEntry>>>, Error> {
        if !node.ledger.is_attached() || !self.masters.iter().any(|master| node.is_own_address(master)) {
            return Ok(None);
        }
        match caller::write(node, session, self.rows(node, policies)).await {
            Ok(written) => Ok(Some(written.entries)),
            Err(ledger::Error::Unavailable(_) | ledger::Error::Busy) if self.local => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the change that adds the policies to the ledger.
    fn rows(&self, node: &Node, policies: &[Policy]) -> Change {
        let host = this_node::own_host(node);
        let (on_duplicate, check) = (OnDuplicate::Refuse, PolicyCheck::Publish);
        let row = |policy: &Policy| PolicyInsert { policy: policy.clone(), host: host.clone(), on_duplicate, check };
        match policies {
            [policy] if self.local => Change::Publish(row(policy)),
            [policy] => Change::Insert(row(policy)),
            policies => {
                let each = if self.local { InsertedAs::Published } else { InsertedAs::Row };
                Change::InsertAll { inserts: policies.iter().map(row).collect(), each }
            }
        }
    }

    /// Makes a warning of an error when the policies are in the local copy all the same.
    fn warn_once_local(
        &self,
        node: &Node,
        session: &Session,
        outcome: Result<(), Error>,
        place: &str,
    ) -> Result<(), Error> {
        match outcome {
            Err(error) if self.local => {
                let text = format!("the policy is in the local copy, {place} did not take it yet: {error}");
                node.events.warning(&session.thread, &text);
                Ok(())
            }
            outcome => outcome,
        }
    }
}

/// Checks policies that this node does not keep. Several are looked at together, because one may clash with another of them.
fn checked(node: &Node, session: &Session, policies: &mut [Policy]) -> Result<Vec<Arc<LedgerEntry>>, Error> {
    if let [policy] = policies {
        caller::leave_own_policy(node, session, &lines(vec![policy.clone()], PolicyCheck::Added))?;
        rules::check(policy, &*node.ledger.view(), any_number)?;
        return Ok(Vec::new());
    }
    Ok(caller::check(node, session, &lines(policies.to_vec(), PolicyCheck::Added))?)
}

/// Gives a master one policy after the other. The first that it does not take ends that: what is kept here comes to it with
/// the next round of the synchroniser, and nobody waits a thousand times for a master that is away.
async fn push_each(node: &Node, session: &Session, policies: &[Policy], master: &Address) -> Result<(), Error> {
    for (place, policy) in (1..).zip(policies) {
        let pushed = push::to_master(node, session, policy, master).await;
        pushed.map_err(|error| numbered(policies, place, error))?;
    }
    Ok(())
}

/// Adds one policy after the other to the contract of a platform, up to the first that it does not take.
async fn commit_each(node: &Node, policies: &[Policy], platform: &str) -> Result<(), Error> {
    for (place, policy) in (1..).zip(policies) {
        to_platform(node, policy, platform).await.map_err(|error| numbered(policies, place, error))?;
    }
    Ok(())
}
