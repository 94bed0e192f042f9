//! Messages: what the blocks of one connection say together (reference/tcp-protocol 3).

use super::{Error, block::Block, header::Header};

/// A complete message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Header of the first block.
    pub header: Header,
    /// Command of all blocks.
    pub command: String,
    /// Data of all blocks, joined.
    pub data: Vec<u8>,
}

impl Message {
    /// Returns the first word of the command.
    #[must_use]
    pub fn verb(&self) -> &str {
        self.command.split([' ', '\t']).next().unwrap_or_default()
    }

    /// Tells whether the message answers a request of this node or shows a text here.
    #[must_use]
    pub fn is_reply(&self) -> bool {
        is_reply(&self.command)
    }
}

/// Tells whether a command is the one of a reply.
fn is_reply(command: &str) -> bool {
    let verb = command.split([' ', '\t']).next().unwrap_or_default();
    matches!(verb, "print" | "echo") || command == "job reply"
}

/// Joins blocks to a message, in the order in which they come.
#[derive(Debug)]
pub struct Assembly {
    message: Option<Message>,
    blocks: u32,
    limit: usize,
}

impl Assembly {
    /// Creates an empty assembly for messages of at most `limit` bytes of data.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { message: None, blocks: 0, limit }
    }

    /// Returns how many blocks came.
    #[must_use]
    pub const fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Changes how many bytes of data the message may have.
    pub const fn raise_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Gives up: returns what came of the message, with so many bytes of its data, and keeps nothing.
    pub fn abandon(&mut self, bytes: usize) -> Option<Message> {
        let mut message = self.message.take()?;
        message.data.truncate(bytes);
        message.data.shrink_to_fit();
        Some(message)
    }

    /// Adds one block and returns the message when it was the last.
    ///
    /// # Errors
    /// [`Error::Sequence`], [`Error::Command`] and [`Error::TooLarge`].
    pub fn push(&mut self, block: Block<'_>) -> Result<Option<Message>, Error> {
        let expected = self.blocks.saturating_add(1);
        if block.header.number != expected {
            return Err(Error::Sequence { expected, found: block.header.number });
        }
        self.blocks = expected;
        let (last, failed) = (block.header.last, block.header.error != 0);
        let message = match &mut self.message {
            None => self.message.insert(Message {
                header: block.header,
                command: block.command.to_owned(),
                data: block.data.into_owned(),
            }),
            Some(message) if message.command != block.command => return Err(Error::Command(expected)),
            Some(message) => {
                message.header.error = block.header.error;
                message.data.extend_from_slice(&block.data);
                message
            }
        };
        if message.data.len() > self.limit {
            return Err(Error::TooLarge(self.limit));
        }
        // Senders stop after the first block of a failed reply, whatever its last flag says.
        let done = last || (failed && message.is_reply());
        Ok(if done { self.message.take() } else { None })
    }
}
