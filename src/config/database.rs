//! The database of the ledger.

use crate::config::{
    group::group,
    values::{DbType, SslMode},
};
use anylog_values::DatabaseHosts;
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

group! {
    /// The database that holds `blockchain.ledger`.
    pub struct Database {
        /// `sqlite` (a file under ANYLOG_PATH) or `psql` (PostgreSQL).
        db_type: DbType = DB_TYPE["sqlite"],
        /// All of it in one text, `postgres://user:password@host:port/name?sslmode=…`, instead of the variables that follow; one
        /// of them that says something else is a mistake.
        db_url: Option<SecretString> = DB_URL[""],
        /// Address or name of PostgreSQL, or a directory of sockets (`/var/run/postgresql`). Several with commas between them, each
        /// with a port of its own or without (`pg1,pg2:5433`): the one that takes changes is found, also after a fail-over.
        db_ip: Option<DatabaseHosts> = DB_IP["127.0.0.1"],
        /// Port of PostgreSQL.
        db_port: u16 = DB_PORT["5432"],
        /// Name of the database that holds the ledger; one that is missing is created where DB_USER may.
        db_name: String = DB_NAME["blockchain"],
        /// User of PostgreSQL.
        db_user: Option<String> = DB_USER[""],
        /// Password of the user.
        db_passwd: Option<SecretString> = DB_PASSWD[""],
        /// Whether connections to PostgreSQL are encrypted, and what of its certificate is looked at: `disable`, `allow`, `prefer`,
        /// `require`, `verify-ca` or `verify-full`, as its own clients have them.
        db_sslmode: SslMode = DB_SSLMODE["prefer"],
        /// Path of a PEM file with the authorities of PostgreSQL's certificate, beside the public ones.
        db_ssl_ca: Option<PathBuf> = DB_SSL_CA[""],
        /// Path of a PEM file with the certificate that this node shows to PostgreSQL.
        db_ssl_cert: Option<PathBuf> = DB_SSL_CERT[""],
        /// Path of the PEM file with the key of that certificate.
        db_ssl_key: Option<PathBuf> = DB_SSL_KEY[""],
        /// Login of PostgreSQL that may read the tables of the ledger and nothing else, for `sql`; not set: the node makes one
        /// where DB_USER may, else `sql` is not offered.
        db_reader_user: Option<String> = DB_READER_USER[""],
        /// Password of that login.
        db_reader_passwd: Option<SecretString> = DB_READER_PASSWD[""],
        /// How long the boot tries to reach the database.
        db_wait: Duration = DB_WAIT["60 seconds"],
        /// Kept for scripts.
        autocommit: bool = AUTOCOMMIT["true"],
        /// True: scripts also connect the database `system_query`.
        system_query: bool = SYSTEM_QUERY["false"],
        /// `sqlite` or `psql` for `system_query`.
        system_query_db: DbType = SYSTEM_QUERY_DB["sqlite"],
        /// True: `system_query` is kept in memory.
        memory: bool = MEMORY["true"],
    }
}
