//! The synchroniser behind `run blockchain sync`.

use crate::{
    node::{Node, SyncOptions, SyncStatus, Synchronizer},
    reply::{Code, Error},
    sync::{
        contract::{self, KnownContract},
        counters::RoundCounters,
        round,
    },
};
use anylog_values::Address;
use async_trait::async_trait;
use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Requests for a round at once that wait.
const WAITING_ROUNDS: usize = 16;
/// Longest time that `run blockchain sync` waits for its round; the round goes on.
const ROUND_PATIENCE: Duration = Duration::from_secs(5);
/// Least time between a change of the ledger and the rewriting of its local copy.
const COPY_PAUSE: Duration = Duration::from_millis(250);
/// Share of the time that rewriting the local copy may take: one part in so many.
const COPY_SHARE: u32 = 20;

/// Where the outcome of a round that somebody asked for goes.
type RoundAnswer = oneshot::Sender<Result<(), Error>>;

/// The synchroniser of the local copy; at most one runs.
#[derive(Default)]
pub struct SyncService {
    running: Mutex<Option<Arc<RunningSync>>>,
    /// Address that the next start asks when it names none (`blockchain switch network` before the start).
    next: Mutex<Option<Address>>,
}

/// One start of the synchroniser.
struct RunningSync {
    options: RwLock<SyncOptions>,
    counters: RoundCounters,
    started: Instant,
    /// What is known of the contract, when that is the source.
    contract: tokio::sync::Mutex<KnownContract>,
    /// True since a round failed, until one succeeds: the log tells both once.
    failing: AtomicBool,
    rounds: watch::Sender<u64>,
    now: mpsc::Sender<RoundAnswer>,
    stop: CancellationToken,
    ended: CancellationToken,
}

impl RunningSync {
    /// Makes a start that ends when a token says so, and what brings it the requests for rounds.
    fn new(options: SyncOptions, stop: CancellationToken) -> (Arc<Self>, mpsc::Receiver<RoundAnswer>) {
        let (now, asked) = mpsc::channel(WAITING_ROUNDS);
        let running = Self {
            options: RwLock::new(options),
            counters: RoundCounters::default(),
            started: Instant::now(),
            contract: tokio::sync::Mutex::default(),
            failing: AtomicBool::new(false),
            rounds: watch::Sender::new(0),
            now,
            stop,
            ended: CancellationToken::new(),
        };
        (Arc::new(running), asked)
    }

    /// Tells whether there will be no round any more.
    fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    fn options(&self) -> SyncOptions {
        self.options.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a counted round.
    async fn round(&self, node: &Node) -> Result<(), Error> {
        self.counters.begin();
        let options = self.options();
        let outcome = tokio::select! {
            outcome = self.run_round(node, &options) => outcome,
            // A round that the stop ends has not failed.
            () = self.stop.cancelled() => return Err(Error::stopping("the round of the synchroniser is cut short")),
        };
        self.count_change(&outcome);
        match &outcome {
            Ok(_) => {
                self.counters.succeed();
                if self.failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("the synchroniser reaches its source again");
                }
            }
            Err(error) => {
                self.counters.fail();
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "a round of the synchroniser failed; the next ones follow");
                }
                node.events.error("synchronizer", &format!("blockchain sync: {error}"));
            }
        }
        self.rounds.send_modify(|rounds| *rounds += 1);
        outcome.map(|_| ())
    }

    /// Brings the local copy in step once; true when it changed.
    async fn run_round(&self, node: &Node, options: &SyncOptions) -> Result<bool, Error> {
        match options.platform {
            Some(name) => contract::run(node, name, options, &mut *self.contract.lock().await).await,
            None => round::run(node, options).await,
        }
    }

    fn count_change(&self, outcome: &Result<bool, Error>) {
        if outcome.as_ref().is_ok_and(|changed| *changed) {
            self.counters.load();
        }
    }

    /// Runs until it is stopped; a round every period, when asked, and soon after a change of the own ledger.
    async fn run(&self, node: &Node, mut asked: mpsc::Receiver<RoundAnswer>) {
        let mut every = tokio::time::interval(self.options().every);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut changes = node.ledger.subscribe();
        let mut pause = COPY_PAUSE;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                _ = every.tick() => drop(self.round(node).await),
                Some(answer) = asked.recv() => drop(answer.send(self.round(node).await)),
                () = changed_a_while_ago(&mut changes, pause), if round::is_own(node, &self.options()) => {
                    pause = self.write_copy(node).await;
                }
            }
        }
        self.write_copy(node).await;
    }

    /// Writes the local copy after a change; returns how long to wait before the next one.
    async fn write_copy(&self, node: &Node) -> Duration {
        let options = self.options();
        if !round::is_own(node, &options) {
            return COPY_PAUSE;
        }
        let started = Instant::now();
        self.count_change(&self.run_round(node, &options).await);
        COPY_PAUSE.max(started.elapsed() * COPY_SHARE)
    }
}

/// Does the rounds of a start. The guard tells their end to whoever waits for it, also when a round panics.
async fn run_to_end(rounds: impl Future<Output = ()>, _ended: DropGuard) {
    rounds.await;
}

/// Returns a while after the ledger changed.
async fn changed_a_while_ago(changes: &mut watch::Receiver<u64>, pause: Duration) {
    if changes.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(pause).await;
    changes.mark_unchanged();
}

impl SyncService {
    /// Returns the start that runs. One that ended although nobody stopped it is none.
    fn running(&self) -> Option<Arc<RunningSync>> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        running.filter(|running| !running.has_ended())
    }

    /// Puts a new start in place of none.
    fn set_running(&self, started: &Arc<RunningSync>) -> Result<(), Error> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_ref().is_some_and(|running| !running.has_ended()) {
            return Err(Error::with(Code::ALREADY_ACTIVE, "the synchroniser runs; use 'exit synchronizer' first"));
        }
        *running = Some(Arc::clone(started));
        Ok(())
    }
}

#[async_trait]
impl Synchronizer for SyncService {
    async fn start(&self, node: Arc<Node>, mut options: SyncOptions) -> Result<(), Error> {
        if options.connection.is_none() {
            options.connection = self.next.lock().unwrap_or_else(PoisonError::into_inner).clone();
        }
        let (running, asked) = RunningSync::new(options, node.shutdown.token().child_token());
        self.set_running(&running)?;
        // From here on: a start whose file does not open, or that is given up meanwhile, has ended too.
        let ended = running.ended.clone().drop_guard();
        if let Some(file) = running.options().file {
            node.ledger.open_file(file).await?;
        }
        let shutdown = node.shutdown.clone();
        let rounds = async move { running.run(&node, asked).await };
        shutdown.spawn(run_to_end(rounds, ended));
        Ok(())
    }

    async fn now(&self, _node: &Arc<Node>) -> Result<(), Error> {
        let missing =
            || Error::with(Code::STRUCTURE, "no synchroniser runs; use 'run blockchain sync where source = …'");
        let running = self.running().ok_or_else(missing)?;
        let round = async {
            let (answer, outcome) = oneshot::channel();
            running.now.send(answer).await.map_err(|_| missing())?;
            outcome.await.unwrap_or_else(|_| Err(missing()))
        };
        // A source that does not answer holds the round up, not the caller; `get synchronizer` tells how it ends.
        tokio::time::timeout(ROUND_PATIENCE, round).await.unwrap_or(Ok(()))
    }

    fn connect_to(&self, connection: Address) {
        match self.running() {
            None => *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection),
            Some(running) => {
                running.options.write().unwrap_or_else(PoisonError::into_inner).connection = Some(connection);
            }
        }
    }

    async fn wait(&self, limit: Duration) -> bool {
        let Some(running) = self.running() else { return false };
        let mut rounds = running.rounds.subscribe();
        tokio::time::timeout(limit, rounds.changed()).await.is_ok_and(|changed| changed.is_ok())
    }

    async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stop.cancel();
            running.ended.cancelled().await;
        }
    }

    fn status(&self) -> Option<SyncStatus> {
        let running = self.running()?;
        let [calls, loads, ok, errors] = running.counters.figures();
        Some(SyncStatus {
            options: running.options(),
            since_update: running.counters.since_update(),
            since_success: running.counters.since_success(),
            since_start: running.started.elapsed(),
            is_failing: running.failing.load(Ordering::Relaxed),
            calls,
            loads,
            ok,
            errors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::shutdown::Shutdown;

    fn start() -> Arc<RunningSync> {
        let options = SyncOptions {
            source: "master".to_owned(),
            every: Duration::from_secs(1),
            destinations: Vec::new(),
            connection: None,
            platform: None,
            file: None,
        };
        RunningSync::new(options, CancellationToken::new()).0
    }

    async fn panicking_rounds() {
        panic!("a round panics");
    }

    #[tokio::test]
    async fn rounds_that_panic_hold_neither_a_stop_nor_the_next_start_up() {
        let (service, first) = (SyncService::default(), start());
        service.set_running(&first).unwrap();
        assert!(service.set_running(&start()).is_err() && service.status().is_some(), "one runs");
        let rounds = run_to_end(panicking_rounds(), first.ended.clone().drop_guard());
        assert!(Shutdown::new().spawn(rounds).await.unwrap_err().is_panic());
        assert!(first.has_ended() && service.status().is_none());
        let second = start();
        service.set_running(&second).unwrap();
        assert!(service.status().is_some());
        drop(second.ended.clone().drop_guard());
        service.stop().await;
        assert!(second.stop.is_cancelled(), "a stop finds what ended by itself and waits for nothing");
    }
}
