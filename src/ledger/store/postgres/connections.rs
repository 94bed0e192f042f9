//! A few connections to a database that are kept between questions. A server that is left, because it died, hangs, or takes no
//! changes any more, loses all of them at once.

use crate::ledger::store::{
    database_error::DatabaseError,
    error::StoreError,
    outage::Outage,
    postgres::{
        connector::{Connector, Opened},
        failure::store_error,
        sql_state::SqlState,
    },
};
use sqlx::{Connection as _, PgConnection};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Longest time to wait for a connection when somebody waits for an answer.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(400);
/// A connection that was not used for so long is asked whether its server is still there: a firewall may have forgotten it.
const TRUSTED: Duration = Duration::from_secs(3);
/// Longest time in which such a connection answers.
const PING_TIMEOUT: Duration = Duration::from_millis(250);
/// The era of connections that are used once.
const NEVER_KEPT: u64 = u64::MAX;
/// Longest time that the end of a connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(400);

/// The connections to one database; clones share them.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    connector: Connector,
    /// Places for connections that are lent.
    places: Arc<Semaphore>,
    /// How many of them long questions may have: one always stays for short ones, on which changes wait.
    long_places: Arc<Semaphore>,
    idle: Mutex<Idle>,
    /// How many there are at most.
    most: usize,
    /// Longest time to wait for one.
    limit: Duration,
}

#[derive(Debug, Default)]
struct Idle {
    kept: Vec<Kept>,
    /// Raised when a server is left: what was connected before is not kept.
    era: u64,
    closed: bool,
}

/// A connection between two uses.
#[derive(Debug)]
pub struct Kept {
    connection: PgConnection,
    used: Instant,
    era: u64,
}

/// A connection that is lent. It is closed unless it is given back.
#[derive(Debug)]
pub struct Lent {
    kept: Kept,
    owner: Connections,
    _place: OwnedSemaphorePermit,
    /// There for a long question.
    _long_place: Option<OwnedSemaphorePermit>,
}

impl Connections {
    /// Makes no connection yet; at most so many are lent at a time, and who waits for one waits for the given time.
    #[must_use]
    pub fn new(connector: Connector, most: usize, limit: Duration) -> Self {
        let (places, idle) = (Arc::new(Semaphore::new(most)), Mutex::default());
        let long_places = Arc::new(Semaphore::new(most.saturating_sub(1).max(1)));
        Self(Arc::new(Shared { connector, places, long_places, idle, most, limit }))
    }

    /// Returns what makes the connections.
    #[must_use]
    pub fn connector(&self) -> &Connector {
        &self.0.connector
    }

    /// Lends a connection, one that was used before or a new one.
    ///
    /// # Errors
    /// The reason, when there is none in time.
    pub async fn lend(&self) -> Result<Lent, Outage> {
        let place = self.place_of(&self.0.places).await.ok_or(Outage::NoConnection)?;
        let kept = match self.take_trusted().await {
            Some(kept) => kept,
            None => self.open(self.0.limit).await?,
        };
        Ok(Lent { kept, owner: self.clone(), _place: place, _long_place: None })
    }

    /// Lends a connection as [`Connections::lend`] does, for a question that may take long.
    ///
    /// # Errors
    /// As there, and [`Outage::ManyQuestions`] when as many such questions are asked already as may be.
    pub async fn lend_long(&self) -> Result<Lent, Outage> {
        let place = self.place_of(&self.0.long_places).await.ok_or(Outage::ManyQuestions)?;
        Ok(Lent { _long_place: Some(place), ..self.lend().await? })
    }

    /// Waits for one of some places; absent when none is free in time.
    async fn place_of(&self, places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        timeout(self.0.limit, Arc::clone(places).acquire_owned()).await.ok()?.ok()
    }

    /// Asks something on a lent connection. When there is no answer in time, or the connection broke, it is not used again.
    ///
    /// # Errors
    /// What the database says, sorted.
    pub async fn ask<T>(
        &self,
        limit: Duration,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        self.answer(self.lend().await?, limit, ask).await
    }

    /// Asks as [`Connections::ask`] does, but no server that can only be read: it may know less than was answered already.
    ///
    /// # Errors
    /// As there, and when there is no other server.
    pub async fn ask_current<T>(
        &self,
        limit: Duration,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let lent = self.lend().await?.current()?;
        self.answer(lent, limit, ask).await
    }

    /// Asks something that may take long. A question that takes more time than it has tells nothing of the server: its own connection
    /// is closed, and the others stay.
    ///
    /// # Errors
    /// What the database says, sorted; [`Outage::Silent`] when there is no answer in time.
    pub async fn ask_long<T>(
        &self,
        limit: Duration,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let mut lent = self.lend_long().await?;
        let answered = timeout(limit, ask(&mut lent.kept.connection)).await.map_err(|_| Outage::Silent)?;
        self.judge(Some(answered), || lent.give_back())
    }

    async fn answer<T>(
        &self,
        mut lent: Lent,
        limit: Duration,
        ask: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let answered = timeout(limit, ask(&mut lent.kept.connection)).await;
        self.judge(answered.ok(), || lent.give_back())
    }

    /// Decides by the answer to a question, absent when there was none in time, what becomes of its connection and of the
    /// others.
    ///
    /// # Errors
    /// What the database says, sorted.
    pub fn judge<T>(&self, answer: Option<Result<T, sqlx::Error>>, keep: impl FnOnce()) -> Result<T, StoreError> {
        let error = match answer {
            Some(Ok(value)) => {
                keep();
                return Ok(value);
            }
            None => {
                self.forget();
                return Err(Outage::Silent.into());
            }
            Some(Err(error)) => DatabaseError::from(error),
        };
        match error.sql_state() {
            // Another server may take changes, and a broken connection tells of the others.
            Some(SqlState::ReadOnly | SqlState::Shutdown | SqlState::Connection) => self.forget(),
            None if error.is_of_connection() => self.forget(),
            _ => keep(),
        }
        Err(store_error(error))
    }

    /// Makes a new connection that has no place among those that are lent.
    ///
    /// # Errors
    /// The reason, when there is none in time.
    pub async fn open(&self, limit: Duration) -> Result<Kept, Outage> {
        let (era, closed) = self.era();
        if closed {
            return Err(Outage::NoConnection);
        }
        let Opened { connection, state, .. } = self.0.connector.connect(limit).await?;
        // One whose server can only be read is used once: the next one looks for a server that takes changes.
        let era = if state.is_writable { era } else { NEVER_KEPT };
        Ok(Kept { connection, used: Instant::now(), era })
    }

    /// Takes a connection that is kept, if one is and its server is still there.
    pub async fn take_trusted(&self) -> Option<Kept> {
        loop {
            let kept = self.idle().kept.pop()?;
            if let Some(kept) = self.trusted(kept).await {
                return Some(kept);
            }
        }
    }

    /// Returns a connection if it may be used: it was used just now, or its server answers.
    pub async fn trusted(&self, mut kept: Kept) -> Option<Kept> {
        if !self.is_current(&kept) {
            return None;
        }
        if kept.used.elapsed() < TRUSTED {
            return Some(kept);
        }
        let session = self.0.connector.session();
        if let Ok(Ok(true)) = timeout(PING_TIMEOUT, session.still_serves(&mut kept.connection)).await {
            return Some(kept);
        }
        self.forget();
        None
    }

    /// Keeps a connection for the next use, unless its server was left meanwhile.
    pub fn keep(&self, kept: Kept) {
        let mut idle = self.idle();
        if !idle.closed && kept.era == idle.era && idle.kept.len() < self.0.most {
            idle.kept.push(Kept { used: Instant::now(), ..kept });
        }
    }

    /// Tells whether a connection may be used again.
    #[must_use]
    pub fn is_current(&self, kept: &Kept) -> bool {
        kept.era == self.era().0
    }

    /// Keeps a new connection to a server that takes changes.
    pub fn keep_opened(&self, connection: PgConnection) {
        self.keep(Kept { connection, used: Instant::now(), era: self.era().0 });
    }

    /// Returns how many connections are lent or kept, and how many of them are kept.
    #[must_use]
    pub fn figures(&self) -> (usize, usize) {
        let kept = self.idle().kept.len();
        (self.0.most.saturating_sub(self.0.places.available_permits()) + kept, kept)
    }

    /// Leaves the server: connections to it are not used again.
    pub fn forget(&self) {
        let mut idle = self.idle();
        idle.era += 1;
        idle.kept.clear();
    }

    /// Closes the connections; those that are lent are closed when they come back.
    pub async fn close(&self) {
        self.0.places.close();
        let kept = {
            let mut idle = self.idle();
            idle.closed = true;
            std::mem::take(&mut idle.kept)
        };
        for one in kept {
            one.close().await;
        }
    }

    /// Returns the number of servers that were left so far.
    #[must_use]
    pub fn current_era(&self) -> u64 {
        self.idle().era
    }

    fn era(&self) -> (u64, bool) {
        let idle = self.idle();
        (idle.era, idle.closed)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Returns the connection.
    pub const fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Takes note that the connection was used just now.
    pub fn was_used(&mut self) {
        self.used = Instant::now();
    }

    /// Ends the connection in good form.
    pub async fn close(self) {
        let _ = timeout(CLOSE_TIMEOUT, self.connection.close()).await;
    }
}

impl Lent {
    /// Returns the connection.
    pub const fn connection(&mut self) -> &mut PgConnection {
        &mut self.kept.connection
    }

    /// Returns the connection if its server takes changes: another one may know less than was answered already.
    ///
    /// # Errors
    /// [`Outage::OnlyRead`].
    pub fn current(self) -> Result<Self, Outage> {
        if self.kept.era == NEVER_KEPT { Err(Outage::OnlyRead) } else { Ok(self) }
    }

    /// Gives the connection back when everything that it was asked is answered.
    pub fn give_back(self) {
        self.owner.keep(self.kept);
    }
}
