//! The first connection to a database: whether it is there, what stands before it, and how its texts are kept.

use crate::ledger::store::{
    database_error::DatabaseError,
    outage::Outage,
    postgres::{
        connections::{ACQUIRE_TIMEOUT, Connections},
        connector::{Connector, Opened},
        pooler, refusal,
        server::PostgresServer,
        session::SessionPurpose,
        sql_state::SqlState,
        texts,
    },
};
use sqlx::{AssertSqlSafe, PgConnection};
use std::time::Duration;
use tokio::time::timeout;

/// Longest time that the first connection may take, and what is asked over it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time that creating a database may take, for which the server copies files. A primary that waits for its standby never
/// says that it has done so; the next try finds the database.
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);
/// The database that every server has, from which others are created.
const MAINTENANCE_DATABASE: &str = "postgres";
/// The database that new ones are copies of.
const TEMPLATE: &str = "template1";
/// Connections of those that read; the writer and the listener have their own.
const MAX_CONNECTIONS: usize = 3;

impl PostgresServer {
    /// Connects a database of the server, by its logical name; one that is missing is created.
    ///
    /// # Errors
    /// The reason, when the server does not answer or refuses.
    pub(crate) async fn connect(&self, logical: &str) -> Result<Connections, Outage> {
        let name = self.database(logical);
        let mut first = match self.look(name).await {
            Err(Outage::Server { source, .. }) if source.sql_state() == Some(&SqlState::UndefinedDatabase) => {
                self.create(name).await?;
                self.look(name).await?
            }
            first => first?,
        };
        let ready = Connections::new(self.connector(name, SessionPurpose::Ledger), MAX_CONNECTIONS, ACQUIRE_TIMEOUT);
        self.in_time(CONNECT_TIMEOUT, texts::check(&mut first, self, name)).await??;
        let kept = ready.open(CONNECT_TIMEOUT).await?;
        ready.keep(kept);
        Ok(ready)
    }

    /// Connects a database of the server, by its logical name, to look at it; absent when there is none.
    ///
    /// # Errors
    /// The reason, when the server does not answer or refuses.
    pub(super) async fn connect_to_look(&self, logical: &str) -> Result<Option<PgConnection>, Outage> {
        match self.look(self.database(logical)).await {
            Err(Outage::Server { source, .. }) if source.sql_state() == Some(&SqlState::UndefinedDatabase) => Ok(None),
            found => found.map(Some),
        }
    }

    fn connector(&self, database: &str, session: SessionPurpose) -> Connector {
        Connector::new(self.clone(), database, session)
    }

    /// Connects without changing anything of the session, and looks what stands before the server.
    async fn look(&self, name: &str) -> Result<PgConnection, Outage> {
        let plain = self.connector(name, SessionPurpose::Look);
        let mut opened = match self.connector(name, SessionPurpose::Look).with_mark().connect(CONNECT_TIMEOUT).await {
            Err(Outage::Server { source, .. }) if source.sql_state() == Some(&SqlState::ProtocolViolation) => {
                plain.connect(CONNECT_TIMEOUT).await?
            }
            opened => opened?,
        };
        if !opened.state.is_direct {
            pooler::refuse_transactions(&plain, self, &mut opened.connection).await?;
        }
        Ok(opened.connection)
    }

    /// Waits for an answer; a server that gives none ends this try, and whoever asked decides about another one.
    async fn in_time<T>(&self, limit: Duration, answer: impl Future<Output = T>) -> Result<T, Outage> {
        timeout(limit, answer).await.map_err(|_| Outage::NoAnswer(self.address()))
    }

    /// Creates the database; when another master does so at the same moment, that is as good.
    async fn create(&self, name: &str) -> Result<(), Outage> {
        let maintenance = self.connector(MAINTENANCE_DATABASE, SessionPurpose::Look);
        let Opened { mut connection, .. } = maintenance.connect(CONNECT_TIMEOUT).await?;
        let database = refusal::quoted(name);
        let encoding = match self.in_time(CONNECT_TIMEOUT, texts::are_limited(&mut connection, TEMPLATE)).await? {
            true => " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
            false => "",
        };
        let create = AssertSqlSafe(format!("CREATE DATABASE {database}{encoding}"));
        let created = self.in_time(CREATE_TIMEOUT, sqlx::raw_sql(create).execute(&mut connection)).await?;
        let Err(source) = created.map_err(DatabaseError::from) else { return Ok(()) };
        match source.sql_state() {
            Some(SqlState::DuplicateDatabase | SqlState::UniqueViolation) => Ok(()),
            Some(SqlState::InsufficientPrivilege) => Err(Outage::Refused {
                server: self.address(),
                source,
                remedy: format!(
                    "the database {database} is missing and {user} may not create it; let an administrator run: CREATE \
                     DATABASE {database} OWNER {user}",
                    user = refusal::quoted(&self.user)
                ),
            }),
            Some(SqlState::ReadOnly) => Err(Outage::Server { server: self.address(), source }),
            _ => Err(refusal::of_connection(self, name, source)),
        }
    }
}
