//! Where a server listens, and what is heard of it.

use anylog_values::ListenAddress;
use std::{net::SocketAddr, time::Duration};

/// Where a server listens and which address it tells others (`run tcp server`, `run rest server`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// Address that other nodes are told.
    pub external: ListenAddress,
    /// Address of this machine.
    pub internal: ListenAddress,
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
