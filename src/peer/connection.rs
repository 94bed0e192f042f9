//! Reads and writes the one message of a connection (reference/tcp-protocol 4).

use crate::{
    peer::{Error, connection_limiter::ConnectionPermit, delivery::Receipt, foreign},
    runtime::limits,
};
use anylog_block::{Assembly, BLOCK, Block, Header, Message, Outgoing, ReturnAddress};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Bytes that are written at once.
const CHUNK: usize = 32 * BLOCK;

/// What came on a connection.
#[derive(Debug)]
pub enum Received {
    /// Nothing: it ended before its first byte.
    Nothing,
    /// A message.
    Message(Message),
    /// The beginning of a message that is too large for a command; the rest was read and not kept.
    TooLarge(Message),
    /// A message that this node asked for and that is larger than what it asked for may be.
    LargeAnswer {
        /// Header of the message.
        header: Header,
        /// Bytes that it may have.
        most: usize,
    },
}

/// Reads the message of a connection.
///
/// `awaited` tells by the first block how many bytes a message may have that this node asked for; nothing for another.
///
/// # Errors
/// What is wrong with the blocks, or with the time they took.
pub async fn receive(
    stream: &mut (impl AsyncRead + Unpin),
    permit: &ConnectionPermit,
    memory: &Semaphore,
    awaited: &(dyn Fn(&Block<'_>) -> Option<usize> + Sync),
) -> Result<Received, Error> {
    let limit = limits::PEER_MESSAGE_TIME;
    let read = async {
        tokio::select! {
            read = read_blocks(stream, permit, memory, awaited) => read,
            () = permit.evicted() => Err(Error::Evicted),
        }
    };
    timeout(limit, read).await.map_err(|_| Error::Slow { number: u32::MAX, limit })?
}

async fn read_blocks(
    stream: &mut (impl AsyncRead + Unpin),
    permit: &ConnectionPermit,
    memory: &Semaphore,
    awaited: &(dyn Fn(&Block<'_>) -> Option<usize> + Sync),
) -> Result<Received, Error> {
    let mut raw = Box::new([0; BLOCK]);
    let mut assembly = Assembly::new(limits::PEER_COMMAND);
    let mut room = MessageRoom::Shared(permit);
    loop {
        if !read_block(stream, &mut raw, assembly.blocks()).await? {
            let none = assembly.blocks() == 0;
            return if none { Ok(Received::Nothing) } else { Err(Error::Unfinished(assembly.blocks())) };
        }
        let block = Block::decode(&raw)?;
        if assembly.blocks() == 0 {
            if let Some(most) = awaited(&block) {
                permit.set_awaited();
                assembly.raise_limit(most);
                room = MessageRoom::Awaited(memory, None);
            } else {
                permit.set_sender(&block.header.source);
            }
        }
        // The first is free, so that what fits one block never waits; there are no more of them than connections.
        if assembly.blocks() > 0 {
            room.take_block().await?;
        }
        match assembly.push(block) {
            Ok(None) => {}
            Ok(Some(message)) => {
                permit.set_complete();
                return Ok(Received::Message(message));
            }
            Err(anylog_block::Error::TooLarge(limit)) => {
                let (blocks, is_awaited) = (assembly.blocks(), matches!(room, MessageRoom::Awaited(..)));
                let beginning = assembly.abandon(limits::PEER_REFUSED_TEXT);
                let beginning = beginning.ok_or(anylog_block::Error::TooLarge(limit))?;
                if is_awaited {
                    // Whoever waits for it learns of it at once, and nobody needs the rest.
                    return Ok(Received::LargeAnswer { header: beginning.header, most: limit });
                }
                permit.give_blocks_back();
                skip(stream, &mut raw, blocks).await?;
                permit.set_complete();
                return Ok(Received::TooLarge(beginning));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Where the room for the blocks of a message comes from.
enum MessageRoom<'a> {
    /// From what all senders share.
    Shared(&'a ConnectionPermit),
    /// From what is there for messages that this node asked for.
    Awaited(&'a Semaphore, Option<SemaphorePermit<'a>>),
}

impl MessageRoom<'_> {
    async fn take_block(&mut self) -> Result<(), Error> {
        let (memory, held) = match self {
            Self::Shared(permit) => return permit.take_block().await,
            Self::Awaited(memory, held) => (memory, held),
        };
        let room = memory.try_acquire().map_err(|_| Error::Memory(limits::PEER_AWAITED_BLOCKS))?;
        match held {
            Some(held) => held.merge(room),
            None => *held = Some(room),
        }
        Ok(())
    }
}

/// Reads the rest of a message that is refused: a sender reads its refusal only after it has sent everything.
async fn skip(stream: &mut (impl AsyncRead + Unpin), raw: &mut [u8; BLOCK], before: u32) -> Result<(), Error> {
    for number in before..limits::PEER_REFUSED_BLOCKS {
        if !read_block(stream, raw, number).await? || Block::decode(raw)?.header.last {
            return Ok(());
        }
    }
    Err(Error::Unfinished(limits::PEER_REFUSED_BLOCKS))
}

/// Fills one block; false when the sender closed before its first byte.
async fn read_block(stream: &mut (impl AsyncRead + Unpin), raw: &mut [u8; BLOCK], before: u32) -> Result<bool, Error> {
    let limit = limits::PEER_BLOCK_TIME;
    let read = async {
        let mut filled = 0;
        while let Some(rest) = raw.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match stream.read(rest).await? {
                0 if filled == 0 => return Ok(false),
                0 => return Err(anylog_block::Error::Partial(filled).into()),
                more => filled += more,
            }
            // Who speaks another protocol never fills a block.
            let first = if before == 0 { raw.get(..filled).unwrap_or_default() } else { &[] };
            if let Some(protocol) = foreign::recognise(first) {
                return Err(Error::Foreign(protocol));
            }
        }
        Ok(true)
    };
    timeout(limit, read).await.map_err(|_| Error::Slow { number: before.saturating_add(1), limit })?
}

/// Connects to the first of some addresses that answers.
///
/// # Errors
/// [`Error::Refused`] when none does in time.
pub async fn connect(to: &ReturnAddress, addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    let stream = first_of(addresses).await.map_err(|source| Error::Refused { address: to.to_string(), source })?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Tries addresses one after the other. Each has its share of the time: one that does not answer, as the IPv6 address of a
/// name may be, must not take the time of those behind it.
async fn first_of(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let limit = share(addresses.len());
    let mut failure = io::Error::new(io::ErrorKind::InvalidInput, "it has no address");
    for address in addresses {
        failure = match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error,
            Err(_) => io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {} s", limit.as_secs_f32())),
        };
    }
    Err(failure)
}

/// Returns the time that each of some addresses has.
fn share(addresses: usize) -> Duration {
    let count = u32::try_from(addresses).unwrap_or(u32::MAX).max(1);
    (limits::PEER_CONNECT_TIME / count).max(limits::PEER_CONNECT_SHARE)
}

/// Writes a message and ends what this node sends on the connection.
///
/// # Errors
/// Texts that do not fit a block, and failures of the socket.
pub async fn send(stream: &mut (impl AsyncWrite + Unpin), message: &Outgoing) -> Result<(), Error> {
    let mut chunk = Vec::with_capacity(BLOCK);
    for block in message.blocks()? {
        block.encode(&mut chunk)?;
        if chunk.len() >= CHUNK {
            write(stream, &chunk).await?;
            chunk.clear();
        }
    }
    write(stream, &chunk).await?;
    stream.shutdown().await?;
    Ok(())
}

/// Waits a while for the end of what the receiver of a message does with it: then it closes the connection. Nodes ignore a
/// ledger that comes while they work on another, so the next one has to wait for that.
pub async fn receipt(stream: &mut (impl AsyncRead + Unpin)) -> Receipt {
    match timeout(limits::MEMBER_CLOSE_TIME, stream.read(&mut [0])).await {
        Ok(Ok(0)) => Receipt::Closed,
        Ok(Ok(_)) | Err(_) => Receipt::Open,
        Ok(Err(_)) => Receipt::Unread,
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), Error> {
    let limit = limits::PEER_SEND_TIME;
    timeout(limit, stream.write_all(bytes)).await.map_err(|_| Error::Stuck { limit })??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpSocket};

    /// Returns an address that does not answer, as behind a firewall that drops: its listener has no room for one more. What is
    /// returned beside it keeps it so.
    async fn silent_address() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        while let Ok(connected) = timeout(Duration::from_millis(500), TcpStream::connect(address)).await {
            waiting.push(connected.unwrap());
            assert!(waiting.len() < 64, "the listener takes everybody");
        }
        (address, listener, waiting)
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_takes_no_time_of_the_others() {
        let (silent, _full, _waiting) = silent_address().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let to = ReturnAddress::new("member.example", address.port());
        let connected = connect(&to, &[silent, address]).await.unwrap();
        assert_eq!(connected.peer_addr().unwrap(), address);
        let Err(Error::Refused { source, .. }) = connect(&to, &[]).await else { panic!("there is nobody") };
        assert_eq!(source.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn addresses_share_the_time_and_each_has_enough_of_it() {
        assert_eq!([0, 1, 2, 3, 8].map(|count| share(count).as_millis()), [3000, 3000, 1500, 1000, 1000]);
    }
}
