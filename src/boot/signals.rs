//! Signals of a process that may be PID 1, where nothing has a default.

use crate::node::Node;
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::MissedTickBehavior,
};

/// Exit code of a stop that a second signal cuts short.
const CUT_SHORT: i32 = 1;
/// Signals this soon after the first are the same wish: `timeout` and some supervisors signal the process and its group.
const SAME: Duration = Duration::from_millis(500);

/// How often somebody looks whether the configuration was changed.
const LOOK: Duration = Duration::from_secs(30);

/// Reads the configuration again while the node runs.
pub trait ReloadHandler: Send + Sync {
    /// Takes what may change, and tells the rest.
    fn reload(&self);

    /// Tells when the configuration was changed since it was last looked at; nothing is taken.
    fn look(&self);
}

/// The signals that this process takes itself; one that comes before anybody asks for it is kept.
pub struct TakenSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl TakenSignals {
    /// Takes the signals from now on.
    ///
    /// # Errors
    /// What the system says when one cannot be taken.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for SIGTERM or SIGINT and returns its name.
    pub async fn stop(&mut self) -> &'static str {
        next_of(&mut self.terminate, &mut self.interrupt).await
    }
}

/// Watches the signals: SIGTERM and SIGINT begin the stop, a second one ends the process now, SIGHUP reloads. Between the
/// first one and the stop lies `SHUTDOWN_DELAY`: the node says that it is not ready, and works on for those who come meanwhile.
pub fn watch(node: &Arc<Node>, signals: TakenSignals, reload: Box<dyn ReloadHandler>) {
    let TakenSignals { mut terminate, mut interrupt, hangup } = signals;
    watch_files(node, hangup, reload.into());
    let (node, delay) = (Arc::clone(node), node.config.startup.shutdown_delay);
    #[expect(clippy::disallowed_methods, reason = "it lives until the process ends, and the tree waits for its tasks")]
    tokio::spawn(async move {
        let mut stopping: Option<Instant> = None;
        loop {
            tokio::select! {
                () = end_of(stopping, delay), if !node.shutdown.token().is_cancelled() => node.shutdown.begin(),
                name = next_of(&mut terminate, &mut interrupt) => match stopping {
                    None => {
                        tracing::info!(signal = name, "stopping");
                        stopping = Some(Instant::now());
                        node.readiness.leave();
                    }
                    Some(since) if since.elapsed() < SAME => {}
                    Some(_) => {
                        tracing::warn!(signal = name, "second signal: exit now");
                        #[expect(clippy::disallowed_methods, reason = "a person who asks twice does not want to wait")]
                        std::process::exit(CUT_SHORT);
                    }
                }
            }
        }
    });
}

/// Reads the configuration again when SIGHUP comes, and looks at it from time to time. Files are read on a thread that may wait
/// for them, so that the signals that stop the node are seen also while a disk hangs.
fn watch_files(node: &Arc<Node>, mut hangup: Signal, reload: Arc<dyn ReloadHandler>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let node = Arc::clone(node);
    #[expect(clippy::disallowed_methods, reason = "it lives until the process ends, and the tree waits for its tasks")]
    tokio::spawn(async move {
        loop {
            let is_reload = tokio::select! {
                () = next(&mut hangup) => true,
                _ = look.tick() => false,
            };
            let (node, reload) = (Arc::clone(&node), Arc::clone(&reload));
            let read = move || if is_reload { read_again(&node, &*reload) } else { reload.look() };
            // Whatever ended one, the next signal is heard as well.
            let _panicked = tokio::task::spawn_blocking(read).await;
        }
    });
}

fn read_again(node: &Node, reload: &dyn ReloadHandler) {
    reload.reload();
    if let Err(error) = node.services.rest.reload() {
        tracing::error!("certificates stay as they were: {error}");
    }
}

/// Returns when the delay before the stop is over; never while nobody asked for a stop.
async fn end_of(stopping: Option<Instant>, delay: Duration) {
    match stopping {
        Some(since) => tokio::time::sleep_until((since + delay).into()).await,
        None => std::future::pending().await,
    }
}

async fn next(signal: &mut Signal) {
    if signal.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

async fn next_of(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        () = next(terminate) => "SIGTERM",
        () = next(interrupt) => "SIGINT",
    }
}
