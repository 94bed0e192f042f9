//! The relay behind `set relay`: rounds of the master that sends, and of those that wait to take over.

use super::{
    context::RelayContext,
    error::RelayError,
    noted_contract, off, pull,
    reader::ContractReader,
    sender::{self, PendingSince, SendProgress},
    settling,
    tally::RelayTally,
    turn_rule,
};
use crate::{
    ledger::{self, Outbox, OutboxFigures, OutboxTurn},
    node::{
        Node, Relay, RelayCounters, RelayOptions, RelayStatus, RelayTrouble, host_name,
        platforms::{ChainAddress, ChainBlock, ConnectedPlatform},
    },
    reply::{Code, Error},
    runtime::{clock, limits},
};
use async_trait::async_trait;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Notify, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The relay of the node; at most one runs.
#[derive(Default)]
pub struct RelayService {
    /// Who switches it on or off is alone with that: of two starts at the same time one would run on when the other is stopped.
    switching: tokio::sync::Mutex<()>,
    running: Mutex<Option<Arc<RunningRelay>>>,
    /// How it was when it was switched off.
    last: Mutex<Option<RelayStatus>>,
}

/// One start of the relay.
pub(super) struct RunningRelay {
    /// Name of this start among the masters that share the database.
    pub(super) holder: String,
    /// The chain.
    pub(super) platform: Arc<ConnectedPlatform>,
    /// How it is.
    pub(super) status: Mutex<RelayStatus>,
    /// What is counted.
    pub(super) tally: RelayTally,
    /// The turn of this master, while it has one.
    turn: Mutex<Option<OutboxTurn>>,
    /// When the last round ended and its figures were read.
    noted: Mutex<Instant>,
    wake: Notify,
    rounds: watch::Sender<u64>,
    /// Says that it ends.
    pub(super) stop: CancellationToken,
    ended: CancellationToken,
}

/// What one round leaves for the next.
#[derive(Default)]
struct RelayMemory {
    reader: ContractReader,
    /// The contract of this turn; nothing until it is noted.
    contract: Option<ChainAddress>,
    /// True once a look at the contract found that it can have had what is known.
    may_send: bool,
    /// When contract and table were brought in step last.
    pulled: Option<Instant>,
    /// True until they were, since the turn or the contract began.
    is_new: bool,
    head: Option<ChainBlock>,
    settled: Option<Instant>,
    pending: PendingSince,
    /// Failures in a row.
    failures: u32,
    /// True when the last one was about what sending costs, which changes with each block and is logged once.
    was_of_price: bool,
}

/// How a round ended.
enum RoundEnd {
    /// This master does not send.
    Standby,
    /// The outbox was looked at.
    Sent(SendProgress),
}

impl RelayMemory {
    /// Begins with a contract.
    fn begin(&mut self, contract: ChainAddress) {
        self.contract = Some(contract);
        self.may_send = false;
        self.pulled = None;
        self.is_new = true;
        self.pending.clear();
    }

    /// Sends what waits, and brings contract and table in step when it is time for that. What is wrong with one policy, or with what
    /// sending costs, does not keep the rest, and is the error at the end.
    async fn exchange(
        &mut self,
        context: &RelayContext<'_>,
        contract: ChainAddress,
    ) -> Result<SendProgress, RelayError> {
        let mut pulled: Result<(), RelayError> = Ok(());
        // A contract that cannot be the known one is found before anything is sent: what was sent there would hide the loss. A look
        // that did not come so far is none.
        if !self.may_send {
            pulled = self.pull(context, contract).await;
            if !self.may_send || pulled.as_ref().is_err_and(RelayError::ends_round) {
                return pulled.map(|()| SendProgress::default());
            }
        }
        let sent = sender::send(context, &mut self.pending).await;
        if sent.as_ref().is_err_and(RelayError::ends_round) {
            return sent;
        }
        if pulled.is_ok() {
            pulled = self.pull(context, contract).await;
        }
        if pulled.as_ref().is_err_and(RelayError::is_of_contract) {
            self.begin(contract);
        }
        pulled.and(sent)
    }

    /// Brings contract and table in step, when it is time for it.
    async fn pull(&mut self, context: &RelayContext<'_>, contract: ChainAddress) -> Result<(), RelayError> {
        let period = if self.is_new { limits::RELAY_LOOK } else { context.node.config.ledger.blockchain_sync };
        if self.pulled.is_some_and(|at| at.elapsed() < period) {
            return Ok(());
        }
        context.keep_turn().await?;
        if self.reader.refresh(context, contract).await? || self.is_new {
            // Until the next look it is to be done again, whatever keeps it from its end.
            self.is_new = true;
            let looked = pull::look(context, &self.reader).await;
            if looked.as_ref().is_err_and(RelayError::is_of_contract) {
                self.reader.begin_anew();
            }
            self.may_send |= matches!(looked, Ok(Some(_)) | Err(RelayError::Emptied(_)));
            if let Some(sides) = looked? {
                self.is_new = !pull::pull(context, &sides).await?;
            }
        }
        self.pulled = Some(Instant::now());
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a name for this start among the masters that share the database. Two of them may have the same host name and port, as
/// containers have: what tells them apart is a number of each start.
fn holder(node: &Node) -> String {
    let port = node.services.peers.status().map_or(0, |listening| listening.bound.port());
    let start = getrandom::u32().unwrap_or_else(|_| std::process::id());
    format!("{}:{port}#{start:08x}", host_name())
}

impl RunningRelay {
    /// Returns how it is.
    pub(super) fn status(&self) -> RelayStatus {
        lock(&self.status).clone()
    }

    /// Returns the turn of this master, while it has one.
    pub(super) fn turn(&self) -> Option<OutboxTurn> {
        lock(&self.turn).clone()
    }

    /// Returns how long ago the last round ended.
    pub(super) fn noted_for(&self) -> Duration {
        lock(&self.noted).elapsed()
    }

    /// Runs until it is stopped, and gives the turn back: another master sends at once.
    async fn run(&self, node: &Arc<Node>) {
        tokio::join!(self.rounds(node), self.watch(node));
        let Some(turn) = self.turn() else { return };
        let platform = self.status().options.platform;
        let Ok(outbox) = node.ledger.outbox(platform.as_str()) else { return };
        if let Err(error) = outbox.end_turn(&turn).await {
            tracing::debug!(%error, "the turn of the relay runs out by itself");
        }
    }

    async fn rounds(&self, node: &Arc<Node>) {
        let mut memory = RelayMemory::default();
        let mut queued = node.ledger.subscribe_outbox();
        let mut outbox = None;
        loop {
            let options = lock(&self.status).options.clone();
            if outbox.is_none() {
                outbox = node.ledger.outbox(options.platform.as_str()).ok();
            }
            let outcome = tokio::select! {
                () = self.stop.cancelled() => break,
                outcome = self.round(node, &options, outbox.as_ref(), &mut memory) => outcome,
            };
            let pause = self.note(outbox.as_ref(), outcome, &mut memory).await;
            if memory.failures > 0 {
                // The database may have been connected anew.
                outbox = None;
            }
            self.rounds.send_modify(|rounds| *rounds += 1);
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
                () = self.wake.notified() => {}
                // Nobody hurries a chain that does not answer.
                Ok(()) = queued.changed(), if memory.failures == 0 => {}
            }
        }
    }

    /// Runs one round, if it is the turn of this master.
    async fn round(
        &self,
        node: &Arc<Node>,
        options: &RelayOptions,
        outbox: Option<&Outbox>,
        memory: &mut RelayMemory,
    ) -> Result<RoundEnd, RelayError> {
        let outbox = outbox.ok_or(ledger::Error::NotConnected)?;
        let known = self.turn();
        let fence = known.as_ref().map_or(0, |turn| turn.fence);
        let Some(turn) = outbox.take_turn(&self.holder, fence, turn_rule::seconds()).await? else {
            if lock(&self.turn).take().is_some() {
                tracing::warn!(platform = options.platform.as_str(), "another master sends for the relay now");
            }
            return Ok(RoundEnd::Standby);
        };
        if known.as_ref() != Some(&turn) {
            tracing::info!(platform = options.platform.as_str(), fence = turn.fence, "this master sends for the relay");
            // Another master may have noted another contract meanwhile.
            memory.contract = None;
            *lock(&self.turn) = Some(turn.clone());
        }
        let context = RelayContext {
            node,
            platform: &self.platform,
            options,
            outbox,
            turn: &turn,
            holder: &self.holder,
            kept: Mutex::new(Instant::now()),
            tally: &self.tally,
        };
        let contract = self.platform.contract()?;
        if memory.contract != Some(contract) {
            noted_contract::follow(&context, contract).await?;
            memory.begin(contract);
        }
        if memory.settled.is_none_or(|at| at.elapsed() >= limits::RELAY_SETTLE_LOOK) {
            settling::settle(&context, &mut memory.head).await?;
            memory.settled = Some(Instant::now());
        }
        memory.exchange(&context, contract).await.map(RoundEnd::Sent)
    }

    /// Takes note how a round ended, and returns the pause before the next.
    async fn note(
        &self,
        outbox: Option<&Outbox>,
        outcome: Result<RoundEnd, RelayError>,
        memory: &mut RelayMemory,
    ) -> Duration {
        if let Some(outbox) = outbox {
            self.read_figures(outbox).await;
        }
        *lock(&self.noted) = Instant::now();
        let mut status = lock(&self.status);
        status.head = memory.head.map(|head| head.number).or(status.head);
        match outcome {
            Ok(end) => {
                memory.failures = 0;
                memory.was_of_price = false;
                if status.trouble.take().is_some() {
                    tracing::info!(platform = status.options.platform.as_str(), "the relay works again");
                }
                match end {
                    RoundEnd::Standby => limits::RELAY_LOOK,
                    RoundEnd::Sent(progress) => {
                        status.answered = Some(clock::now());
                        pause_after(progress)
                    }
                }
            }
            Err(error) => {
                if matches!(error, RelayError::TurnOver) {
                    *lock(&self.turn) = None;
                    return Duration::ZERO;
                }
                memory.failures = memory.failures.saturating_add(1);
                let (text, is_away) = (error.to_string(), error.is_away());
                let known = status.trouble.take();
                let is_told = std::mem::replace(&mut memory.was_of_price, error.is_of_price()) && error.is_of_price();
                if !is_told && known.as_ref().is_none_or(|trouble| trouble.text != text) {
                    tracing::warn!(platform = status.options.platform.as_str(), %error, "the relay waits; members go on with the ledger as it is");
                }
                let since = known.map_or_else(clock::now, |trouble| trouble.since);
                status.trouble = Some(RelayTrouble { text, since, is_away });
                let doubled = limits::RELAY_BLOCK_LOOK.saturating_mul(1 << memory.failures.min(8));
                doubled.min(limits::RELAY_BACKOFF_MOST)
            }
        }
    }
}

/// Does the rounds of a start. The guard tells their end to whoever waits for it, also when a round panics.
async fn run_to_end(rounds: impl Future<Output = ()>, _ended: DropGuard) {
    rounds.await;
}

/// Returns how long to wait when nothing new comes.
const fn pause_after(progress: SendProgress) -> Duration {
    match progress {
        SendProgress { moved: 0, in_flight: 0, .. } => limits::RELAY_LOOK,
        SendProgress { moved: 0, .. } => limits::RELAY_BLOCK_LOOK,
        _ => Duration::ZERO,
    }
}

impl RelayService {
    fn running(&self) -> Option<Arc<RunningRelay>> {
        lock(&self.running).clone()
    }

    /// Ends the loop, if one runs, and remembers how it was.
    async fn end(&self) -> Option<Arc<RunningRelay>> {
        let running = lock(&self.running).take()?;
        running.stop.cancel();
        running.ended.cancelled().await;
        *lock(&self.last) = Some(RelayStatus { is_on: false, is_sender: false, ..lock(&running.status).clone() });
        Some(running)
    }
}

#[async_trait]
impl Relay for RelayService {
    async fn start(&self, node: &Arc<Node>, options: RelayOptions) -> Result<(), Error> {
        let _switching = self.switching.lock().await;
        let is_same =
            |running: Arc<RunningRelay>| !running.ended.is_cancelled() && lock(&running.status).options == options;
        if self.running().is_some_and(is_same) {
            return Ok(());
        }
        let platform = node.platforms.get(options.platform)?;
        self.end().await;
        node.ledger.relay(Some(options.rule())).await?;
        // What an earlier start left is told before the first round.
        let left = match node.ledger.outbox(options.platform.as_str()) {
            Ok(outbox) => outbox.figures().await.unwrap_or_default(),
            Err(_) => OutboxFigures::default(),
        };
        let status = RelayStatus {
            options,
            is_on: true,
            sender: None,
            is_sender: false,
            outbox: left,
            head: None,
            answered: None,
            trouble: None,
            counters: RelayCounters::default(),
            last_sent: None,
        };
        let running = Arc::new(RunningRelay {
            holder: holder(node),
            platform,
            status: Mutex::new(status),
            tally: RelayTally::default(),
            turn: Mutex::default(),
            noted: Mutex::new(Instant::now()),
            wake: Notify::new(),
            rounds: watch::Sender::new(0),
            stop: node.shutdown.token().child_token(),
            ended: CancellationToken::new(),
        });
        *lock(&self.running) = Some(Arc::clone(&running));
        let (node, ended) = (Arc::clone(node), running.ended.clone().drop_guard());
        let shutdown = node.shutdown.clone();
        shutdown.spawn(run_to_end(async move { running.run(&node).await }, ended));
        Ok(())
    }

    async fn stop(&self, node: &Arc<Node>) -> Result<u64, Error> {
        let _switching = self.switching.lock().await;
        let Some(running) = self.end().await else {
            if lock(&self.last).is_some() {
                return Ok(0);
            }
            return Err(Error::with(Code::PROCESS_FAILURE, "no relay is on; use 'set relay where platform = …'"));
        };
        node.ledger.relay(None).await?;
        let options = lock(&running.status).options.clone();
        let outbox = node.ledger.outbox(options.platform.as_str())?;
        off::show_held(node, &running.platform, &options, &outbox, &running.holder, &running.tally).await?;
        let figures = outbox.figures().await?;
        let waiting = figures.waiting;
        if let Some(last) = lock(&self.last).as_mut() {
            last.outbox = figures;
        }
        Ok(waiting)
    }

    async fn now(&self) {
        let Some(running) = self.running() else { return };
        let mut rounds = running.rounds.subscribe();
        running.wake.notify_one();
        // The round that runs may have begun before what the caller did.
        for _ in 0..2 {
            let ended = tokio::time::timeout(limits::RELAY_PATIENCE, rounds.changed()).await;
            if !ended.is_ok_and(|changed| changed.is_ok()) {
                return;
            }
        }
    }

    fn status(&self) -> Option<RelayStatus> {
        match self.running() {
            Some(running) => Some(lock(&running.status).clone()),
            None => lock(&self.last).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::shutdown::Shutdown;

    async fn panicking_rounds() {
        panic!("a round panics");
    }

    #[tokio::test]
    async fn rounds_that_panic_have_ended() {
        let ended = CancellationToken::new();
        let rounds = run_to_end(panicking_rounds(), ended.clone().drop_guard());
        assert!(Shutdown::new().spawn(rounds).await.unwrap_err().is_panic());
        assert!(ended.is_cancelled(), "a stop waits for nothing");
    }
}
