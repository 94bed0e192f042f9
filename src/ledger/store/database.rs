//! One connected database.

use crate::ledger::{
    error::Error,
    store::{
        engine::Engine,
        outage::Outage,
        postgres::{self, connections::Connections, server::PostgresServer, store::PostgresStore},
        sql::{PostgresReads, ReadLimits, RowObject, SqliteReads, reader::ReaderLogin, statement::SqlStatement},
        sqlite::{self, FileLock, rows::texts, store::SqliteStore},
        statement_error::StatementError,
        steps::{MigrationPlan, SQLITE},
        store::Store,
    },
};
use jiff::Timestamp;
use rusqlite::Connection;
use sqlx::PgConnection;
use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

/// Longest time that a database takes to tell about its tables.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a database is.
#[derive(Clone, Debug, PartialEq)]
pub enum DatabaseTarget {
    /// A file of this machine.
    File(PathBuf),
    /// In memory, until the node stops or disconnects.
    Memory,
    /// On a PostgreSQL server.
    Server(PostgresServer),
}

impl DatabaseTarget {
    /// Returns what a start of this program would do to the tables there. Nothing is changed, and a node may use them meanwhile.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the reason, also when another program made the tables.
    pub async fn migration_plan(&self, name: &str) -> Result<MigrationPlan, Error> {
        Ok(match self {
            Self::File(path) => sqlite::steps::migration_plan(path).await?,
            Self::Memory => MigrationPlan::new(&SQLITE, &[], &[])?,
            Self::Server(server) => postgres::steps::migration_plan(server, name).await?,
        })
    }
}

/// A connected database with its logical name.
pub struct ConnectedDatabase {
    /// Logical name, which is also the name of the database on its server.
    pub name: String,
    /// Where it is.
    pub target: DatabaseTarget,
    backend: Backend,
}

enum Backend {
    SqliteFile { store: Arc<SqliteStore>, reads: SqliteReads, lock: FileLock },
    SqliteMemory(Arc<SqliteStore>),
    Postgres { connections: Connections, reads: PostgresReads },
}

impl ConnectedDatabase {
    /// Connects; a database that is missing is created. On a server, `reader` is the login for statements of others.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the reason.
    pub async fn connect(name: &str, target: DatabaseTarget, reader: Option<ReaderLogin>) -> Result<Self, Error> {
        let backend = match &target {
            DatabaseTarget::File(path) => Backend::open_file(path.clone()).await?,
            DatabaseTarget::Memory => Backend::SqliteMemory(Arc::new(SqliteStore::open_memory().await?)),
            DatabaseTarget::Server(server) => {
                let connections = server.connect(name).await?;
                let reads = PostgresReads::new(server.database(name), connections.clone(), reader);
                Backend::Postgres { connections, reads }
            }
        };
        Ok(Self { name: name.to_owned(), target, backend })
    }

    /// Returns the kind of the database.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.backend {
            Backend::SqliteFile { .. } | Backend::SqliteMemory(_) => Engine::Sqlite,
            Backend::Postgres { .. } => Engine::Postgres,
        }
    }

    /// Returns the database as a store of the ledger.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be one.
    pub fn store(&self) -> Result<Arc<dyn Store>, Error> {
        Ok(match &self.backend {
            Backend::SqliteFile { store, .. } | Backend::SqliteMemory(store) => Arc::clone(store) as Arc<dyn Store>,
            Backend::Postgres { connections, .. } => Arc::new(PostgresStore::new(connections.clone())?),
        })
    }

    /// Returns the rows of a SELECT as objects, columns in order, for the caller with this address.
    ///
    /// # Errors
    /// [`Error::Statement`] when the statement is not offered, fails, or reaches a limit.
    pub async fn select(
        &self,
        caller: Option<IpAddr>,
        statement: &str,
        limits: ReadLimits,
    ) -> Result<Vec<RowObject>, Error> {
        let statement = SqlStatement::parse(statement, self.engine())?;
        Ok(match &self.backend {
            Backend::SqliteFile { reads, .. } => reads.rows(caller, statement, limits).await?,
            Backend::SqliteMemory(_) => return Err(StatementError::InMemory.into()),
            Backend::Postgres { reads, .. } => reads.rows(caller, &statement, limits).await?,
        })
    }

    /// Returns how many connections to a server are open, and how many of them do nothing; nothing for a file.
    #[must_use]
    pub fn connections(&self) -> Option<(usize, usize)> {
        match &self.backend {
            Backend::SqliteFile { .. } | Backend::SqliteMemory(_) => None,
            Backend::Postgres { connections, .. } => Some(connections.figures()),
        }
    }

    /// Returns the names of the tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn tables(&self) -> Result<Vec<String>, Error> {
        match &self.backend {
            Backend::SqliteFile { store, .. } | Backend::SqliteMemory(store) => {
                self.ask_file(store, |file| texts(file, SQLITE_TABLES, [])).await
            }
            Backend::Postgres { connections, .. } => {
                let query = sqlx::query_scalar(POSTGRES_TABLES);
                ask(connections, async |connection| query.fetch_all(connection).await).await
            }
        }
    }

    /// Returns name and type of the columns of a table, in order; nothing when there is no such table.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn columns(&self, table: &str) -> Result<Vec<(String, String)>, Error> {
        match &self.backend {
            Backend::SqliteFile { store, .. } | Backend::SqliteMemory(store) => {
                let table = table.to_owned();
                let columns = |file: &mut Connection| {
                    let mut statement = file.prepare(SQLITE_COLUMNS)?;
                    statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
                };
                self.ask_file(store, columns).await
            }
            Backend::Postgres { connections, .. } => {
                let query = sqlx::query_as(POSTGRES_COLUMNS).bind(table);
                ask(connections, async |connection| query.fetch_all(connection).await).await
            }
        }
    }

    /// Returns the bytes that the database occupies.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn size(&self) -> Result<u64, Error> {
        let found: i64 = match &self.backend {
            Backend::SqliteFile { store, .. } | Backend::SqliteMemory(store) => {
                self.ask_file(store, |file| file.query_row(SQLITE_SIZE, [], |row| row.get(0))).await?
            }
            Backend::Postgres { connections, .. } => {
                let query = sqlx::query_scalar(POSTGRES_SIZE);
                ask(connections, async |connection| query.fetch_one(connection).await).await?
            }
        };
        Ok(found.unsigned_abs())
    }

    /// Returns the time that the clock of its server shows; nothing for a file, which is on this machine.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn time(&self) -> Result<Option<Timestamp>, Error> {
        let micros: i64 = match &self.backend {
            Backend::SqliteFile { store, .. } | Backend::SqliteMemory(store) => {
                self.ask_file(store, |file| file.query_row(SQLITE_ANSWERS, [], |_| Ok(()))).await?;
                return Ok(None);
            }
            Backend::Postgres { connections, .. } => {
                let query = sqlx::query_scalar(POSTGRES_TIME);
                ask(connections, async |connection| query.fetch_one(connection).await).await?
            }
        };
        Ok(Timestamp::from_microsecond(micros).ok())
    }

    /// Returns what it is and where, without a secret: `PostgreSQL 17.2, postgres:5432/blockchain`.
    pub async fn description(&self) -> String {
        let version: Option<String> = match &self.backend {
            Backend::SqliteFile { store, .. } | Backend::SqliteMemory(store) => {
                self.ask_file(store, |file| file.query_row(SQLITE_VERSION, [], |row| row.get(0))).await.ok()
            }
            Backend::Postgres { connections, .. } => {
                let query = sqlx::query_scalar(POSTGRES_VERSION);
                ask(connections, async |connection| query.fetch_one(connection).await).await.ok()
            }
        };
        // A server that does not tell is described without; Debian's says more than its number.
        let version = version.and_then(|text| text.split(' ').next().map(str::to_owned)).unwrap_or_default();
        match &self.target {
            DatabaseTarget::File(path) => format!("SQLite {version}, {}", path.display()),
            DatabaseTarget::Memory => format!("SQLite {version}, in memory"),
            DatabaseTarget::Server(server) => {
                format!("PostgreSQL {version}, {}/{}", server.address(), server.database(&self.name))
            }
        }
    }

    /// Closes the connections.
    pub async fn close(&self) {
        match &self.backend {
            Backend::SqliteMemory(store) => store.close().await,
            Backend::Postgres { connections, reads } => {
                reads.close().await;
                connections.close().await;
            }
            Backend::SqliteFile { store, lock, .. } => {
                store.close().await;
                if let Err(error) = lock.release() {
                    tracing::warn!(dbms = self.name, %error, "the lock of the database stays until the node ends");
                }
            }
        }
    }

    /// Asks a file about its tables.
    async fn ask_file<T: Send + 'static>(
        &self,
        store: &SqliteStore,
        question: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, store.connection().ask(question)).await;
        let named = |source| Outage::Named { database: self.name.clone(), source };
        Ok(answer.map_err(|_| Outage::Silent)?.map_err(named)?)
    }
}

/// Asks a server about its tables.
async fn ask<T>(
    connections: &Connections,
    question: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
) -> Result<T, Error> {
    Ok(connections.ask(ANSWER_TIMEOUT, question).await?)
}

impl Backend {
    async fn open_file(path: PathBuf) -> Result<Self, Error> {
        if let Some(directory) = path.parent() {
            let failed = |error| Outage::Path { path: directory.to_owned(), source: Arc::new(error) };
            tokio::fs::create_dir_all(directory).await.map_err(failed)?;
        }
        let lock = FileLock::acquire(&path)?;
        let store = Arc::new(SqliteStore::open(&path).await?);
        let reads = SqliteReads::new(&path, store.longest_read());
        Ok(Self::SqliteFile { store, reads, lock })
    }
}

const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
const POSTGRES_TABLES: &str =
    "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename";
const SQLITE_ANSWERS: &str = "SELECT 1";
const POSTGRES_TIME: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
const SQLITE_VERSION: &str = "SELECT sqlite_version()";
const POSTGRES_VERSION: &str = "SELECT current_setting('server_version')";
const SQLITE_SIZE: &str = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
const POSTGRES_SIZE: &str = "SELECT pg_database_size(current_database())";
const SQLITE_COLUMNS: &str = "SELECT name, lower(type) FROM pragma_table_info(?1) ORDER BY cid";
const POSTGRES_COLUMNS: &str = "SELECT column_name::text, data_type::text FROM information_schema.columns \
    WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
