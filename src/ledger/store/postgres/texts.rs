//! How a database keeps its texts: an encoding that has every character, and an order that fits its indexes.

use crate::ledger::store::{
    outage::Outage,
    postgres::{refusal, server::PostgresServer},
};
use sqlx::{Error, PgConnection, Row as _};

/// Returns the encoding of a database.
const ENCODING: &str = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = $1";
/// Tells whether the ledger table is there already, and the version of the server as a number.
const STATE: &str = "SELECT to_regclass('ledger') IS NOT NULL, current_setting('server_version_num')::int";
/// Tells whether the system sorts texts otherwise than when the indexes were made.
const SORTED_OTHERWISE: &str = "SELECT coalesce(datcollversion <> pg_database_collation_actual_version(oid), false) \
    FROM pg_database WHERE datname = current_database()";
/// The first version that knows how its system sorted.
const KNOWS_SORTING: i32 = 150_000;

/// Tells whether the encoding of a database lacks characters. `SQL_ASCII` keeps whatever it gets.
pub async fn are_limited(connection: &mut PgConnection, database: &str) -> bool {
    limited_encoding(connection, database).await.is_ok_and(|encoding| encoding.is_some())
}

async fn limited_encoding(connection: &mut PgConnection, database: &str) -> Result<Option<String>, Error> {
    let encoding =
        sqlx::query_scalar::<_, String>(ENCODING).bind(database).persistent(false).fetch_optional(connection);
    Ok(encoding.await?.filter(|encoding| !["UTF8", "SQL_ASCII"].contains(&encoding.as_str())))
}

/// Looks how a database keeps its texts, before there is a ledger in it. One that has a ledger already is used as it is, with
/// a warning.
///
/// # Errors
/// [`Outage::Encoding`] when policies could not be kept with all their characters.
pub async fn check(connection: &mut PgConnection, server: &PostgresServer, database: &str) -> Result<(), Outage> {
    // What cannot be asked here shows itself when the tables are read.
    let Ok((has_ledger, version)) = state(connection).await else { return Ok(()) };
    let name = refusal::quoted(database);
    if let Ok(Some(encoding)) = limited_encoding(connection, database).await {
        let user = refusal::quoted(&server.user);
        let wrong = Outage::Encoding { server: server.address(), database: name.clone(), user, encoding };
        if !has_ledger {
            return Err(wrong);
        }
        tracing::warn!("{wrong}");
    }
    let otherwise = version >= KNOWS_SORTING
        && sqlx::raw_sql(SORTED_OTHERWISE)
            .fetch_one(connection)
            .await
            .and_then(|row| row.try_get(0))
            .unwrap_or_default();
    if otherwise {
        tracing::warn!(
            "{}: the system sorts texts otherwise than when the indexes of {name} were made; let its owner run: REINDEX \
             DATABASE {name}; ALTER DATABASE {name} REFRESH COLLATION VERSION",
            server.address()
        );
    }
    Ok(())
}

async fn state(connection: &mut PgConnection) -> Result<(bool, i32), Error> {
    let row = sqlx::raw_sql(STATE).fetch_one(connection).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}
