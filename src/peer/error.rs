//! What can go wrong between two nodes.

use crate::{
    peer::foreign::ForeignProtocol,
    reply::{self, Code, ErrorKind},
};
use std::{net::IpAddr, time::Duration};

/// An error of the peer protocol; each says which message, block or address it is about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A block or a message is wrong in itself.
    #[error(transparent)]
    Block(#[from] anylog_block::Error),
    /// Unfinished messages of all senders take too much memory.
    #[error("more than {0} blocks of unfinished messages")]
    Memory(usize),
    /// Too many others have what a message needs.
    #[error("{} s went by without a turn among {what}", .limit.as_secs())]
    Crowded {
        /// What is done for so many at the same time.
        what: &'static str,
        /// Time that it waited.
        limit: Duration,
    },
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
    #[error("cannot find an address for '{host}': {source}")]
    Resolve {
        /// The name.
        host: String,
        /// Why.
        source: std::io::Error,
    },
    /// Nobody accepts connections there.
    #[error(
        "nobody accepts connections at {address}: {source}; start the node there, open its TCP port to this one, and set \
         EXTERNAL_IP there to an address that this one reaches"
    )]
    Refused {
        /// `ip:port`.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The return address is neither the sender's nor that of a node that was found.
    #[error(
        "{address} is not where the message came from, {peer}, and no node of the ledger was found there (PEER_CHECK_RETURN): \
         name it in PEER_ALLOW to answer it, or {peer} in PEER_GATEWAY when it forwards the connections of others"
    )]
    ReturnAddress {
        /// The return address.
        address: String,
        /// Address of the connection.
        peer: IpAddr,
    },
    /// What came is meant for another port.
    #[error("{0}")]
    Foreign(ForeignProtocol),
    /// The socket failed.
    #[error("socket: {0}")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Returns the code that members and clients know for the failure, and what kind of failure it is.
    const fn code_and_kind(&self) -> (Code, ErrorKind) {
        use anylog_block::Error as Block;
        match self {
            Self::Address(_) => (Code::DESTINATION, ErrorKind::Usage),
            Self::Refused { .. } | Self::Resolve { .. } => (Code::PEER_REFUSED, ErrorKind::Unavailable),
            Self::Slow { .. } | Self::Stuck { .. } => (Code::TIME_OUT, ErrorKind::Unavailable),
            Self::Block(Block::CommandLength(_) | Block::TooLarge(_)) => (Code::LARGE_COMMAND, ErrorKind::Usage),
            Self::Memory(_) => (Code::LARGE_COMMAND, ErrorKind::Unavailable),
            Self::ReturnAddress { .. } => (Code::NETWORK, ErrorKind::Refused),
            Self::Unfinished(_) | Self::Evicted | Self::Crowded { .. } | Self::Io(_) => {
                (Code::NETWORK, ErrorKind::Unavailable)
            }
            Self::Block(_) | Self::Foreign(_) => (Code::NETWORK, ErrorKind::Failed),
        }
    }
}

impl From<Error> for reply::Error {
    fn from(error: Error) -> Self {
        let (code, kind) = error.code_and_kind();
        let detail = match &error {
            // The text that clients of the network know; the reason stands in the log and in the cause.
            Error::Refused { address, .. } => {
                tracing::debug!(%error, "no connection");
                format!("Failed to create a socket using: {address}")
            }
            other => other.to_string(),
        };
        Self { kind, known: code == Code::PEER_REFUSED, ..Self::with(code, detail) }.caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn a_failure_keeps_its_kind_and_its_cause() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = reply::Error::from(Error::Refused { address: "a:1".to_owned(), source: refused });
        assert_eq!((error.code, error.kind, error.known), (Code::PEER_REFUSED, ErrorKind::Unavailable, true));
        assert_eq!(error.detail.as_deref(), Some("Failed to create a socket using: a:1"));
        let cause = error.source().unwrap().source().unwrap();
        let cause = cause.downcast_ref::<std::io::Error>().unwrap();
        assert_eq!(cause.kind(), std::io::ErrorKind::ConnectionRefused);
        let wrong = reply::Error::from(Error::Address("nowhere".to_owned()));
        assert_eq!((wrong.code, wrong.kind), (Code::DESTINATION, ErrorKind::Usage));
    }
}
