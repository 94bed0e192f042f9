//! The ledger: queries, changes and copies of the policies (reference/ledger 6).

pub mod apply;
mod as_of;
pub mod backup;
mod blockchain_test;
mod caller;
mod confirm;
mod copy;
mod create_policy;
pub mod documents;
pub mod export;
pub mod import;
mod insert;
mod insert_places;
mod mapping_scripts;
mod node_policy;
mod planned;
mod policies_diff;
mod policy_errors;
mod policy_history;
mod push;
pub mod query;
mod remove;
mod replace;
mod this_node;
mod undo;
mod wait;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    create_policy::ENTRIES,
    policies_diff::ENTRIES,
    query::ENTRIES,
    blockchain_test::ENTRIES,
    insert::ENTRIES,
    push::ENTRIES,
    replace::ENTRIES,
    remove::ENTRIES,
    confirm::ENTRIES,
    undo::ENTRIES,
    import::ENTRIES,
    apply::ENTRIES,
    export::ENTRIES,
    backup::save::ENTRIES,
    backup::restore::ENTRIES,
    backup::verify::ENTRIES,
    copy::pull::ENTRIES,
    copy::update::ENTRIES,
    copy::load::ENTRIES,
    copy::delete_file::ENTRIES,
    copy::table::ENTRIES,
    copy::start_from::ENTRIES,
    copy::seed::ENTRIES,
    copy::switch_network::ENTRIES,
    wait::ENTRIES,
    policy_history::ENTRIES,
    policy_errors::ENTRIES,
];
