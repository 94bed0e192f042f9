//! Callers of this node that wait for answers of others (reference/tcp-protocol 1, 2).

use crate::runtime::limits;
use anylog_block::{Job, Message};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::mpsc;

/// Largest number of a job.
const LAST_ID: u32 = 99_999_999;

/// The table of waiting callers: a slot each, as the protocol has them.
#[derive(Debug, Default)]
pub struct PendingJobs {
    table: Mutex<JobTable>,
}

#[derive(Debug, Default)]
struct JobTable {
    last: u32,
    waiting: HashMap<u16, Caller>,
}

#[derive(Debug)]
struct Caller {
    id: u32,
    answers: mpsc::Sender<Message>,
}

/// One waiting caller; dropping it frees the slot.
#[derive(Debug)]
pub struct PendingJob {
    jobs: Arc<PendingJobs>,
    /// What the request carries and the answer repeats.
    pub job: Job,
    answers: mpsc::Receiver<Message>,
}

impl PendingJobs {
    /// Takes a slot for a caller that waits for so many answers; nothing when all are taken.
    #[must_use]
    pub fn open(self: &Arc<Self>, answers: usize) -> Option<PendingJob> {
        let mut table = self.table();
        table.last = if table.last >= LAST_ID { 1 } else { table.last + 1 };
        let id = table.last;
        let first = u16::try_from(id % u32::from(limits::PEER_JOBS)).unwrap_or_default();
        let slots = (first..limits::PEER_JOBS).chain(0..first);
        let slot = slots.into_iter().find(|slot| !table.waiting.contains_key(slot))?;
        let (sender, receiver) = mpsc::channel(answers.max(1));
        table.waiting.insert(slot, Caller { id, answers: sender });
        drop(table);
        Some(PendingJob { jobs: Arc::clone(self), job: Job { slot, id }, answers: receiver })
    }

    /// Tells whether somebody waits for an answer with this job.
    #[must_use]
    pub fn awaits(&self, job: Job) -> bool {
        job.id != 0 && self.table().waiting.get(&job.slot).is_some_and(|caller| caller.id == job.id)
    }

    /// Hands an answer to its caller; gives it back when nobody waits for it.
    ///
    /// # Errors
    /// The message, when it answers no waiting caller.
    pub fn deliver(&self, message: Message) -> Result<(), Message> {
        let job = message.header.job;
        if !self.awaits(job) {
            return Err(message);
        }
        if let Some(caller) = self.table().waiting.get(&job.slot) {
            // A full channel means more answers than destinations: the rest is of no use.
            let _ = caller.answers.try_send(message);
        }
        Ok(())
    }

    fn table(&self) -> MutexGuard<'_, JobTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PendingJob {
    /// Waits for the next answer.
    pub async fn next(&mut self) -> Option<Message> {
        self.answers.recv().await
    }
}

impl Drop for PendingJob {
    fn drop(&mut self) {
        self.jobs.table().waiting.remove(&self.job.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anylog_block::Header;

    fn answer(job: Job) -> Message {
        Message { header: Header { job, ..Header::default() }, ..Message::default() }
    }

    #[test]
    fn answers_reach_their_caller_alone() {
        let jobs = Arc::new(PendingJobs::default());
        let mut first = jobs.open(1).unwrap();
        let second = jobs.open(1).unwrap();
        assert_ne!(first.job, second.job);
        assert!(jobs.deliver(answer(first.job)).is_ok());
        assert_eq!(first.answers.try_recv().unwrap().header.job, first.job);
        let gone = second.job;
        drop(second);
        assert!(jobs.deliver(answer(gone)).is_err());
        assert!(jobs.deliver(answer(Job { slot: first.job.slot, id: 0 })).is_err());
        assert!(jobs.deliver(answer(Job { slot: first.job.slot, id: first.job.id + 1 })).is_err());
    }

    #[test]
    fn there_are_no_more_slots_than_the_protocol_has() {
        let jobs = Arc::new(PendingJobs::default());
        let all: Vec<_> = std::iter::from_fn(|| jobs.open(1)).collect();
        assert_eq!(all.len(), usize::from(limits::PEER_JOBS));
        assert!(all.iter().all(|waiting| waiting.job.slot < limits::PEER_JOBS && waiting.job.id != 0));
    }
}
