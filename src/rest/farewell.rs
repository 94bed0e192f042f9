//! The end of a connection whose caller still sends: what comes is read and thrown away for a while.
//!
//! A request is often refused before its body was read: its caller has no right to it, or the body is too large. A socket that is
//! closed with unread bytes is reset, and a reset takes the answer away from a caller that has not read it yet: all it would see
//! is "broken pipe".

use crate::runtime::limits;
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Sleep, sleep},
};

/// What was thrown away so far, and how long that may go on.
#[derive(Debug)]
pub struct Farewell {
    bytes: usize,
    time: Duration,
    /// Begins with the first bytes that are thrown away: a caller that sends nothing is not waited for.
    end: Option<Pin<Box<Sleep>>>,
}

impl Farewell {
    /// Creates one that takes no longer than some time.
    #[must_use]
    pub const fn new(time: Duration) -> Self {
        Self { bytes: 0, time, end: None }
    }

    /// Reads until the caller closes its side, has sent [`limits::REST_FAREWELL_BYTES`] or the time is over; ready at once when
    /// nothing has come.
    pub fn poll<S: AsyncRead + Unpin>(&mut self, stream: &mut S, context: &mut Context<'_>) -> Poll<()> {
        let mut thrown_away = [0; 8 * 1024];
        while self.bytes < limits::REST_FAREWELL_BYTES {
            let mut part = ReadBuf::new(&mut thrown_away);
            match Pin::new(&mut *stream).poll_read(context, &mut part) {
                Poll::Ready(Ok(())) if !part.filled().is_empty() => self.bytes += part.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending if self.bytes == 0 => break,
                Poll::Pending => {
                    let end = self.end.get_or_insert_with(|| Box::pin(sleep(self.time)));
                    ready!(end.as_mut().poll(context));
                    break;
                }
            }
        }
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::AsyncWriteExt;

    const NEVER: Duration = Duration::from_secs(600);

    async fn farewell(stream: &mut tokio::io::DuplexStream, time: Duration) {
        let mut farewell = Farewell::new(time);
        poll_fn(|context| farewell.poll(stream, context)).await;
    }

    #[tokio::test]
    async fn a_caller_that_sends_is_read_to_its_end() {
        let (mut client, mut server) = tokio::io::duplex(1024);
        client.write_all(&[0; 1024]).await.unwrap();
        let sending = tokio::spawn(async move {
            client.write_all(&[0; 1 << 20]).await.unwrap();
        });
        farewell(&mut server, NEVER).await;
        sending.await.unwrap();
    }

    #[tokio::test]
    async fn a_silent_caller_is_not_waited_for() {
        let (_client, mut server) = tokio::io::duplex(1024);
        farewell(&mut server, NEVER).await;
    }

    #[tokio::test]
    async fn it_has_an_end() {
        let (mut client, mut server) = tokio::io::duplex(1024);
        client.write_all(b"x").await.unwrap();
        farewell(&mut server, Duration::from_millis(20)).await;
    }
}
