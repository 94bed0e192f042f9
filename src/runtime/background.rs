//! Tasks whose work is long and not urgent, such as the delivery of a ledger: their threads let everything else come first.
//!
//! The threads of the node take turns between all tasks alike. Where a hundred members are sent a large ledger, an insert would
//! wait for a piece of each of them. Here the scheduler of the system decides, which knows who is urgent, and on a machine at rest
//! nothing is slower.

use crate::runtime::{
    limits::{BACKGROUND_THREADS, THREAD_STACK},
    workers::lower_priority,
};
use std::{fmt, future::Future, sync::OnceLock, thread};
use tokio::{runtime::Runtime, task::JoinError};
use tokio_util::task::AbortOnDropHandle;

/// A runtime of its own, which starts with its first task.
#[derive(Default)]
pub struct Background {
    /// Nothing where the system gave no threads.
    runtime: OnceLock<Option<Runtime>>,
}

impl Background {
    /// Runs a task to its end. It ends early when the returned future is dropped.
    ///
    /// # Errors
    /// When the task panics, or is ended with the runtime.
    pub async fn run<F>(&self, task: F) -> Result<F::Output, JoinError>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match self.runtime.get_or_init(start) {
            Some(runtime) => AbortOnDropHandle::new(runtime.spawn(task)).await,
            None => Ok(task.await),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(Some(runtime)) = self.runtime.take() {
            // It may be dropped by a task, which must not wait for threads.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}

fn start() -> Option<Runtime> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(BACKGROUND_THREADS);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("background")
        .worker_threads(threads)
        .thread_stack_size(THREAD_STACK)
        .on_thread_start(lower_priority)
        .enable_all()
        .build();
    runtime.inspect_err(|error| tracing::warn!(%error, "no threads of their own for large deliveries")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::limits::WORKER_NICENESS;
    use std::sync::Arc;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_task_runs_behind_everything_else() {
        let background = Background::default();
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let own = priority();
        let there = background.run(async move { priority() }).await.unwrap();
        assert_eq!((priority(), there), (own, (own + WORKER_NICENESS).min(19)));
    }

    #[tokio::test]
    async fn a_task_ends_with_the_one_that_waits() {
        let background = Arc::new(Background::default());
        let (begun, began) = oneshot::channel();
        let (held, released) = oneshot::channel::<()>();
        let waiting = tokio::spawn({
            let background = Arc::clone(&background);
            async move {
                let task = async move {
                    let _held = held;
                    let _ = begun.send(());
                    std::future::pending::<()>().await;
                };
                background.run(task).await
            }
        });
        began.await.unwrap();
        waiting.abort();
        released.await.unwrap_err();
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        let task = async { panic!("as planned") };
        let ended: Result<(), _> = Background::default().run(task).await;
        assert!(ended.is_err_and(|error| error.is_panic()));
    }
}
