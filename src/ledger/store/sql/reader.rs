//! The login of PostgreSQL with which statements of others run. It may read the two tables of the ledger and nothing else,
//! whatever a statement may come to be.

use crate::ledger::store::{
    database_error::DatabaseError, postgres::server::PostgresServer, statement_error::StatementError,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Executor, PgPool, postgres::PgPoolOptions};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::OnceCell;

/// Connections of the login.
const CONNECTIONS: u32 = 2;
/// Longest time to wait for one of them.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Time after which a connection that nobody uses is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// What to do when there is no login.
const REMEDY: &str = "so set DB_READER_USER and DB_READER_PASSWD to one that may read the tables ledger and policy_history and nothing else";
/// Longest name of a role.
const NAME: usize = 63;

/// Tells whether this user may make logins, and whether one with the name `$1` is there.
const LOOK: &str = "SELECT r.rolsuper OR r.rolcreaterole, EXISTS (SELECT FROM pg_roles l WHERE l.rolname = $1)
    FROM pg_roles r WHERE r.rolname = current_user";
/// Writes the statements that make the login `$1` with the password `$2`, or give one that is there this password.
const CREATE: &str =
    "SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION', $1)";
const SET_PASSWORD: &str = "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1, $2)";
/// Writes the statements that let the login `$1` read the tables. One that is not needed may fail.
const GRANTS: [&str; 4] = [
    "SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), $1)",
    "SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), $1)",
    "SELECT format('GRANT SELECT ON TABLE ledger, policy_history TO %I', $1)",
    "SELECT format('ALTER ROLE %I SET temp_file_limit = ''256MB''', $1)",
];
/// Where the tables are.
const SCHEMA: &str = "SELECT current_schema()::text";
/// Says what a login may do that it should not; nothing when all is well.
const TOO_MUCH: &str = "SELECT CASE
    WHEN r.rolsuper THEN 'is a superuser'
    WHEN r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
        THEN 'may create roles or databases, replicate, or go round the rights of rows'
    WHEN EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) THEN 'is a member of other roles'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['ledger', 'policy_history']) AS t(name)
        WHERE has_table_privilege(t.name, 'INSERT') OR has_table_privilege(t.name, 'UPDATE')
            OR has_table_privilege(t.name, 'DELETE') OR has_table_privilege(t.name, 'TRUNCATE')
            OR has_table_privilege(t.name, 'TRIGGER'))
        THEN 'may write the tables of the ledger'
    END
    FROM pg_roles r WHERE r.rolname = current_user";
/// What every connection of the login is set to. A server that is too old for a setting does without it; the second one ends
/// a statement when nobody waits for it any more.
const SETTINGS: [&str; 4] = [
    "SET default_transaction_read_only = on",
    "SET client_connection_check_interval = '500ms'",
    "SET standard_conforming_strings = on",
    "SET jit = off",
];

/// Name and password of a login.
#[derive(Clone, Debug)]
pub struct ReaderLogin {
    /// Name.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

/// The login of one database, with its connections.
#[derive(Debug)]
pub struct Reader {
    server: PostgresServer,
    database: String,
    /// Connections of the user of the ledger, who owns the tables.
    owner: PgPool,
    configured: Option<ReaderLogin>,
    /// Made when it is first asked for.
    pool: Mutex<Arc<OnceCell<PgPool>>>,
}

impl Reader {
    /// Reads a database as a configured login, or as one that is made for it.
    #[must_use]
    pub fn new(server: PostgresServer, database: &str, owner: PgPool, configured: Option<ReaderLogin>) -> Self {
        Self { server, database: database.to_owned(), owner, configured, pool: Mutex::default() }
    }

    /// Returns the connections of the login.
    ///
    /// # Errors
    /// [`StatementError::NoReader`] when there is no login, or it may do more than read.
    pub async fn pool(&self) -> Result<PgPool, StatementError> {
        let cell = Arc::clone(&self.pool.lock().unwrap_or_else(PoisonError::into_inner));
        cell.get_or_try_init(|| self.open()).await.cloned()
    }

    /// Closes the connections; the login is looked at again when it is next needed.
    pub async fn forget(&self) {
        let cell = std::mem::take(&mut *self.pool.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(pool) = cell.get() {
            pool.close().await;
        }
    }

    async fn open(&self) -> Result<PgPool, StatementError> {
        let login = self.configured.clone().unwrap_or_else(|| self.own_login());
        let is_made = self.make(&login).await?;
        for grant in GRANTS {
            // What fails here was done by an administrator, or shows itself when the tables are read.
            let _ = self.written(grant, &[&login.user]).await;
        }
        let refused = |error: sqlx::Error| {
            let why = DatabaseError::from(error).message();
            let user = &self.server.user;
            no_reader(
                &login.user,
                &if is_made {
                    why
                } else {
                    format!("{why}; the user {user} of the database may not make it, {REMEDY}")
                },
            )
        };
        let schema: String = sqlx::query_scalar(SCHEMA).fetch_one(&self.owner).await.map_err(refused)?;
        let options = self.server.login(&login.user, &login.password).await;
        let options = options.map_err(|error| no_reader(&login.user, &error.to_string()))?;
        let options = options.database(&self.database).options([("search_path", format!("pg_catalog,\"{schema}\""))]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    for setting in SETTINGS {
                        let _ = sqlx::raw_sql(setting).execute(&mut *connection).await;
                    }
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(refused)?;
        match sqlx::query_scalar::<_, Option<String>>(TOO_MUCH).fetch_one(&pool).await {
            Ok(None) => Ok(pool),
            Ok(Some(what)) => {
                pool.close().await;
                Err(no_reader(
                    &login.user,
                    &format!("it {what}, and has to have nothing but SELECT on ledger and policy_history"),
                ))
            }
            Err(error) => {
                pool.close().await;
                Err(refused(error))
            }
        }
    }

    /// Makes the login where the user of the ledger may; tells whether that user may. A configured one that is there stays
    /// as it is.
    async fn make(&self, login: &ReaderLogin) -> Result<bool, StatementError> {
        let failed = |error: sqlx::Error| no_reader(&login.user, &DatabaseError::from(error).message());
        let look = sqlx::query_as(LOOK).bind(&login.user).fetch_one(&self.owner);
        let (may_make, exists): (bool, bool) = look.await.map_err(failed)?;
        if !may_make {
            return Ok(false);
        }
        if !exists {
            self.written(CREATE, &[&login.user]).await.map_err(failed)?;
        }
        if !exists || self.configured.is_none() {
            let changed = self.written(SET_PASSWORD, &[&login.user, login.password.expose_secret()]).await;
            // One that is there may belong to somebody else, who has given it the same password or another.
            if !exists {
                changed.map_err(failed)?;
            }
        }
        Ok(true)
    }

    /// Returns name and password of the login that is made, the same ones by every master with this user and password and by
    /// `docker-compose/master-role.sh`. Who knows the password of the user knows that of the login, and nobody else does.
    fn own_login(&self) -> ReaderLogin {
        let Self { server, database, .. } = self;
        let mut name = format!("{}_reader", server.user);
        name.truncate(name.floor_char_boundary(NAME));
        let secret = format!("anylog-master reader\0{database}\0{}\0{}", server.user, server.password.expose_secret());
        ReaderLogin { user: name, password: hex::encode(Sha256::digest(secret)).into() }
    }

    /// Has the server write a statement with names and texts in their quotes, and runs it.
    async fn written(&self, statement: &'static str, values: &[&str]) -> Result<(), sqlx::Error> {
        let query = values.iter().fold(sqlx::query_scalar::<_, String>(statement), |query, value| query.bind(*value));
        let written = query.fetch_one(&self.owner).await?;
        self.owner.execute(AssertSqlSafe(written)).await.map(|_| ())
    }
}

fn no_reader(user: &str, why: &str) -> StatementError {
    StatementError::NoReader(format!("the login {user}: {why}"))
}
