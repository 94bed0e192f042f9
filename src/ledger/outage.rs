//! What the writer does while the database takes no changes: everybody is told, what needs no database goes on, members keep
//! their copy, and what they would not send again is kept for it.

use crate::ledger::{
    change::{Author, Change, Check, Duplicate},
    error::Error,
    plan::Planned,
    store::StoreError,
    writer::{Answered, Job, Request, Writer, reply},
};
use std::collections::VecDeque;
use tokio::sync::{mpsc, oneshot};

/// Changes that are kept for a database that is away at most.
const OWED_CHANGES: usize = 4096;

impl Writer {
    /// Answers the changes that came in while the database did not answer another: none waits for two time-outs.
    pub(super) async fn refuse_waiting(&mut self, jobs: &mut mpsc::Receiver<Job>) {
        let Some(error) = self.down.take() else { return };
        for _ in 0..jobs.len() {
            match jobs.try_recv() {
                // The local copy needs no database.
                Ok(Job::Write(request)) if request.change.is_local() => self.write(VecDeque::from([*request])).await,
                Ok(Job::Write(request)) => self.refuse(*request, &error),
                Ok(other) => self.control(other).await,
                Err(_) => return,
            }
        }
    }

    /// Answers a change that the database did not take, and keeps what nobody would send again.
    fn refuse(&mut self, request: Request, error: &Error) {
        self.owe(&request);
        reply(request.answer, Err(error.clone()));
    }

    /// Keeps a policy that is sent once; one that the local copy has becomes a row at its next round anyway.
    fn owe(&mut self, request: &Request) {
        let Change::Insert(insert) = &request.change else { return };
        let id = insert.policy.id().unwrap_or_default();
        if insert.duplicate != Duplicate::Ignore || self.view.by_id(&id).is_some() {
            return;
        }
        if self.owed.len() >= OWED_CHANGES {
            tracing::warn!(policy.id = %id, "the database is away and {OWED_CHANGES} policies wait for it: this one is not kept");
            return;
        }
        self.owed.push((request.change.clone(), request.author.clone()));
        self.unkept += 1;
    }

    /// Writes what was owed lately into the local copy, so that a restart meanwhile does not lose it.
    pub(super) async fn keep_owed(&mut self) {
        let new = self.owed.len().saturating_sub(std::mem::take(&mut self.unkept));
        if self.file.is_none() {
            return;
        }
        let line = |(change, author): &(Change, Author)| {
            let Change::Insert(insert) = change else { return None };
            let mut policy = insert.policy.clone();
            policy.set_ledger("local");
            let change = Change::InsertLocal { policy, check: Check::Nothing };
            Some(Request { change, author: author.clone(), answer: oneshot::channel().0 })
        };
        let lines: VecDeque<Request> = self.owed.iter().skip(new).filter_map(line).collect();
        self.write(lines).await;
    }

    /// The database takes changes again: first those that were owed to it, then members may have the ledger.
    pub(super) async fn reopen(&mut self) {
        let owed = std::mem::take(&mut self.owed);
        let request = |(change, author)| Request { change, author, answer: oneshot::channel().0 };
        self.write(owed.into_iter().map(request).collect()).await;
        self.shared.set_closed(self.down.take().is_some());
    }

    /// Learns what other masters committed; the next attempt follows soon, so a database that goes away is logged once.
    pub(super) async fn learn_quietly(&mut self) {
        if !self.table {
            return;
        }
        let heard = self.learn().await;
        match &heard {
            Err(error) if !self.away => {
                tracing::warn!(%error, "the database of the ledger is away: reading goes on from memory, changes are refused");
            }
            Ok(()) if self.away => tracing::info!("the database of the ledger is back"),
            _ => {}
        }
        self.away = heard.is_err();
        match &self.store {
            _ if self.away => self.shared.set_closed(true),
            Some(store) if self.shared.is_closed() => self.wrote |= store.try_writing().await.is_ok(),
            _ => {}
        }
    }

    /// Answers the changes of a transaction that the database did not take.
    pub(super) fn fail(
        &mut self,
        mut requests: VecDeque<Request>,
        planned: Vec<Result<Planned, Error>>,
        error: StoreError,
    ) -> Answered {
        let error = match (error, requests.front().map(|request| &request.change)) {
            _ if self.store.is_none() => Error::NotConnected,
            (StoreError::Refused(reason), Some(Change::Insert(insert) | Change::Publish(insert))) => {
                Error::Refused { id: insert.policy.id().unwrap_or_default(), reason }
            }
            (error, _) => Error::from(error),
        };
        self.down = Some(&error).filter(|error| matches!(error, Error::Unavailable(_))).cloned();
        let later = requests.split_off(planned.len().min(requests.len()));
        let mut again = VecDeque::new();
        let mut answered = Vec::with_capacity(requests.len());
        for (request, one) in requests.into_iter().zip(planned) {
            match one {
                Err(error) => answered.push((request, Err(error))),
                // The local copy needs no database: such a change is planned again without the others.
                Ok(_) if request.change.is_local() => again.push_back(request),
                Ok(_) => {
                    if self.down.is_some() {
                        self.shared.set_closed(true);
                        self.owe(&request);
                    }
                    answered.push((request, Err(error.clone())));
                }
            }
        }
        again.extend(later);
        (answered, again)
    }
}
