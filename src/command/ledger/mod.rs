//! The ledger: queries, changes and copies of the policies (reference/ledger 6).

mod copy;
mod create_policy;
mod files;
mod given;
mod insert;
mod mapping;
mod past;
mod policies_diff;
mod policy_history;
mod push;
mod query;
mod remove;
mod replace;
mod test;
mod wait;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    create_policy::ENTRIES,
    policies_diff::ENTRIES,
    query::ENTRIES,
    test::ENTRIES,
    insert::ENTRIES,
    push::ENTRIES,
    replace::ENTRIES,
    remove::ENTRIES,
    copy::ENTRIES,
    wait::ENTRIES,
    policy_history::ENTRIES,
];
