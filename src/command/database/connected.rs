//! The databases that commands name.

use crate::{
    ledger::{self, ConnectedDatabase},
    node::Node,
    reply::{Code, Error},
};
use std::sync::Arc;

/// Returns the connection with a logical name.
///
/// # Errors
/// No database is connected under it.
pub(super) fn connected(node: &Node, dbms: &str) -> Result<Arc<ConnectedDatabase>, Error> {
    let missing = || Error::with(Code::DBMS_NOT_CONNECTED, format!("Logical DBMS '{dbms}' not connected"));
    node.databases.get(dbms).ok_or_else(missing)
}

/// Describes a database that does not answer.
pub(super) fn unreachable(error: &ledger::Error) -> Error {
    Error::with(Code::DBMS_NOT_CONNECTED, error.to_string())
}
