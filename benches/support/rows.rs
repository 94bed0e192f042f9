//! Policies of about 500 bytes, and a ledger of them over a store that keeps nothing.

use anylog_master::{
    ledger::{
        Batch, Change, ChangeListener, ChangeSet, Committed, Engine, HistoryLine, HistoryLines, HistoryPlace,
        HistoryRow, HistorySelection, KnownPolicy, Ledger, LedgerRow, LedgerSettings, OnDuplicate, OutboxEntry,
        OutboxFigures, OutboxRow, OutboxSender, OutboxStep, OutboxStore, OutboxTurn, PastChange, PlacedRow,
        PolicyCheck, PolicyInsert, RestoreBatch, RowChange, RowSender, SnapshotSender, SnapshotStore, Store,
        StoreError,
    },
    policy::Policy,
    runtime::shutdown::Shutdown,
};
use async_trait::async_trait;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// Returns a runtime as the program has it.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Returns the text of one policy.
pub fn text(number: usize) -> String {
    let filler = "x".repeat(340);
    format!(
        r#"{{"device": {{"name": "device {number}", "text": "{filler}", "ip": "10.0.0.1", "port": {number}, "id": "id{number}", "date": "{}"}}}}"#,
        date(number)
    )
}

/// Returns the date of one policy; later numbers are later.
pub fn date(number: usize) -> String {
    format!("2026-01-01T00:00:{:02}.{:06}Z", number / 1_000_000, number % 1_000_000)
}

/// Returns the change that adds one policy.
pub fn insert(number: usize) -> Change {
    let policy = Policy::parse(&text(number)).unwrap();
    let (host, on_duplicate, check) = ("10.0.0.1".to_owned(), OnDuplicate::Refuse, PolicyCheck::Rules);
    Change::Insert(PolicyInsert { policy, host, on_duplicate, check })
}

/// Returns a ledger of so many policies, without a disk.
pub async fn ledger(count: usize) -> (Ledger, Shutdown) {
    let shutdown = Shutdown::new();
    let ledger = Ledger::start(LedgerSettings::default(), &shutdown);
    ledger.attach(store(count)).await.unwrap();
    (ledger, shutdown)
}

/// Returns a store of so many policies, without a disk.
pub fn store(count: usize) -> Arc<dyn Store> {
    Arc::new(Nowhere { count, next: AtomicI64::new(i64::try_from(count).unwrap()) })
}

/// A store that holds some rows at the start and keeps nothing.
struct Nowhere {
    count: usize,
    next: AtomicI64,
}

#[async_trait]
impl HistoryLines for Nowhere {
    async fn history_end(&self) -> Result<HistoryPlace, StoreError> {
        Ok(HistoryPlace::default())
    }
    async fn history_time(&self, _at: HistoryPlace) -> Result<Option<String>, StoreError> {
        Ok(None)
    }
    async fn history_after(&self, _: HistoryPlace, _most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        Ok(Some(Vec::new()))
    }
    async fn lines_after(&self, _after: HistoryPlace, _most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        Ok(Vec::new())
    }
    async fn last_lines(&self, _most: i64) -> Result<Vec<HistoryLine>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Store for Nowhere {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }
    async fn exists(&self) -> Result<bool, StoreError> {
        Ok(true)
    }
    async fn prepare(&self) -> Result<(), StoreError> {
        Ok(())
    }
    async fn load(&self, rows: RowSender) -> Result<i64, StoreError> {
        let row = |number: usize| LedgerRow {
            sequence: i64::try_from(number).unwrap(),
            id: format!("id{number}"),
            date: date(number),
            host: "h".to_owned(),
            text: text(number),
            fault: None,
        };
        rows.send((1..=self.count).map(row).collect()).await?;
        Ok(0)
    }
    async fn changes_since(&self, _version: i64) -> Result<ChangeSet, StoreError> {
        Ok(ChangeSet::Unchanged)
    }
    async fn commit(&self, batch: &Batch) -> Result<Committed, StoreError> {
        let place = |change: &RowChange| {
            let (id, date) = (change.id.to_string(), change.values()?.date.clone());
            Some(PlacedRow { id, sequence: self.next.fetch_add(1, Ordering::Relaxed) + 1, date })
        };
        Ok(Committed { placed: batch.changes.iter().filter_map(place).collect(), version: 0 })
    }
    async fn try_writing(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn history(&self, _id: &str, _most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        Ok(Some(Vec::new()))
    }
    async fn history_since(&self, _time: &str, _most: u64) -> Result<Option<Vec<HistoryRow>>, StoreError> {
        Ok(Some(Vec::new()))
    }
    async fn past_changes(&self, _which: &HistorySelection, _most: usize) -> Result<Vec<PastChange>, StoreError> {
        Ok(Vec::new())
    }
    async fn drops_since(&self, _time: &str) -> Result<Vec<(String, String)>, StoreError> {
        Ok(Vec::new())
    }
    async fn most_policies(&self) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }
    async fn keep_most_policies(&self, _most: i64) -> Result<(), StoreError> {
        Ok(())
    }
    async fn drop_table(&self, _who: &str, _time: &str) -> Result<(), StoreError> {
        Ok(())
    }
    async fn listen(&self) -> Box<dyn ChangeListener> {
        Box::new(Never)
    }
    async fn close(&self) {}
}

/// Nothing is relayed.
#[async_trait]
impl OutboxStore for Nowhere {
    async fn take_turn(&self, _: &str, _: &str, _: i64, _: i64) -> Result<Option<OutboxTurn>, StoreError> {
        Ok(None)
    }
    async fn end_turn(&self, _turn: &OutboxTurn) -> Result<(), StoreError> {
        Ok(())
    }
    async fn outbox_sender(&self, _platform: &str) -> Result<Option<OutboxSender>, StoreError> {
        Ok(None)
    }
    async fn outbox_waiting(&self, _platform: &str, _most: i64) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(Vec::new())
    }
    async fn outbox_mined(&self, _platform: &str) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(Vec::new())
    }
    async fn outbox_ids(&self, _platform: &str) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
    async fn outbox_figures(&self, _platform: &str) -> Result<OutboxFigures, StoreError> {
        Ok(OutboxFigures::default())
    }
    async fn outbox_step(&self, _: &OutboxTurn, _: &OutboxRow, _: &OutboxStep) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn outbox_add(&self, _: &OutboxTurn, _: &str, _: &[OutboxEntry]) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn known_policies(&self, _platform: &str) -> Result<Vec<KnownPolicy>, StoreError> {
        Ok(Vec::new())
    }
    async fn note_known(&self, _turn: &OutboxTurn, _policies: &[KnownPolicy]) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Nothing is backed up.
#[async_trait]
impl SnapshotStore for Nowhere {
    async fn snapshot(&self, _items: SnapshotSender) -> Result<(), StoreError> {
        Ok(())
    }
    async fn restore(&self, _batch: Arc<RestoreBatch>) -> Result<(), StoreError> {
        Ok(())
    }
}

struct Never;

#[async_trait]
impl ChangeListener for Never {
    async fn next(&mut self) {
        std::future::pending().await
    }
}
