//! `get completions`: what may stand at the end of a line, for prompts of other processes.

use crate::{
    command::{
        completion,
        engine::{Catalog, Command, Entry, Help, Line, Parsed, parsed},
    },
    node::{Node, Session},
    reply::{Code, Error, Reply},
    runtime::limits::COMPLETION_LINE,
};
use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::sync::Arc;

/// A line that somebody types.
#[derive(Debug)]
struct Completions {
    catalog: &'static Catalog,
    line: String,
}

#[async_trait]
impl Command for Completions {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let completion = completion::complete(self.catalog, &self.line, self.line.len(), node, session);
        Ok(Reply::Value(json!(completion)))
    }
}

fn parse(line: &Line<'_>) -> Parsed {
    let typed = match line.arguments() {
        [] => String::new(),
        [one] if one.text.len() <= COMPLETION_LINE => {
            let typed = percent_decode_str(&one.text).decode_utf8();
            let wrong = |_| Error::with(Code::STRUCTURE, "the line is not UTF-8 behind its percent signs");
            typed.map_err(wrong)?.into_owned()
        }
        _ => {
            let detail = format!("write the line percent-encoded, as one word of at most {COMPLETION_LINE} bytes");
            return Err(Error::with(Code::STRUCTURE, detail));
        }
    };
    parsed(Completions { catalog: line.catalog, line: typed })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get completions",
    parse,
    Help {
        usage: "get completions [line]",
        text: "Returns what may stand at the end of a line that somebody types, for programs with a prompt: commands, options, variables, and types, attributes, values and ids of policies, as far as the caller may use them. The line is percent-encoded; 'from' and 'to' are offsets in its bytes.",
        examples: &["get completions blockchain%20get%20op"],
        index: &["cli"],
    },
)];
