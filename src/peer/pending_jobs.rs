//! Callers of this node that wait for answers of others (reference/tcp-protocol 1, 2).
//!
//! An answer is known by its job alone, so a job is a secret between this node and the one that it asks: slot and number
//! come by chance, and each receiver of a command has a number of its own.

use crate::runtime::limits;
use anylog_block::{Header, Job, Message};
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
    table: Mutex<HashMap<u16, JobCaller>>,
}

#[derive(Debug)]
struct JobCaller {
    /// The numbers by receiver.
    ids: Vec<u32>,
    /// Bytes that each answer may have.
    most: usize,
    /// The caller wants to know whether its own question comes in here.
    awaits_question: bool,
    answers: mpsc::Sender<Message>,
}

/// One waiting caller; dropping it frees the slot.
#[derive(Debug)]
pub struct PendingJob {
    jobs: Arc<PendingJobs>,
    slot: u16,
    /// What each request carries and its answer repeats, by receiver.
    pub all: Vec<Job>,
    answers: mpsc::Receiver<Message>,
}

impl PendingJobs {
    /// Takes a slot for a caller that waits for so many answers of at most so many bytes each; nothing when all are
    /// taken.
    ///
    /// # Errors
    /// When the machine has no random numbers: whoever guessed the job could answer for another node.
    pub fn open(self: &Arc<Self>, answers: usize, most: usize) -> Result<Option<PendingJob>, getrandom::Error> {
        self.take_slot(answers, most, false)
    }

    /// Takes a slot for a caller that asks one node whether it is this one: what comes first is its answer, or the question.
    ///
    /// # Errors
    /// As [`PendingJobs::open`].
    pub fn open_for_question(self: &Arc<Self>) -> Result<Option<PendingJob>, getrandom::Error> {
        self.take_slot(1, limits::PEER_SHORT_ANSWER, true)
    }

    fn take_slot(
        self: &Arc<Self>,
        answers: usize,
        most: usize,
        awaits_question: bool,
    ) -> Result<Option<PendingJob>, getrandom::Error> {
        let ids = (0..answers).map(|_| Ok(getrandom::u32()? % LAST_ID + 1)).collect::<Result<Vec<_>, _>>()?;
        let first = u16::try_from(getrandom::u32()? % u32::from(limits::PEER_JOBS)).unwrap_or_default();
        let mut table = self.table();
        let slots = (first..limits::PEER_JOBS).chain(0..first);
        let Some(slot) = slots.into_iter().find(|slot| !table.contains_key(slot)) else { return Ok(None) };
        let (sender, receiver) = mpsc::channel(answers.max(1));
        let all = ids.iter().map(|id| Job { slot, id: *id }).collect();
        table.insert(slot, JobCaller { ids, most, awaits_question, answers: sender });
        drop(table);
        Ok(Some(PendingJob { jobs: Arc::clone(self), slot, all, answers: receiver }))
    }

    /// Returns how many bytes the answer may have that a header belongs to; nothing when nobody waits for it.
    #[must_use]
    pub fn most_of(&self, header: &Header) -> Option<usize> {
        self.table().get(&header.job.slot).filter(|caller| caller.awaits(header)).map(|caller| caller.most)
    }

    /// Hands an answer to its caller, or its own question to one that waits for that; gives back what nobody waits for.
    ///
    /// # Errors
    /// The message, when it answers no waiting caller.
    pub fn deliver(&self, message: Message) -> Result<(), Message> {
        match self.table().get(&message.header.job.slot) {
            Some(caller) if caller.awaits(&message.header) && (message.is_reply() || caller.awaits_question) => {
                // A full channel means more answers than destinations: the rest is of no use.
                let _ = caller.answers.try_send(message);
                Ok(())
            }
            _ => Err(message),
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<u16, JobCaller>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JobCaller {
    fn awaits(&self, header: &Header) -> bool {
        self.ids.get(usize::from(header.receiver)).is_some_and(|id| *id == header.job.id)
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
        self.jobs.table().remove(&self.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(job: Job, receiver: u16) -> Message {
        Message { command: "print".to_owned(), ..question(job, receiver) }
    }

    fn question(job: Job, receiver: u16) -> Message {
        let header = Header { job, receiver, ..Header::default() };
        Message { header, command: "get status".to_owned(), ..Message::default() }
    }

    #[test]
    fn its_own_question_reaches_the_caller_that_waits_for_it_alone() {
        let jobs = Arc::new(PendingJobs::default());
        let asked = open(&jobs, 1);
        let mut itself = jobs.open_for_question().unwrap().unwrap();
        assert!(jobs.deliver(question(asked.all[0], 0)).is_err());
        assert!(jobs.deliver(question(itself.all[0], 0)).is_ok());
        assert!(!itself.answers.try_recv().unwrap().is_reply());
    }

    fn open(jobs: &Arc<PendingJobs>, answers: usize) -> PendingJob {
        jobs.open(answers, limits::PEER_ANSWER).unwrap().unwrap()
    }

    #[test]
    fn what_was_asked_says_how_much_may_come() {
        let jobs = Arc::new(PendingJobs::default());
        let (short, itself) = (jobs.open(2, 50).unwrap().unwrap(), jobs.open_for_question().unwrap().unwrap());
        let most = |job, receiver| jobs.most_of(&answer(job, receiver).header);
        assert_eq!(most(short.all[1], 1), Some(50));
        assert_eq!(most(itself.all[0], 0), Some(limits::PEER_SHORT_ANSWER));
        assert_eq!((most(short.all[1], 0), most(Job::default(), 0)), (None, None), "nobody waits for these");
    }

    #[test]
    fn answers_reach_their_caller_alone() {
        let jobs = Arc::new(PendingJobs::default());
        let mut first = open(&jobs, 1);
        let second = open(&jobs, 1);
        let job = first.all[0];
        assert_ne!(job, second.all[0]);
        assert!(jobs.deliver(answer(job, 0)).is_ok());
        assert_eq!(first.answers.try_recv().unwrap().header.job, job);
        let gone = second.all[0];
        drop(second);
        assert!(jobs.deliver(answer(gone, 0)).is_err());
        assert!(jobs.deliver(answer(Job { id: 0, ..job }, 0)).is_err());
        assert!(jobs.deliver(answer(Job { id: job.id + 1, ..job }, 0)).is_err());
    }

    #[test]
    fn a_receiver_cannot_answer_for_another() {
        let jobs = Arc::new(PendingJobs::default());
        let asked = open(&jobs, 3);
        assert!(jobs.deliver(answer(asked.all[0], 1)).is_err());
        assert!(jobs.deliver(answer(asked.all[2], 2)).is_ok());
        assert!(jobs.deliver(answer(asked.all[2], 3)).is_err());
    }

    #[test]
    fn jobs_do_not_tell_the_next_one() {
        let jobs = Arc::new(PendingJobs::default());
        let all: Vec<_> = (0..50).map(|_| open(&jobs, 1)).collect();
        let ids: Vec<i64> = all.iter().map(|job| job.all[0].id.into()).collect();
        assert!(ids.iter().all(|id| (1..=i64::from(LAST_ID)).contains(id)));
        let steps: std::collections::HashSet<i64> = ids.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.len() > 40, "{ids:?}");
        let slots: std::collections::HashSet<u16> = all.iter().map(|job| job.slot).collect();
        assert_eq!(slots.len(), all.len());
    }

    #[test]
    fn there_are_no_more_slots_than_the_protocol_has() {
        let jobs = Arc::new(PendingJobs::default());
        let all: Vec<_> = std::iter::from_fn(|| jobs.open(1, 1).unwrap()).collect();
        assert_eq!(all.len(), usize::from(limits::PEER_JOBS));
        assert!(all.iter().all(|waiting| waiting.slot < limits::PEER_JOBS));
    }
}
