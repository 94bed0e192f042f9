//! Contract platforms: chains behind the ledger (reference/ledger 12).

mod account;
mod arguments;
mod changes;
mod checkout;
mod connect;
mod contract;
mod platforms;
mod relay;
mod relay_figures;

pub use relay::relay_state;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    connect::ENTRIES,
    account::ENTRIES,
    contract::ENTRIES,
    changes::ENTRIES,
    checkout::ENTRIES,
    platforms::ENTRIES,
    relay::ENTRIES,
];
