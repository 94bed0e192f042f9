//! Makes connections to the server of a database that takes changes. Where the servers are is asked anew for each: a name may
//! stand for another machine than before, and another server may have been promoted.

use crate::{
    ledger::store::{
        database_error::{DatabaseCause, DatabaseError},
        outage::Outage,
        postgres::{
            race::{Attempt, race},
            refusal,
            server::PostgresServer,
            session::{ServerState, SessionPurpose},
            sql_state::SqlState,
        },
    },
    runtime::net,
};
use anylog_values::{DatabaseHost, Host};
use sqlx::{
    Connection as _, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

/// A new connection.
#[derive(Debug)]
pub struct Opened {
    /// The connection.
    pub connection: PgConnection,
    /// What it was made with: with the same options another one reaches the same server.
    pub options: PgConnectOptions,
    /// What its server says of itself.
    pub state: ServerState,
}

/// Makes connections to one database.
#[derive(Debug)]
pub struct Connector {
    server: PostgresServer,
    database: String,
    session: SessionPurpose,
    /// The parameter by which a server is told from a pooler in front of it.
    marks: bool,
    /// The host whose server took changes when it was last asked; it is tried first.
    last: AtomicUsize,
}

impl Connector {
    /// Makes connections to a database of a server, by its name there.
    #[must_use]
    pub fn new(server: PostgresServer, database: &str, session: SessionPurpose) -> Self {
        Self { server, database: database.to_owned(), session, marks: false, last: AtomicUsize::new(0) }
    }

    /// Makes connections that begin with a parameter of their own: a pooler refuses it or keeps it to itself.
    #[must_use]
    pub fn with_mark(mut self) -> Self {
        self.marks = true;
        self
    }

    /// Returns the servers.
    #[must_use]
    pub const fn server(&self) -> &PostgresServer {
        &self.server
    }

    /// Returns what the connections are made for.
    #[must_use]
    pub const fn session(&self) -> &SessionPurpose {
        &self.session
    }

    /// Makes a connection to the server that takes changes; where none does, to one that can be read.
    ///
    /// # Errors
    /// The reason that says most, when no server answers in time or all refuse.
    pub async fn connect(&self, limit: Duration) -> Result<Opened, Outage> {
        let deadline = Instant::now() + limit;
        let hosts = self.server.hosts.list();
        let first = self.last.load(Ordering::Relaxed);
        let mut attempts = Vec::with_capacity(hosts.len());
        for turn in 0..hosts.len() {
            let number = (turn + first) % hosts.len();
            attempts.extend(hosts.get(number).map(|host| self.try_host(number, host, deadline)));
        }
        let found = race(attempts, deadline).await;
        let opened = found.writable.or(found.readable);
        opened.ok_or_else(|| found.failure.unwrap_or_else(|| Outage::NoAnswer(self.server.address())))
    }

    /// Tries all addresses of a host.
    async fn try_host(&self, number: usize, host: &DatabaseHost, deadline: Instant) -> Attempt<Opened> {
        let options = self.options();
        let found = match host {
            DatabaseHost::Socket(directory) => {
                let options = options.socket(directory).port(self.server.port).ssl_mode(PgSslMode::Disable);
                self.try_place(options).await
            }
            DatabaseHost::Tcp { host, port } => {
                let options = options.port(port.map_or(self.server.port, u16::from));
                if self.server.tls.needs_name() {
                    // The name in the certificate is compared with the name that is connected to.
                    self.try_place(options.host(&host.to_string())).await
                } else {
                    self.try_addresses(host, &options, deadline).await
                }
            }
        };
        if found.writable.is_some() {
            self.last.store(number, Ordering::Relaxed);
        }
        found
    }

    async fn try_addresses(&self, host: &Host, options: &PgConnectOptions, deadline: Instant) -> Attempt<Opened> {
        match net::resolve(&host.to_string()).await {
            Ok(addresses) => {
                let mut attempts = Vec::with_capacity(addresses.len());
                for address in addresses {
                    attempts.push(self.try_place(options.clone().host(&address.to_string())));
                }
                race(attempts, deadline).await
            }
            Err(error) => Attempt::failed(Outage::NoAddress(Arc::new(error))),
        }
    }

    /// Connects to one place, in the second way that the security allows when the first is refused.
    async fn try_place(&self, options: PgConnectOptions) -> Attempt<Opened> {
        let error = match self.open(&options).await {
            Ok(opened) => return Self::found(opened),
            Err(error) => error,
        };
        if let Some(mode) = self.server.tls.second_way()
            && options.get_socket().is_none()
            && is_about_security(&error)
            && let Ok(opened) = self.open(&options.clone().ssl_mode(mode)).await
        {
            return Self::found(opened);
        }
        Attempt::failed(refusal::of_connection(&self.server, &self.database, error))
    }

    async fn open(&self, options: &PgConnectOptions) -> Result<Opened, DatabaseError> {
        let mut connection = PgConnection::connect_with(options).await?;
        let state = self.session.begin(&mut connection).await?;
        Ok(Opened { connection, options: options.clone(), state })
    }

    const fn found(opened: Opened) -> Attempt<Opened> {
        if opened.state.is_writable {
            Attempt { writable: Some(opened), readable: None, failure: None }
        } else {
            Attempt { writable: None, readable: Some(opened), failure: None }
        }
    }

    fn options(&self) -> PgConnectOptions {
        let options = self.server.options(&self.database);
        if self.marks { options.options([("anylog.direct", "yes")]) } else { options }
    }
}

/// Tells whether the other way to secure a connection may succeed where this one failed.
fn is_about_security(error: &DatabaseError) -> bool {
    match error.cause() {
        DatabaseCause::Server(sqlx::Error::Tls(_)) => true,
        // A handshake that the other side breaks off.
        DatabaseCause::Server(sqlx::Error::Io(error)) => error.kind() == io::ErrorKind::InvalidData,
        _ => matches!(error.sql_state(), Some(SqlState::NotAllowed)),
    }
}
