//! `incr`: integer addition (reference/command-language 12.10).

use crate::{
    command::{
        engine::{Access, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        language::value::ParsedValue,
    },
    reply::{Code, Error},
    script::resolve,
};

/// The command of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "incr",
    min_words: 1,
    assigns: true,
    access: Access::ReadNode,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "[key =] incr [value] [number]",
        text: "Adds a number, 1 when it is not given, to an integer.",
        examples: &["counter = incr !counter", "counter = incr !counter -5"],
        index: &["script"],
    },
    parse: parse_incr,
}];

fn parse_incr(line: &Line<'_>) -> Parsed {
    let (value, number) = match line.arguments() {
        [value] => (value, "1"),
        [value, number] => (value, number.text.as_str()),
        [sign_less, sign, number] if sign.is("+") => (sign_less, number.text.as_str()),
        _ => return Err(Error::with(Code::STRUCTURE, "write: incr VALUE [NUMBER]")),
    };
    let value = resolve(value, line.scope).into_text();
    let invalid = |text: &str| Error::with(Code::PARAMETERS, format!("Wrong value provided to 'incr' command: {text}"));
    let sum = value.trim().parse::<i64>().map_err(|_| invalid(&value))?;
    let number = number.trim().parse::<i64>().map_err(|_| invalid(number))?;
    let sum = sum.checked_add(number).ok_or_else(|| invalid(&value))?;
    parsed(ParsedValue::text(sum.to_string()))
}
