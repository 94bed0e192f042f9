//! Makes the ledger what a backup has.

use crate::{
    ledger::{
        change::{Author, Sender},
        error::Error,
        outbox::{row::OutboxEntry, rule::RelayRule},
        published::Shrunk,
        snapshot::{
            current::CurrentTables,
            plan::{self, RestorePlan},
            restore::{RestoreBatch, RestoreMode, RestoreOrder, RestoreReport},
            row::SnapshotPolicy,
            text::StoredText,
        },
        store::{
            batch::{RowChange, RowEdit, RowValues},
            engine::Engine,
            error::StoreError,
        },
        view::entry::{LedgerEntry, Location},
        writer::{
            blocking::blocking,
            storage::{EmptyTable, Storage},
            writer::Writer,
        },
    },
    runtime::{clock, limits},
};
use std::{collections::HashSet, path::PathBuf, sync::Arc};

/// How often a restore is planned anew, because another master wrote meanwhile or the connection broke.
const MOST_TRIES: usize = 5;

impl Writer {
    /// Does what a restore says, in one transaction, and shows the ledger as it is then.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], [`Error::CannotRestore`] and [`Error::Full`], of which the database sees nothing; the reason, when
    /// the database does not do it.
    pub async fn restore(&mut self, order: &RestoreOrder, by: &Author) -> Result<RestoreReport, Error> {
        if self.storage.store().is_none() {
            return Err(Error::NotConnected);
        }
        if matches!(self.storage, Storage::NoTable(_)) {
            if order.is_dry {
                let plan = self.plan_restore(order, &CurrentTables::default(), by)?;
                return Ok(plan.report);
            }
            self.recreate_table().await?;
        }
        let mut first: Option<RestoreReport> = None;
        let mut kept_copy = None;
        let mut tries = 0;
        loop {
            if order.is_dry {
                self.catch_up().await?;
            } else {
                self.catch_up_for_change().await?;
            }
            let store = self.storage.store_with_table().cloned().ok_or(Error::NoTable)?;
            let current = CurrentTables::read(&*store).await?;
            if self.is_behind(&current) && tries < MOST_TRIES {
                tries += 1;
                continue;
            }
            // After a lost connection nothing may be left to do: the commit came through, its answer did not.
            let is_through = first.is_some() && order.mode == RestoreMode::EmptyOnly && current.has(&order.policies);
            let RestorePlan { mut batch, report, .. } =
                if is_through { RestorePlan::default() } else { self.plan_restore(order, &current, by)? };
            let is_through = first.is_some() && batch.is_empty();
            let report = first.take().unwrap_or(report);
            batch.who = format!("{}, restore", by.who);
            if is_through {
                return self.restored(order.mode, report, &batch).await;
            }
            if order.is_dry || batch.is_empty() {
                return Ok(report);
            }
            batch.time = clock::policy_date();
            batch.outbox = self.relay.as_deref().map(|rule| self.relayed(rule, &batch)).unwrap_or_default();
            if kept_copy.is_none() {
                kept_copy = self.keep_lost_copy().await?;
            }
            let report = RestoreReport { kept_copy: kept_copy.clone(), ..report };
            let batch = Arc::new(batch);
            match store.restore(Arc::clone(&batch)).await {
                Ok(()) => return self.restored(order.mode, report, &batch).await,
                Err(StoreError::Conflict) if tries < MOST_TRIES => tries += 1,
                Err(StoreError::ConnectionLost(_)) if tries < MOST_TRIES => {
                    tries += 1;
                    first = Some(report);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Tells whether another master wrote between the view and the tables that were read: what goes to a platform is made from
    /// the view.
    fn is_behind(&self, current: &CurrentTables) -> bool {
        self.storage.engine() == Engine::Postgres && self.storage.version() != current.version
    }

    /// Compares the backup with the tables as they are.
    fn plan_restore(&self, order: &RestoreOrder, current: &CurrentTables, by: &Author) -> Result<RestorePlan, Error> {
        let plan = plan::plan(order, current, &self.tombstones, self.storage.engine())?;
        let quota = match by.sender {
            Sender::Owner => self.quota.saturating_add(limits::LEDGER_RESERVE),
            Sender::Other(_) => self.quota,
        };
        // What makes the ledger smaller is welcome in any case.
        if plan.bytes > quota && plan.bytes > current.bytes {
            return Err(Error::Full { bytes: plan.bytes, quota: self.quota });
        }
        Ok(plan)
    }

    /// Keeps the local copy under another name while it has policies that the table lacks: they may be newer than the backup.
    async fn keep_lost_copy(&self) -> Result<Option<PathBuf>, Error> {
        let lost = self.published.lost_policies().is_some();
        let Some(file) = self.copy.file.clone().filter(|_| lost) else { return Ok(None) };
        let now = clock::policy_date();
        blocking(move || file.keep(&now)).await.map(Some)
    }

    /// Shows what a restore wrote. Whether most of the ledger is gone is asked as after any other change: members keep what they
    /// have until somebody confirms it, because the backup may have been the wrong one.
    async fn restored(
        &mut self,
        mode: RestoreMode,
        report: RestoreReport,
        batch: &RestoreBatch,
    ) -> Result<RestoreReport, Error> {
        self.health.change_committed();
        // Whatever fails below, the table is read again: the view shows it as it was before.
        if let Some(store) = self.storage.store().cloned() {
            self.storage = Storage::Unread(store);
        }
        if !batch.outbox.is_empty() {
            self.published.note_queued();
        }
        if mode == RestoreMode::Replace {
            // Somebody said that the ledger is exactly the backup, whatever the local copy has.
            self.empty_table = EmptyTable::Accepted;
            if let Err(error) = self.forget_restore().await {
                tracing::warn!(%error, "the mark of a restore that has ended stays beside the local copy for now");
            }
        }
        // It is committed: whoever asked is told so, and what cannot be read now is read at the next look.
        if let Err(error) = self.reload().await {
            tracing::warn!(%error, "a backup was restored, and what is there now could not all be read yet");
        }
        let shrunk = self.published.shrunk().map(|Shrunk { before, now }| (before, now));
        let (who, added, replaced) = (&batch.who, batch.added.len(), batch.replaced.len());
        tracing::warn!(who, added, replaced, removed = batch.removed.len(), "a backup was restored into the ledger");
        Ok(RestoreReport { shrunk, ..report })
    }

    /// Returns what of a restore goes to a platform. It is shown at once, as the table has it.
    fn relayed(&self, rule: &RelayRule, batch: &RestoreBatch) -> Vec<OutboxEntry> {
        let before = |id: &str| self.view.by_id(id).map(|entry| Arc::clone(&entry.text));
        let added = batch.added.iter().filter_map(|row| {
            let values = values(row)?;
            Some(row_change(row, batch, RowEdit::Insert(values)))
        });
        let replaced = batch.replaced.iter().filter_map(|(_, row)| {
            let (values, before) = (values(row)?, before(row.id.as_str()?)?);
            Some(row_change(row, batch, RowEdit::Replace { values, before }))
        });
        let removed: HashSet<i64> = batch.removed.iter().copied().collect();
        let is_removed =
            |entry: &&Arc<LedgerEntry>| entry.location == Location::Table && removed.contains(&entry.sequence);
        let rows = self.view.iter().filter(is_removed);
        let removed = rows.map(|entry| RowChange {
            who: batch.who.clone(),
            kind: Arc::clone(&entry.kind),
            id: Arc::clone(&entry.id),
            edit: RowEdit::Drop { before: Arc::clone(&entry.text) },
        });
        let changes = removed.chain(replaced).chain(added).filter(|change| rule.covers(change));
        changes.map(|change| rule.entry(&change, true)).collect()
    }
}

fn values(row: &SnapshotPolicy) -> Option<RowValues> {
    let text = |text: &Option<StoredText>| text.as_ref().and_then(StoredText::as_str).map(str::to_owned);
    Some(RowValues {
        company: text(&row.company),
        date: row.date.shown().into_owned(),
        host: row.host.as_str()?.into(),
        status: text(&row.status),
        text: row.policy.as_ref()?.as_str()?.into(),
    })
}

fn row_change(row: &SnapshotPolicy, batch: &RestoreBatch, edit: RowEdit) -> RowChange {
    let (kind, id) = (row.kind.shown().as_ref().into(), row.id.shown().as_ref().into());
    RowChange { who: batch.who.clone(), kind, id, edit }
}
