//! Contract platforms of the node: none is connected.

use crate::reply::{Code, Error};

/// Returns the refusal of a platform that is not connected.
#[must_use]
pub fn not_connected(platform: &str) -> Error {
    Error::with(
        Code::BLOCKCHAIN_UNKNOWN,
        format!("the platform '{platform}' is not connected; this node keeps its ledger in a database"),
    )
}
