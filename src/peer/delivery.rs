//! A message on its way to a destination, with what is to be known of it.

use crate::peer::Error;
use anylog_block::Outgoing;
use std::fmt;

/// What the receiver of a file did with it, as far as the connection tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It read all of it and closed the connection, which nodes do when they have worked on it.
    Closed,
    /// It was written to the end, and the receiver has not closed the connection yet.
    Open,
    /// The receiver closed the connection before it had read everything.
    Unread,
}

/// What is done once it is known how a delivery ended. It is dropped when another one took its place.
pub type DeliveryReport = Box<dyn FnOnce(Result<Receipt, &Error>) + Send + Sync>;

/// A message for a destination.
pub struct Delivery {
    /// The message.
    pub message: Outgoing,
    /// Number of the view, when it brings the ledger: an older one never follows a newer one.
    pub generation: Option<u64>,
    /// False when nobody asked for it: then one try is enough.
    pub is_asked_for: bool,
    /// Who wants to know how it ends.
    pub report: Option<DeliveryReport>,
}

impl From<Outgoing> for Delivery {
    fn from(message: Outgoing) -> Self {
        Self { message, generation: None, is_asked_for: true, report: None }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery").field("message", &self.message.command).finish_non_exhaustive()
    }
}
