//! The stores without us: one row of the ledger's table in each transaction, with full durability.

use crate::{
    load::{Client, Peer},
    node::Store,
    payload,
    postgres::Postgres,
};
use async_trait::async_trait;
use sqlx::{
    PgPool, SqlitePool,
    pool::PoolConnection,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::collections::HashSet;
use tempfile::TempDir;

/// Most clients of one server.
const CONNECTIONS: u32 = 80;

/// Starts the raw store of a kind.
pub async fn start(store: Store) -> Box<dyn Peer> {
    match store {
        Store::Sqlite => Box::new(RawSqlite::start().await),
        Store::Postgres => Box::new(RawPostgres::start().await),
    }
}

/// A file of SQLite with one connection, as writers of it have to take turns in any case.
struct RawSqlite {
    pool: SqlitePool,
    _directory: TempDir,
}

impl RawSqlite {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("raw.dbms"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        sqlx::raw_sql(include_str!("../../migrations/sqlite/0001_ledger.sql")).execute(&pool).await.unwrap();
        Self { pool, _directory: directory }
    }
}

#[async_trait]
impl Peer for RawSqlite {
    fn name(&self) -> String {
        "raw SQLite".to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(SqliteClient(self.pool.clone()))
    }

    async fn held(&self) -> HashSet<u64> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT policy_id FROM ledger").fetch_all(&self.pool).await.unwrap();
        ids.iter().filter_map(|id| payload::number(id)).collect()
    }
}

struct SqliteClient(SqlitePool);

#[async_trait]
impl Client for SqliteClient {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let sql = "INSERT INTO ledger (policy_type, policy_id, host, policy) VALUES ('device', ?1, 'h', ?2)";
        let query = sqlx::query(sql).bind(payload::name(number)).bind(payload::policy(number));
        query.execute(&self.0).await.map(drop).map_err(|error| error.to_string())
    }
}

/// A server of PostgreSQL; every client has a connection of its own.
struct RawPostgres {
    server: Postgres,
    pool: PgPool,
}

impl RawPostgres {
    async fn start() -> Self {
        let server = tokio::task::block_in_place(Postgres::start_on_disk);
        let pool = connect(&server).await;
        sqlx::raw_sql(include_str!("../../migrations/postgres/0001_ledger.sql")).execute(&pool).await.unwrap();
        Self { server, pool }
    }
}

async fn connect(server: &Postgres) -> PgPool {
    let url = format!("postgres://admin:elpw@127.0.0.1:{}/postgres", server.port);
    PgPoolOptions::new().max_connections(CONNECTIONS).connect(&url).await.unwrap()
}

#[async_trait]
impl Peer for RawPostgres {
    fn name(&self) -> String {
        "raw PostgreSQL".to_owned()
    }

    async fn client(&self) -> Box<dyn Client> {
        Box::new(PostgresClient(self.pool.acquire().await.unwrap()))
    }

    async fn held(&self) -> HashSet<u64> {
        let ids: Vec<String> = sqlx::query_scalar("SELECT policy_id FROM ledger").fetch_all(&self.pool).await.unwrap();
        ids.iter().filter_map(|id| payload::number(id)).collect()
    }

    fn is_process(&self) -> bool {
        true
    }

    async fn crash(&mut self) {
        tokio::task::block_in_place(|| {
            self.server.stop();
            self.server.run_start("");
        });
        self.pool = connect(&self.server).await;
    }

    fn stand_still(&self) {
        self.server.signal("STOP");
    }

    fn go_on(&self) {
        self.server.signal("CONT");
    }
}

struct PostgresClient(PoolConnection<sqlx::Postgres>);

#[async_trait]
impl Client for PostgresClient {
    async fn once(&mut self, number: u64) -> Result<(), String> {
        let sql = "INSERT INTO ledger (policy_type, policy_id, host, policy) VALUES ('device', $1, 'h', $2)";
        let query = sqlx::query(sql).bind(payload::name(number)).bind(payload::policy(number));
        query.execute(&mut *self.0).await.map(drop).map_err(|error| error.to_string())
    }
}
