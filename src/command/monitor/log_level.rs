//! `set log level` and `get log level`: how much the program's log says, room by room, while the node runs.

use crate::{
    command::engine::{Command, Entry, Help, Line, Parsed, options::nothing_more, parsed},
    node::{Node, Session},
    reply::{Code, Error, Reply},
    script::resolve,
    telemetry,
};
use async_trait::async_trait;
use std::sync::Arc;

/// What is done with the level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogLevelCommand {
    /// `get log level`.
    Show,
    /// `set log level = …`: the new one, which is understood.
    Set(String),
}

#[async_trait]
impl Command for LogLevelCommand {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let level = telemetry::level().map_err(failed)?;
        match *self {
            Self::Show => Ok(Reply::Text(level.text())),
            Self::Set(text) => {
                level.set(&text).map_err(failed)?;
                tracing::info!(log.level = text, "the level of the log is another one");
                Ok(Reply::Empty)
            }
        }
    }
}

fn failed(error: telemetry::Error) -> Error {
    Error::with(Code::PROCESS_FAILURE, error.to_string())
}

/// Reads the level, which the language cuts at its signs.
fn parse_set(line: &Line<'_>) -> Parsed {
    let words = match line.arguments() {
        [equal, rest @ ..] if equal.is("=") => rest,
        words => words,
    };
    let text: String = words.iter().map(|word| resolve(word, line.scope).into_text()).collect();
    if text.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "write: set log level = info,ledger=debug"));
    }
    telemetry::check(&text).map_err(|error| Error::with(Code::PARAMETERS, error.to_string()))?;
    parsed(LogLevelCommand::Set(text))
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry::change(
        "set log level",
        parse_set,
        Help {
            usage: "set log level = LEVEL[,ROOM=LEVEL ...]",
            text: "Says how much the program's log tells until the next start: off, error, warn, info, debug or trace, and\nanother level for rooms such as rest, peer, ledger, boot or sync.",
            examples: &["set log level = debug", "set log level = info,ledger=debug,rest=warn"],
            index: &["log", "debug"],
        },
    ),
    Entry::read(
        "get log level",
        |line| nothing_more(line).and_then(|()| parsed(LogLevelCommand::Show)),
        Help {
            usage: "get log level",
            text: "Tells how much the program's log tells: LOG_LEVEL, or what 'set log level' said last.",
            examples: &["get log level"],
            index: &["log", "debug"],
        },
    ),
];
