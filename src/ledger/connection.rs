//! One connected database.

use crate::{
    ledger::{
        error::Error,
        postgres::PostgresStore,
        sqlite::SqliteStore,
        store::{Engine, Store},
    },
    runtime::net,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions as _;
use sqlx::Connection as _;
use sqlx::{
    AssertSqlSafe, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Longest time that the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a database is.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A file of this machine.
    File(PathBuf),
    /// In memory, until the node stops or disconnects.
    Memory,
    /// On a PostgreSQL server.
    Server(Server),
}

/// A PostgreSQL server and who connects.
#[derive(Clone, Debug)]
pub struct Server {
    /// Address or name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        let password = |server: &Self| server.password.expose_secret().to_owned();
        (&self.host, self.port, &self.user) == (&other.host, other.port, &other.user)
            && password(self) == password(other)
    }
}

/// A connected database with its logical name.
pub struct Connection {
    /// Logical name, which is also the name of the database on its server.
    pub name: String,
    /// Where it is.
    pub target: Target,
    pool: Pool,
    /// Held while the database is a file of this node.
    claim: Option<File>,
}

enum Pool {
    Sqlite(Arc<SqliteStore>),
    Postgres(PgPool),
}

impl Connection {
    /// Connects; a database that is missing is created.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the reason.
    pub async fn open(name: &str, target: Target) -> Result<Self, Error> {
        let mut claim = None;
        let pool = match &target {
            Target::File(path) => {
                if let Some(directory) = path.parent() {
                    tokio::fs::create_dir_all(directory)
                        .await
                        .map_err(|error| unavailable(directory.display(), &error))?;
                }
                claim = claimed(path)?;
                Pool::Sqlite(Arc::new(SqliteStore::open(path).await?))
            }
            Target::Memory => Pool::Sqlite(Arc::new(SqliteStore::open_memory().await?)),
            Target::Server(server) => Pool::Postgres(server.connect(name).await?),
        };
        Ok(Self { name: name.to_owned(), target, pool, claim })
    }

    /// Returns the kind of the database.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.pool {
            Pool::Sqlite(_) => Engine::Sqlite,
            Pool::Postgres(_) => Engine::Postgres,
        }
    }

    /// Returns the database as a store of the ledger.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be one.
    pub fn store(&self) -> Result<Arc<dyn Store>, Error> {
        Ok(match &self.pool {
            Pool::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            Pool::Postgres(pool) => Arc::new(PostgresStore::new(pool.clone())?),
        })
    }

    /// Returns the names of the tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn tables(&self) -> Result<Vec<String>, Error> {
        let found = match &self.pool {
            Pool::Sqlite(store) => sqlx::query_scalar(SQLITE_TABLES).fetch_all(store.pool()).await,
            Pool::Postgres(pool) => sqlx::query_scalar(POSTGRES_TABLES).fetch_all(pool).await,
        };
        found.map_err(|error| unavailable(&self.name, &error))
    }

    /// Returns name and type of the columns of a table, in order; nothing when there is no such table.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn columns(&self, table: &str) -> Result<Vec<(String, String)>, Error> {
        let found = match &self.pool {
            Pool::Sqlite(store) => sqlx::query_as(SQLITE_COLUMNS).bind(table).fetch_all(store.pool()).await,
            Pool::Postgres(pool) => sqlx::query_as(POSTGRES_COLUMNS).bind(table).fetch_all(pool).await,
        };
        found.map_err(|error| unavailable(&self.name, &error))
    }

    /// Returns the bytes that the database occupies.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn size(&self) -> Result<u64, Error> {
        let found: Result<i64, sqlx::Error> = match &self.pool {
            Pool::Sqlite(store) => sqlx::query_scalar(SQLITE_SIZE).fetch_one(store.pool()).await,
            Pool::Postgres(pool) => sqlx::query_scalar(POSTGRES_SIZE).fetch_one(pool).await,
        };
        found.map(i64::unsigned_abs).map_err(|error| unavailable(&self.name, &error))
    }

    pub(super) fn postgres(&self) -> Option<&PgPool> {
        match &self.pool {
            Pool::Postgres(pool) => Some(pool),
            Pool::Sqlite(_) => None,
        }
    }

    /// Closes the connections.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(store) => store.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
        if let Some(Err(error)) = self.claim.as_ref().map(File::unlock) {
            tracing::warn!(dbms = self.name, %error, "the lock of the database stays until the node ends");
        }
    }
}

/// Claims a file for this process. Two masters on one file would each believe their own view of it, so a name could be given
/// twice; several masters share a PostgreSQL database. Nothing is claimed where the file system has no locks.
fn claimed(path: &Path) -> Result<Option<File>, Error> {
    let lock = path.with_extension("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&lock);
    let file = file.map_err(|error| unavailable(lock.display(), &error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Unavailable(format!(
            "another node uses {}: stop it, or set another ANYLOG_PATH; several masters share a PostgreSQL database",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, path = %lock.display(), "this file system has no locks: run one node alone on it");
            Ok(None)
        }
    }
}

const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
const POSTGRES_TABLES: &str =
    "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename";
const SQLITE_SIZE: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
const POSTGRES_SIZE: &str = "SELECT pg_database_size(current_database())";
const SQLITE_COLUMNS: &str = "SELECT name, lower(type) FROM pragma_table_info(?1) ORDER BY cid";
const POSTGRES_COLUMNS: &str = "SELECT column_name::text, data_type::text FROM information_schema.columns \
    WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";

impl Server {
    async fn connect(&self, database: &str) -> Result<PgPool, Error> {
        let host = self.address().await?;
        match tokio::time::timeout(CONNECT_TIMEOUT, self.pool(&host, database)).await {
            Err(_) => Err(Error::Unavailable(format!("{}:{} does not answer", self.host, self.port))),
            Ok(Err(error)) if code_of(&error) == "3D000" => {
                self.create(&host, database).await?;
                self.pool(&host, database).await.map_err(|error| self.refused(&error))
            }
            Ok(other) => other.map_err(|error| self.refused(&error)),
        }
    }

    async fn address(&self) -> Result<String, Error> {
        let found = net::resolve(&self.host).await.map_err(|error| Error::Unavailable(error.to_string()))?;
        found.first().map(ToString::to_string).ok_or_else(|| Error::Unavailable(format!("no address of {}", self.host)))
    }

    async fn pool(&self, host: &str, database: &str) -> Result<PgPool, sqlx::Error> {
        let options = self.options(host).database(database);
        match PostgresStore::pool_options().connect_with(options.clone()).await {
            // A pool tells that its time was over; one connection tells why.
            Err(sqlx::Error::PoolTimedOut) => {
                let refused = PgConnection::connect_with(&options).await.err();
                Err(refused.unwrap_or(sqlx::Error::PoolTimedOut))
            }
            other => other,
        }
    }

    /// Creates the database; that another master did so at the same moment is fine.
    async fn create(&self, host: &str, database: &str) -> Result<(), Error> {
        let options = self.options(host).database("postgres");
        let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await;
        let pool = pool.map_err(|error| self.refused(&error))?;
        let name = database.replace('"', "\"\"");
        let outcome = sqlx::query(AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).execute(&pool).await;
        pool.close().await;
        match outcome {
            Err(error) if code_of(&error) == "42501" => Err(Error::Unavailable(format!(
                "{}: {} may not create databases; let an administrator run: CREATE DATABASE \"{name}\" OWNER \"{}\"",
                self.shown(),
                self.user,
                self.user
            ))),
            Err(error) if !matches!(code_of(&error).as_str(), "42P04" | "23505") => Err(self.refused(&error)),
            _ => Ok(()),
        }
    }

    fn options(&self, host: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .host(host)
            .port(self.port)
            .username(&self.user)
            .password(self.password.expose_secret())
            .application_name("anylog-master")
            .disable_statement_logging()
    }

    fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Says what the server said, without the lines of its source code.
    fn refused(&self, error: &sqlx::Error) -> Error {
        let text = error.as_database_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
        Error::Unavailable(format!("{}: {text}", self.shown()))
    }
}

fn code_of(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|db| db.code()).map(|code| code.into_owned()).unwrap_or_default()
}

fn unavailable(place: impl std::fmt::Display, error: &dyn std::error::Error) -> Error {
    Error::Unavailable(format!("{place}: {error}"))
}
