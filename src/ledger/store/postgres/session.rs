//! What a new connection is asked and set to, in one round trip.

use sqlx::{Error, PgConnection, Row as _};

/// What a connection is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionPurpose {
    /// To look at the server; nothing of the session is changed.
    Look,
    /// For the ledger.
    Ledger,
    /// For statements of others, with the tables of this schema.
    Reader(String),
}

/// What a server says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerState {
    /// It takes changes: it is no standby, and its transactions may write.
    pub is_writable: bool,
    /// It got the parameters that the connection began with; a pooler keeps them to itself.
    pub is_direct: bool,
}

/// Asks whether the server takes changes and whether it is the one that was connected to.
macro_rules! look {
    () => {
        "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off', \
         current_setting('anylog.direct', true) IS NOT NULL"
    };
}

/// The question alone.
pub const LOOK: &str = look!();

/// Statements of the ledger keep the plan that goes by indexes, whatever the number of rows: to plan a statement takes longer
/// than to execute it, and a plan that was made while the tables were small has to serve when they are large. The last setting
/// tells the trigger of the ledger table that what this connection changes is no change by others. A server that is too old
/// for a setting does without it.
const LEDGER: &str = concat!(
    look!(),
    ", (SELECT count(set_config(s.name, s.value, false)) FROM (VALUES ('plan_cache_mode', 'force_generic_plan'), \
     ('enable_seqscan', 'off'), ('jit', 'off')) AS s(name, value) WHERE current_setting(s.name, true) IS NOT NULL), \
     set_config('anylog.master', 'yes', false)"
);

/// A reader sees the tables of one schema and never writes. The third setting ends a statement when nobody waits for it any
/// more.
const READER: &str = concat!(
    look!(),
    ", (SELECT count(set_config(s.name, s.value, false)) FROM (VALUES ('default_transaction_read_only', 'on'), \
     ('standard_conforming_strings', 'on'), ('client_connection_check_interval', '500ms'), ('jit', 'off')) AS s(name, value) \
     WHERE current_setting(s.name, true) IS NOT NULL), set_config('search_path', 'pg_catalog,' || quote_ident($1), false)"
);

/// Asks whether the server was promoted, or never was a standby.
const NO_STANDBY: &str = "SELECT NOT pg_is_in_recovery()";

impl SessionPurpose {
    /// Sets a new connection to what it is for, and returns what the server says of itself.
    ///
    /// # Errors
    /// What the server says.
    pub async fn begin(&self, connection: &mut PgConnection) -> Result<ServerState, Error> {
        let row = match self {
            Self::Look => sqlx::raw_sql(LOOK).fetch_one(connection).await?,
            Self::Ledger => sqlx::raw_sql(LEDGER).fetch_one(connection).await?,
            Self::Reader(schema) => sqlx::query(READER).bind(schema).persistent(false).fetch_one(connection).await?,
        };
        Ok(ServerState { is_writable: row.try_get(0)?, is_direct: row.try_get(1)? })
    }

    /// Tells whether the server of a connection still is what it was connected for.
    ///
    /// # Errors
    /// What the server says.
    pub async fn still_serves(&self, connection: &mut PgConnection) -> Result<bool, Error> {
        match self {
            // Its own transactions never write, whatever the server does.
            Self::Reader(_) => sqlx::raw_sql(NO_STANDBY).fetch_one(connection).await?.try_get(0),
            Self::Look | Self::Ledger => sqlx::raw_sql(LOOK).fetch_one(connection).await?.try_get(0),
        }
    }
}
