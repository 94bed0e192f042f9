//! Learns at once when another master commits: LISTEN, with a poll behind it. It watches the server for all connections: when
//! it dies, hangs, or takes no changes any more, they leave it together.

use crate::ledger::store::{
    postgres::{connections::Connections, connector::Opened, notifier::Notifier, session::LOOK, statements::NOTIFY},
    store::ChangeListener,
};
use async_trait::async_trait;
use sqlx::{
    Row as _,
    postgres::{PgListener, PgPoolOptions},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// Time between two looks at the table while notifications work.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Time between two looks, and two attempts to listen again, while they do not.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(250);
/// Time before a server is looked for again when those that answer can only be read.
const READ_ONLY_PAUSE: Duration = Duration::from_secs(1);
/// Longest time in which a server answers the listener.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest time that a new connection may take: a place far away takes longer than whoever waits for an answer can wait.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1500);

/// The channel on which masters notify each other; the statements that write name it as well.
const CHANNEL: &str = "anylog_ledger";

/// The notifications of one database, without those of this master.
pub struct NotificationListener {
    connections: Connections,
    own: String,
    listening: Option<PgListener>,
    notifier: Arc<Notifier>,
}

impl NotificationListener {
    /// Creates a listener that leaves out the notifications of one master, and sends those that its commits left to it.
    #[must_use]
    pub fn new(connections: Connections, own: String, notifier: Arc<Notifier>) -> Self {
        Self { connections, own, listening: None, notifier }
    }

    /// Listens on a connection of its own: one that dies silently must not keep a place of the others. The one that found the
    /// server is kept for them.
    async fn connect(&self) -> Option<PgListener> {
        let Opened { connection, options, state } = self.connections.connector().connect(CONNECT_TIMEOUT).await.ok()?;
        if !state.is_writable {
            tokio::time::sleep(READ_ONLY_PAUSE).await;
            return None;
        }
        self.connections.keep_opened(connection);
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(ANSWER_TIMEOUT).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await.ok()?;
        listener.ignore_pool_close_event(true);
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }

    /// Leaves the server when it does not answer or takes no changes any more.
    async fn check(&mut self) {
        let Some(listener) = &mut self.listening else { return };
        let looked = timeout(ANSWER_TIMEOUT, sqlx::raw_sql(LOOK).fetch_one(listener)).await;
        let serves = looked.is_ok_and(|row| row.and_then(|row| row.try_get(0)).unwrap_or_default());
        if !serves {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.listening = None;
        self.connections.forget();
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
                    notify(&self.connections, &self.own).await;
                    continue;
                }
            };
            match received {
                Ok(Some(notification)) if notification.payload().starts_with(&self.own) => {}
                Ok(Some(_)) => return,
                Ok(None) | Err(_) => {
                    self.leave();
                    return;
                }
            }
        }
    }
}

/// Notifies the other masters of the commits so far; when that fails, their polls find the commits.
async fn notify(connections: &Connections, own: &str) {
    let query = sqlx::query(NOTIFY).bind(CHANNEL).bind(format!("{own}:"));
    let _ = connections.ask(ANSWER_TIMEOUT, async |connection| query.execute(connection).await).await;
}

#[async_trait]
impl ChangeListener for NotificationListener {
    async fn next(&mut self) {
        if timeout(POLL_INTERVAL, self.wait()).await.is_err() {
            self.check().await;
        }
    }
}
