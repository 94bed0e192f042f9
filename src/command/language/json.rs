//! `json` and `from`: values out of JSON texts (reference/command-language 8.2 and 8.3).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    node::{Node, Session},
    policy::json,
    query::{Bring, Budget, Limits, Output},
    reply::{Code, Error, Reply},
    runtime::limits::{VALUE_BYTES, VALUE_STEPS},
    script::{self, Scope, Word},
};
use async_trait::async_trait;
use serde_json::Value;
use std::sync::Arc;

/// What was found in a JSON text.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    reply: Reply,
    /// Why the text is no JSON object.
    problem: Option<String>,
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry {
        words: "json",
        min_words: 1,
        assigns: true,
        access: Access::ReadNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "[key =] json [text or !key] [test / [key] …]",
            text: "Replaces the references inside a JSON object and returns it, a value of it, or with 'test' whether it is one.",
            examples: &[
                "json !new_policy",
                "is_json = json !new_policy test",
                "name = json !new_policy [master][name]",
            ],
            index: &["json", "metadata"],
        },
        parse: parse_json,
    },
    Entry {
        words: "from",
        min_words: 1,
        assigns: true,
        access: Access::ReadNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "[key =] from [text or !key] bring[.directives] [items] [separator = text]",
            text: "Brings values out of a JSON object or list.",
            examples: &["policy_type = from !new_policy bring [*]", "from !list bring.table [*][name] [*][ip]"],
            index: &["json"],
        },
        parse: parse_from,
    },
];

fn parse_json(line: &Line<'_>) -> Parsed {
    let [text, rest @ ..] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "the JSON text is missing"));
    };
    let text = filled(text, line.scope);
    let object = object(&text);
    let undefined = |word: &str| script::Error::Undefined(word.to_owned()).to_string();
    let problem = object.as_ref().err().map(|why| script::unfilled(&text).map_or_else(|| why.clone(), undefined));
    let reply = match rest {
        [] => object.map_or(Reply::Empty, |(text, _)| Reply::written_value(text)),
        [test] if test.is("test") => Reply::Value(if object.is_ok() { "true" } else { "false" }.into()),
        [path] if path.text.starts_with('[') => match &object {
            Ok((_, value)) => {
                let words = [Word::plain("bring"), path.clone()];
                match Bring::parse(&words, line.scope)?.objects(std::slice::from_ref(value), &budget())? {
                    Output::Text(text) => Reply::written_value(text),
                    Output::Texts(texts) => Reply::written_value(texts.to_string()),
                    Output::Policies(_) | Output::Objects(_) | Output::Count(_) | Output::Table { .. } => Reply::Empty,
                }
            }
            Err(_) => Reply::Empty,
        },
        _ => return Err(Error::with(Code::STRUCTURE, "write: json TEXT, json TEXT test, or json TEXT [key]")),
    };
    parsed(Json { reply, problem })
}

/// Returns what may be brought out of the value of a variable.
fn budget() -> Budget<'static> {
    let limits = Limits { steps: VALUE_STEPS, rows: u64::MAX, bytes: VALUE_BYTES };
    Budget::new(limits, &|| None)
}

/// Returns the text of a word with its references replaced.
fn filled(word: &Word, scope: &dyn Scope) -> String {
    script::fill(&script::resolve(word, scope).into_text(), scope)
}

/// Returns an object and its text; the text stays as it was written when it is strict JSON.
fn object(text: &str) -> Result<(String, Value), String> {
    if text.is_empty() {
        return Err("Empty data string provided as JSON data".to_owned());
    }
    let strict = |text: String| match json::parse(&text) {
        Ok(Value::Object(pairs)) if pairs.is_empty() => Err("the JSON object is empty".to_owned()),
        Ok(value @ Value::Object(_)) => Ok((text, value)),
        Ok(_) => Err("the JSON text is no object".to_owned()),
        Err(error) => Err(format!("JSON value error: {error}")),
    };
    let first = strict(text.to_owned());
    first.or_else(|why| {
        let quoted = text.replace('|', "\"");
        strict(quoted.clone()).or_else(|_| strict(quoted.replace('\'', "\""))).or_else(|_| {
            match json::parse_lenient(text) {
                Ok(Value::Object(pairs)) if !pairs.is_empty() => {
                    let value = Value::Object(pairs);
                    Ok((json::text(&value), value))
                }
                _ => Err(why),
            }
        })
    })
}

fn parse_from(line: &Line<'_>) -> Parsed {
    let (text, rest) = match line.arguments() {
        // Nothing may stand behind the directives where the value is stored, as with other nodes; what is shown names its items.
        [text, bring, rest @ ..] if is_bring(bring) && (!rest.is_empty() || line.assigned.is_some()) => {
            (text, line.arguments())
        }
        _ => return Err(Error::with(Code::STRUCTURE, "write: from TEXT bring [key] …")),
    };
    let objects = source(text, line.scope)?;
    let reply = match Bring::parse(rest.get(1..).unwrap_or_default(), line.scope)?.objects(&objects, &budget())? {
        Output::Policies(list) if list.is_empty() => Reply::Empty,
        Output::Text(text) if text.is_empty() && is_json(rest) => Reply::written("[]".to_owned()),
        output => output.into(),
    };
    parsed(Json { reply, problem: None })
}

/// Tells whether a word is `bring` with or without directives.
fn is_bring(word: &Word) -> bool {
    word.is("bring") || word.text.starts_with("bring.")
}

/// Tells whether the directives of `bring.…` ask for JSON.
fn is_json(words: &[Word]) -> bool {
    words.get(1).is_some_and(|bring| bring.text.split('.').any(|directive| directive == "json"))
}

/// Returns the objects of a text; `!list(n)` is one entry of a list.
fn source(word: &Word, scope: &dyn Scope) -> Result<Vec<Value>, Error> {
    let entry = word.text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).filter(|_| word.is_reference());
    let entry = entry.and_then(|(name, number)| Some((Word::plain(name), number.parse::<usize>().ok()?)));
    let text = filled(entry.as_ref().map_or(word, |(name, _)| name), scope);
    if text.is_empty() {
        let detail = format!("Error in command 'from': variable '{}' not assigned with value", word.text);
        return Err(Error::with(Code::DATA_STRUCTURE, detail));
    }
    let value = json::parse_lenient(&text).ok().filter(|value| value.is_object() || value.is_array());
    let Some(value) = value else {
        let detail = format!("Error in command 'from': unable to retrieve JSON from the string: {text}");
        return Err(Error::with(Code::DATA_STRUCTURE, detail));
    };
    match (value, entry) {
        (Value::Array(list), Some((_, number))) => {
            list.into_iter().nth(number).map(|value| vec![value]).ok_or_else(|| {
                Error::with(Code::PROCESS_FAILURE, format!("'{}': the list has no entry {number}", word.text))
            })
        }
        (Value::Array(list), None) => Ok(list),
        (value, _) => Ok(vec![value]),
    }
}

#[async_trait]
impl Command for Json {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        if let Some(problem) = self.problem {
            node.events.error(&session.thread, &problem);
        }
        Ok(self.reply)
    }
}
