//! The header of a block: 207 bytes at fixed offsets (reference/tcp-protocol 2).

use super::Error;
use bytes::{Buf, BufMut};
use std::net::Ipv6Addr;

/// Length of a header in bytes.
pub const HEADER: usize = 207;
/// Length of the field that holds the return address, in bytes.
const HOST: usize = 128;

/// Who waits for the answer: a slot of the asking node and the number that makes it unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Job {
    /// Index in the asking node's table, 0 to 499.
    pub slot: u16,
    /// Number of the caller; 0 when nobody waits.
    pub id: u32,
}

/// Where the answer goes: an IPv4 address or a name, and a port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReturnAddress {
    /// Address or name; `0.0.0.0` stands for the address of the connection.
    pub host: String,
    /// Port; 0 when the sender cannot be answered.
    pub port: u32,
}

/// The fields of a header that mean something over TCP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Number of the block in its message, from 1.
    pub number: u32,
    /// Structure of the data: 0 plain, 1 JSON, 2 rows.
    pub structure: u8,
    /// True in the last block of a message.
    pub last: bool,
    /// Kind of content: 0 none, 1 rows, 2 structure, 4 text, 6 command.
    pub info: u8,
    /// 0, or the code of the error.
    pub error: u16,
    /// Rows that end or start in the block.
    pub rows: u16,
    /// The waiting caller.
    pub job: Job,
    /// Number of nodes that got the request.
    pub receivers: u16,
    /// Index of this receiver among them.
    pub receiver: u16,
    /// Partitions in use; 1 in requests.
    pub partitions: u16,
    /// Return address.
    pub source: ReturnAddress,
    /// Meaning depends on the command (reference/tcp-protocol 2).
    pub flag: u16,
}

/// The three lengths of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Command text.
    pub command: u16,
    /// Authentication segment.
    pub auth: u16,
    /// Command, authentication and data together.
    pub used: u32,
}

impl Header {
    /// Reads the 207 bytes at the start of a block.
    ///
    /// # Errors
    /// [`Error::AddressLength`] and [`Error::Utf8`] for a return address that cannot be one.
    pub fn decode(bytes: &[u8; HEADER]) -> Result<(Self, Lengths), Error> {
        let input = &mut bytes.as_slice();
        input.advance(30);
        let number = input.get_u32();
        let (structure, last, info) = (input.get_u8(), input.get_u8() == 1, input.get_u8());
        let error = input.get_u16();
        let lengths = Lengths { command: input.get_u16(), auth: input.get_u16(), used: input.get_u32() };
        let rows = input.get_u16();
        input.advance(1);
        let job = Job { slot: input.get_u16(), id: input.get_u32() };
        let (receivers, receiver, partitions) = (input.get_u16(), input.get_u16(), input.get_u16());
        input.advance(2 + 4 + 4);
        let length = input.get_u8();
        let mut host = [0; HOST];
        input.copy_to_slice(&mut host);
        let host = host.get(..usize::from(length)).ok_or(Error::AddressLength(length))?;
        let host = std::str::from_utf8(host).map_err(|_| Error::Utf8("return address"))?.to_owned();
        let source = ReturnAddress { host, port: input.get_u32() };
        let flag = input.get_u16();
        Ok((
            Self { number, structure, last, info, error, rows, job, receivers, receiver, partitions, source, flag },
            lengths,
        ))
    }

    /// Appends the 207 bytes of the header; everything unused is zero.
    ///
    /// # Errors
    /// [`Error::AddressLength`] when the return address is longer than 128 bytes.
    pub fn encode(&self, lengths: Lengths, out: &mut Vec<u8>) -> Result<(), Error> {
        let host = self.source.host.as_bytes();
        let length = u8::try_from(host.len()).unwrap_or(u8::MAX);
        let rest = HOST.checked_sub(host.len()).ok_or(Error::AddressLength(length))?;
        out.put_bytes(0, 30);
        out.put_u32(self.number);
        out.put_slice(&[self.structure, u8::from(self.last), self.info]);
        out.put_u16(self.error);
        out.put_u16(lengths.command);
        out.put_u16(lengths.auth);
        out.put_u32(lengths.used);
        out.put_u16(self.rows);
        out.put_u8(0);
        out.put_u16(self.job.slot);
        out.put_u32(self.job.id);
        out.put_u16(self.receivers);
        out.put_u16(self.receiver);
        out.put_u16(self.partitions);
        out.put_bytes(0, 2 + 4 + 4);
        out.put_u8(length);
        out.put_slice(host);
        out.put_bytes(0, rest);
        out.put_u32(self.source.port);
        out.put_u16(self.flag);
        Ok(())
    }
}

impl ReturnAddress {
    /// Creates an address.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port: port.into() }
    }
}

impl std::fmt::Display for ReturnAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host.parse::<Ipv6Addr>() {
            Ok(host) => write!(f, "[{host}]:{}", self.port),
            Err(_) => write!(f, "{}:{}", self.host, self.port),
        }
    }
}
