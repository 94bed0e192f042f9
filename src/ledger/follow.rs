//! What whoever follows the changes of the ledger, or looks back at them, asks it.

use crate::ledger::{
    change::{Author, Change},
    error::Error,
    handle::Ledger,
    history::{
        mark::HistoryMark,
        place::{HistoryLine, HistoryPlace},
        row::HistoryRow,
    },
    store::engine::Engine,
    view::entry::LedgerEntry,
    writer::plan::{outcome::PlanOutcome, plan::TransactionPlan},
};
use crate::runtime::clock;
use std::sync::Arc;

impl Ledger {
    /// Returns the place of the last change that the database keeps.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history_end(&self) -> Result<HistoryPlace, Error> {
        Ok(self.store()?.history_end().await?)
    }

    /// Returns the UTC time of a change in the form of policy dates; nothing when it is not kept.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history_time(&self, at: HistoryPlace) -> Result<Option<String>, Error> {
        Ok(self.store()?.history_time(at).await?)
    }

    /// Returns the changes of one policy, oldest first (`get policy history`); absent when they take more than so many bytes
    /// of memory.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history_within(&self, id: &str, most: u64) -> Result<Option<Vec<HistoryRow>>, Error> {
        Ok(self.store()?.history(id, most).await?)
    }

    /// Returns the changes behind the transaction of a place, newest first, with their texts; absent when they take more than
    /// so many bytes of memory.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn history_after(&self, at: HistoryPlace, most: u64) -> Result<Option<Vec<HistoryRow>>, Error> {
        Ok(self.store()?.history_after(at, most).await?)
    }

    /// Returns the changes behind a place, oldest first, at most so many.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn lines_after(&self, after: HistoryPlace, most: i64) -> Result<Vec<HistoryLine>, Error> {
        Ok(self.store()?.lines_after(after, most).await?)
    }

    /// Returns what the last change that the database keeps is known by; the beginning of the history when there is none.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn last_change(&self) -> Result<HistoryMark, Error> {
        let end = self.history_end().await?;
        let time = self.history_time(end).await?;
        Ok(time.map_or_else(HistoryMark::default, |time| HistoryMark::new(end, &time)))
    }

    /// Tells whether the history still has a line at its place; every one has its beginning.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn keeps(&self, mark: HistoryMark) -> Result<bool, Error> {
        let time = self.history_time(mark.place).await?;
        Ok(mark.is_beginning() || time.is_some_and(|time| HistoryMark::new(mark.place, &time) == mark))
    }

    /// Returns the changes behind a line, oldest first, at most so many; absent when the history does not have the line, or has
    /// another one at its place: what it has behind is no continuation then.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn lines_behind(&self, mark: HistoryMark, most: i64) -> Result<Option<Vec<HistoryLine>>, Error> {
        if mark.is_beginning() {
            return self.lines_after(mark.place, most).await.map(Some);
        }
        // One question for both, the line itself included.
        let mut lines = self.lines_after(mark.place.before(), most.saturating_add(1)).await?;
        let is_there = lines.first().is_some_and(|first| first.mark() == mark);
        Ok(is_there.then(|| lines.split_off(1)))
    }

    /// Returns the last changes, newest first, at most so many.
    ///
    /// # Errors
    /// When no database is open or it does not answer.
    pub async fn last_lines(&self, most: i64) -> Result<Vec<HistoryLine>, Error> {
        Ok(self.store()?.last_lines(most).await?)
    }

    /// Validates a change against the policies as of now without making it, and returns what would be added, replaced or
    /// deleted. Limits of senders are not looked at.
    ///
    /// # Errors
    /// Why it would be refused.
    pub fn check(&self, change: &Change, author: &Author) -> Result<Vec<Arc<LedgerEntry>>, Error> {
        let engine = self.store().map_or(Engine::Sqlite, |store| store.engine());
        let mut plan = TransactionPlan::new(&self.view(), engine, 0, clock::policy_date(), self.quota(), None);
        match plan.add(change, author) {
            PlanOutcome::Planned(planned) => {
                let entries = planned.entries();
                planned.into_written(entries, 0).map(|written| written.entries)
            }
            PlanOutcome::Refused(error) => Err(error),
            PlanOutcome::NextBatch => Ok(Vec::new()),
        }
    }
}
