//! Every command of the node: the one file that names the families.

use crate::command::{
    at_prompt, database,
    engine::{Catalog, Entry, Exchange, FirstWord, Traits, Verbs},
    help, host, language, ledger, monitor, network, not_here, platform, services,
};
use std::sync::LazyLock;

/// The families; each lists its commands.
pub const FAMILIES: &[&[&[Entry]]] = &[
    ledger::ENTRIES,
    language::ENTRIES,
    monitor::ENTRIES,
    network::ENTRIES,
    database::ENTRIES,
    services::ENTRIES,
    platform::ENTRIES,
    host::ENTRIES,
    help::ENTRIES,
    at_prompt::ENTRIES,
    not_here::ENTRIES,
];

/// How edges carry a line that begins so and names no command; the first that fits counts. Where commands share the word, a
/// wrong word behind it is an error of their family.
pub const FIRST_WORDS: &[FirstWord] = &[
    // Both methods carry what other nodes answer here, so that a caller learns that a master does not.
    FirstWord::single("file retrieve", Traits::CHANGE.carried_by(Verbs::Both).over_tcp(Exchange::File)),
    FirstWord::single("file to", Traits::CHANGE.carried_by(Verbs::Both).over_tcp(Exchange::File)),
    FirstWord::single("file from", Traits::CHANGE.carried_by(Verbs::Both).over_tcp(Exchange::File)),
    FirstWord::single("query status", Traits::QUESTION.carried_by(Verbs::Both)),
    FirstWord::single("query explain", Traits::QUESTION.carried_by(Verbs::Both)),
    FirstWord::single("analyze output", Traits::CHANGE.carried_by(Verbs::Both)),
    FirstWord::single("time file get", Traits::CHANGE.carried_by(Verbs::Both)),
    FirstWord::single("time file summary", Traits::CHANGE.carried_by(Verbs::Both)),
    FirstWord::shared("exit", Traits::CHANGE),
    FirstWord::shared("get", Traits::QUESTION),
    FirstWord::shared("set", Traits::CHANGE),
    FirstWord::shared("reset", Traits::CHANGE),
    FirstWord::shared("blockchain", Traits::CHANGE.over_tcp(Exchange::LedgerChange)),
    FirstWord::shared("file", Traits::CHANGE.over_tcp(Exchange::File)),
    FirstWord::shared("test", Traits::QUESTION),
    FirstWord::shared("query", Traits::QUESTION.carried_by(Verbs::Post)),
    FirstWord::shared("help", Traits::QUESTION),
    FirstWord::single("event", Traits::CHANGE.over_tcp(Exchange::Event)),
    FirstWord::single("info", Traits::CHANGE.over_tcp(Exchange::TableInfo)),
    FirstWord::single("job", Traits::QUESTION.carried_by(Verbs::Post)),
    FirstWord::single("seed", Traits::CHANGE.staying()),
    FirstWord::single("sql", Traits::QUESTION.carried_by(Verbs::Both).over_tcp(Exchange::Rows)),
];

/// The catalog of this node.
pub static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::new(&FAMILIES.concat(), FIRST_WORDS));
