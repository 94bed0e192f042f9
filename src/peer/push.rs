//! The new ledger for every member that asked lately, as soon as there is one (reference/tcp-protocol 15.2).
//!
//! Commits are never held up: this task looks at what was published. What a member gets is what it would get for a request
//! that came now, from the same checks: the return address, who may read, whether the ledger may be handed out at all.
//! Few are served at the same time. One that takes long makes room for the next and goes on beside them: what is slow at one
//! member holds up no other.

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
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::{JoinError, JoinHandle},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

/// Sends the ledger after each change until the server stops.
pub async fn run(shared: Arc<Shared>, node: Arc<Node>, stop: CancellationToken) {
    let changes = node.ledger.subscribe();
    let (plan, under_way, look) = (PushPlan::default(), FuturesUnordered::new(), Instant::now());
    let places = Arc::new(Semaphore::new(limits::MEMBER_PUSHES));
    let mut pushes = Pushes { shared, node, changes, has_changed: false, look, plan, held: None, places, under_way };
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
    /// The places of those that were begun lately.
    places: Arc<Semaphore>,
    /// All that were begun, those without a place among them.
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
            let is_full = !self.has_place();
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
                // One that takes long has given its place up.
                () = self.places.acquire().map(drop), if is_full => {}
                () = sleep_until(next.unwrap_or(now)), if next.is_some() => {}
            }
        }
    }

    fn has_room(&self) -> bool {
        self.has_place() && self.under_way.len() < limits::MEMBER_PUSHES_UNDER_WAY
    }

    fn has_place(&self) -> bool {
        self.places.available_permits() > 0
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
        let members = self.node.members.look(|members| {
            let asking = members.filter(|member| is_asking(member, ttl, time));
            asking.map(|member| (member.address.clone(), member.requests)).collect::<Vec<_>>()
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
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
            let Some(address) = self.plan.take(now) else { return };
            let (shared, node, export) = (Arc::clone(&self.shared), Arc::clone(&self.node), Arc::clone(&export));
            let push = Push { shared, node, address: address.clone(), export };
            let task = self.node.shutdown.spawn(async move { push.run(clock::now()).await });
            let end = in_place(place, limits::MEMBER_PUSH_PLACE, task);
            // A task that panics was told; its member is not sent more for a while.
            self.under_way.push(async move { (address, end.await.unwrap_or(PushEnd::Failed)) }.boxed());
        }
    }
}

/// Waits for the end of a task that has a place; after a while without the place.
async fn in_place<T>(place: OwnedSemaphorePermit, limit: Duration, mut task: JoinHandle<T>) -> Result<T, JoinError> {
    if let Ok(ended) = timeout(limit, &mut task).await {
        return ended;
    }
    drop(place);
    task.await
}

/// Tells whether a member still asks for the ledger: it did so within a time, and not for one pull alone.
fn is_asking(member: &Member, ttl: Duration, time: Timestamp) -> bool {
    let age = time.duration_since(member.last_seen).unsigned_abs();
    member.requests > 0 && !is_of_one_pull(&member.file) && age <= ttl
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
    async fn run(&self, time: Timestamp) -> PushEnd {
        let Some(member) = self.node.members.get(&self.address) else { return PushEnd::Refused };
        // One that does not take it is tried again and again, and may have left meanwhile.
        if !is_asking(&member, self.node.config.members.member_ttl, time) {
            return PushEnd::Refused;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        boot, ledger::View, node::members::LedgerRequest, peer::settings::PeerSettings, runtime::shutdown::Shutdown,
    };

    #[tokio::test]
    async fn a_push_that_takes_long_goes_on_without_its_place() {
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let (ender, ended) = oneshot::channel();
        let under_way = in_place(place, Duration::from_millis(1), Shutdown::new().spawn(ended));
        tokio::pin!(under_way);
        tokio::select! {
            _ = &mut under_way => panic!("it has not ended"),
            free = places.acquire() => assert!(free.is_ok()),
        }
        ender.send(PushEnd::Served).unwrap();
        assert_eq!(under_way.await.unwrap().unwrap(), PushEnd::Served);
    }

    #[tokio::test]
    async fn a_member_that_has_left_is_given_up() {
        let node = boot::unattended();
        let (address, caller) = (ReturnAddress::new("127.0.0.1", 9), [127, 0, 0, 1].into());
        let request = LedgerRequest { caller, is_known: true, file: "/a/x.new".to_owned(), hash: None };
        node.members.asked(&address, request);
        let seen = node.members.get(&address).unwrap().last_seen;
        let ttl = node.config.members.member_ttl;
        let (shared, export) = (Arc::new(Shared::new(PeerSettings::default())), Export::build(&View::default(), None));
        let push = Push { shared, node, address, export: Arc::new(export) };
        assert_eq!(push.run(seen + ttl).await, PushEnd::Again, "nothing but the server is missing");
        assert_eq!(push.run(seen + ttl + Duration::from_secs(1)).await, PushEnd::Refused);
    }
}
