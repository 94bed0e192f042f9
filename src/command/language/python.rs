//! `python`: expressions on variables, evaluated without Python (reference/command-language 12.9).

use crate::{
    command::{
        engine::{Access, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        language::value::ParsedValue,
    },
    reply::{Code, Error},
    script::evaluate,
};

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "python",
    min_words: 1,
    assigns: true,
    access: Access::Host,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "[key =] python [expression]",
        text: "Evaluates text methods (split, rsplit, strip, replace, upper, lower, find), [i], [a:b], len(), int() and + - * / on variables. Nothing else of Python is understood.",
        examples: &["deployment_type = python !version.split(\" \")[0]", "next = python !counter.int + 1"],
        index: &["script", "python"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let words = line.arguments();
    let code = match words {
        [] => return Err(Error::with(Code::STRUCTURE, "the expression is missing")),
        [_] => Code::PROCESS_FAILURE,
        [..] => Code::PYTHON_FAILED,
    };
    let text = evaluate(words, line.scope).map_err(|why| Error::with(code, why))?;
    parsed(ParsedValue::text(text))
}
