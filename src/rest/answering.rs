//! Which tasks answer requests.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::task::{self, Id};

/// The tasks of the connections of one server.
#[derive(Debug, Default)]
pub struct Answering(Mutex<HashSet<Id>>);

/// A task that answers requests, until this is dropped.
#[derive(Debug)]
pub struct Entered {
    all: Arc<Answering>,
    task: Option<Id>,
}

impl Answering {
    /// Takes note of the task that runs.
    pub fn enter(self: &Arc<Self>) -> Entered {
        let task = task::try_id();
        self.tasks().extend(task);
        Entered { all: Arc::clone(self), task }
    }

    /// Tells whether the caller is itself the answer to a request.
    pub fn has_this_task(&self) -> bool {
        task::try_id().is_some_and(|task| self.tasks().contains(&task))
    }

    fn tasks(&self) -> MutexGuard<'_, HashSet<Id>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            self.all.tasks().remove(task);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn knows_the_tasks_between_their_start_and_their_end() {
        let all = Arc::new(Answering::default());
        let inside = Arc::clone(&all);
        let task = tokio::spawn(async move {
            let entered = inside.enter();
            let during = inside.has_this_task();
            drop(entered);
            (during, inside.has_this_task())
        });
        assert_eq!(task.await.unwrap(), (true, false));
        assert!(!all.has_this_task());
    }
}
