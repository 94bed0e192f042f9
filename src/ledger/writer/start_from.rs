//! Carries out what was decided for a table that lacks most of what the local copy has (reference/ledger 8.8).

use crate::{
    ledger::{
        change::{Author, Change, OnDuplicate, PolicyCheck, PolicyInsert},
        error::Error,
        file::lines::FileLine,
        start_from::{StartFrom, StartedFrom},
        view::entry::Location,
        writer::{blocking::blocking, job::QueuedChange, storage::EmptyTable, writer::Writer},
    },
    policy::Policy,
    runtime::clock,
};
use std::collections::VecDeque;
use tokio::sync::oneshot;

/// Policies that come back in one transaction.
const TOGETHER: usize = 256;

impl Writer {
    /// Lets the local copy or the table count, until when members get nothing and the copy stays as it is.
    ///
    /// # Errors
    /// [`Error::NothingLost`] when there is nothing to decide; the reason, when the database or the disk fails: the decision
    /// can then be made again.
    pub async fn start_from(&mut self, which: StartFrom, host: &str, by: &Author) -> Result<StartedFrom, Error> {
        // The table may have been filled meanwhile, by another master or by hand.
        self.reload().await?;
        let Some(lost) = self.published.lost_policies() else { return Err(Error::NothingLost) };
        match which {
            StartFrom::Copy => self.restore_lost(host, by).await,
            StartFrom::Table => self.give_up_lost(lost).await,
        }
    }

    /// Makes rows of the policies that only the local copy has. A mark beside the copy says so until all are done: a node that
    /// ends in between has to go on with it, although the table then may have most of them.
    async fn restore_lost(&mut self, host: &str, by: &Author) -> Result<StartedFrom, Error> {
        let file = self.copy.open_file()?;
        blocking(move || file.mark_restore()).await?;
        let view = self.view.clone();
        let lines = self.read_file_beside(&view).await?.lines;
        let (mut restored, mut refused) = (0, 0);
        for lines in lines.policies.chunks(TOGETHER) {
            let (queue, outcomes): (VecDeque<_>, Vec<_>) =
                lines.iter().filter_map(|line| self.restoration(line, host, by)).unzip();
            self.write(queue).await;
            for outcome in outcomes {
                match outcome.await.unwrap_or(Err(Error::Stopping)) {
                    Ok(_) => restored += 1,
                    Err(error) if error.is_of_policy() => {
                        tracing::warn!(%error, "a policy of the local copy does not come back into the table");
                        refused += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        self.forget_restore().await?;
        self.reload().await?;
        Ok(StartedFrom::Copy { restored, refused })
    }

    /// Forgets that policies are being brought back.
    pub async fn forget_restore(&self) -> Result<(), Error> {
        match self.copy.file.clone() {
            Some(file) => blocking(move || file.unmark_restore()).await,
            None => Ok(()),
        }
    }

    /// Returns the change that brings a line of the local copy back, if the table lacks it, with where its outcome comes.
    /// What only this node knows becomes a row at the next round of the synchroniser anyway.
    fn restoration(
        &self,
        line: &FileLine,
        host: &str,
        by: &Author,
    ) -> Option<(QueuedChange, oneshot::Receiver<Result<crate::ledger::change::Written, Error>>)> {
        if line.fields.local || !self.lacks(&line.id) {
            return None;
        }
        let policy = Policy::parse(&line.text).ok()?;
        let (host, on_duplicate, check) = (host.to_owned(), OnDuplicate::Ignore, PolicyCheck::Nothing);
        let change = Change::Insert(PolicyInsert { policy, host, on_duplicate, check });
        let (responder, outcome) = oneshot::channel();
        Some((QueuedChange::new(change, by.clone(), responder), outcome))
    }

    /// Tells whether the table lacks a policy that nobody dropped.
    fn lacks(&self, id: &str) -> bool {
        let is_row = self.view.by_id(id).is_some_and(|entry| entry.location == Location::Table);
        !is_row && !self.tombstones.contains(id)
    }

    /// Keeps the local copy under another name and shows the table, which the copy follows from now on.
    async fn give_up_lost(&mut self, lost: usize) -> Result<StartedFrom, Error> {
        let (file, now) = (self.copy.open_file()?, clock::policy_date());
        let kept = blocking(move || file.keep(&now)).await?;
        self.forget_restore().await?;
        self.empty_table = EmptyTable::Accepted;
        self.reload().await?;
        self.published.accept_size();
        Ok(StartedFrom::Table { given_up: lost, kept: kept.display().to_string() })
    }
}
