//! Reads and writes the one message of a connection (reference/tcp-protocol 4).

use crate::{
    peer::{Error, connection_limiter::ConnectionPermit},
    runtime::limits,
};
use anylog_block::{Assembly, BLOCK, Block, Message, Outgoing, ReturnAddress};
use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Bytes that are written at once.
const CHUNK: usize = 32 * BLOCK;

/// Reads the message of a connection; nothing when it ends before its first byte.
///
/// `awaited` tells by the first block whether this node asked for the message; such a one may be larger.
///
/// # Errors
/// What is wrong with the blocks, or with the time they took.
pub async fn receive(
    stream: &mut (impl AsyncRead + Unpin),
    permit: &ConnectionPermit,
    memory: &Semaphore,
    awaited: &(dyn Fn(&Block<'_>) -> bool + Sync),
) -> Result<Option<Message>, Error> {
    let limit = limits::PEER_MESSAGE_TIME;
    let read = timeout(limit, read_blocks(stream, permit, memory, awaited));
    read.await.map_err(|_| Error::Slow { number: u32::MAX, limit })?
}

async fn read_blocks(
    stream: &mut (impl AsyncRead + Unpin),
    permit: &ConnectionPermit,
    memory: &Semaphore,
    awaited: &(dyn Fn(&Block<'_>) -> bool + Sync),
) -> Result<Option<Message>, Error> {
    let mut raw = Box::new([0; BLOCK]);
    let mut assembly = Assembly::new(limits::PEER_COMMAND);
    let mut held: Option<SemaphorePermit<'_>> = None;
    loop {
        let next = read_block(stream, &mut raw, assembly.blocks());
        let came = tokio::select! {
            came = next => came?,
            () = permit.evicted() => return Err(Error::Evicted),
        };
        if !came {
            let none = assembly.blocks() == 0;
            return if none { Ok(None) } else { Err(Error::Unfinished(assembly.blocks())) };
        }
        let room = memory.try_acquire().map_err(|_| Error::Memory(limits::PEER_BLOCKS))?;
        match &mut held {
            Some(held) => held.merge(room),
            None => held = Some(room),
        }
        let block = Block::decode(&raw)?;
        if assembly.blocks() == 0 {
            permit.set_sender(&block.header.source);
            assembly.raise_limit(if awaited(&block) { limits::PEER_REPLY } else { limits::PEER_COMMAND });
        }
        if let Some(message) = assembly.push(block)? {
            return Ok(Some(message));
        }
    }
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
    let limit = limits::PEER_CONNECT_TIME;
    let no_answer = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {} s", limit.as_secs()));
    let connected = timeout(limit, TcpStream::connect(addresses)).await;
    let stream = connected
        .unwrap_or_else(|_| Err(no_answer()))
        .map_err(|source| Error::Refused { address: to.to_string(), source })?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Writes a message and closes the connection in both directions.
///
/// # Errors
/// Texts that do not fit a block, and failures of the socket.
pub async fn send(mut stream: impl AsyncWrite + Unpin, message: &Outgoing) -> Result<(), Error> {
    let mut chunk = Vec::with_capacity(BLOCK);
    for block in message.blocks()? {
        block.encode(&mut chunk)?;
        if chunk.len() >= CHUNK {
            write(&mut stream, &chunk).await?;
            chunk.clear();
        }
    }
    write(&mut stream, &chunk).await?;
    stream.shutdown().await?;
    Ok(())
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), Error> {
    let limit = limits::PEER_SEND_TIME;
    timeout(limit, stream.write_all(bytes)).await.map_err(|_| Error::Stuck { limit })??;
    Ok(())
}
