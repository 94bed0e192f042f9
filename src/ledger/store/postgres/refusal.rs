//! What a server refuses until somebody changes something there: each refusal says what to run.

use crate::ledger::store::{
    database_error::{DatabaseCause, DatabaseError},
    outage::Outage,
    postgres::{server::PostgresServer, sql_state::SqlState},
    schema_fault::migration_outage,
};
use sqlx::{Error, PgConnection, Row as _, migrate::MigrateError};
use std::io::ErrorKind;

/// Says whom the schema of the tables and the tables themselves belong to, and writes the statements that help. `$1` are the
/// tables. The server knows how its names are quoted.
const RIGHTS: &str = "SELECT \
    format('CREATE SCHEMA AUTHORIZATION %I', current_user), \
    format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', coalesce(current_schema(), ''), current_user), \
    coalesce(has_schema_privilege(current_schema(), 'CREATE'), false), \
    (SELECT string_agg(format('ALTER TABLE %I.%I OWNER TO %I', n.nspname, c.relname, current_user), '; ' ORDER BY c.relname) \
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
       WHERE c.relname = ANY($1) AND c.relkind IN ('r', 'p') AND n.nspname = ANY(current_schemas(false)) \
         AND NOT pg_has_role(current_user, c.relowner, 'USAGE')), \
    current_schema() IS NULL";

/// The tables of a ledger.
const TABLES: [&str; 5] = ["_sqlx_migrations", "ledger", "ledger_size", "policy_history", "policy_history_rows"];

/// Says why no connection was made.
pub fn of_connection(server: &PostgresServer, database: &str, source: DatabaseError) -> Outage {
    let (address, user) = (server.address(), quoted(&server.user));
    let remedy = match source.sql_state() {
        None => return unreachable(server, source),
        Some(SqlState::TooManyConnections) => return Outage::NoPlace(source),
        Some(SqlState::WrongPassword) => {
            format!("correct DB_USER and DB_PASSWD, or let an administrator run: ALTER ROLE {user} PASSWORD '…'")
        }
        Some(SqlState::NotAllowed) => format!(
            "correct DB_USER, DB_SSLMODE and DB_SSL_CERT, or let an administrator run: CREATE ROLE {user} LOGIN PASSWORD '…'; where the \
             role is there, let pg_hba.conf of the server allow it: host {} {user} samenet scram-sha-256",
            quoted(database)
        ),
        Some(SqlState::InsufficientPrivilege) => {
            format!("let an administrator run: GRANT CONNECT ON DATABASE {} TO {user}", quoted(database))
        }
        Some(_) => return Outage::Server { server: address, source },
    };
    Outage::Refused { server: address, source, remedy }
}

/// A certificate that is not the right one does not become it; everything else may pass.
fn unreachable(server: &PostgresServer, source: DatabaseError) -> Outage {
    let address = server.address();
    let has_files = server.tls.authorities.is_some() || server.tls.certificate.is_some();
    match source.cause() {
        DatabaseCause::Server(Error::Configuration(_)) if !has_files => {
            let remedy = "choose a DB_USER and a DB_PASSWD without tabs, line ends and their like".to_owned();
            Outage::Refused { server: address, source, remedy }
        }
        DatabaseCause::Server(Error::Tls(_) | Error::Configuration(_)) => certificate(address, source),
        // What a handshake ends with when the certificate is not the right one.
        DatabaseCause::Server(Error::Io(error)) if error.kind() == ErrorKind::InvalidData => {
            certificate(address, source)
        }
        _ => Outage::Server { server: address, source },
    }
}

fn certificate(server: String, source: DatabaseError) -> Outage {
    let remedy =
        "correct DB_SSLMODE, DB_SSL_CA, DB_SSL_CERT and DB_SSL_KEY, or the certificate of the server".to_owned();
    Outage::Refused { server, source, remedy }
}

/// Says what is missing where a statement on the tables of the ledger failed for want of a right or a schema. Any other failure
/// stays as it is.
pub async fn of_tables(connection: &mut PgConnection, server: &PostgresServer, failure: DatabaseError) -> Outage {
    if !matches!(failure.sql_state(), Some(SqlState::InsufficientPrivilege | SqlState::NoSchema)) {
        return Outage::Failed(failure);
    }
    let remedy = match sqlx::query(RIGHTS).bind(&TABLES[..]).persistent(false).fetch_one(connection).await {
        Ok(row) => statement(&row),
        Err(_) => None,
    };
    let remedy = remedy.unwrap_or_else(|| {
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ledger, policy_history TO {}", quoted(&server.user))
    });
    let remedy = format!("let an administrator run in the database: {remedy}");
    Outage::Refused { server: server.address(), source: failure, remedy }
}

fn statement(row: &sqlx::postgres::PgRow) -> Option<String> {
    let text = |at: usize| row.try_get::<Option<String>, _>(at).ok().flatten();
    if row.try_get(4).unwrap_or_default() {
        return text(0);
    }
    let may_create: bool = row.try_get(2).unwrap_or_default();
    match text(3) {
        Some(owners) => Some(owners),
        None if !may_create => text(1),
        None => None,
    }
}

/// Takes the failure of the database out of a failed migration; what is left is about the migrations themselves.
///
/// # Errors
/// The migrations are not those of this program.
pub fn of_migration(error: MigrateError) -> Result<DatabaseError, Outage> {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Ok(error.into()),
        other => Err(migration_outage(other)),
    }
}

/// Writes a name as SQL does.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
