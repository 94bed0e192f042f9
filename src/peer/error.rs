//! What can go wrong between two nodes.

use crate::command::{self, Code};
use std::{net::IpAddr, time::Duration};

/// An error of the peer protocol; each says which message, block or address it is about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lengths in a header do not fit the block (spec/tcp-protocol 13).
    #[error(
        "lengths of block {number} do not fit: command {command}, authentication {auth}, used {used} of {limit} bytes"
    )]
    Lengths {
        /// Number of the block.
        number: u32,
        /// Length of the command.
        command: u16,
        /// Length of the authentication segment.
        auth: u16,
        /// Length of everything in the block.
        used: u32,
        /// Most that a block holds.
        limit: usize,
    },
    /// The length of the return address is beyond its field.
    #[error("return address of {0} bytes, at most 128 are possible")]
    AddressLength(u8),
    /// A text of the block is not UTF-8.
    #[error("the {0} is not UTF-8")]
    Utf8(&'static str),
    /// A block is missing or comes twice.
    #[error("block {found} came where block {expected} was due")]
    Sequence {
        /// Number that was due.
        expected: u32,
        /// Number that came.
        found: u32,
    },
    /// A later block names another command than the first.
    #[error("block {0} carries another command than the first block")]
    Command(u32),
    /// A message is larger than this node takes.
    #[error("message of more than {0} bytes")]
    TooLarge(usize),
    /// Unfinished messages of all senders take too much memory.
    #[error("more than {0} blocks of unfinished messages")]
    Memory(usize),
    /// The command of a message leaves no room for its data.
    #[error("command of {0} bytes does not fit a block")]
    CommandLength(usize),
    /// The sender closed before the block was complete.
    #[error("connection ended after {0} bytes of a block")]
    Partial(usize),
    /// The sender closed between two blocks.
    #[error("connection ended before the last block, {0} blocks came")]
    Unfinished(u32),
    /// The sender was too slow.
    #[error("block {number} was not complete after {} s", .limit.as_secs())]
    Slow {
        /// Number of the block that was due.
        number: u32,
        /// Time it had.
        limit: Duration,
    },
    /// The receiver was too slow.
    #[error("the receiver took nothing for {} s", .limit.as_secs())]
    Stuck {
        /// Time it had.
        limit: Duration,
    },
    /// This node is stopping, or the connection made room for others.
    #[error("connection closed by this node")]
    Evicted,
    /// A text that should be an address is none.
    #[error("'{0}' is no address, write ip:port or name:port")]
    Address(String),
    /// A name has no address.
    #[error("cannot find an address for '{host}': {reason}")]
    Resolve {
        /// The name.
        host: String,
        /// Why.
        reason: String,
    },
    /// Nobody accepts connections there.
    #[error("nobody accepts connections at {address}: {reason}")]
    Refused {
        /// `ip:port`.
        address: String,
        /// Why.
        reason: String,
    },
    /// The return address belongs to neither the sender nor a node policy.
    #[error(
        "{address} is neither the address of the sender, {peer}, nor that of a node policy; add it to PEER_ALLOW to answer it"
    )]
    ReturnAddress {
        /// The return address.
        address: String,
        /// Address of the connection.
        peer: IpAddr,
    },
    /// The socket failed.
    #[error("socket: {0}")]
    Io(#[from] std::io::Error),
}

impl From<Error> for command::Error {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Address(_) => Code::DESTINATION,
            Error::Refused { .. } | Error::Resolve { .. } => Code::PEER_REFUSED,
            Error::Slow { .. } | Error::Stuck { .. } => Code::TIME_OUT,
            Error::CommandLength(_) | Error::TooLarge(_) | Error::Memory(_) => Code::LARGE_COMMAND,
            _ => Code::NETWORK,
        };
        let detail = match &error {
            // The text that clients of the network know; the reason stands in the log.
            Error::Refused { address, .. } => {
                tracing::debug!(%error, "no connection");
                format!("Failed to create a socket using: {address}")
            }
            other => other.to_string(),
        };
        Self { known: code == Code::PEER_REFUSED, ..Self::with(code, detail) }
    }
}
