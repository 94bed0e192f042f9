//! The ledger: table, local copy and the view of both.

/// The policies of the network as this node knows them.
pub struct Ledger {}

/// Connected databases by logical name.
pub struct Databases {}
