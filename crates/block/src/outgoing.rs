//! Messages of this node, cut into blocks by the rule of their kind (reference/tcp-protocol 3).

use crate::{BLOCK, Block, CONTENT, Error, Header, RowBlock};
use bytes::Bytes;

/// Longest character in UTF-8, in bytes; a reply needs room for one in each block.
const CHARACTER: usize = 4;

/// How the data of a message is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Bytes, cut anywhere; a full block is never the last.
    File,
    /// Text, cut between characters; an error reply is cut to one block.
    Reply,
    /// Rows, cut where their segments end.
    Rows(Vec<RowBlock>),
}

/// A message that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Header that every block repeats; number and last flag are set by [`Outgoing::blocks`].
    pub header: Header,
    /// Command that every block repeats.
    pub command: String,
    /// Data, shared with other messages.
    pub data: Bytes,
    /// How the data is cut.
    pub rule: Rule,
}

impl Outgoing {
    /// Creates a message without data.
    pub fn new(header: Header, command: impl Into<String>) -> Self {
        Self { header, command: command.into(), data: Bytes::new(), rule: Rule::Reply }
    }

    /// Returns the blocks, one by one.
    ///
    /// # Errors
    /// [`Error::CommandLength`] when the command leaves no room for data that there is.
    pub fn blocks(&self) -> Result<Blocks<'_>, Error> {
        let room = CONTENT.checked_sub(self.command.len()).ok_or(Error::CommandLength(self.command.len()))?;
        if room < CHARACTER && (!self.data.is_empty() || self.rule == Rule::File) {
            return Err(Error::CommandLength(self.command.len()));
        }
        Ok(Blocks { message: self, rest: &self.data, room, number: 0, done: false })
    }

    /// Appends all blocks.
    ///
    /// # Errors
    /// The errors of [`Outgoing::blocks`] and [`Block::encode`].
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        out.reserve(BLOCK);
        self.blocks()?.try_for_each(|block| block.encode(out))
    }
}

/// The blocks of one message.
#[derive(Debug)]
pub struct Blocks<'a> {
    message: &'a Outgoing,
    rest: &'a [u8],
    room: usize,
    number: u32,
    done: bool,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        if self.done {
            return None;
        }
        let at = usize::try_from(self.number).unwrap_or(usize::MAX);
        let (part, rest) = match &self.message.rule {
            Rule::Rows(blocks) => {
                let length = blocks.get(at).map_or(0, |block| block.length);
                self.rest.split_at_checked(length).unwrap_or((self.rest, &[]))
            }
            Rule::File => self.rest.split_at_checked(self.room).unwrap_or((self.rest, &[])),
            Rule::Reply => cut(self.rest, self.room),
        };
        self.rest = rest;
        self.number = self.number.saturating_add(1);
        let mut rows = 0;
        self.done = match &self.message.rule {
            Rule::Rows(blocks) => {
                rows = blocks.get(at).map_or(0, |block| block.segments);
                at.saturating_add(1) >= blocks.len()
            }
            Rule::File => part.len() < self.room,
            Rule::Reply => rest.is_empty() || self.message.header.error != 0,
        };
        let header = Header { number: self.number, last: self.done, rows, ..self.message.header.clone() };
        Some(Block { header, command: &self.message.command, data: part })
    }
}

/// Splits text after at most `room` bytes, never inside a character.
fn cut(text: &[u8], room: usize) -> (&[u8], &[u8]) {
    let continues = |at: usize| text.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let lowest = room.saturating_sub(CHARACTER - 1);
    let at = (lowest..=room).rev().find(|at| !continues(*at)).unwrap_or(room);
    text.split_at_checked(at).unwrap_or((text, &[]))
}
