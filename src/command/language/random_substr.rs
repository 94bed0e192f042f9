//! `random substr`: one part of a text, chosen by chance (reference/command-language 12.10).

use crate::{
    command::{
        engine::{Access, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        language::value::ParsedValue,
    },
    reply::{Code, Error},
    script::resolve,
};

/// The command.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "random substr",
    min_words: 2,
    assigns: true,
    access: Access::ReadNode,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "[key =] random substr [separator] [text]",
        text: "Cuts a text at a separator and returns one of the parts by chance.",
        examples: &["node = random substr , !destination_list"],
        index: &["script", "network"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let [separator, text] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: random substr SEPARATOR TEXT"));
    };
    let text = resolve(text, line.scope).into_text();
    let parts: Vec<&str> = match separator.text.as_str() {
        "" => vec![&text],
        separator => text.split(separator).collect(),
    };
    let chance = getrandom::u64().map_err(|error| Error::with(Code::PROCESS_FAILURE, error.to_string()))?;
    let count = u64::try_from(parts.len()).unwrap_or(1);
    let at = usize::try_from(chance % count).unwrap_or_default();
    parsed(ParsedValue::text(parts.get(at).copied().unwrap_or_default().to_owned()))
}
