//! What an operator may change about the peer server.

use crate::runtime::limits;
use std::net::IpAddr;

/// Options of the peer server that no command carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSettings {
    /// Answer only to addresses that belong to the sender or to a node policy (reference/tcp-protocol 15.9).
    pub check_return: bool,
    /// More addresses that may be answered to.
    pub allowed: Vec<IpAddr>,
    /// Connections open at the same time.
    pub connections: usize,
    /// Connections open at the same time from one address.
    pub connections_per_host: usize,
}

impl Default for PeerSettings {
    fn default() -> Self {
        Self {
            check_return: true,
            allowed: Vec::new(),
            connections: limits::PEER_CONNECTIONS,
            connections_per_host: limits::PEER_CONNECTIONS_PER_HOST,
        }
    }
}
