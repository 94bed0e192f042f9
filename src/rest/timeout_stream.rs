//! Closes connections that are too slow: a byte stream with two time-outs that hyper does not have.
//!
//! A header has [`limits::REST_HEADER_TIME`] from its first byte on; hyper's own time-out also counts the rest before it.
//! A caller that takes no byte of its reply for [`limits::REST_IDLE_TIME`] is given up.

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
    time::{Sleep, sleep},
};

const IDLE: u8 = 0;
const HEADER: u8 = 1;
const BUSY: u8 = 2;

/// What a caller reads whose header did not end in time.
const REQUEST_TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What a connection is doing; shared by its stream and its service.
#[derive(Clone, Debug, Default)]
pub struct Phase(Arc<AtomicU8>);

/// A request that is worked on: until this is dropped, bytes that come belong to it and begin no header.
#[derive(Debug)]
pub struct BusyGuard(Phase);

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.0.store(IDLE, Ordering::Release);
    }
}

impl Phase {
    /// Takes note of a complete header.
    #[must_use]
    pub fn busy(&self) -> BusyGuard {
        self.0.store(BUSY, Ordering::Release);
        BusyGuard(self.clone())
    }

    /// Takes note of bytes that came; tells whether they begin a header.
    fn begins_header(&self) -> bool {
        self.0.compare_exchange(IDLE, HEADER, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn is_header(&self) -> bool {
        self.0.load(Ordering::Acquire) == HEADER
    }
}

/// A wait that has begun; the next byte ends it.
type Wait = Option<Pin<Box<Sleep>>>;

/// Fails when a wait has lasted too long; it begins when it is first asked for.
fn poll_wait(wait: &mut Wait, time: Duration, context: &mut Context<'_>) -> Poll<Error> {
    ready!(wait.get_or_insert_with(|| Box::pin(sleep(time))).as_mut().poll(context));
    Poll::Ready(ErrorKind::TimedOut.into())
}

/// A stream that fails with `TimedOut` when a header, or a caller that should take bytes, takes too long.
pub struct TimeoutStream<S> {
    stream: S,
    phase: Phase,
    header_time: Duration,
    write_time: Duration,
    header: Wait,
    write: Wait,
    /// True when something was written since the header began: the rest of the reply before.
    wrote: bool,
}

impl<S> TimeoutStream<S> {
    /// Wraps a fresh connection.
    pub fn new(stream: S, phase: Phase) -> Self {
        Self::with_times(stream, phase, limits::REST_HEADER_TIME, limits::REST_IDLE_TIME)
    }

    fn with_times(stream: S, phase: Phase, header_time: Duration, write_time: Duration) -> Self {
        Self { stream, phase, header_time, write_time, header: None, write: None, wrote: false }
    }

    /// Takes note of what writing came to.
    fn written(&mut self, result: Poll<Result<usize>>, context: &mut Context<'_>) -> Poll<Result<usize>> {
        match result {
            Poll::Ready(result) => {
                self.write = None;
                self.wrote = true;
                Poll::Ready(result)
            }
            Poll::Pending => poll_wait(&mut self.write, self.write_time, context).map(Err),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        if let Poll::Ready(result) = Pin::new(&mut this.stream).poll_read(context, buffer) {
            if this.phase.begins_header() {
                this.header = None;
                this.wrote = false;
            }
            return Poll::Ready(result);
        }
        if !this.phase.is_header() {
            return Poll::Pending;
        }
        let error = ready!(poll_wait(&mut this.header, this.header_time, context));
        if !this.wrote {
            // The connection ends in any case, so nobody waits for the bytes to go.
            let _ = Pin::new(&mut this.stream).poll_write(context, REQUEST_TIMEOUT).is_ready();
            let _ = Pin::new(&mut this.stream).poll_flush(context).is_ready();
        }
        Poll::Ready(Err(error))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(result, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(result, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
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
    async fn a_header_that_does_not_end_is_given_up() {
        let (mut client, server) = tokio::io::duplex(256);
        let mut stream = TimeoutStream::with_times(server, Phase::default(), SOON, NEVER);
        client.write_all(b"G").await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 1);
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        let mut reply = [0; REQUEST_TIMEOUT.len()];
        client.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_caller_that_takes_nothing_is_given_up() {
        let (_client, server) = tokio::io::duplex(1);
        let mut stream = TimeoutStream::with_times(server, Phase::default(), NEVER, SOON);
        assert_eq!(stream.write_all(b"reply").await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn work_has_no_time_out_here() {
        let (mut client, server) = tokio::io::duplex(64);
        let phase = Phase::default();
        let mut stream = TimeoutStream::with_times(server, phase.clone(), SOON, SOON);
        let busy = phase.busy();
        let mut byte = [0; 1];
        assert!(tokio::time::timeout(SOON * 3, stream.read(&mut byte)).await.is_err(), "no byte, no error");
        drop(busy);
        client.write_all(b"x").await.unwrap();
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1);
    }
}
