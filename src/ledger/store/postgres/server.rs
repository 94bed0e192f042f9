//! A PostgreSQL server: how a database of it is connected, and created when it is missing.

use crate::{
    ledger::store::{
        database_error::DatabaseError,
        outage::Outage,
        postgres::{sql_state::SqlState, store::PostgresStore},
    },
    runtime::net,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{io, sync::Arc, time::Duration};

/// Longest time that the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The database that every server has, from which others are created.
const MAINTENANCE_DATABASE: &str = "postgres";

/// A PostgreSQL server and who connects to it.
#[derive(Clone, Debug)]
pub struct PostgresServer {
    /// Address or name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

impl PartialEq for PostgresServer {
    fn eq(&self, other: &Self) -> bool {
        (&self.host, self.port, &self.user) == (&other.host, other.port, &other.user)
            && self.password.expose_secret() == other.password.expose_secret()
    }
}

impl PostgresServer {
    /// Connects a database of the server; one that is missing is created.
    ///
    /// # Errors
    /// The reason, when the server does not answer or refuses.
    pub(crate) async fn connect(&self, database: &str) -> Result<PgPool, Outage> {
        let address = self.resolve().await?;
        let first = tokio::time::timeout(CONNECT_TIMEOUT, self.pool(&address, database)).await;
        match first.map_err(|_| Outage::NoAnswer(self.host_and_port()))? {
            Err(error) if error.sql_state() == Some(&SqlState::UndefinedDatabase) => {
                self.create(&address, database).await?;
                self.pool(&address, database).await.map_err(|error| self.outage(error))
            }
            connected => connected.map_err(|error| self.outage(error)),
        }
    }

    async fn resolve(&self) -> Result<String, Outage> {
        let no_address = |error: io::Error| Outage::NoAddress(Arc::new(error));
        let addresses = net::resolve(&self.host).await.map_err(no_address)?;
        let missing = || no_address(io::Error::new(io::ErrorKind::NotFound, format!("no address of {}", self.host)));
        addresses.first().map(ToString::to_string).ok_or_else(missing)
    }

    async fn pool(&self, address: &str, database: &str) -> Result<PgPool, DatabaseError> {
        let options = self.options(address).database(database);
        match PostgresStore::pool_options().connect_with(options.clone()).await {
            // A pool says no more than that its time was over; one connection says why.
            Err(sqlx::Error::PoolTimedOut) => {
                let refused = PgConnection::connect_with(&options).await.err();
                Err(refused.unwrap_or(sqlx::Error::PoolTimedOut).into())
            }
            connected => connected.map_err(DatabaseError::from),
        }
    }

    /// Creates the database; when another master does so at the same moment, that is as good.
    async fn create(&self, address: &str, database: &str) -> Result<(), Outage> {
        let options = self.options(address).database(MAINTENANCE_DATABASE);
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await;
        let pool = pool.map_err(|error| self.outage(error.into()))?;
        let name = database.replace('"', "\"\"");
        let created = sqlx::query(AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).execute(&pool).await;
        pool.close().await;
        let Err(error) = created else { return Ok(()) };
        let error = DatabaseError::from(error);
        match error.sql_state() {
            Some(SqlState::DuplicateDatabase | SqlState::UniqueViolation) => Ok(()),
            Some(SqlState::InsufficientPrivilege) => Err(Outage::MayNotCreate {
                server: self.host_and_port(),
                user: self.user.clone(),
                database: name,
                source: error,
            }),
            _ => Err(self.outage(error)),
        }
    }

    /// Returns the options of another login.
    ///
    /// # Errors
    /// The reason, when the server has no address.
    pub(crate) async fn login(&self, user: &str, password: &SecretString) -> Result<PgConnectOptions, Outage> {
        Ok(self.options_of(&self.resolve().await?, user, password))
    }

    fn options(&self, address: &str) -> PgConnectOptions {
        self.options_of(address, &self.user, &self.password)
    }

    fn options_of(&self, address: &str, user: &str, password: &SecretString) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(address)
            .port(self.port)
            .username(user)
            .password(password.expose_secret())
            .application_name("anylog-master")
            .disable_statement_logging()
    }

    fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    fn outage(&self, source: DatabaseError) -> Outage {
        Outage::Server { server: self.host_and_port(), source }
    }
}
