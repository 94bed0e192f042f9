//! One block of 2048 bytes: header, command, authentication, data, padding (reference/tcp-protocol 2).

use super::{
    Error,
    header::{HEADER, Header, Lengths},
};
use std::borrow::Cow;

/// Length of a block in bytes; both sides must agree and there is no negotiation.
pub const BLOCK: usize = 2048;
/// Bytes of a block that hold content.
pub const CONTENT: usize = BLOCK - HEADER;

/// A block with its parts; padding and authentication are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// The header.
    pub header: Header,
    /// The command of the message, the same in each of its blocks.
    pub command: &'a str,
    /// The data of this block.
    pub data: Cow<'a, [u8]>,
}

impl<'a> Block<'a> {
    /// Reads a block and checks it: lengths, return address, UTF-8 of the command.
    ///
    /// # Errors
    /// What is wrong with the block; the connection cannot be used any more then.
    pub fn decode(bytes: &'a [u8; BLOCK]) -> Result<Self, Error> {
        let (head, content) = bytes.split_first_chunk::<HEADER>().ok_or(Error::Partial(BLOCK))?;
        let (header, lengths) = Header::decode(head)?;
        let refused = || Error::Lengths {
            number: header.number,
            command: lengths.command,
            auth: lengths.auth,
            used: lengths.used,
            limit: CONTENT,
        };
        let used = usize::try_from(lengths.used).map_err(|_| refused())?;
        let (command, rest) =
            content.get(..used).and_then(|c| c.split_at_checked(lengths.command.into())).ok_or_else(refused)?;
        let data = rest.get(usize::from(lengths.auth)..).ok_or_else(refused)?;
        let command = std::str::from_utf8(command).map_err(|_| Error::Utf8("command"))?;
        Ok(Self { header, command, data: data.into() })
    }

    /// Appends the 2048 bytes of the block, padded with zeros.
    ///
    /// # Errors
    /// [`Error::CommandLength`] when command and data do not fit, and the errors of [`Header::encode`].
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let used = self.command.len().saturating_add(self.data.len());
        let room = CONTENT.checked_sub(used).ok_or(Error::CommandLength(self.command.len()))?;
        let lengths = Lengths {
            command: u16::try_from(self.command.len()).map_err(|_| Error::CommandLength(self.command.len()))?,
            auth: 0,
            used: u32::try_from(used).map_err(|_| Error::CommandLength(self.command.len()))?,
        };
        self.header.encode(lengths, out)?;
        out.extend_from_slice(self.command.as_bytes());
        out.extend_from_slice(&self.data);
        out.resize(out.len().saturating_add(room), 0);
        Ok(())
    }
}
