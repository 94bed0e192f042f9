//! What an operator may change about the peer server.

use crate::{config::Networks, runtime::limits};

/// Options of the peer server that no command carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerSettings {
    /// Answer only at the address of the sender or of a node that was found (reference/tcp-protocol 15.9).
    pub check_return: bool,
    /// Who forwards the connections of others, so that their own addresses are not to be seen.
    pub gateways: Networks,
    /// Connections open at the same time.
    pub connections: usize,
    /// Connections open at the same time from one address.
    pub connections_per_host: usize,
}

impl Default for PeerSettings {
    fn default() -> Self {
        Self {
            check_return: true,
            gateways: Networks::default(),
            connections: limits::PEER_CONNECTIONS,
            connections_per_host: limits::PEER_CONNECTIONS_PER_HOST,
        }
    }
}
