//! The database of this node's ledger, as the configuration names it.

use crate::{
    config::{Config, Database, DbType},
    ledger::{DatabaseTarget, PostgresServer, PostgresTls},
    node::{LEDGER_DBMS, work_directories},
};

/// User of PostgreSQL when nobody is named.
const ADMINISTRATOR: &str = "postgres";

/// Returns where the ledger is kept; nothing when the configuration names no server.
#[must_use]
pub fn own_database(config: &Config) -> Option<DatabaseTarget> {
    let own = &config.database;
    if own.db_type == DbType::Sqlite {
        let folder = work_directories::folder(&config.paths.anylog_path);
        return Some(DatabaseTarget::File(folder.join("data/dbms").join(format!("{LEDGER_DBMS}.dbms"))));
    }
    Some(DatabaseTarget::Server(PostgresServer {
        hosts: own.db_ip.clone()?,
        port: own.db_port,
        user: own.db_user.clone().unwrap_or_else(|| ADMINISTRATOR.to_owned()),
        password: own.db_passwd.clone().unwrap_or_default(),
        database: Some(own.db_name.clone()),
        tls: own_tls(own),
    }))
}

/// Returns how connections to the server of the ledger are secured.
#[must_use]
pub fn own_tls(own: &Database) -> PostgresTls {
    PostgresTls {
        mode: own.db_sslmode,
        authorities: own.db_ssl_ca.clone(),
        certificate: own.db_ssl_cert.clone().zip(own.db_ssl_key.clone()),
    }
}
