//! Learns at once when another master commits: LISTEN, with a poll behind it.

use crate::ledger::store::{
    postgres::{notifier::Notifier, statements::NOTIFY},
    store::ChangeListener,
};
use async_trait::async_trait;
use sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use std::{sync::Arc, time::Duration};

/// Time between two looks at the table while notifications work.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Time between two looks, and two attempts to listen again, while they do not.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(250);
/// Longest time in which a server answers the listener.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The channel on which masters notify each other; the statements that write name it as well.
const CHANNEL: &str = "anylog_ledger";

/// The notifications of one database, without those of this master.
pub struct NotificationListener {
    pool: PgPool,
    own: String,
    listening: Option<PgListener>,
    notifier: Arc<Notifier>,
}

impl NotificationListener {
    /// Creates a listener that leaves out the notifications of one master, and sends those that its commits left to it.
    #[must_use]
    pub fn new(pool: PgPool, own: String, notifier: Arc<Notifier>) -> Self {
        Self { pool, own, listening: None, notifier }
    }

    /// Listens on a connection of its own: one that dies silently must not keep a place of the pool.
    async fn connect(&self) -> Option<PgListener> {
        let options = self.pool.connect_options().as_ref().clone();
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWER_TIMEOUT).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await.ok()?;
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }

    /// Gives the connection up when the server does not answer on it any more.
    async fn check(&mut self) {
        let Some(listener) = &mut self.listening else { return };
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, sqlx::query("SELECT 1").execute(listener)).await;
        if !matches!(answer, Ok(Ok(_))) {
            self.listening = None;
        }
    }

    /// Returns after a notification of another master, or when the connection has to be made anew.
    async fn wait(&mut self) {
        let Some(listener) = &mut self.listening else {
            self.listening = self.connect().await;
            if self.listening.is_none() {
                tokio::time::sleep(RECONNECT_INTERVAL).await;
            }
            return;
        };
        loop {
            let received = tokio::select! {
                received = listener.try_recv() => received,
                () = self.notifier.due() => {
                    notify(&self.pool, &self.own).await;
                    continue;
                }
            };
            match received {
                Ok(Some(notification)) if notification.payload().starts_with(&self.own) => {}
                Ok(Some(_)) => return,
                Ok(None) | Err(_) => {
                    self.listening = None;
                    return;
                }
            }
        }
    }
}

/// Notifies the other masters of the commits so far; when that fails, their polls find the commits.
async fn notify(pool: &PgPool, own: &str) {
    let sent = sqlx::query(NOTIFY).bind(CHANNEL).bind(format!("{own}:")).execute(pool);
    let _ = tokio::time::timeout(ANSWER_TIMEOUT, sent).await;
}

#[async_trait]
impl ChangeListener for NotificationListener {
    async fn next(&mut self) {
        if tokio::time::timeout(POLL_INTERVAL, self.wait()).await.is_err() {
            self.check().await;
        }
    }
}
