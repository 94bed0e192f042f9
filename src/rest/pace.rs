//! Closes connections that send or take nothing: a byte stream with deadlines.
//!
//! A header has [`limits::REST_HEADER_TIME`] from its first byte on. Between two requests, and while a reply is
//! written, [`limits::REST_IDLE_TIME`] may pass without a byte. While a request is worked on there is no deadline
//! here; the body has its own.

use crate::runtime::limits;
use std::{
    future::Future,
    io::{Error, ErrorKind, IoSlice, Result},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

const IDLE: u8 = 0;
const HEADER: u8 = 1;
const WORKING: u8 = 2;

/// What a caller reads whose header did not end in time.
const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// How hyper refuses a header with more than [`limits::REST_HEADER_LINES`] lines: with a reply that has no type.
const REFUSAL: &[u8] = b"HTTP/1.1 431 ";

/// What the caller reads instead.
const TOO_MANY: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
    content-type: text/html; charset=utf-8\r\ncontent-length: 81\r\n\r\n\
    <!DOCTYPE html>\n<title>431</title>\n<p>The header has too many or long lines.</p>\n";

/// Longest reply whose parts are written as one: the system takes one part in less time than it counts several.
const SMALL: usize = 512;

/// Puts the parts of a small reply together and returns their length; nothing for a large one.
fn joined(slices: &[IoSlice<'_>], into: &mut [u8; SMALL]) -> Option<usize> {
    let length = slices.iter().map(|bytes| bytes.len()).sum();
    let mut rest = into.get_mut(..length)?;
    for bytes in slices {
        let (place, after) = rest.split_at_mut_checked(bytes.len())?;
        place.copy_from_slice(bytes);
        rest = after;
    }
    Some(length)
}

/// What a connection is doing; shared by its stream and its service.
#[derive(Clone, Debug, Default)]
pub struct Phase(Arc<AtomicU8>);

/// A request that is worked on: its connection has no deadline until this is dropped, then bytes must flow again.
#[derive(Debug, Default)]
pub struct Working(Phase);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.0.store(IDLE, Ordering::Release);
    }
}

impl Phase {
    /// A request's header is complete.
    #[must_use]
    pub fn work(&self) -> Working {
        self.0.store(WORKING, Ordering::Release);
        Working(self.clone())
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }

    fn begin_header(&self) -> bool {
        self.0.compare_exchange(IDLE, HEADER, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A stream that fails with `TimedOut` when its deadline passes.
pub struct Paced<S> {
    stream: S,
    header: Duration,
    idle: Duration,
    phase: Phase,
    seen: u8,
    /// True when something was written since the header began: the rest of the reply before.
    wrote: bool,
    /// Time to allow from the next wait on; nothing while the deadline stands.
    allowed: Option<Duration>,
    deadline: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<S> Paced<S> {
    /// Wraps a fresh connection.
    pub fn new(stream: S, phase: Phase) -> Self {
        Self::with_times(stream, phase, limits::REST_HEADER_TIME, limits::REST_IDLE_TIME)
    }

    fn with_times(stream: S, phase: Phase, header: Duration, idle: Duration) -> Self {
        let deadline = Instant::now() + idle;
        let alarm = Box::pin(tokio::time::sleep_until(deadline));
        Self { stream, header, idle, phase, seen: IDLE, wrote: false, allowed: None, deadline, alarm }
    }

    /// Writes our own page in the place of hyper's refusal of a header, whose length is given.
    fn refuse(&mut self, context: &mut Context<'_>, length: usize) -> Poll<Result<usize>>
    where
        S: AsyncWrite + Unpin,
    {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, TOO_MANY))?;
        // A part of the page would be no reply: nothing written ends the connection.
        Poll::Ready(Ok(if written == TOO_MANY.len() { length } else { 0 }))
    }

    /// Fails when the deadline has passed; else asks to be woken at it. Bytes that flow without a wait ask no clock.
    fn check(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        let phase = self.phase.get();
        if phase != self.seen {
            self.seen = phase;
            self.allowed = Some(if phase == HEADER { self.header } else { self.idle });
        }
        if phase == WORKING {
            return Poll::Pending;
        }
        if let Some(time) = self.allowed.take() {
            self.deadline = Instant::now() + time;
        }
        if self.alarm.deadline() > self.deadline {
            self.alarm.as_mut().reset(self.deadline);
        }
        while self.alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= self.deadline {
                return Poll::Ready(Error::from(ErrorKind::TimedOut));
            }
            self.alarm.as_mut().reset(self.deadline);
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Paced<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Ready(result) => {
                if this.phase.begin_header() {
                    this.seen = HEADER;
                    this.wrote = false;
                    this.allowed = Some(this.header);
                }
                Poll::Ready(result)
            }
            Poll::Pending => {
                let error = ready!(this.check(context));
                if this.phase.get() == HEADER && !this.wrote {
                    // The connection ends in any case, so nobody waits for the bytes to go.
                    let _ = Pin::new(&mut this.stream).poll_write(context, TOO_SLOW).is_ready();
                    let _ = Pin::new(&mut this.stream).poll_flush(context).is_ready();
                }
                Poll::Ready(Err(error))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let this = &mut *self;
        if bytes.starts_with(REFUSAL) && this.phase.get() == HEADER {
            return this.refuse(context, bytes.len());
        }
        match Pin::new(&mut this.stream).poll_write(context, bytes) {
            Poll::Ready(result) => {
                this.allowed = Some(this.idle);
                this.wrote = true;
                Poll::Ready(result)
            }
            Poll::Pending => this.check(context).map(Err),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let this = &mut *self;
        if slices.first().is_some_and(|bytes| bytes.starts_with(REFUSAL)) && this.phase.get() == HEADER {
            return this.refuse(context, slices.iter().map(|bytes| bytes.len()).sum());
        }
        let mut small = [0; SMALL];
        let written = match joined(slices, &mut small) {
            Some(length) => {
                let bytes = small.get(..length).unwrap_or_default();
                Pin::new(&mut this.stream).poll_write(context, bytes)
            }
            None => Pin::new(&mut this.stream).poll_write_vectored(context, slices),
        };
        match written {
            Poll::Ready(result) => {
                this.allowed = Some(this.idle);
                this.wrote = true;
                Poll::Ready(result)
            }
            Poll::Pending => this.check(context).map(Err),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SOON: Duration = Duration::from_millis(40);
    const NEVER: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn an_idle_connection_ends_after_its_time() {
        let (_client, server) = tokio::io::duplex(64);
        let mut paced = Paced::with_times(server, Phase::default(), NEVER, SOON);
        let began = Instant::now();
        assert_eq!(paced.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(began.elapsed() >= SOON);
    }

    #[tokio::test]
    async fn a_header_that_does_not_end_is_given_up() {
        let (mut client, server) = tokio::io::duplex(256);
        let mut paced = Paced::with_times(server, Phase::default(), SOON, NEVER);
        client.write_all(b"G").await.unwrap();
        assert_eq!(paced.read(&mut [0; 1]).await.unwrap(), 1);
        assert_eq!(paced.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        let mut reply = [0; TOO_SLOW.len()];
        client.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, TOO_SLOW);
    }

    #[test]
    fn only_the_parts_of_a_small_reply_are_put_together() {
        let (mut into, large) = ([0; SMALL], vec![b'x'; SMALL]);
        let parts = |body| [IoSlice::new(b"head "), IoSlice::new(body)];
        assert_eq!(joined(&parts(b"body"), &mut into), Some(9));
        assert_eq!(into.get(..9), Some(&b"head body"[..]));
        assert_eq!(joined(&parts(&large), &mut into), None);
    }

    #[tokio::test]
    async fn work_has_no_deadline_here() {
        let (mut client, server) = tokio::io::duplex(64);
        let phase = Phase::default();
        let mut paced = Paced::with_times(server, phase.clone(), SOON, SOON);
        let working = phase.work();
        let mut byte = [0; 1];
        assert!(tokio::time::timeout(SOON * 3, paced.read(&mut byte)).await.is_err(), "no byte, no error");
        drop(working);
        client.write_all(b"x").await.unwrap();
        assert_eq!(paced.read(&mut byte).await.unwrap(), 1);
    }
}
