//! What can be wrong with a block or a message.

/// An error of the codec; each says which block or message it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The lengths in a header do not fit the block (reference/tcp-protocol 13).
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
    /// A message is larger than its receiver takes.
    #[error("message of more than {0} bytes")]
    TooLarge(usize),
    /// The command of a message leaves no room for its data.
    #[error("command of {0} bytes does not fit a block")]
    CommandLength(usize),
    /// The sender closed before the block was complete.
    #[error("connection ended after {0} bytes of a block")]
    Partial(usize),
}
