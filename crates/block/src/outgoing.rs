//! Messages of this node, cut into blocks by the rule of their kind (reference/tcp-protocol 3).

use crate::{BLOCK, Block, CONTENT, Data, Error, Header, RowBlock, data::DataReader};
use std::borrow::Cow;

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
    pub data: Data,
    /// How the data is cut.
    pub rule: Rule,
}

impl Outgoing {
    /// Creates a message without data.
    pub fn new(header: Header, command: impl Into<String>) -> Self {
        Self { header, command: command.into(), data: Data::default(), rule: Rule::Reply }
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
        let rest = match &self.data {
            Data::Whole(bytes) => Rest::Whole(bytes),
            Data::Pieces(pieces) => Rest::Pieces(DataReader::new(pieces.pieces())),
        };
        Ok(Blocks { message: self, rest, room, number: 0, done: false })
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
    rest: Rest<'a>,
    room: usize,
    number: u32,
    done: bool,
}

/// The data that is not in a block yet.
#[derive(Debug)]
enum Rest<'a> {
    Whole(&'a [u8]),
    Pieces(DataReader<'a>),
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        if self.done {
            return None;
        }
        let at = usize::try_from(self.number).unwrap_or(usize::MAX);
        self.number = self.number.saturating_add(1);
        let (room, mut rows) = (self.room, 0);
        let part: Cow<'a, [u8]> = match (&mut self.rest, &self.message.rule) {
            (Rest::Pieces(reader), _) => {
                let part = reader.take(room);
                self.done = part.len() < room;
                part
            }
            (Rest::Whole(rest), Rule::File) => {
                let part = split(rest, room);
                self.done = part.len() < room;
                part.into()
            }
            (Rest::Whole(rest), Rule::Rows(blocks)) => {
                let length = blocks.get(at).map_or(0, |block| block.length);
                rows = blocks.get(at).map_or(0, |block| block.segments);
                self.done = at.saturating_add(1) >= blocks.len();
                split(rest, length).into()
            }
            (Rest::Whole(rest), Rule::Reply) => {
                let part = split(rest, cut(rest, room));
                self.done = rest.is_empty() || self.message.header.error != 0;
                part.into()
            }
        };
        let header = Header { number: self.number, last: self.done, rows, ..self.message.header.clone() };
        Some(Block { header, command: &self.message.command, data: part })
    }
}

/// Takes the first bytes, or all when there are fewer.
fn split<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (part, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    *rest = after;
    part
}

/// Returns where a text is cut: after at most `room` bytes, never inside a character.
fn cut(text: &[u8], room: usize) -> usize {
    let continues = |at: usize| text.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    let lowest = room.saturating_sub(CHARACTER - 1);
    (lowest..=room).rev().find(|at| !continues(*at)).unwrap_or(room)
}
