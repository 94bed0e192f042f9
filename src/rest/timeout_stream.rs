//! Closes connections that are too slow, and counts the bytes of headers: a byte stream with what hyper does not have.
//!
//! A header has [`limits::REST_HEADER_TIME`] from its first byte on; hyper's own time-out also counts the rest before it.
//! A caller that takes no byte of its reply for [`limits::REST_IDLE_TIME`] is given up, and so is one that sends nothing for as
//! long after a reply: one timer for the whole connection sees to that, so that all waits of a connection stand here. hyper would
//! set one for each request: `get status` does 0.81 of what a bare warp does in place of 0.79 (`cargo bench --bench rest`).

use crate::{
    rest::{
        activity::{Activity, ConnectionState},
        byte_budget::{ByteBudget, Reservation},
        farewell::Farewell,
        unread_request::UnreadRequest,
    },
    runtime::limits,
};
use std::{
    future::Future,
    io::{Error, ErrorKind, IoSlice, Result},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// Name of a line that every reply of a route has.
const REQUEST_ID: &[u8] = b"x-request-id:";

/// What a caller reads whose header did not end in time.
const REQUEST_TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What a caller reads whose header is large while the memory of all requests is used up.
const NO_MEMORY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";

/// The bytes of a header: few are free, more count as memory of the requests (`REST_BODY_MEMORY`) until the next header.
pub struct HeaderMemory {
    budget: Arc<ByteBudget>,
    caller: IpAddr,
    bytes: usize,
    reserved: Option<(Reservation, usize)>,
}

impl HeaderMemory {
    /// Counts the headers of a caller.
    #[must_use]
    pub const fn new(budget: Arc<ByteBudget>, caller: IpAddr) -> Self {
        Self { budget, caller, bytes: 0, reserved: None }
    }

    fn begin(&mut self) {
        self.bytes = 0;
        self.reserved = None;
    }

    /// Counts bytes of a header; tells whether there is room for them.
    fn takes(&mut self, bytes: usize, activity: &Activity) -> bool {
        self.bytes += bytes;
        if self.bytes <= limits::REST_SMALL_HEADER {
            return true;
        }
        match &mut self.reserved {
            Some((_, reserved)) if self.bytes <= *reserved => true,
            Some((reservation, reserved)) => {
                let grown = reservation.grow(*reserved);
                *reserved *= 2;
                grown
            }
            None => {
                let first = 2 * limits::REST_SMALL_HEADER;
                self.reserved = self.budget.try_reserve(self.caller, activity, first).map(|memory| (memory, first));
                self.reserved.is_some()
            }
        }
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
    activity: Activity,
    memory: HeaderMemory,
    request: UnreadRequest,
    header_time: Duration,
    idle_time: Duration,
    header: Wait,
    write: Wait,
    idle: Wait,
    /// True when bytes came or went since the timer of the rest last ran out.
    moved: bool,
    /// True when something was written since the header began: the rest of the reply before.
    wrote: bool,
    farewell: Farewell,
}

impl<S> TimeoutStream<S> {
    /// Wraps a fresh connection.
    pub fn new(stream: S, activity: Activity, memory: HeaderMemory, request: UnreadRequest) -> Self {
        Self::with_times(stream, activity, (memory, request), (limits::REST_HEADER_TIME, limits::REST_IDLE_TIME))
    }

    fn with_times(
        stream: S,
        activity: Activity,
        (memory, request): (HeaderMemory, UnreadRequest),
        (header_time, idle_time): (Duration, Duration),
    ) -> Self {
        let farewell = Farewell::new(limits::REST_FAREWELL_TIME);
        Self {
            stream,
            activity,
            memory,
            request,
            header_time,
            idle_time,
            header: None,
            write: None,
            idle: None,
            moved: true,
            wrote: false,
            farewell,
        }
    }

    /// Returns the bytes of a refusal of hyper itself, completed: hyper refuses what it cannot read in one write, before the
    /// header has become a request, and ends the connection.
    fn own_refusal(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let is_own = self.activity.state() == ConnectionState::Header && bytes.starts_with(b"HTTP/1.1 4");
        // The reply to the request before may still be on its way while the next header has begun.
        let is_routed = || bytes.windows(REQUEST_ID.len()).any(|part| part == REQUEST_ID);
        (is_own && !is_routed()).then(|| self.request.refusal(bytes))
    }

    /// Takes note of bytes that came; tells whether there is room for them.
    fn received(&mut self, bytes: &[u8]) -> bool {
        self.moved = true;
        if self.activity.begins_header() {
            self.header = None;
            self.wrote = false;
            self.memory.begin();
            self.request.begin();
        }
        if self.activity.state() != ConnectionState::Header {
            return true;
        }
        self.request.received(bytes);
        self.memory.takes(bytes.len(), &self.activity)
    }

    /// Takes note of what writing came to.
    fn written(&mut self, result: Poll<Result<usize>>, context: &mut Context<'_>) -> Poll<Result<usize>> {
        match result {
            Poll::Ready(result) => {
                self.write = None;
                self.wrote = true;
                self.moved = true;
                Poll::Ready(result)
            }
            Poll::Pending => poll_wait(&mut self.write, self.idle_time, context).map(Err),
        }
    }

    /// Fails when the rest between two requests lasts too long.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        loop {
            let timer = self.idle.get_or_insert_with(|| Box::pin(sleep(self.idle_time)));
            ready!(timer.as_mut().poll(context));
            // The end of the request before is known, but a long reply may have been on its way since.
            let rest = self.idle_time.saturating_sub(self.activity.look().1);
            let rest = if rest.is_zero() && self.moved { self.idle_time } else { rest };
            if rest.is_zero() {
                return Poll::Ready(ErrorKind::TimedOut.into());
            }
            self.moved = false;
            timer.as_mut().reset(Instant::now() + rest);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TimeoutStream<S> {
    /// Says why the connection ends, when nothing else was said; nobody waits for the bytes to go.
    fn last_words(&mut self, reply: &[u8], context: &mut Context<'_>) {
        if !self.wrote {
            let _ = Pin::new(&mut self.stream).poll_write(context, &self.request.refusal(reply)).is_ready();
            let _ = Pin::new(&mut self.stream).poll_flush(context).is_ready();
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = if this.activity.state() == ConnectionState::Body {
            read_part(&mut this.stream, buffer, context)
        } else {
            Pin::new(&mut this.stream).poll_read(context, buffer)
        };
        if let Poll::Ready(result) = read {
            if !this.received(buffer.filled().get(before..).unwrap_or_default()) {
                buffer.set_filled(before);
                this.last_words(NO_MEMORY, context);
                return Poll::Ready(Err(ErrorKind::OutOfMemory.into()));
            }
            return Poll::Ready(result);
        }
        match this.activity.state() {
            ConnectionState::Header => {}
            ConnectionState::Fresh | ConnectionState::Idle => return this.poll_idle(context).map(Err),
            _ => return Poll::Pending,
        }
        let error = ready!(poll_wait(&mut this.header, this.header_time, context));
        this.last_words(REQUEST_TIMEOUT, context);
        Poll::Ready(Err(error))
    }
}

/// Reads a part of a body. hyper doubles the buffer of a connection whenever a read fills it, and keeps it until the
/// connection ends; a body is collected elsewhere.
fn read_part<S: AsyncRead + Unpin>(
    stream: &mut S,
    buffer: &mut ReadBuf<'_>,
    context: &mut Context<'_>,
) -> Poll<Result<()>> {
    let most = buffer.remaining().min(limits::REST_READ);
    let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
    let result = ready!(Pin::new(stream).poll_read(context, &mut part));
    let bytes = part.filled().len();
    buffer.advance(bytes);
    Poll::Ready(result)
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        if let Some(refusal) = self.own_refusal(bytes) {
            let result = Pin::new(&mut self.stream).poll_write(context, &refusal);
            return self.written(result, context).map_ok(|_| bytes.len());
        }
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(result, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        if let [only] = slices
            && let Some(refusal) = self.own_refusal(only)
        {
            let result = Pin::new(&mut self.stream).poll_write(context, &refusal);
            return self.written(result, context).map_ok(|_| only.len());
        }
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
        let this = &mut *self;
        ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
        this.farewell.poll(&mut this.stream, context).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::hardening::hardened;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SOON: Duration = Duration::from_millis(40);
    const NEVER: Duration = Duration::from_secs(600);

    fn wrapped<S>(stream: S, activity: Activity, times: (Duration, Duration)) -> TimeoutStream<S> {
        let budget = Arc::new(ByteBudget::new(64 * 1024, 1024));
        let memory = HeaderMemory::new(budget, [127, 0, 0, 1].into());
        TimeoutStream::with_times(stream, activity, (memory, UnreadRequest::new(None)), times)
    }

    #[tokio::test]
    async fn a_header_that_does_not_end_is_given_up() {
        let (mut client, server) = tokio::io::duplex(256);
        let mut stream = wrapped(server, Activity::default(), (SOON, NEVER));
        client.write_all(b"G").await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 1);
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        let mut reply = vec![0; hardened(REQUEST_TIMEOUT).len()];
        client.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, hardened(REQUEST_TIMEOUT));
    }

    #[tokio::test]
    async fn a_caller_that_takes_nothing_is_given_up() {
        let (_client, server) = tokio::io::duplex(1);
        let mut stream = wrapped(server, Activity::default(), (NEVER, SOON));
        assert_eq!(stream.write_all(b"reply").await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_caller_that_rests_too_long_after_a_reply_is_given_up() {
        let (mut client, server) = tokio::io::duplex(64);
        let activity = Activity::default();
        let mut stream = wrapped(server, activity.clone(), (NEVER, SOON));
        client.write_all(b"x").await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 1);
        let answered = Instant::now();
        drop(activity.busy());
        stream.write_all(b"reply").await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(answered.elapsed() >= SOON, "{:?}", answered.elapsed());
        let mut reply = Vec::new();
        drop(stream);
        client.read_to_end(&mut reply).await.unwrap();
        assert_eq!(reply, b"reply", "nothing is said to who asked for nothing");
    }

    #[tokio::test]
    async fn work_has_no_time_out_here() {
        let (mut client, server) = tokio::io::duplex(64);
        let activity = Activity::default();
        let mut stream = wrapped(server, activity.clone(), (SOON, SOON));
        let busy = activity.busy();
        let mut byte = [0; 1];
        assert!(tokio::time::timeout(SOON * 3, stream.read(&mut byte)).await.is_err(), "no byte, no error");
        drop(busy);
        client.write_all(b"x").await.unwrap();
        assert_eq!(stream.read(&mut byte).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_large_header_needs_memory() {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let mut stream = wrapped(server, Activity::default(), (NEVER, NEVER));
        client.write_all(&[b'x'; 100_000]).await.unwrap();
        let mut header = Vec::new();
        let error = stream.read_to_end(&mut header).await.unwrap_err();
        assert!(error.kind() == ErrorKind::OutOfMemory && header.len() >= 16 * 1024, "{}", header.len());
        let mut reply = vec![0; hardened(NO_MEMORY).len()];
        client.read_exact(&mut reply).await.unwrap();
        assert_eq!(reply, hardened(NO_MEMORY));
    }
}
