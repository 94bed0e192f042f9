//! Commands of contract platforms, which this node does not have (spec/ledger 12).

use super::insert;
use crate::command::{
    Code, Error, Line,
    table::{Command, Entry, Help},
};

const fn platform(words: &'static str, usage: &'static str, example: &'static [&'static str]) -> Entry {
    let text = "Belongs to contract platforms. This node keeps its ledger in a database and answers with an error.";
    Entry::change(words, refuse, Help { usage, text, examples: example, index: &["blockchain"] })
}

pub(in crate::command) const ENTRIES: &[Entry] = &[
    platform("blockchain connect", "blockchain connect to [platform] where provider = [url]", &[]),
    platform("blockchain create account", "blockchain create account [platform]", &[]),
    platform("blockchain set account info", "blockchain set account info where platform = [platform]", &[]),
    platform("blockchain deploy contract", "blockchain deploy contract where platform = [platform]", &[]),
    platform("blockchain checkout", "blockchain checkout from [platform]", &[]),
    platform("blockchain commit", "blockchain commit to [platform] [policy]", &[]),
    platform("blockchain update to", "blockchain update to [platform] [id] [policy]", &[]),
    platform("blockchain state", "blockchain state where platform = [platform]", &[]),
];

fn refuse(line: &Line<'_>) -> Result<Command, Error> {
    match line.arguments() {
        [to, name, ..] if ["to", "from"].contains(&to.text.as_str()) => Err(insert::unknown(&name.text)),
        [_, _, sign, name, ..] if sign.is("=") => Err(insert::unknown(&name.text)),
        [name, ..] if name.text != "where" => Err(insert::unknown(&name.text)),
        _ => Err(Error::with(Code::STRUCTURE, "a platform is expected; this node has none")),
    }
}
