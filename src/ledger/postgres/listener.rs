//! Learns at once when another master commits: LISTEN, with a poll behind it.

use crate::ledger::{postgres::announcer::Announcer, store::Changes};
use async_trait::async_trait;
use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use std::{sync::Arc, time::Duration};

/// Time between two looks at the table while notifications work.
const POLL: Duration = Duration::from_secs(2);
/// Time between two looks, and two attempts to listen again, while they do not.
const POLL_DEAF: Duration = Duration::from_millis(250);

/// Longest time in which a server answers the listener.
const ANSWERS: Duration = Duration::from_secs(1);

/// The channel on which masters tell each other.
pub(super) const CHANNEL: &str = "anylog_ledger";

/// Notifications of one database; our own are left out.
pub(super) struct Listener {
    pool: PgPool,
    own: String,
    listening: Option<PgListener>,
    announcer: Arc<Announcer>,
}

impl Listener {
    /// Creates a listener that leaves out the notifications of one master, and sends those that its commits left to it.
    pub(super) fn new(pool: PgPool, own: String, announcer: Arc<Announcer>) -> Self {
        Self { pool, own, listening: None, announcer }
    }

    /// Listens on a connection of its own: one that dies silently must not keep a place of the pool.
    async fn connect(&self) -> Option<PgListener> {
        let options = self.pool.connect_options().as_ref().clone();
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWERS).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await.ok()?;
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }

    /// Gives the connection up when the server does not answer on it any more.
    async fn check(&mut self) {
        let Some(listener) = &mut self.listening else { return };
        let answer = tokio::time::timeout(ANSWERS, sqlx::query("SELECT 1").execute(listener)).await;
        if !matches!(answer, Ok(Ok(_))) {
            self.listening = None;
        }
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
            let received = tokio::select! {
                received = listener.try_recv() => received,
                () = self.announcer.due() => {
                    announce(&self.pool, &self.own).await;
                    continue;
                }
            };
            match received {
                Ok(Some(note)) if note.payload().starts_with(&self.own) => {}
                Ok(Some(_)) => {
                    self.announcer.heard();
                    return;
                }
                Ok(None) | Err(_) => {
                    self.listening = None;
                    return;
                }
            }
        }
    }
}

/// Announces commits that are on the disk already: the notification need not wait for the disk once more, nor hold up those
/// that come next.
const ANNOUNCE: &str = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)";

/// Tells the other masters of the commits before; when that fails they look by themselves.
async fn announce(pool: &PgPool, own: &str) {
    let told = sqlx::query(ANNOUNCE).bind(CHANNEL).bind(format!("{own}:")).execute(pool);
    let _ = tokio::time::timeout(ANSWERS, told).await;
}

#[async_trait]
impl Changes for Listener {
    async fn next(&mut self) {
        if tokio::time::timeout(POLL, self.wait()).await.is_err() {
            self.check().await;
        }
    }
}
