//! Where an answer goes: the sockets that were checked, and no others.

use anylog_block::ReturnAddress;
use std::net::{IpAddr, SocketAddr};

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The return address as its sender wrote it.
    pub address: ReturnAddress,
    /// What it stands for. It was resolved once: a name that means something else a moment later changes nothing.
    pub sockets: Vec<SocketAddr>,
    /// True when the sender itself is there; a third party is sent less.
    pub is_sender: bool,
}

/// Whose pace a message has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Receiver {
    /// The node that asked.
    Sender(SocketAddr),
    /// A machine that others asked for, whatever the port.
    Other(IpAddr),
}

impl Destination {
    /// Returns the socket that names the queue of its messages; nothing when there is nowhere to send.
    #[must_use]
    pub fn socket(&self) -> Option<SocketAddr> {
        self.sockets.first().copied()
    }

    /// Returns whose pace messages to a socket have to keep.
    #[must_use]
    pub const fn receiver(&self, socket: SocketAddr) -> Receiver {
        if self.is_sender { Receiver::Sender(socket) } else { Receiver::Other(socket.ip()) }
    }
}
