//! Learns at once when another master commits: LISTEN, with a poll behind it.

use super::store::Changes;
use async_trait::async_trait;
use sqlx::{PgPool, postgres::PgListener};
use std::time::Duration;

/// Time between two looks at the table while notifications work.
const POLL: Duration = Duration::from_secs(2);
/// Time between two looks, and two attempts to listen again, while they do not.
const POLL_DEAF: Duration = Duration::from_millis(250);

/// The channel on which masters tell each other.
pub(super) const CHANNEL: &str = "anylog_ledger";

/// Notifications of one database; our own are left out.
pub(super) struct Listener {
    pool: PgPool,
    own: String,
    listening: Option<PgListener>,
}

impl Listener {
    /// Creates a listener that leaves out the notifications of one master.
    pub(super) fn new(pool: PgPool, own: String) -> Self {
        Self { pool, own, listening: None }
    }

    async fn connect(&self) -> Option<PgListener> {
        let mut listener = PgListener::connect_with(&self.pool).await.ok()?;
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }

    async fn wait(&mut self) {
        let Some(listener) = &mut self.listening else {
            self.listening = self.connect().await;
            if self.listening.is_none() {
                tokio::time::sleep(POLL_DEAF).await;
            }
            return;
        };
        loop {
            match listener.try_recv().await {
                Ok(Some(note)) if note.payload().starts_with(&self.own) => {}
                Ok(Some(_)) => return,
                Ok(None) | Err(_) => {
                    self.listening = None;
                    return;
                }
            }
        }
    }
}

#[async_trait]
impl Changes for Listener {
    async fn next(&mut self) {
        let _ = tokio::time::timeout(POLL, self.wait()).await;
    }
}
