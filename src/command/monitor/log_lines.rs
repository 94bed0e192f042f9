//! `get log`: the last lines of the log of the process, which the terminal and the files of the container show.

use crate::{
    command::engine::{
        Access, Command, Entry, Help, Line, Parsed,
        options::{OutputFormat, format, options},
        parsed,
    },
    node::{Node, Session},
    reply::{Code, Error, Reply, Table},
    script::Key,
    telemetry::{self, LineFilter, LineLevel, RECENT_LINES, RecentLine},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

/// Lines that are shown when nobody says how many.
const USUAL: usize = 100;

/// `get log`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LogTail {
    filter: LineFilter,
    most: usize,
    format: OutputFormat,
}

#[async_trait]
impl Command for LogTail {
    async fn run(self: Box<Self>, _node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let lines = telemetry::recent().last(&self.filter, self.most);
        Ok(match self.format {
            OutputFormat::Table => Reply::Table(table(&lines)),
            OutputFormat::Json => Reply::Value(lines.iter().map(|line| value(line)).collect()),
        })
    }
}

fn table(lines: &[Arc<RecentLine>]) -> Table {
    let row = |line: &Arc<RecentLine>| {
        vec![json!(time(line)), json!(line.level.as_str()), json!(line.room), json!(line.text)]
    };
    Table::new(["Time", "Level", "Room", "Text"], lines.iter().map(row).collect())
}

fn value(line: &RecentLine) -> Value {
    json!({"number": line.number, "time": time(line), "level": line.level.as_str(), "room": line.room, "text": line.text})
}

fn time(line: &RecentLine) -> String {
    format!("{:.3}", line.time)
}

fn parse(line: &Line<'_>) -> Parsed {
    let schema = [Key::text("level"), Key::text("text"), Key::int("limit"), Key::format("format")];
    let arguments = options(line, &schema)?;
    let level = arguments.text("level").map(level).transpose()?;
    let most = match arguments.int("limit").map(usize::try_from) {
        None => USUAL,
        Some(Ok(most)) if (1..=RECENT_LINES).contains(&most) => most,
        Some(_) => return Err(Error::with(Code::STRUCTURE, format!("limit: write a number from 1 to {RECENT_LINES}"))),
    };
    let filter = LineFilter::new(level, arguments.text("text").unwrap_or_default());
    parsed(LogTail { filter, most, format: format(&arguments) })
}

fn level(word: &str) -> Result<LineLevel, Error> {
    LineLevel::named(word).ok_or_else(|| {
        let names = LineLevel::names().join(", ");
        Error::with(Code::STRUCTURE, format!("'{word}' is no level of the log: write {names}"))
    })
}

/// The entry of `get log`, with whose rights the lines are followed as they come.
pub const GET_LOG: &Entry = match ENTRIES {
    [log, ..] => log,
    [] => unreachable!(),
};

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "get log",
    parse,
    Help {
        usage: "get log [where level = error/warn/info/debug/trace and text = [part of a line] and limit = 1..2000 and format = table/json]",
        text: "Shows the last lines of the log of the program, the newest last: those that are at least so loud and have the text in them. What the log leaves out (set log level) is not here either.",
        examples: &["get log", "get log where level = warn", "get log where text = database and limit = 20"],
        index: &["log", "node info"],
    },
)
.reaching(Access::ReadInside)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_one_of_five_words() {
        assert_eq!(level("Warn").unwrap().as_str(), "warn");
        let detail = level("loud").unwrap_err().detail.unwrap();
        assert!(detail.contains("'loud'") && detail.contains("error, warn, info"), "{detail}");
    }
}
