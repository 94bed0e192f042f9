//! The shutdown tree: one token that everybody watches and one tracker that owns every task.

use std::future::Future;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// Owns the tasks of the node; cloning shares the same tree.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// Creates a tree with no tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a task that belongs to the tree; [`Shutdown::drain`] waits for it.
    pub fn spawn<F>(&self, task: F) -> tokio::task::JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Makes [`Shutdown::drain`] wait until the token is dropped, by a task that another tree spawns.
    pub fn hold(&self) -> TaskTrackerToken {
        self.tasks.token()
    }

    /// Returns the token that is cancelled when the node begins to stop.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Begins the stop: nobody accepts new work from here on.
    pub fn begin(&self) {
        self.token.cancel();
        self.tasks.close();
    }

    /// Waits until every task of the tree has ended.
    pub async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}
