//! Commands of contract platforms, which this node does not have (spec/ledger 12).

use super::{insert, not_for_peers};
use crate::command::{
    Code, Error, Line,
    table::{Command, Entry, Help},
};

const fn platform(words: &'static str, usage: &'static str, example: &'static [&'static str]) -> Entry {
    let text = "Belongs to contract platforms. This node keeps its ledger in a database and answers with an error.";
    not_for_peers(Entry::change(words, refuse, Help { usage, text, examples: example, index: &["blockchain"] }))
}

/// Makes a command one whose result can be assigned.
const fn with_result(entry: Entry) -> Entry {
    Entry { assigns: true, ..entry }
}

pub(in crate::command) const ENTRIES: &[Entry] = &[
    platform(
        "blockchain connect",
        "blockchain connect to [platform] where provider = [url]",
        &["blockchain connect to optimism where provider = https://x"],
    ),
    platform(
        "blockchain create account",
        "blockchain create account [platform]",
        &["blockchain create account optimism"],
    ),
    platform(
        "blockchain set account info",
        "blockchain set account info where platform = [platform]",
        &["blockchain set account info where platform = optimism"],
    ),
    with_result(platform(
        "blockchain deploy contract",
        "blockchain deploy contract where platform = [platform] and public_key = [key]",
        &["contract = blockchain deploy contract where platform = optimism and public_key = !key"],
    )),
    platform("blockchain checkout", "blockchain checkout from [platform]", &["blockchain checkout from optimism"]),
    platform(
        "blockchain commit",
        "blockchain commit to [platform] [policy]",
        &["blockchain commit to optimism !policy"],
    ),
    platform(
        "blockchain update to",
        "blockchain update to [platform] [id] [policy]",
        &["blockchain update to optimism 5 !policy"],
    ),
    with_result(platform(
        "blockchain state",
        "blockchain state where platform = [platform]",
        &["transactions = blockchain state where platform = optimism"],
    )),
    platform(
        "set relay",
        "set relay where platform = [platform] and status = [on|off]",
        &["set relay where platform = optimism and status = on"],
    ),
];

fn refuse(line: &Line<'_>) -> Result<Command, Error> {
    match line.arguments() {
        [to, name, ..] if ["to", "from"].contains(&to.text.as_str()) => Err(insert::unknown(&name.text)),
        [_, _, sign, name, ..] if sign.is("=") => Err(insert::unknown(&name.text)),
        [name, ..] if name.text != "where" => Err(insert::unknown(&name.text)),
        _ => Err(Error::with(Code::STRUCTURE, "a platform is expected; this node has none")),
    }
}
