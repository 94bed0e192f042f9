//! `print` and `echo` (reference/command-language 7.5 and 7.6).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, Verbs, parsed},
    node::{Node, Session, events::Echoed},
    reply::{Code, Error, Notice, Reply},
    script::{Word, fill, resolve},
};
use async_trait::async_trait;
use std::sync::Arc;

/// A message for people.
#[derive(Clone, Debug, PartialEq)]
pub enum Print {
    /// `print`: on the console.
    Console {
        /// The message.
        text: String,
        /// True when it was written as `key = print …`, which shows the words and stores nothing.
        assigned: bool,
    },
    /// `echo`: into the echo queue if it is on, else on the console.
    Echo {
        /// The message.
        text: String,
        /// True when it was written as `key = echo …`.
        assigned: bool,
    },
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry {
        words: "print",
        min_words: 1,
        assigns: true,
        access: Access::ReadNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
        traits: Traits::CHANGE.carried_by(Verbs::Both),
        help: Help {
            usage: "print [text to print]",
            text: "Prints words on the console; references are replaced by their values.",
            examples: &["print !json_struct"],
            index: &["cli"],
        },
        parse: parse_print,
    },
    Entry {
        words: "echo",
        min_words: 1,
        assigns: true,
        access: Access::Variables,
        opens_secrets: false,
        network: NetworkCallers::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "echo [text]",
            text: "Puts a message into the echo queue, or prints it when the queue is off.",
            examples: &["echo \"node started:\" !node_name"],
            index: &["script", "cli"],
        },
        parse: parse_echo,
    },
];

fn parse_print(line: &Line<'_>) -> Parsed {
    let text = message(line, |word| Some(resolve(word, line.scope).into_text()))?;
    let quoted = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let text = quoted.map(str::to_owned).unwrap_or(text);
    parsed(Print::Console { text, assigned: line.assigned.is_some() })
}

fn parse_echo(line: &Line<'_>) -> Parsed {
    let value = |word: &Word| {
        let text = resolve(word, line.scope).into_text();
        let text = if text.starts_with('{') { fill(&text, line.scope) } else { text };
        Some(text).filter(|text| !text.is_empty())
    };
    let text = message(line, value)?;
    parsed(Print::Echo { text, assigned: line.assigned.is_some() })
}

/// Joins the values of the words; one missing value empties the whole message.
fn message(line: &Line<'_>, value: impl Fn(&Word) -> Option<String>) -> Result<String, Error> {
    let words = line.arguments();
    if words.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "there is nothing to print: add a text"));
    }
    let texts: Option<Vec<String>> = words.iter().map(value).collect();
    let text = texts.map(|texts| texts.join(" ")).unwrap_or_default();
    let name = line.words.first().map_or("", |word| word.text.as_str());
    Ok(if line.assigned.is_some() { format!("= {name} {text}") } else { text })
}

#[async_trait]
impl Command for Print {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let (text, assigned) = match *self {
            Self::Console { text, assigned } => (text, assigned),
            Self::Echo { text, .. } if text.is_empty() => return Ok(Reply::Empty),
            Self::Echo { text, assigned } => match node.events.echo(&text) {
                Echoed::Off => (text, assigned),
                Echoed::First => {
                    session.output.notice(&Notice::EchoQueue);
                    return Ok(Reply::Empty);
                }
                Echoed::Queued => return Ok(Reply::Empty),
            },
        };
        let reply = if text.is_empty() { Reply::Empty } else { Reply::written_value(text) };
        if assigned {
            session.output.show(&reply);
            return Ok(Reply::Empty);
        }
        Ok(reply)
    }
}
