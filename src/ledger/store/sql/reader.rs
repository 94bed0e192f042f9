//! The login of PostgreSQL with which statements of others run. It may read the two tables of the ledger and nothing else,
//! whatever a statement may come to be.

use crate::ledger::store::{
    error::StoreError,
    outage::Outage,
    postgres::{connections::Connections, connector::Connector, server::PostgresServer, session::SessionPurpose},
    statement_error::StatementError,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::OnceCell;

/// Connections of the login.
const CONNECTIONS: usize = 2;
/// Longest time to wait for one of them.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest time that a statement about the login may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
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
pub struct SqlReader {
    /// Name of the database on its server.
    database: String,
    /// Connections of the user of the ledger, who owns the tables.
    owner: Connections,
    configured: Option<ReaderLogin>,
    /// Made when it is first asked for.
    connections: Mutex<Arc<OnceCell<Connections>>>,
}

impl SqlReader {
    /// Reads a database as a configured login, or as one that is made for it.
    #[must_use]
    pub fn new(database: &str, owner: Connections, configured: Option<ReaderLogin>) -> Self {
        Self { database: database.to_owned(), owner, configured, connections: Mutex::default() }
    }

    /// Returns the connections of the login.
    ///
    /// # Errors
    /// [`StatementError::NoReader`] when there is no login, or it may do more than read.
    pub async fn connections(&self) -> Result<Connections, StatementError> {
        let cell = Arc::clone(&self.connections.lock().unwrap_or_else(PoisonError::into_inner));
        cell.get_or_try_init(|| self.open()).await.cloned()
    }

    /// Closes the connections; the login is looked at again when it is next needed.
    pub async fn forget(&self) {
        let cell = std::mem::take(&mut *self.connections.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(connections) = cell.get() {
            connections.close().await;
        }
    }

    fn server(&self) -> &PostgresServer {
        self.owner.connector().server()
    }

    async fn open(&self) -> Result<Connections, StatementError> {
        let login = self.configured.clone().unwrap_or_else(|| self.own_login());
        let is_made = self.make(&login).await?;
        for grant in GRANTS {
            // What fails here was done by an administrator, or shows itself when the tables are read.
            let _ = self.written(grant, &[&login.user]).await;
        }
        let refused = |why: String| {
            let user = &self.server().user;
            no_reader(
                &login.user,
                &if is_made {
                    why
                } else {
                    format!("{why}; the user {user} of the database may not make it, {REMEDY}")
                },
            )
        };
        let schema = sqlx::query_scalar::<_, String>(SCHEMA);
        let schema = self.ask(async |connection| schema.fetch_one(connection).await).await;
        let schema = schema.map_err(|error| refused(message(&error)))?;
        let server = self.server().as_login(&login.user, &login.password);
        let connector = Connector::new(server, &self.database, SessionPurpose::Reader(schema));
        let connections = Connections::new(connector, CONNECTIONS, ACQUIRE_TIMEOUT);
        let look = sqlx::query_scalar::<_, Option<String>>(TOO_MUCH);
        let too_much = connections.ask(ANSWER_TIMEOUT, async |connection| look.fetch_one(connection).await).await;
        let reason = match too_much {
            Ok(None) => return Ok(connections),
            Ok(Some(what)) => no_reader(
                &login.user,
                &format!("it {what}, and has to have nothing but SELECT on ledger and policy_history"),
            ),
            Err(error) => refused(message(&error)),
        };
        connections.close().await;
        Err(reason)
    }

    /// Asks as the user of the ledger.
    async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        self.owner.ask(ANSWER_TIMEOUT, question).await
    }

    /// Makes the login where the user of the ledger may; tells whether that user may. A configured one that is there stays
    /// as it is.
    async fn make(&self, login: &ReaderLogin) -> Result<bool, StatementError> {
        let failed = |error: StoreError| no_reader(&login.user, &message(&error));
        let look = sqlx::query_as(LOOK).bind(&login.user);
        let looked = self.ask(async |connection| look.fetch_one(connection).await).await;
        let (may_make, exists): (bool, bool) = looked.map_err(failed)?;
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
        let (server, database) = (self.server(), &self.database);
        let mut name = format!("{}_reader", server.user);
        name.truncate(name.floor_char_boundary(NAME));
        let secret = format!("anylog-master reader\0{database}\0{}\0{}", server.user, server.password.expose_secret());
        ReaderLogin { user: name, password: hex::encode(Sha256::digest(secret)).into() }
    }

    /// Has the server write a statement with names and texts in their quotes, and runs it.
    async fn written(&self, statement: &'static str, values: &[&str]) -> Result<(), StoreError> {
        let query = values.iter().fold(sqlx::query_scalar::<_, String>(statement), |query, value| query.bind(*value));
        let written = self.ask(async |connection| query.fetch_one(connection).await).await?;
        let query = sqlx::raw_sql(AssertSqlSafe(written));
        self.ask(async |connection| query.execute(connection).await).await.map(drop)
    }
}

/// Returns what the server said, without what the ledger says about it.
fn message(error: &StoreError) -> String {
    match error {
        StoreError::Refused(failure) | StoreError::ConnectionLost(failure) => failure.message(),
        StoreError::Unavailable(Outage::Failed(failure) | Outage::Refused { source: failure, .. }) => failure.message(),
        other => other.to_string(),
    }
}

fn no_reader(user: &str, why: &str) -> StatementError {
    StatementError::NoReader(format!("the login {user}: {why}"))
}
