//! The files with the ledger that members are sent: each is read to its last block, and one a minute is looked at line by line.

use super::{WORKERS, window::POLICIES};
use anylog_block::{Assembly, BLOCK, Block};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::HashSet,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, BufReader},
    net::TcpStream,
    task::spawn_blocking,
};

/// How the command of a message begins whose data is a file.
const FILE: &str = "file write ";
/// Largest file that is looked at, in bytes.
const LARGEST: usize = 1 << 28;
/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// Time between two files that are looked at.
const APART: Duration = Duration::from_secs(60);

/// What came, in numbers.
#[derive(Debug, Default)]
pub struct LedgerFiles {
    /// Since when all policies are there.
    begin: OnceLock<Instant>,
    /// The time in which the last file was looked at, as a number of [`APART`] since the begin.
    last: AtomicU64,
    /// Files that came to their last block.
    pub whole: AtomicU64,
    /// Bytes of everything, broken files included.
    pub bytes: AtomicU64,
    /// Files that were looked at.
    pub looked_at: AtomicU64,
    /// Messages that cannot be read, and files that are not what the ledger is.
    pub damaged: AtomicU64,
}

impl LedgerFiles {
    /// Takes note that all policies of the workers are there, so that every file has them from now on.
    pub fn begin(&self) {
        self.begin.get_or_init(Instant::now);
    }

    /// Tells whether all policies are there.
    pub fn has_begun(&self) -> bool {
        self.begin.get().is_some()
    }

    /// Reads what the node sends on a connection, and tells whether it was a whole file.
    pub async fn take(&self, stream: TcpStream) -> bool {
        let is_file = self.read(stream).await.unwrap_or_else(|fault| {
            if self.damaged.fetch_add(1, Ordering::Relaxed) < 10 {
                eprintln!("a member was sent something else than the ledger: {fault}");
            }
            false
        });
        self.whole.fetch_add(is_file.into(), Ordering::Relaxed);
        is_file
    }

    /// Reads a message, and tells whether it was a file; what breaks off is none, because members leave without a goodbye.
    async fn read(&self, stream: TcpStream) -> Result<bool, String> {
        let (mut stream, mut raw) = (BufReader::with_capacity(CHUNK, stream), [0; BLOCK]);
        let (mut assembly, mut is_looked_at) = (Assembly::new(LARGEST), None);
        let message = loop {
            if stream.read_exact(&mut raw).await.is_err() {
                return Ok(false);
            }
            self.bytes.fetch_add(BLOCK as u64, Ordering::Relaxed);
            let block = Block::decode(&raw).map_err(|error| error.to_string())?;
            let keeps = *is_looked_at.get_or_insert_with(|| block.command.starts_with(FILE) && self.is_due());
            // Nobody keeps the data of the others: the memory of the load generator is in the table.
            let block = if keeps { block } else { Block { data: Cow::default(), ..block } };
            if let Some(message) = assembly.push(block).map_err(|error| error.to_string())? {
                break message;
            }
        };
        while matches!(stream.read(&mut raw).await, Ok(1..)) {}
        if is_looked_at == Some(true) {
            self.looked_at.fetch_add(1, Ordering::Relaxed);
            // Other connections go on meanwhile.
            spawn_blocking(move || look(&message.data)).await.map_err(|error| error.to_string())??;
            return Ok(true);
        }
        Ok(message.command.starts_with(FILE))
    }

    /// Tells whether it is time to look at a file: once in each [`APART`], and not before the first is over, in which files may come
    /// that were made before all policies were there.
    fn is_due(&self) -> bool {
        let Some(begin) = self.begin.get() else { return false };
        let now = begin.elapsed().as_secs() / APART.as_secs();
        self.last.fetch_max(now, Ordering::Relaxed) < now
    }
}

/// Looks at the lines of a ledger: each is a policy, and those of the workers are there, each once.
fn look(file: &[u8]) -> Result<(), String> {
    let mut ids = HashSet::new();
    for line in file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let policy: Value = serde_json::from_slice(line).map_err(|error| format!("a line is no policy: {error}"))?;
        if let Some(id) = policy["device"]["id"].as_str()
            && !ids.insert(id.to_owned())
        {
            return Err(format!("{id} is there twice"));
        }
    }
    // Each worker has its policies, and one more between an insert and a drop.
    let (least, most, found) = (WORKERS * POLICIES, WORKERS * (POLICIES + 1), ids.len() as u64);
    if (least..=most).contains(&found) {
        return Ok(());
    }
    Err(format!("{found} policies of the workers are there and not {least} to {most}"))
}
