//! The way of a change: planned, committed, shown, answered.

use crate::{
    ledger::{
        change::{Change, OnDuplicate, PolicyInsert, Written},
        error::Error,
        store::{
            batch::{Batch, RowEdit},
            engine::Engine,
            error::StoreError,
            outage::Outage,
        },
        view::{entry::Location, fields::PolicyFields, view::View},
        writer::{
            blast_radius::{self, ForeignChanges},
            job::{QueuedChange, respond},
            outage::is_outage,
            plan::{
                outcome::{PlanOutcome, PlannedChange},
                placements::Placements,
                plan::TransactionPlan,
            },
            storage::Storage,
            writer::Writer,
        },
    },
    runtime::clock,
};
use std::{collections::VecDeque, sync::Arc, time::Instant};

/// How often a transaction is tried while other masters write first.
const MAX_CONFLICTS: usize = 20;
/// Dead connections that a transaction may meet, one after the other, before there is a new one.
const MAX_LOST_CONNECTIONS: usize = 4;

/// How many of the changes that wait go into a transaction.
#[derive(Clone, Copy)]
enum TransactionSize {
    /// As many as fit together.
    Many,
    /// The first alone, and so the next ones, this many in all.
    One(usize),
}

impl TransactionSize {
    /// Returns the size of the transaction that follows.
    const fn next(self) -> Self {
        match self {
            Self::One(alone) if alone > 1 => Self::One(alone - 1),
            Self::One(_) | Self::Many => Self::Many,
        }
    }
}

/// A transaction in the making.
struct Transaction {
    /// What the database has to do, and what is shown afterwards.
    plan: TransactionPlan,
    /// What planning each change came to.
    planned: Vec<Result<PlannedChange, Error>>,
    /// What the changes do to policies that others than their senders published.
    foreign: ForeignChanges,
    /// How many policies their own publishers remove.
    taken_back: usize,
}

/// What was in the way of a transaction so far.
#[derive(Default)]
struct Retries {
    conflicts: usize,
    lost_connections: usize,
    /// True once the database was asked because a change would be refused.
    has_looked: bool,
    /// True when the answer to a commit was lost, until the database is asked whether the commit came through.
    is_unknown: bool,
}

impl Writer {
    /// Writes all changes, as many as possible in one transaction, and answers them.
    pub async fn write(&mut self, mut queue: VecDeque<QueuedChange>) {
        let mut size = TransactionSize::Many;
        while !queue.is_empty() {
            size = self.transact(&mut queue, size).await;
        }
    }

    /// Writes and answers the first changes of the queue, and returns how many the next transaction takes. The others stay
    /// in the queue.
    async fn transact(&mut self, queue: &mut VecDeque<QueuedChange>, size: TransactionSize) -> TransactionSize {
        let mut retries = Retries::default();
        loop {
            let Transaction { mut plan, planned, foreign, taken_back } = self.plan(queue, size);
            let is_refused = |change: &Result<PlannedChange, Error>| match change {
                Ok(change) => change.is_done_in_part(),
                Err(_) => true,
            };
            if planned.iter().any(is_refused) && self.finds_news(&mut retries).await {
                // What is new may be a commit of this node whose answer was lost.
                self.answer_made(queue);
                if queue.is_empty() {
                    return size.next();
                }
                continue;
            }
            if plan.writes_rows() && matches!(self.storage, Storage::Detached) {
                self.fail(queue, planned, Error::NotConnected);
                return size.next();
            }
            match self.commit(&mut plan).await {
                Ok(placements) => {
                    self.radius.spend(foreign);
                    self.published.expect_fewer(taken_back);
                    let outcomes = self.finish(plan, planned, &placements).await;
                    self.answer(queue, outcomes);
                    return size.next();
                }
                // Something is wrong with one of them, or the database fails; each alone shows which.
                Err(StoreError::Refused(_) | StoreError::Unavailable(Outage::Failed(_))) if planned.len() > 1 => {
                    return TransactionSize::One(planned.len());
                }
                Err(error) => {
                    let is_lost = matches!(error, StoreError::ConnectionLost(_));
                    if let Err(error) = self.clear_the_way(error, &mut retries, queue.front()).await {
                        self.fail(queue, planned, error);
                        return size.next();
                    }
                    retries.is_unknown = is_lost;
                    if is_lost {
                        keep_plans(queue, planned);
                    } else {
                        self.answer_made(queue);
                    }
                    if queue.is_empty() {
                        return size.next();
                    }
                }
            }
        }
    }

    /// Asks once what other masters wrote before a change is refused: what one of them committed a moment ago, to whoever asks
    /// here now, may not be shown yet. A change that is written is told by the database itself.
    async fn finds_news(&mut self, retries: &mut Retries) -> bool {
        let is_shared = self.storage.engine() == Engine::Postgres && matches!(self.storage, Storage::Open { .. });
        // After a lost connection the next attempt asks, and says which changes came through.
        if retries.has_looked || retries.is_unknown || !is_shared || self.health.refuses_changes() {
            return false;
        }
        retries.has_looked = true;
        let generation = self.view.generation();
        self.catch_up().await.is_ok() && self.view.generation() != generation
    }

    /// Plans the first changes of the queue, up to one that needs a transaction of its own.
    fn plan(&self, queue: &VecDeque<QueuedChange>, size: TransactionSize) -> Transaction {
        let most = match size {
            TransactionSize::Many => queue.len(),
            TransactionSize::One(_) => 1,
        };
        let (engine, version) = (self.storage.engine(), self.storage.version());
        let mut plan =
            TransactionPlan::new(&self.view, engine, version, clock::policy_date(), self.quota, self.relay.clone());
        let (mut planned, mut foreign) = (Vec::with_capacity(most), ForeignChanges::default());
        let mut taken_back = 0;
        for queued in queue.iter().take(most) {
            let touched = match self.radius.admit(&self.view, &queued.change, &queued.author, &foreign) {
                Ok(touched) => touched,
                Err(error) => {
                    planned.push(Err(error));
                    continue;
                }
            };
            if self.stays_dropped(&queued.change) {
                planned.push(Ok(PlannedChange::ignored()));
                continue;
            }
            match plan.add(&queued.change, &queued.author) {
                PlanOutcome::Planned(change) => {
                    foreign.add(touched);
                    taken_back += blast_radius::taken_back(&self.view, &queued.change, queued.author.sender);
                    planned.push(Ok(change));
                }
                PlanOutcome::Refused(error) => planned.push(Err(error)),
                PlanOutcome::NextBatch => break,
            }
        }
        Transaction { plan, planned, foreign, taken_back }
    }

    /// Tells whether a change is a policy that its member sends again because it does not know that it was dropped.
    pub fn stays_dropped(&self, change: &Change) -> bool {
        let Change::Insert(PolicyInsert { policy, on_duplicate: OnDuplicate::IgnoreAndStayDropped, .. }) = change
        else {
            return false;
        };
        policy.id().is_some_and(|id| self.tombstones.covers(&id, policy.date()))
    }

    async fn commit(&mut self, plan: &mut TransactionPlan) -> Result<Placements, StoreError> {
        if !plan.writes_rows() {
            return Ok(Placements::default());
        }
        let Storage::Open { store, .. } = &self.storage else {
            // A table that has not been read is read before the next attempt, like one that another master changed.
            let has_table = self.storage.store_with_table().is_some();
            return Err(if has_table { StoreError::Conflict } else { StoreError::NoTable });
        };
        let store = Arc::clone(store);
        let (batch, projected) = plan.parts();
        let replaced = self.replaced.take();
        let meanwhile = async {
            drop(replaced);
            projected.flush_last();
        };
        let changes = batch.changes.len();
        let commit = async {
            let started = Instant::now();
            let committed = store.commit(batch).await;
            self.published.figures().committed(changes, started.elapsed());
            committed
        };
        let (committed, ()) = tokio::join!(biased; commit, meanwhile);
        let committed = committed?;
        self.health.change_committed();
        self.storage = Storage::Open { store, version: committed.version };
        Ok(Placements::from(committed.placed))
    }

    /// Removes what was in the way of a transaction, if that is possible and worth another attempt.
    ///
    /// # Errors
    /// What whoever asked is told when it is not.
    async fn clear_the_way(
        &mut self,
        error: StoreError,
        retries: &mut Retries,
        first: Option<&QueuedChange>,
    ) -> Result<(), Error> {
        match error {
            StoreError::Conflict if retries.conflicts < MAX_CONFLICTS => {
                retries.conflicts += 1;
                self.catch_up_for_change().await
            }
            StoreError::NoTable if retries.conflicts < MAX_CONFLICTS => {
                retries.conflicts += 1;
                self.recreate_table().await
            }
            StoreError::ConnectionLost(_) if retries.lost_connections < MAX_LOST_CONNECTIONS => {
                retries.lost_connections += 1;
                Ok(())
            }
            error => Err(refusal(error, first)),
        }
    }

    /// Answers those changes whose transaction came through although its answer was lost: the ledger is what they make of it.
    /// Planned again they would be done twice, or refused because of themselves. The others are looked at again the next time: the
    /// server may still have worked on the commit when it was asked.
    fn answer_made(&mut self, queue: &mut VecDeque<QueuedChange>) {
        for mut queued in std::mem::take(queue) {
            let made = queued.lost.iter().position(|change| change.is_made(&self.view));
            match made.map(|place| queued.lost.swap_remove(place)) {
                Some(change) => {
                    self.published.note_queued();
                    let entries = change.entries();
                    let outcome = change.into_written(entries, self.view.generation());
                    self.note_for_next_round(std::slice::from_ref(&outcome));
                    respond(queued.responder, outcome);
                }
                None => queue.push_back(queued),
            }
        }
    }

    /// Answers the changes of a transaction that was committed.
    fn answer(&mut self, queue: &mut VecDeque<QueuedChange>, outcomes: Vec<Result<Written, Error>>) {
        let done = outcomes.len().min(queue.len());
        for (queued, outcome) in queue.drain(..done).zip(outcomes) {
            let outcome = outcome.map_err(|error| self.hold(&queued, error));
            respond(queued.responder, outcome);
        }
    }

    /// Answers the changes of a transaction that could not be committed. Those of the local copy need no database: they are
    /// planned again, without the others.
    fn fail(&mut self, queue: &mut VecDeque<QueuedChange>, planned: Vec<Result<PlannedChange, Error>>, error: Error) {
        if is_outage(&error) {
            self.health.change_failed(error.clone());
        }
        let rest = queue.split_off(planned.len().min(queue.len()));
        let tried = std::mem::take(queue);
        for (queued, outcome) in tried.into_iter().zip(planned) {
            match outcome {
                Err(refusal) => {
                    let refusal = self.hold(&queued, refusal);
                    respond(queued.responder, Err(refusal));
                }
                Ok(_) if queued.change.is_local() => queue.push_back(queued),
                Ok(_) => self.refuse(queued, &error),
            }
        }
        queue.extend(rest);
    }

    /// Shows what was committed and returns what came of each change.
    async fn finish(
        &mut self,
        plan: TransactionPlan,
        planned: Vec<Result<PlannedChange, Error>>,
        placements: &Placements,
    ) -> Vec<Result<Written, Error>> {
        if plan.is_empty() {
            let generation = self.view.generation();
            let unchanged = |change: PlannedChange| change.into_written(Vec::new(), generation);
            return planned.into_iter().map(|change| change.and_then(unchanged)).collect();
        }
        self.record(plan.batch());
        if !plan.batch().outbox.is_empty() {
            self.published.note_queued();
        }
        let appended = if plan.lines().is_empty() { Ok(()) } else { self.append(plan.lines().to_owned()).await };
        let mut outcomes = match plan.into_view(placements) {
            Some(view) => self.adopt_planned_view(view, planned),
            None => self.apply_planned_changes(planned, placements),
        };
        if let Err(error) = appended {
            outcomes.iter_mut().for_each(|outcome| self.revert_unwritten(outcome, &error));
        }
        self.note_for_next_round(&outcomes);
        self.publish();
        outcomes
    }

    /// Shows the view of a plan that came true to the letter.
    fn adopt_planned_view(
        &mut self,
        view: View,
        planned: Vec<Result<PlannedChange, Error>>,
    ) -> Vec<Result<Written, Error>> {
        self.view = view;
        let generation = self.view.generation();
        let written = |change: PlannedChange| {
            let entries = change.entries();
            change.into_written(entries, generation)
        };
        planned.into_iter().map(|change| change.and_then(written)).collect()
    }

    /// Carries the changes out on the view, because the database put rows elsewhere than planned, or lines of the local file
    /// may have failed.
    fn apply_planned_changes(
        &mut self,
        planned: Vec<Result<PlannedChange, Error>>,
        placements: &Placements,
    ) -> Vec<Result<Written, Error>> {
        self.view.advance();
        let generation = self.view.generation();
        let view = &mut self.view;
        let mut written = |change: PlannedChange| {
            let entries = change.apply(view, placements);
            change.into_written(entries, generation)
        };
        planned.into_iter().map(|change| change.and_then(&mut written)).collect()
    }

    /// Reverts in the view what could not be written to the local file.
    fn revert_unwritten(&mut self, outcome: &mut Result<Written, Error>, error: &Error) {
        let Ok(written) = outcome else { return };
        let mut lines = written.entries.iter().filter(|entry| entry.location == Location::File).peekable();
        if lines.peek().is_none() {
            return;
        }
        for entry in lines {
            if self.view.remove(&entry.id).is_none() {
                self.view.insert(Arc::clone(entry));
            }
        }
        *outcome = Err(error.clone());
    }

    /// Remembers the deletions of a transaction.
    fn record(&mut self, batch: &Batch) {
        for change in &batch.changes {
            match &change.edit {
                RowEdit::Drop { before } => {
                    let date = PolicyFields::read(before).and_then(|fields| fields.date);
                    self.tombstones.deleted(&change.id, &batch.time, date.as_deref());
                }
                RowEdit::Insert(_) | RowEdit::Replace { .. } => self.tombstones.is_there(&change.id),
            }
        }
    }

    /// Remembers what the next round of the synchroniser has to do with the policies of these outcomes.
    fn note_for_next_round(&mut self, outcomes: &[Result<Written, Error>]) {
        for entry in outcomes.iter().flatten().flat_map(|written| &written.entries) {
            self.shows_local_rows |= entry.reads_as_local();
            if entry.location == Location::File && self.view.by_id(&entry.id).is_none() {
                self.copy.untold_deletions.push(entry.id.to_string());
            }
        }
    }
}

/// Keeps what was planned for the first changes of the queue: its commit may come through although the answer was lost.
fn keep_plans(queue: &mut VecDeque<QueuedChange>, planned: Vec<Result<PlannedChange, Error>>) {
    for (queued, planned) in queue.iter_mut().zip(planned) {
        queued.lost.extend(planned.ok());
    }
}

/// Returns what whoever asked is told of a failed transaction; a refused row is named by its policy.
fn refusal(error: StoreError, first: Option<&QueuedChange>) -> Error {
    match (error, first.map(|queued| &queued.change)) {
        (StoreError::Refused(source), Some(Change::Insert(insert) | Change::Publish(insert))) => {
            Error::Refused { id: insert.policy.id().unwrap_or_default(), source }
        }
        (error, _) => error.into(),
    }
}
