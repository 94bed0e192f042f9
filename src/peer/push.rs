//! The new ledger for every member that asked lately, as soon as there is one (reference/tcp-protocol 15.2).
//!
//! Commits are never held up: this task looks at what was published. What a member gets is what it would get for a request
//! that came now, from the same checks: the return address, who may read, whether the ledger may be handed out at all.

use crate::{
    ledger::Export,
    node::{Node, PeerSwitch, members::Member},
    peer::{
        answer,
        delivery::{Delivery, DeliveryReport, Receipt},
        pending_pulls::is_of_one_pull,
        push_plan::{PushEnd, PushPlan},
        receipts::SentLedger,
        return_address,
        shared::Shared,
    },
    runtime::{clock, limits},
};
use anylog_block::ReturnAddress;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// Sends the ledger after each change until the server stops.
pub async fn run(shared: Arc<Shared>, node: Arc<Node>, stop: CancellationToken) {
    let changes = node.ledger.subscribe();
    let (plan, under_way, look) = (PushPlan::default(), FuturesUnordered::new(), Instant::now());
    let mut pushes = Pushes { shared, node, changes, has_changed: false, look, plan, held: None, under_way };
    tokio::select! {
        () = pushes.serve() => {}
        () = stop.cancelled() => {}
    }
}

struct Pushes {
    shared: Arc<Shared>,
    node: Arc<Node>,
    changes: watch::Receiver<u64>,
    /// True when a change was not looked at yet.
    has_changed: bool,
    /// From when on it is: changes that follow each other at once are looked at together.
    look: Instant,
    plan: PushPlan,
    /// Until when nobody gets anything, because the ledger is held back.
    held: Option<Instant>,
    under_way: FuturesUnordered<BoxFuture<'static, (ReturnAddress, PushEnd)>>,
}

impl Pushes {
    async fn serve(&mut self) {
        loop {
            let now = Instant::now();
            self.held = self.held.filter(|held| *held > now);
            if self.held.is_none() && self.has_room() && self.plan.next().is_some_and(|next| next <= now) {
                self.begin(now).await;
            }
            let next = self.held.or_else(|| self.plan.next().filter(|_| self.has_room()));
            tokio::select! {
                changed = self.changes.changed() => match changed {
                    Ok(()) => self.has_changed = true,
                    // The ledger is gone, and so is the node.
                    Err(_) => return,
                },
                () = sleep_until(self.look), if self.has_changed => self.change(),
                Some((address, end)) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.plan.end(&address, end, self.interval(), Instant::now());
                }
                () = sleep_until(next.unwrap_or(now)), if next.is_some() => {}
            }
        }
    }

    fn has_room(&self) -> bool {
        self.under_way.len() < limits::MEMBER_PUSHES
    }

    fn interval(&self) -> Duration {
        self.node.config.members.member_push_interval
    }

    /// Looks at who has to get the last version.
    fn change(&mut self) {
        let (now, time) = (Instant::now(), clock::now());
        self.has_changed = false;
        self.look = now + limits::MEMBER_PUSH_LOOK;
        let ttl = self.node.config.members.member_ttl;
        let asked_lately = |member: &&Member| {
            member.requests > 0
                && !is_of_one_pull(&member.file)
                && time.duration_since(member.last_seen).unsigned_abs() <= ttl
        };
        let members = self.node.members.look(|members| {
            members.filter(asked_lately).map(|member| (member.address.clone(), member.requests)).collect::<Vec<_>>()
        });
        let version = *self.changes.borrow();
        self.plan.change(version, members, now);
    }

    /// Begins what is due, as far as there is room for it.
    async fn begin(&mut self, now: Instant) {
        let node = Arc::clone(&self.node);
        let export = match ledger(&node).await {
            Ok(export) => export,
            Err(reason) => {
                tracing::debug!("members get no new ledger: {reason}");
                self.held = Some(now + limits::MEMBER_PUSH_HELD);
                return;
            }
        };
        while self.has_room() {
            let Some(address) = self.plan.take(now) else { return };
            let (shared, node, export) = (Arc::clone(&self.shared), Arc::clone(&self.node), Arc::clone(&export));
            let push = Push { shared, node, address: address.clone(), export };
            let task = self.node.shutdown.spawn(async move { push.run().await });
            // A task that panics was told; its member is not sent more for a while.
            self.under_way.push(async move { (address, task.await.unwrap_or(PushEnd::Failed)) }.boxed());
        }
    }
}

/// Returns the ledger, if members may have it.
async fn ledger(node: &Node) -> Result<Arc<Export>, crate::reply::Error> {
    let export = node.member_export().await?;
    node.ledger.may_deliver()?;
    Ok(export)
}

/// One ledger for one member.
struct Push {
    shared: Arc<Shared>,
    node: Arc<Node>,
    address: ReturnAddress,
    export: Arc<Export>,
}

impl Push {
    async fn run(&self) -> PushEnd {
        let Some(member) = self.node.members.get(&self.address) else { return PushEnd::Refused };
        if member.held.as_ref().is_some_and(|held| held.md5 == self.export.md5) {
            return PushEnd::Served;
        }
        let Some(caller) = member.callers.first().copied() else { return PushEnd::Refused };
        if self.node.peer_access.check(PeerSwitch::Read, caller, &self.node.ledger.view()).is_err() {
            return PushEnd::Refused;
        }
        let destination = return_address::destination(&self.shared, &self.node, None, caller, &self.address).await;
        let to = match destination {
            Ok(to) => to,
            Err(error) => {
                self.node.members.failed(&self.address, error.to_string(), false);
                return PushEnd::Failed;
            }
        };
        let host = to.socket().map(|socket| socket.ip());
        // Without an address of its own the server stops.
        let Ok(own) = self.shared.own_address(&self.node, host) else { return PushEnd::Again };
        let bytes = self.node.member_ledger(&self.address, &self.export).await;
        let message = answer::ledger_file(&member.file, self.shared.delivery_number(), bytes, &own);
        let generation = self.export.generation();
        let sent = SentLedger::of(&self.node, &self.address, (generation, &self.export.md5), &message, true);
        let (ended, end) = oneshot::channel();
        let report: DeliveryReport = Box::new(move |outcome| {
            let is_taken = matches!(outcome, Ok(Receipt::Closed | Receipt::Open));
            sent.ended(outcome);
            // Nobody waits for it when the server has stopped.
            let _ = ended.send(if is_taken { PushEnd::Served } else { PushEnd::Failed });
        });
        let delivery = Delivery { message, generation: Some(generation), is_asked_for: false, report: Some(report) };
        self.shared.queues.push(&self.node.shutdown, &to, delivery);
        // Without a word another file took its place.
        end.await.unwrap_or(PushEnd::Again)
    }
}
