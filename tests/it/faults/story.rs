//! A story of a ledger on SQLite whose local copy lies on a disk of the test, and what somebody was told of it.

use anylog_master::{
    ledger::{
        Author, Change, ConnectedDatabase, DatabaseTarget, Error, Ledger, LedgerSettings, LocalDisk, OnDuplicate,
        PolicyCheck, PolicyInsert,
    },
    policy::Policy,
    runtime::shutdown::Shutdown,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// Longest wait for something that has to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// One step of the story; the numbers are values of the policies.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A row is added.
    Insert(&'static str, u32),
    /// A line of the local copy is added.
    InsertLocal(&'static str, u32),
    /// A row gets another value.
    Replace(&'static str, u32),
    /// A row or line goes.
    Drop(&'static str),
    /// A round of the synchroniser.
    Sync,
    /// The node ends and starts again.
    Restart,
}

/// What the node does, whatever fails meanwhile.
pub const STORY: [Step; 18] = [
    Step::InsertLocal("first", 1),
    Step::Insert("a", 1),
    Step::Insert("b", 1),
    Step::Sync,
    Step::Replace("a", 2),
    Step::InsertLocal("c", 1),
    Step::InsertLocal("d", 1),
    Step::Drop("c"),
    Step::Restart,
    Step::Sync,
    Step::Drop("b"),
    Step::InsertLocal("e", 1),
    Step::Restart,
    Step::InsertLocal("f", 1),
    Step::Sync,
    Step::Insert("g", 1),
    Step::Replace("f", 3),
    Step::Sync,
];

/// The values of the policies that are there, by their ids.
pub type Known = BTreeMap<String, u32>;

impl Step {
    /// Notes what is there when the step is done.
    pub fn note(self, known: &mut Known) {
        match self {
            Self::Insert(id, value) | Self::InsertLocal(id, value) | Self::Replace(id, value) => {
                known.insert(id.to_owned(), value);
            }
            Self::Drop(id) => drop(known.remove(id)),
            Self::Sync | Self::Restart => {}
        }
    }

    /// Returns the change of the ledger; none of a step that is no change.
    fn change(self) -> Option<Change> {
        let (host, on_duplicate, check) = ("10.0.0.1".to_owned(), OnDuplicate::Refuse, PolicyCheck::Structure);
        Some(match self {
            Self::Insert(id, value) => {
                Change::Insert(PolicyInsert { policy: policy(id, value, "global"), host, on_duplicate, check })
            }
            Self::InsertLocal(id, value) => {
                Change::InsertLocal { policy: policy(id, value, "local"), check: PolicyCheck::Rules }
            }
            Self::Replace(id, value) => {
                Change::Replace { id: id.to_owned(), policy: policy(id, value, "global"), host, check }
            }
            Self::Drop(id) => Change::Drop { ids: vec![id.to_owned()] },
            Self::Sync | Self::Restart => return None,
        })
    }
}

fn policy(id: &str, value: u32, ledger: &str) -> Policy {
    let text = format!(
        r#"{{"device": {{"name": "{id}", "value": {value}, "id": "{id}", "date": "2026-01-01T00:00:00.000000Z", "ledger": "{ledger}"}}}}"#
    );
    Policy::parse(&text).unwrap()
}

/// A ledger with the tasks behind it.
pub struct Node {
    ledger: Ledger,
    shutdown: Shutdown,
}

impl Node {
    /// Starts a ledger: its database lies in a directory, its local copy on a disk.
    ///
    /// # Errors
    /// What the disk says; nothing of the node is left then.
    pub async fn start(directory: &Path, file: &Path, disk: Arc<dyn LocalDisk>) -> Result<Self, Error> {
        let shutdown = Shutdown::new();
        let node = Self { ledger: Ledger::start(LedgerSettings::default(), &shutdown), shutdown };
        match node.open(directory, file, disk).await {
            Ok(()) => Ok(node),
            Err(error) => {
                node.stop().await;
                Err(error)
            }
        }
    }

    async fn open(&self, directory: &Path, file: &Path, disk: Arc<dyn LocalDisk>) -> Result<(), Error> {
        self.ledger.open_file_on(file, disk).await?;
        self.ledger.attach(connection(directory).await.store().unwrap()).await?;
        self.ledger.create_table().await
    }

    /// Ends it.
    pub async fn stop(self) {
        self.shutdown.begin();
        self.shutdown.drain().await;
    }

    /// Makes a step that is no restart.
    ///
    /// # Errors
    /// What the ledger says.
    pub async fn make(&self, step: Step) -> Result<(), Error> {
        match step.change() {
            Some(change) => self.ledger.write(change, Author::new("story")).await.map(drop),
            None => self.ledger.sync_from_self("10.0.0.1").await.map(drop),
        }
    }

    /// Makes a step again that failed: what was done nevertheless is there already.
    pub async fn make_again(&self, step: Step) {
        match self.make(step).await {
            Ok(()) | Err(Error::Duplicate { .. } | Error::Missing(_)) => {}
            Err(error) => panic!("{step:?} fails again: {error}"),
        }
    }

    /// Returns what is there of what has a value.
    pub fn held(&self) -> Known {
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["device"]["value"].as_u64();
        let known = |id: &str, text: &str| Some((id.to_owned(), value(text)?.try_into().unwrap()));
        self.ledger.view().iter().filter_map(|entry| known(&entry.id, &entry.text)).collect()
    }

    /// Returns what members get, which is what the local copy has to be after a round.
    pub async fn exported(&self) -> Vec<u8> {
        self.ledger.export().await.unwrap().to_vec()
    }
}

/// Connects the database of a directory.
async fn connection(directory: &Path) -> ConnectedDatabase {
    let begin = Instant::now();
    loop {
        let target = DatabaseTarget::File(directory.join("blockchain.dbms"));
        match ConnectedDatabase::connect("blockchain", target, None).await {
            // A test that starts a program has for a moment, between fork and exec, the lock of a file that another closed.
            Err(error) if format!("{error:?}").contains("InUse") && begin.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            outcome => return outcome.unwrap(),
        }
    }
}
