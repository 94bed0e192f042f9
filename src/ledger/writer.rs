//! The only task that changes the policies: it takes everything that waits, validates it in order, commits it as one
//! transaction, publishes the new view, and only then answers.

use crate::{
    ledger::{
        change::{Author, Change, Written},
        entry::{Entry, Place},
        error::Error,
        local_file::LocalFile,
        merge::Merge,
        plan::{self, Places, Plan, Planned},
        snapshot,
        store::{Batch, Deed, Engine, News, Store, StoreError},
        view::View,
    },
    policy::Policy,
    runtime::clock,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Changes that one transaction takes at most.
const BATCH_CHANGES: usize = 256;
/// How often a transaction is tried while other masters write first.
const ATTEMPTS: usize = 20;
/// Dead connections that a transaction may meet, one after the other, before there is a new one.
const CONNECTIONS: usize = 4;
/// How long the writer waits for late changes when the node stops.
const LINGER: Duration = Duration::from_millis(150);

/// Where an answer goes.
pub(super) type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// What the writer is asked for.
pub(super) enum Job {
    Write(Box<Request>),
    Attach(Arc<dyn Store>, Answer<()>),
    Detach(oneshot::Sender<()>),
    Prepare(Answer<()>),
    DropTable(Author, Answer<()>),
    Reload(Answer<()>),
    News,
    Open(LocalFile, Answer<()>),
    Settle(String, Answer<Merge>),
    Receive(String, Answer<Merge>),
    Adopt(Vec<u8>, Answer<()>),
    DeleteFile(Answer<()>),
}

/// A change that waits.
pub(super) struct Request {
    pub(super) change: Change,
    pub(super) author: Author,
    pub(super) answer: Answer<Written>,
}

/// Requests with their outcomes, and those that wait for the next transaction.
pub(super) type Answered = (Vec<(Request, Result<Written, Error>)>, VecDeque<Request>);

/// The state that only the writer has.
pub(super) struct Writer {
    pub(super) shared: Arc<crate::ledger::Shared>,
    pub(super) view: View,
    pub(super) store: Option<Arc<dyn Store>>,
    /// Version of the table that the view shows.
    pub(super) version: i64,
    /// True when the ledger table exists.
    pub(super) table: bool,
    /// Ids dropped lately, with the time.
    pub(super) drops: HashMap<String, String>,
    /// Ids whose deletion the local file still has to tell the source.
    pub(super) deleted: Vec<String>,
    /// Ids of the rows that read as local until the next round.
    pub(super) unsettled: Vec<Arc<str>>,
    pub(super) file: Option<LocalFile>,
    /// Why the database did not take the last transaction, until those who waited meanwhile know.
    pub(super) down: Option<Error>,
    /// True while the database does not answer when it is asked for news.
    pub(super) away: bool,
    /// The version of the view before this one; taking it apart has time while the database writes.
    pub(super) retired: Option<Arc<View>>,
    /// Policies that members sent while the database took none, and do not send again (`push ignore`, reference/ledger 8.4).
    pub(super) owed: Vec<(Change, Author)>,
    /// How many of them, the last ones, the local copy has not got yet.
    pub(super) unkept: usize,
    /// True since the database took a change, until that was taken note of.
    pub(super) wrote: bool,
    /// True since somebody dropped the table through this node: then it is empty because it has to be.
    pub(super) emptied: bool,
    /// True when the local copy follows another master, so that its lines count although the table has not got them.
    pub(super) follows: bool,
}

impl Writer {
    /// Serves jobs until the node stops and nothing waits any more.
    pub(super) async fn run(mut self, mut jobs: mpsc::Receiver<Job>, stop: CancellationToken) {
        let mut crowd = false;
        loop {
            let first = tokio::select! {
                biased;
                job = jobs.recv() => job,
                () = stop.cancelled() => tokio::time::timeout(LINGER, jobs.recv()).await.unwrap_or_default(),
            };
            let Some(first) = first else { break };
            let mut waiting = VecDeque::from([first]);
            while gather(&mut jobs, &mut waiting) || crowd {
                // Those who were just answered together run now, and what they ask for goes along.
                crowd = false;
                tokio::task::yield_now().await;
            }
            crowd = waiting.len() > 1;
            self.serve(waiting).await;
            self.refuse_waiting(&mut jobs).await;
            self.keep_owed().await;
            if std::mem::take(&mut self.wrote) && self.shared.is_closed() {
                self.reopen().await;
            }
        }
        jobs.close();
        if let Some(store) = self.store.take() {
            store.close().await;
        }
    }

    async fn serve(&mut self, waiting: VecDeque<Job>) {
        let mut requests = VecDeque::new();
        for job in waiting {
            match job {
                Job::Write(request) => requests.push_back(*request),
                other => {
                    self.write(std::mem::take(&mut requests)).await;
                    self.control(other).await;
                }
            }
        }
        self.write(requests).await;
    }

    pub(super) async fn control(&mut self, job: Job) {
        match job {
            Job::Write(_) => {}
            Job::Attach(store, answer) => reply(answer, self.attach(store).await),
            Job::Detach(answer) => {
                self.detach().await;
                let _ = answer.send(());
            }
            Job::Prepare(answer) => reply(answer, self.ensure_table().await),
            Job::DropTable(author, answer) => reply(answer, self.drop_table(&author).await),
            Job::Reload(answer) => reply(answer, self.reload().await),
            Job::News => self.learn_quietly().await,
            Job::Open(file, answer) => reply(answer, self.open(file).await),
            Job::Settle(host, answer) => reply(answer, self.settle(&host).await),
            Job::Receive(text, answer) => reply(answer, self.receive(&text).await),
            Job::Adopt(bytes, answer) => reply(answer, self.adopt(bytes).await),
            Job::DeleteFile(answer) => reply(answer, self.delete_file().await),
        }
    }

    fn set_table(&mut self, exists: bool) {
        self.table = exists;
        self.shared.set_table(exists);
    }

    /// Makes the state of the writer what everybody reads.
    pub(super) fn publish(&mut self) {
        self.retired = Some(self.shared.publish(&self.view));
    }

    pub(super) async fn attach(&mut self, store: Arc<dyn Store>) -> Result<(), Error> {
        self.detach().await;
        self.emptied = false;
        self.shared.set_closed(false);
        self.set_table(store.exists().await?);
        self.shared.attached(Some(Arc::clone(&store)));
        self.store = Some(store);
        if self.table { self.prepare().await } else { Ok(()) }
    }

    async fn detach(&mut self) {
        self.shared.attached(None);
        self.set_table(false);
        if let Some(store) = self.store.take() {
            store.close().await;
        }
    }

    /// Creates the table unless it is there and shown already.
    async fn ensure_table(&mut self) -> Result<(), Error> {
        let there = match &self.store {
            Some(store) if self.table => store.exists().await?,
            _ => false,
        };
        if there { self.learn().await } else { self.prepare().await }
    }

    pub(super) async fn prepare(&mut self) -> Result<(), Error> {
        let store = self.store.clone().ok_or(Error::NotConnected)?;
        store.prepare().await?;
        self.set_table(true);
        self.reload().await
    }

    async fn drop_table(&mut self, author: &Author) -> Result<(), Error> {
        let store = self.store.clone().ok_or(Error::NotConnected)?;
        store.drop_table(&author.who, &clock::policy_date()).await?;
        self.set_table(false);
        self.emptied = true;
        self.show(View::default());
        Ok(())
    }

    /// Reads the whole table and shows it with the lines that only the local file has.
    pub(super) async fn reload(&mut self) -> Result<(), Error> {
        let Some(store) = self.store.clone().filter(|_| self.table) else { return self.reload_file().await };
        let (table, lines) = tokio::join!(snapshot::of_table(&*store), self.lines());
        let ((view, version), lines) = (table?, lines?);
        self.drops = store.drops_since(&self.shared.tombstones_from()).await?.into_iter().collect();
        self.version = version;
        self.guard(&view, &lines);
        let all = self.follows || self.shared.is_guarded();
        self.show(snapshot::with_lines(view, &lines, &self.drops, all));
        Ok(())
    }

    pub(super) fn show(&mut self, mut view: View) {
        view.replace(self.view.generation());
        self.view = view;
        self.publish();
    }

    pub(super) async fn learn(&mut self) -> Result<(), Error> {
        let store = self.store.clone().ok_or(Error::NotConnected)?;
        match store.news(self.version).await? {
            News::None => return Ok(()),
            News::Everything => return self.reload().await,
            News::Changed { rows, version } => {
                self.view.advance();
                for (id, row) in rows {
                    match row {
                        None => drop(self.view.remove(&id)),
                        Some(row) => self.view.insert(Arc::new(snapshot::entry(row))),
                    }
                }
                self.version = version;
            }
        }
        self.drops = store.drops_since(&self.shared.tombstones_from()).await?.into_iter().collect();
        self.publish();
        Ok(())
    }

    /// Writes all requests, as many as possible in one transaction, and answers them.
    pub(super) async fn write(&mut self, mut requests: VecDeque<Request>) {
        while !requests.is_empty() {
            let (planned, rest) = self.transact(requests).await;
            requests = rest;
            for (request, outcome) in planned {
                reply(request.answer, outcome);
            }
        }
    }

    async fn transact(&mut self, mut requests: VecDeque<Request>) -> Answered {
        let (mut moved, mut lost) = (0, 0);
        loop {
            let (mut plan, planned) = self.plan(&requests);
            let taken = planned.len();
            match self.commit(&mut plan).await {
                Ok(places) => {
                    let outcomes = self.finish(plan, planned, &places).await;
                    let rest = requests.split_off(taken.min(requests.len()));
                    let answered = requests.into_iter().zip(outcomes);
                    return (
                        answered.map(|(request, outcome)| self.recognise(request, outcome, lost > 0)).collect(),
                        rest,
                    );
                }
                Err(StoreError::Moved) if moved < ATTEMPTS && self.learn().await.is_ok() => moved += 1,
                Err(StoreError::Lost(_)) if lost < CONNECTIONS => lost += 1,
                Err(StoreError::NoTable) if moved < ATTEMPTS && self.recreate().await => moved += 1,
                Err(StoreError::Refused(_)) if taken > 1 => {
                    let rest = requests.split_off(1);
                    let (mut done, _) = Box::pin(self.transact(requests)).await;
                    let (more, rest) = Box::pin(self.transact(rest)).await;
                    done.extend(more);
                    return (done, rest);
                }
                Err(error) => return self.fail(requests, planned, error),
            }
        }
    }

    /// After a lost connection a change may turn out to be done: the commit came through, its answer did not.
    fn recognise(
        &self,
        request: Request,
        outcome: Result<Written, Error>,
        lost: bool,
    ) -> (Request, Result<Written, Error>) {
        let done = match (&request.change, &outcome) {
            (Change::Insert(insert) | Change::Publish(insert), Err(Error::Duplicate { id, .. })) if lost => {
                self.view.by_id(id).filter(|entry| {
                    let date = entry.policy().and_then(Policy::date);
                    *entry.host == *insert.host && date == insert.policy.date()
                })
            }
            _ => None,
        };
        let written = done.map(|entry| Written {
            entries: vec![Arc::clone(entry)],
            ignored: false,
            generation: self.view.generation(),
        });
        (request, written.map_or(outcome, Ok))
    }

    fn plan(&self, requests: &VecDeque<Request>) -> (Plan, Vec<Result<Planned, Error>>) {
        let engine = self.store.as_ref().map_or(Engine::Sqlite, |store| store.engine());
        let mut plan = Plan::new(&self.view, self.version, engine, clock::policy_date());
        let mut planned = Vec::with_capacity(requests.len());
        for request in requests {
            match plan.add(&request.change, &request.author.who) {
                Ok(outcome) => planned.push(outcome),
                Err(plan::Later) => break,
            }
        }
        (plan, planned)
    }

    async fn commit(&mut self, plan: &mut Plan) -> Result<Places, StoreError> {
        if !plan.needs_table() {
            return Ok(Places::new());
        }
        let store = self.store.clone().ok_or_else(|| StoreError::Unavailable(Error::NotConnected.to_string()))?;
        if !self.table {
            return Err(StoreError::NoTable);
        }
        let batch = Arc::clone(plan.batch());
        let meanwhile = async {
            // What was just sent woke the database, often on this very processor: first its commit, then what can wait for it.
            std::thread::yield_now();
            self.retired = None;
            plan.settle();
        };
        let (committed, ()) = tokio::join!(biased; store.commit(&batch), meanwhile);
        let committed = committed?;
        self.wrote = true;
        self.version = committed.version;
        Ok(plan::places(&committed))
    }

    /// Creates the table for a change that needs it, as members expect of a push (reference/ledger 6.2).
    async fn recreate(&mut self) -> bool {
        if self.table && self.store.is_some() {
            self.set_table(false);
        }
        self.store.is_some() && self.prepare().await.is_ok()
    }

    async fn finish(
        &mut self,
        plan: Plan,
        planned: Vec<Result<Planned, Error>>,
        places: &Places,
    ) -> Vec<Result<Written, Error>> {
        if plan.is_empty() {
            let generation = self.view.generation();
            return planned.into_iter().map(|one| one.and_then(|one| one.written(Vec::new(), generation))).collect();
        }
        self.remember(plan.batch());
        let appended = if plan.lines().is_empty() { Ok(()) } else { self.append(plan.lines().to_owned()).await };
        let mut outcomes = match plan.view_of(places) {
            Some(view) => self.adopt_plan(view, planned),
            None => self.replay(planned, places),
        };
        if let Err(error) = appended {
            for outcome in &mut outcomes {
                self.take_back(outcome, &error);
            }
        }
        self.remember_outcomes(&outcomes);
        self.publish();
        outcomes
    }

    /// Shows the view of a plan that came true to the letter.
    fn adopt_plan(&mut self, view: View, planned: Vec<Result<Planned, Error>>) -> Vec<Result<Written, Error>> {
        self.view = view;
        let generation = self.view.generation();
        let written = |one: Planned| {
            let entries = one.entries();
            one.written(entries, generation)
        };
        planned.into_iter().map(|one| one.and_then(written)).collect()
    }

    /// Carries a plan out on the view, because the database put rows elsewhere or lines of the file may have failed.
    fn replay(&mut self, planned: Vec<Result<Planned, Error>>, places: &Places) -> Vec<Result<Written, Error>> {
        self.view.advance();
        let generation = self.view.generation();
        let mut outcomes = Vec::with_capacity(planned.len());
        for one in planned {
            outcomes.push(one.and_then(|one| {
                let entries = one.apply(&mut self.view, places);
                one.written(entries, generation)
            }));
        }
        outcomes
    }

    /// Removes a policy from the view that could not be written to the local file.
    fn take_back(&mut self, outcome: &mut Result<Written, Error>, error: &Error) {
        let Ok(written) = outcome else { return };
        let lines: Vec<Arc<Entry>> = written.entries.iter().filter(|e| e.place == Place::File).cloned().collect();
        if lines.is_empty() {
            return;
        }
        for entry in lines {
            if self.view.remove(&entry.id).is_none() {
                self.view.insert(entry);
            }
        }
        *outcome = Err(error.clone());
    }

    fn remember(&mut self, batch: &Batch) {
        for note in &batch.history {
            if note.what == Deed::Drop {
                self.drops.insert(note.id.clone(), note.time.clone());
            } else {
                self.drops.remove(&note.id);
            }
        }
    }

    /// Remembers what the next round has to do with the policies of these outcomes.
    fn remember_outcomes(&mut self, outcomes: &[Result<Written, Error>]) {
        let touched = || outcomes.iter().flatten().flat_map(|written| &written.entries);
        self.unsettled.extend(touched().filter(|entry| entry.unsettled).map(|entry| Arc::clone(&entry.id)));
        for entry in touched().filter(|entry| entry.place == Place::File) {
            if self.view.by_id(&entry.id).is_none() {
                self.deleted.push(entry.id.to_string());
            }
        }
    }
}

/// Takes the jobs that wait, as far as one transaction takes them; true when some came and more may.
fn gather(jobs: &mut mpsc::Receiver<Job>, waiting: &mut VecDeque<Job>) -> bool {
    let before = waiting.len();
    while waiting.len() < BATCH_CHANGES {
        let Ok(job) = jobs.try_recv() else { break };
        waiting.push_back(job);
    }
    waiting.len() > before && waiting.len() < BATCH_CHANGES
}

pub(super) fn reply<T>(answer: Answer<T>, outcome: Result<T, Error>) {
    let _ = answer.send(outcome);
}
