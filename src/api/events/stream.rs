//! The body of a stream of events.

use super::{follower::Follower, stream_end::StreamEnd};
use crate::rest::Activity;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

type Parts = Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>> + Send>>;

/// A stream that may be looked at by one at a time, which is all that bodies ask for.
struct Alone(Mutex<Parts>);

impl Stream for Alone {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.get_mut() {
            Ok(parts) => parts.poll_next_unpin(context),
            Err(_) => Poll::Ready(None),
        }
    }
}

/// Makes the body of a stream. Its connection is at work as long as it lasts, so that it does not make room for others as an
/// idle one.
pub fn events(
    follower: Follower,
    end: StreamEnd,
    activity: Activity,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + Sync + 'static {
    let begin = (follower, end, activity, None);
    let parts = stream::unfold(begin, |(mut follower, end, activity, busy)| async move {
        let busy = busy.or_else(|| activity.busy());
        let bytes = tokio::select! {
            biased;
            () = end.reached() => return None,
            bytes = follower.next() => bytes,
        };
        Some((Ok(bytes), (follower, end, activity, busy)))
    });
    Alone(Mutex::new(Box::pin(parts)))
}
