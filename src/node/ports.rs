//! Ports to what stands to the left of the node: the services that commands start, stop and ask, and the commands
//! themselves. The boot hands the implementations in.

use super::{
    backups::{BackupStatus, BackupSummary, ComparedWith, Comparison},
    node::Node,
    peer_requests::{Pull, RemoteChange},
    relaying::{RelayOptions, RelayStatus},
    scheduling::{NewTask, SchedulerStatus, TaskChange, TaskKey},
    server_options::{Listening, ServerOptions},
    session::{Caller, Session},
    sync_status::{SyncOptions, SyncStatus},
};
use crate::{
    ledger::{RestoreMode, RestoreOrder},
    reply::{Error, PeerAnswer, Reply},
    script::Word,
};
use anylog_values::Address;
use async_trait::async_trait;
use jiff::Timestamp;
use std::{io::Write, path::PathBuf, sync::Arc, time::Duration};

/// A server that commands start and stop.
#[async_trait]
pub trait Server: Send + Sync {
    /// Starts listening; error 136 when it runs already, 81 when the address is taken.
    async fn start(&self, node: Arc<Node>, options: ServerOptions) -> Result<Listening, Error>;
    /// Stops listening and finishes what is under way; does nothing when it does not run.
    async fn stop(&self);
    /// Returns what is listened on, or nothing when the server does not run.
    fn status(&self) -> Option<Listening>;
    /// Reads again what may change while it runs (SIGHUP): certificates; the text says why not.
    ///
    /// # Errors
    /// Why the old files stay in use.
    fn reload(&self) -> Result<(), String> {
        Ok(())
    }
    /// Returns when the certificate that it shows ends; nothing without TLS, and when the certificate does not say.
    fn certificate_until(&self) -> Option<Timestamp> {
        None
    }
}

/// Sends commands to other nodes (`run client (…)`, `destination`, `master=`).
#[async_trait]
pub trait Peers: Server {
    /// Sends a command to each destination and waits for the answers, in the order of the destinations; error 230 for
    /// an answer of more than `most` bytes.
    async fn ask(
        &self,
        node: &Node,
        destinations: &[String],
        command: &str,
        timeout: Duration,
        most: usize,
    ) -> Vec<PeerAnswer>;
    /// Tells whether an address leads back to this node; error 26 or 208 when nobody answers there.
    async fn leads_here(&self, node: &Node, address: &str, timeout: Duration) -> Result<bool, Error>;
    /// Sends a command without waiting for an answer; error 208 when nobody listens there.
    async fn tell(&self, node: &Node, destination: &str, command: &str) -> Result<(), Error>;
    /// Asks another master to change its ledger without waiting for an answer; error 208 when nobody listens there.
    async fn request_change(&self, node: &Node, master: &str, change: &RemoteChange) -> Result<(), Error>;
    /// Asks another master for its ledger and returns the bytes; error 26 when nothing comes in time.
    async fn pull(&self, node: &Node, master: &str, what: Pull, timeout: Duration) -> Result<Vec<u8>, Error>;
}

/// The synchroniser of the local copy.
#[async_trait]
pub trait Synchronizer: Send + Sync {
    /// Starts it; error 136 when it runs already.
    async fn start(&self, node: Arc<Node>, options: SyncOptions) -> Result<(), Error>;
    /// Runs one round now and waits a while for its end; error 2 when it does not run.
    async fn now(&self, node: &Arc<Node>) -> Result<(), Error>;
    /// Changes the address it asks (`blockchain switch network`).
    fn connect_to(&self, connection: Address);
    /// Waits for the next completed round; false when the time is over first.
    async fn wait(&self, limit: Duration) -> bool;
    /// Stops it.
    async fn stop(&self);
    /// Returns its figures, or nothing when it does not run.
    fn status(&self) -> Option<SyncStatus>;
}

/// The services behind the ports.
pub struct Services {
    /// TCP server and client of the peer protocol.
    pub peers: Box<dyn Peers>,
    /// REST server.
    pub rest: Box<dyn Server>,
    /// Synchroniser of the local copy.
    pub synchronizer: Box<dyn Synchronizer>,
    /// Schedulers and their tasks.
    pub scheduler: Box<dyn Scheduler>,
    /// Relay to a contract platform.
    pub relay: Box<dyn Relay>,
    /// Backups of the ledger.
    pub backups: Box<dyn Backups>,
}

/// Backups of the ledger.
#[async_trait]
pub trait Backups: Send + Sync {
    /// Writes one into a file; without a name into the directory for backups. Changes go on meanwhile.
    async fn write(&self, node: &Node, file: Option<PathBuf>) -> Result<BackupSummary, Error>;
    /// Writes one, packed with gzip, to whoever takes its bytes. One that breaks off has no seal and ends with an error.
    async fn stream(&self, node: &Node, out: Box<dyn Write + Send>) -> Result<BackupSummary, Error>;
    /// Reads a whole one and returns what restores it; error 12 when there is none, 69 with the line when it is damaged.
    async fn read(&self, file: PathBuf, mode: RestoreMode, is_dry: bool) -> Result<RestoreOrder, Error>;
    /// Compares the ledger table with something else.
    async fn compare(&self, node: &Node, with: ComparedWith) -> Result<Comparison, Error>;
    /// Begins to write them by the schedule of the configuration, if it has one.
    fn start(&self, node: &Arc<Node>);
    /// Tells how the schedule goes; nothing without one.
    fn status(&self) -> Option<BackupStatus>;
}

/// The relay to a contract platform; at most one runs.
#[async_trait]
pub trait Relay: Send + Sync {
    /// Switches it on, or to other options; error 30 when the platform lacks account or contract.
    async fn start(&self, node: &Arc<Node>, options: RelayOptions) -> Result<(), Error>;
    /// Switches it off and returns how many changes still wait for the platform; error 3 when it was never on.
    async fn stop(&self, node: &Arc<Node>) -> Result<u64, Error>;
    /// Runs one round now, and waits a while for its end.
    async fn now(&self);
    /// Returns how it is, or nothing when it was never on.
    fn status(&self) -> Option<RelayStatus>;
}

/// The schedulers 0 to [`crate::runtime::limits::SCHEDULERS`] of the node.
#[async_trait]
pub trait Scheduler: Send + Sync {
    /// Starts a scheduler; error 136 when it runs already, 2 for a number above the limit.
    fn start(&self, node: &Arc<Node>, id: usize) -> Result<(), Error>;
    /// Stops a scheduler after the task that runs now; false when it did not run.
    async fn stop(&self, id: usize) -> bool;
    /// Adds a task; error 2 for a name that is taken, a number above the limit or too many tasks.
    /// The task runs with the rights of who made it.
    fn schedule(&self, id: usize, task: NewTask, made_by: Caller) -> Result<(), Error>;
    /// Changes a task; error 162 when there is none.
    fn change(&self, id: usize, key: &TaskKey, change: TaskChange) -> Result<(), Error>;
    /// Returns the command of a task, for a run in the caller; error 162 when there is none.
    fn command(&self, id: usize, key: &TaskKey) -> Result<String, Error>;
    /// Returns all declared schedulers.
    fn status(&self) -> Vec<SchedulerStatus>;
}

/// Runs commands for who is inside one; `command` implements it and the boot hands it in.
#[async_trait]
pub trait Commands: Send + Sync {
    /// Runs the text of one command as a caller of its own.
    ///
    /// # Errors
    /// The command's own, and code 2 when too many commands stand inside each other.
    async fn run(&self, node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error>;
    /// Runs a text inside a running command: the line of a script or of a policy.
    ///
    /// # Errors
    /// The command's own.
    async fn run_text(&self, node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error>;
    /// Runs the words of one command inside another one.
    ///
    /// # Errors
    /// The command's own.
    async fn run_words(&self, node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error>;
    /// Runs the command of `if … then`, `do` and `else`; its error is told where it happens.
    ///
    /// # Errors
    /// The command's own, and code 2 when too many commands stand inside each other.
    async fn run_inner(&self, node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error>;
    /// Tells whether a command begins with a word.
    fn begins(&self, word: &str) -> bool;
}
