//! The block codec of the peer protocol: headers, blocks, messages and the segments of rows
//! (docs/reference/tcp-protocol.md). No sockets: bytes in, values out.

// A dependency that the code does not use fails the lints.
#![cfg_attr(not(test), warn(unused_crate_dependencies))]
#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::disallowed_macros))]

mod block;
mod data;
mod error;
mod header;
mod message;
mod outgoing;
mod segments;

pub use block::{BLOCK, Block, CONTENT};
pub use data::{Data, PieceIter, Pieces};
pub use error::Error;
pub use header::{HEADER, Header, Job, Lengths, ReturnAddress};
pub use message::{Assembly, Message};
pub use outgoing::{Outgoing, Rule};
pub use segments::{RowBlock, cut};
