//! What other nodes are asked for and what they answer.

use crate::reply::Error;

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
