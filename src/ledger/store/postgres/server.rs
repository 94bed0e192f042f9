//! The servers of a `PostgreSQL` database: where they are, who connects, and with which security.

use crate::ledger::store::postgres::tls::PostgresTls;
use anylog_values::DatabaseHosts;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};

/// The servers of one database, of which one takes changes, and who connects to them.
#[derive(Clone, Debug)]
pub struct PostgresServer {
    /// Where they are.
    pub hosts: DatabaseHosts,
    /// Port of the hosts that have none of their own.
    pub port: u16,
    /// User.
    pub user: String,
    /// Password.
    pub password: SecretString,
    /// Name of the database on the server; not set: its logical name.
    pub database: Option<String>,
    /// How the connections are secured.
    pub tls: PostgresTls,
}

impl PartialEq for PostgresServer {
    fn eq(&self, other: &Self) -> bool {
        (&self.hosts, self.port, &self.user, &self.database, &self.tls)
            == (&other.hosts, other.port, &other.user, &other.database, &other.tls)
            && self.password.expose_secret() == other.password.expose_secret()
    }
}

impl PostgresServer {
    /// Returns the places as people write them: `host:port`, with commas between several.
    #[must_use]
    pub fn address(&self) -> String {
        self.hosts.with_port(self.port)
    }

    /// Returns the name on the server of a database with a logical name.
    #[must_use]
    pub fn database<'a>(&'a self, logical: &'a str) -> &'a str {
        self.database.as_deref().unwrap_or(logical)
    }

    /// Returns the same servers for another login.
    #[must_use]
    pub fn as_login(&self, user: &str, password: &SecretString) -> Self {
        Self { user: user.to_owned(), password: password.clone(), ..self.clone() }
    }

    /// Returns what every connection begins with. Nothing of it is a setting of the session, which a pooler would refuse.
    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .username(&self.user)
            .password(self.password.expose_secret())
            .database(database)
            .application_name("anylog-master")
            .extra_float_digits(None)
            .disable_statement_logging();
        self.tls.apply(options)
    }
}
