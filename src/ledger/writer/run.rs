//! The loop of the writer.

use crate::ledger::writer::{
    job::{WriterJob, respond},
    writer::Writer,
};
use std::{collections::VecDeque, time::Duration};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Jobs that one turn of the loop takes at most, and so the changes of one transaction.
const JOBS_PER_TURN: usize = 256;
/// How long the writer waits for late jobs when the node stops.
const LINGER: Duration = Duration::from_millis(150);

impl Writer {
    /// Serves jobs until the node stops and nothing waits any more.
    pub async fn run(mut self, mut jobs: mpsc::Receiver<WriterJob>, stop: CancellationToken) {
        let mut answered = 0;
        while let Some(first) = next_job(&mut jobs, &stop).await {
            let waiting = gather(&mut jobs, first, answered).await;
            answered = waiting.len();
            self.serve(waiting).await;
            if let Some(error) = self.health.take_failure() {
                self.refuse_waiting(&mut jobs, &error).await;
            }
            self.save_pending().await;
            if self.health.has_resumed() {
                self.write_pending().await;
            }
        }
        jobs.close();
        if let Some(store) = self.storage.store().cloned() {
            if self.storage.store_with_table().is_some() {
                self.keep_size(&*store).await;
            }
            store.close().await;
        }
    }

    /// Does jobs in order; the changes between two other jobs are written together.
    async fn serve(&mut self, jobs: VecDeque<WriterJob>) {
        let mut changes = VecDeque::new();
        for job in jobs {
            match job {
                WriterJob::Write(change) => changes.push_back(*change),
                other => {
                    self.write(std::mem::take(&mut changes)).await;
                    self.serve_one(other).await;
                }
            }
        }
        self.write(changes).await;
    }

    /// Does one job.
    pub async fn serve_one(&mut self, job: WriterJob) {
        match job {
            WriterJob::Write(change) => self.write(VecDeque::from([*change])).await,
            WriterJob::Confirm(number, by, responder) => respond(responder, self.confirm(number, &by).await),
            WriterJob::Reject(number, responder) => respond(responder, self.reject(number)),
            WriterJob::Attach(store, responder) => respond(responder, self.attach(store).await),
            WriterJob::Detach(responder) => {
                self.detach().await;
                respond(responder, Ok(()));
            }
            WriterJob::CreateTable(responder) => respond(responder, self.create_table().await),
            WriterJob::DropTable(author, responder) => respond(responder, self.drop_table(&author).await),
            WriterJob::Reload(responder) => respond(responder, self.reload().await),
            WriterJob::ReadFile(responder) => respond(responder, self.read_waiting_file().await),
            WriterJob::Refresh => self.refresh().await,
            WriterJob::CatchUp(responder) => respond(responder, self.catch_up().await),
            WriterJob::OpenFile(file, responder) => respond(responder, self.open_file(file).await),
            WriterJob::SyncFromSelf(host, responder) => respond(responder, self.sync_from_self(&host).await),
            WriterJob::SyncFromMaster(text, responder) => respond(responder, self.sync_from_master(&text).await),
            WriterJob::AdoptFile(bytes, responder) => respond(responder, self.adopt_file(bytes).await),
            WriterJob::Relay(rule, responder) => {
                self.relay = rule;
                respond(responder, Ok(()));
            }
            WriterJob::DeleteFile(responder) => respond(responder, self.delete_file().await),
            WriterJob::Restore(order, by, responder) => respond(responder, self.restore(&order, &by).await),
            WriterJob::StartFrom(which, host, by, responder) => {
                respond(responder, self.start_from(which, &host, &by).await)
            }
        }
    }
}

/// Returns the next job; none when the node stops and nothing came for a while.
async fn next_job(jobs: &mut mpsc::Receiver<WriterJob>, stop: &CancellationToken) -> Option<WriterJob> {
    tokio::select! {
        biased;
        job = jobs.recv() => job,
        () = stop.cancelled() => tokio::time::timeout(LINGER, jobs.recv()).await.unwrap_or_default(),
    }
}

/// Takes the jobs that wait, as many as one turn takes. Other tasks run as long as that brings more. After a turn that
/// answered several they run in any case, so that what those who were answered together ask for next goes along: 64 clients
/// write an eighth more by that on PostgreSQL and a sixth more on SQLite.
async fn gather(jobs: &mut mpsc::Receiver<WriterJob>, first: WriterJob, answered: usize) -> VecDeque<WriterJob> {
    let mut gathered = VecDeque::from([first]);
    if answered > 1 {
        tokio::task::yield_now().await;
    }
    while take_waiting(jobs, &mut gathered) > 0 && gathered.len() < JOBS_PER_TURN {
        tokio::task::yield_now().await;
    }
    gathered
}

/// Takes the jobs that wait now, and returns how many came.
fn take_waiting(jobs: &mut mpsc::Receiver<WriterJob>, gathered: &mut VecDeque<WriterJob>) -> usize {
    let before = gathered.len();
    while gathered.len() < JOBS_PER_TURN {
        let Ok(job) = jobs.try_recv() else { break };
        gathered.push_back(job);
    }
    gathered.len() - before
}
