//! Threads for work that computes long: few, of low priority, shared fairly between callers, and given up with them.
//!
//! The tasks that serve connections run on the runtime's own threads. What computes for seconds there would hold up
//! everybody, so it runs here, where the scheduler of the machine lets everything else come first.

use crate::runtime::limits::{THREAD_STACK, WORK_PER_CALLER, WORK_WAIT, WORK_WAITING, WORKER_NICENESS};
use rustix::process::{getpriority_process, setpriority_process};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

/// Fewest and most threads at the same time.
const THREADS: (usize, usize) = (2, 8);

/// The lowest priority that Linux knows.
const LOWEST_PRIORITY: i32 = 19;

/// A bounded number of threads.
#[derive(Debug)]
pub struct Workers {
    name: &'static str,
    threads: usize,
    places: Arc<Semaphore>,
    /// How many of them one caller may have.
    share: usize,
    callers: Mutex<HashMap<Caller, WaitingJob>>,
}

/// Who asked for work; nothing stands for the node itself and the people at it.
type Caller = Option<IpAddr>;

/// What one caller has under way.
#[derive(Debug)]
struct WaitingJob {
    count: usize,
    places: Arc<Semaphore>,
}

/// Work that was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too much waits already.
    #[error("too much work of this kind waits already; try again")]
    Busy,
    /// Its thread ended without a result.
    #[error("the work was ended by a fault of the program")]
    Failed,
}

/// Tells work whether somebody still waits for it.
#[derive(Clone, Debug, Default)]
pub struct Waited(Arc<AtomicBool>);

impl Waited {
    /// Tells whether nobody waits any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Ends the work of a caller that is dropped.
struct Waits(Waited);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl Workers {
    /// Creates workers whose threads have this name: one for each processor.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        let (fewest, most) = THREADS;
        Self::with_threads(name, thread::available_parallelism().map_or(fewest, usize::from).clamp(fewest, most))
    }

    /// Creates so many workers.
    #[must_use]
    pub fn with_threads(name: &'static str, threads: usize) -> Self {
        let places = Arc::new(Semaphore::new(threads));
        Self { name, threads, places, share: (threads / 2).max(1), callers: Mutex::default() }
    }

    /// Returns how many threads work at the moment.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.threads.saturating_sub(self.places.available_permits())
    }

    /// Waits for the turn of a caller, who has it until what is returned is dropped.
    ///
    /// # Errors
    /// [`Refused::Busy`] when the caller, or all together, wait for too much.
    pub async fn turn(&self, caller: Caller) -> Result<Turn<'_>, Refused> {
        let (admitted, own) = self.admit(caller)?;
        let turn = async { (own.acquire_owned().await, Arc::clone(&self.places).acquire_owned().await) };
        // The semaphores are never closed.
        let Ok((Ok(own), Ok(place))) = timeout(WORK_WAIT, turn).await else { return Err(Refused::Busy) };
        Ok(Turn { _admitted: admitted, places: [own, place] })
    }

    /// Does work when its turn has come, and returns its result. When the future is dropped, `Waited` tells the work so.
    ///
    /// # Errors
    /// [`Refused::Busy`] when the caller, or all together, wait for too much.
    pub async fn run<T, W>(&self, caller: Caller, work: W) -> Result<T, Refused>
    where
        T: Send + 'static,
        W: FnOnce(&Waited) -> T + Send + 'static,
    {
        // The turn ends with the thread, and what is waited for with this future.
        let Turn { _admitted, places } = self.turn(caller).await?;
        let waits = Waits(Waited::default());
        let waited = waits.0.clone();
        let (sender, result) = oneshot::channel();
        let thread = thread::Builder::new().name(self.name.to_owned()).stack_size(THREAD_STACK);
        let started = thread.spawn(move || {
            let _places = places;
            lower_priority();
            // Nobody may wait any more; the result goes with the thread then.
            let _ = sender.send(work(&waited));
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for work that computes long");
            return Err(Refused::Busy);
        }
        result.await.map_err(|_| Refused::Failed)
    }

    /// Notes that a caller waits for work, until what it gets is dropped.
    fn admit(&self, caller: Caller) -> Result<(Admitted<'_>, Arc<Semaphore>), Refused> {
        let mut callers = self.callers();
        let all: usize = callers.values().map(|waiting| waiting.count).sum();
        let new = || WaitingJob { count: 0, places: Arc::new(Semaphore::new(self.share)) };
        let own = callers.get(&caller).map_or(0, |waiting| waiting.count);
        if own >= WORK_PER_CALLER || all >= WORK_WAITING {
            return Err(Refused::Busy);
        }
        let waiting = callers.entry(caller).or_insert_with(new);
        waiting.count += 1;
        Ok((Admitted { workers: self, caller }, Arc::clone(&waiting.places)))
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<Caller, WaitingJob>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn of a caller.
pub struct Turn<'a> {
    _admitted: Admitted<'a>,
    places: [OwnedSemaphorePermit; 2],
}

/// One piece of work that a caller waits for.
struct Admitted<'a> {
    workers: &'a Workers,
    caller: Caller,
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        let mut callers = self.workers.callers();
        if let Some(waiting) = callers.get_mut(&self.caller) {
            waiting.count = waiting.count.saturating_sub(1);
            if waiting.count == 0 {
                callers.remove(&self.caller);
            }
        }
    }
}

/// Lets everything else on the machine come before this thread. Who started the node with a low priority gets a lower one here.
pub fn lower_priority() {
    // On Linux this is about the thread that asks.
    let lowered = getpriority_process(None)
        .and_then(|priority| setpriority_process(None, priority.saturating_add(WORKER_NICENESS).min(LOWEST_PRIORITY)));
    if let Err(error) = lowered {
        tracing::debug!(%error, "the priority of a thread stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        net::Ipv4Addr,
        sync::mpsc::{Receiver, SyncSender, sync_channel},
    };

    fn caller(number: u8) -> Caller {
        Some(Ipv4Addr::new(10, 0, 0, number).into())
    }

    /// Work that tells when it has begun and ends when nobody waits for it.
    fn endless(begun: &SyncSender<()>) -> impl FnOnce(&Waited) + Send + 'static {
        let begun = begun.clone();
        move |waited| {
            begun.send(()).unwrap();
            while !waited.is_over() {
                thread::yield_now();
            }
            begun.send(()).unwrap();
        }
    }

    async fn told(from: Receiver<()>) -> Receiver<()> {
        tokio::task::spawn_blocking(|| {
            from.recv().unwrap();
            from
        })
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn work_ends_with_the_one_that_waits() {
        let workers = Arc::new(Workers::new("test"));
        let (begun, began) = sync_channel(1);
        let waiting = {
            let (workers, work) = (Arc::clone(&workers), endless(&begun));
            tokio::spawn(async move { workers.run(caller(1), work).await })
        };
        let began = told(began).await;
        waiting.abort();
        told(began).await;
        assert_eq!(workers.run(caller(1), |_| 5).await, Ok(5));
        assert!(workers.callers().is_empty());
    }

    #[tokio::test]
    async fn one_caller_leaves_places_to_others_and_has_an_end() {
        let workers = Arc::new(Workers::new("test"));
        let (begun, began) = sync_channel(1);
        let waiting: Vec<_> = (0..WORK_PER_CALLER)
            .map(|_| {
                let (workers, work) = (Arc::clone(&workers), endless(&begun));
                tokio::spawn(async move { workers.run(caller(1), work).await })
            })
            .collect();
        let _began = told(began).await;
        assert_eq!(workers.run(caller(2), |_| 5).await, Ok(5), "another caller has its turn");
        assert_eq!(workers.run(caller(1), |_| 5).await, Err(Refused::Busy));
        waiting.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let workers = Workers::new("test");
        let work = |_: &Waited| -> u8 { panic!("as planned") };
        assert_eq!(workers.run(None, work).await, Err(Refused::Failed));
    }
}
