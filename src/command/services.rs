//! Ports to the services that commands start, stop and ask: peers, REST, synchroniser, scheduler.
//!
//! The rooms behind them stand to the left of this one, so `boot` hands them in.

use super::{Error, Node, Scheduler};
use async_trait::async_trait;
use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Where a server listens and which address it tells others (`run tcp server`, `run rest server`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// Address that other nodes are told.
    pub external: (String, u16),
    /// Address of this machine.
    pub internal: (String, u16),
    /// Listen on the internal address alone; otherwise on all.
    pub bind: bool,
    /// REST only: the boot plan or a configuration policy started it and named no address of its own for it. Nodes of the
    /// network then show `0.0.0.0` in `get connections`, whatever `bind` says (`get rest server info` says what is bound).
    pub configured: bool,
    /// Size of the worker pool, as shown in `get processes`.
    pub threads: u32,
    /// REST only: seconds that a request may take.
    pub timeout: Duration,
    /// REST only: names that point to PEM files (`ca_org`, `server_org`).
    pub tls: Option<(String, String)>,
}

/// A running server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// The options it was started with (ports 0 replaced by the real ones).
    pub options: ServerOptions,
    /// The socket it really listens on.
    pub bound: SocketAddr,
    /// Connections open now.
    pub connections: usize,
    /// Messages or requests served since the start.
    pub calls: u64,
}

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
}

/// Sends commands to other nodes (`run client (…)`, `destination`, `master=`).
#[async_trait]
pub trait Peers: Server {
    /// Sends a command to each destination and waits for the answers, in the order of the destinations.
    async fn ask(&self, node: &Node, destinations: &[String], command: &str, timeout: Duration) -> Vec<PeerAnswer>;
    /// Sends a command without waiting for an answer; error 208 when nobody listens there.
    async fn tell(&self, node: &Node, destination: &str, command: &str) -> Result<(), Error>;
    /// Asks another master for its ledger and returns the bytes; error 26 when nothing comes in time.
    async fn pull(&self, node: &Node, master: &str, what: Pull, timeout: Duration) -> Result<Vec<u8>, Error>;
}

/// What another master is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pull {
    /// Its ledger (`event get_blockchain`).
    Ledger,
    /// Its local file (`file get !blockchain_file`).
    Seed,
}

/// What one node answered.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerAnswer {
    /// The address that was asked, `ip:port`.
    pub destination: String,
    /// The text (`json` tells whether it is JSON), or why there is none (208 refused, 26 time out, or the node's own error).
    pub outcome: Result<PeerText, Error>,
}

/// The text of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerText {
    /// The text.
    pub text: String,
    /// True when the node marked it as JSON (generic flag 2).
    pub json: bool,
}

/// What `run blockchain sync where …` asks for (reference/ledger 8.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncOptions {
    /// `master`, `dbms` or `blockchain`.
    pub source: String,
    /// Time between two rounds.
    pub every: Duration,
    /// Copies to keep: `file`, `dbms`.
    pub destinations: Vec<String>,
    /// Address of the master, `ip:port`.
    pub connection: Option<String>,
    /// Another local file than `!blockchain_file`.
    pub file: Option<String>,
}

/// Figures of the synchroniser (`get synchronizer`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncStatus {
    /// What it was started with.
    pub options: SyncOptions,
    /// Seconds since the last change of the local copy.
    pub since_update: Option<u64>,
    /// Rounds started.
    pub calls: u64,
    /// Copies loaded.
    pub loads: u64,
    /// Rounds that ended well.
    pub ok: u64,
    /// Rounds that failed.
    pub errors: u64,
}

/// The synchroniser of the local copy.
#[async_trait]
pub trait Synchronizer: Send + Sync {
    /// Starts it; error 136 when it runs already.
    async fn start(&self, node: Arc<Node>, options: SyncOptions) -> Result<(), Error>;
    /// Runs one round now and waits a while for its end; error 2 when it does not run.
    async fn now(&self, node: &Arc<Node>) -> Result<(), Error>;
    /// Changes the address it asks (`blockchain switch network`).
    fn connect_to(&self, connection: &str) -> Result<(), Error>;
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
}
