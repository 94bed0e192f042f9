//! The database of the ledger.

use crate::config::{group::group, values::DbType};
use anylog_values::Host;
use secrecy::SecretString;
use std::time::Duration;

group! {
    /// The database that holds `blockchain.ledger`.
    pub struct Database {
        /// `sqlite` (a file under ANYLOG_PATH) or `psql` (PostgreSQL).
        db_type: DbType = DB_TYPE["sqlite"],
        /// Address of PostgreSQL.
        db_ip: Option<Host> = DB_IP["127.0.0.1"],
        /// Port of PostgreSQL.
        db_port: u16 = DB_PORT["5432"],
        /// User of PostgreSQL.
        db_user: Option<String> = DB_USER[""],
        /// Password of the user.
        db_passwd: Option<SecretString> = DB_PASSWD[""],
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
