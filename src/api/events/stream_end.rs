//! What ends a stream that has no end of its own.

use std::future::pending;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The ends of a stream; the first one counts. A stream looks at them by itself, so that nothing is left when it is dropped before.
#[derive(Clone, Debug, Default)]
pub struct StreamEnd {
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
    /// Cancelled when the session of its caller ends.
    pub session: CancellationToken,
    /// The moment at which it ends in any case, if there is one.
    pub until: Option<Instant>,
}

impl StreamEnd {
    /// Returns when the stream has to end. Cancel safe.
    pub async fn reached(&self) {
        let moment = async {
            match self.until {
                Some(until) => sleep_until(until).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.session.cancelled() => {}
            () = moment => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn the_first_end_counts() {
        let open = StreamEnd { until: Some(Instant::now() + Duration::from_secs(3600)), ..StreamEnd::default() };
        let (stopped, signed_out) = (StreamEnd::default(), StreamEnd::default());
        assert!([&open, &stopped, &signed_out].iter().all(|end| end.reached().now_or_never().is_none()));
        stopped.stop.cancel();
        signed_out.session.cancel();
        for end in [stopped, signed_out, StreamEnd { until: Some(Instant::now()), ..open }] {
            timeout(Duration::from_secs(20), end.reached()).await.expect("it is reached");
        }
    }
}
