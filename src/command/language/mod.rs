//! The command language itself: variables, values, conditions, scripts, messages.

mod assign;
mod config_policy;
mod files;
mod flow;
mod incr;
mod json;
mod print;
mod process;
mod python;
mod random_substr;
mod script_runner;
mod set_policy;
mod value;
mod variables;
mod wait;

use crate::command::engine::Entry;

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[
    assign::ENTRIES,
    print::ENTRIES,
    config_policy::ENTRIES,
    flow::ENTRIES,
    python::ENTRIES,
    incr::ENTRIES,
    value::ENTRIES,
    random_substr::ENTRIES,
    json::ENTRIES,
    set_policy::ENTRIES,
    process::ENTRIES,
    wait::ENTRIES,
    variables::ENTRIES,
];
