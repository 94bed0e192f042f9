//! Switches of the running node (reference/command-language 12.6 and 12.7).

use crate::{
    command::engine::{
        Catalog, Command, Entry, Help, Line, Parse, Parsed,
        options::{nothing_more, on_or_off, options_after, resolved},
        parsed,
    },
    node::{Node, QueryMode, Session},
    reply::{Code, Error, Notice, Pairs, PairsLayout, Reply},
    script::Key,
};
use anylog_values::TimeSpan;
use async_trait::async_trait;
use serde_json::json;
use std::sync::Arc;

/// Least width of a table cell that `set output table width` takes, in characters.
const TABLE_WIDTH_MIN: usize = 40;

/// What the event log says of `set compression on`.
const NOT_COMPRESSED: &str = "set compression on: kept for scripts, the messages of this node are never compressed";

/// Commands that switch or show how the node works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switches {
    /// `set cli on|off`.
    Prompt(bool),
    /// `set exception traceback on|off`.
    Traceback(bool),
    /// `set compression on|off`.
    Compression(bool),
    /// `get compression`.
    ShowCompression,
    /// `set output table width N`.
    TableWidth(usize),
    /// `set query mode using …`: the options given.
    QueryMode(QueryOptions),
    /// `get query mode`.
    ShowQueryMode,
    /// `set rest timeout N [unit]`, in seconds.
    RestTimeout(u64),
    /// `set servers ping`, `set buffer threshold where …`: accepted, nothing to do here.
    Accepted,
    /// `set query pool N`.
    QueryPool,
    /// `trace level = N [command]`.
    Trace(u8, String),
    /// `trace level`.
    ShowTrace,
    /// `trace level COMMAND`.
    ShowTraceOf(String),
}

/// Options of `set query mode`; those not given stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryOptions {
    timeout: Option<u64>,
    max_volume: Option<u64>,
    send_mode: Option<String>,
    reply_mode: Option<String>,
    show_id: Option<bool>,
}

#[async_trait]
impl Command for Switches {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let settings = &node.settings;
        match *self {
            Self::Prompt(on) => settings.change(|choices| choices.prompt = on),
            Self::Traceback(on) => settings.change(|choices| choices.traceback = on),
            Self::Compression(on) => {
                settings.change(|choices| choices.compression = on);
                if on {
                    node.events.warning(&session.thread, NOT_COMPRESSED);
                }
            }
            Self::ShowCompression => {
                let state = if settings.get().compression { "On" } else { "Off" };
                return Ok(Reply::Text(format!("Node Compression: {state}")));
            }
            Self::TableWidth(width) => settings.change(|choices| choices.table_width = Some(width)),
            Self::QueryMode(options) => settings.change(|choices| options.apply(&mut choices.query_mode)),
            Self::ShowQueryMode => return Ok(query_mode(&settings.get().query_mode)),
            Self::RestTimeout(seconds) => settings.change(|choices| choices.rest_timeout = Some(seconds)),
            Self::Accepted => {}
            Self::QueryPool => {
                let detail = "Workers pool is defined, use 'exit workers' and define the pool size after the exit";
                return Err(Error::with(Code::PROCESS_FAILURE, detail));
            }
            Self::Trace(level, command) => settings.change(|choices| {
                if level == 0 {
                    choices.trace.remove(&command);
                } else {
                    choices.trace.insert(command, level);
                }
            }),
            Self::ShowTraceOf(command) => {
                let level = settings.get().trace.get(&command).copied().unwrap_or_default();
                return Ok(Reply::Text(level.to_string()));
            }
            Self::ShowTrace => {
                let levels = settings.get().trace;
                let levels = levels.iter().map(|(command, level)| (level.to_string(), command.as_str().into()));
                let levels = Reply::Pairs(Pairs::new(PairsLayout::Levels, levels));
                if session.origin.is_remote() {
                    return Ok(levels);
                }
                session.output.notice(&Notice::Printed(levels));
            }
        }
        Ok(Reply::Empty)
    }
}

/// Tells whether something has a trace level: a command, or one of the parts of the node that have their own.
fn is_traceable(command: &str, catalog: &Catalog) -> bool {
    let part = ["tcp", "insert", "sql command", "mapping", "mcp"]
        .iter()
        .any(|part| command.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
    part || catalog.entries().any(|entry| entry.words == command || entry.words.split(' ').next() == Some(command))
}

impl QueryOptions {
    fn apply(self, mode: &mut QueryMode) {
        mode.timeout = self.timeout.unwrap_or(mode.timeout);
        mode.max_volume = self.max_volume.unwrap_or(mode.max_volume);
        mode.send_mode = self.send_mode.unwrap_or_else(|| mode.send_mode.clone());
        mode.reply_mode = self.reply_mode.unwrap_or_else(|| mode.reply_mode.clone());
        mode.show_id = self.show_id.unwrap_or(mode.show_id);
    }
}

/// Describes the query mode; each value stands in a list of its own, as clients know it.
fn query_mode(mode: &QueryMode) -> Reply {
    let options = [
        ("timeout", json!([mode.timeout])),
        ("max_volume", json!([mode.max_volume])),
        ("send_mode", json!([mode.send_mode])),
        ("reply_mode", json!([mode.reply_mode])),
        ("show_id", json!([mode.show_id])),
    ];
    Reply::Pairs(Pairs::new(PairsLayout::Settings, options))
}

fn parse_table_width(line: &Line<'_>) -> Parsed {
    let width = match line.arguments() {
        [word] => resolved(line, &word.text).parse().ok(),
        _ => None,
    };
    match width {
        Some(width) if width >= TABLE_WIDTH_MIN => parsed(Switches::TableWidth(width)),
        Some(_) => {
            Err(Error::with(Code::STRUCTURE, format!("Table width cannot be less than {TABLE_WIDTH_MIN} characters")))
        }
        None => Err(Error::with(Code::STRUCTURE, "write a number of characters")),
    }
}

fn parse_query_mode(line: &Line<'_>) -> Parsed {
    let schema = [
        Key::time("timeout"),
        Key::storage("max_volume"),
        Key::text("send_mode"),
        Key::text("reply_mode"),
        Key::bool("show_id"),
    ];
    match line.arguments() {
        [using, rest @ ..] if using.text == "using" && !rest.is_empty() => {
            let arguments = crate::script::where_list(rest, line.scope, &schema)?;
            parsed(Switches::QueryMode(QueryOptions {
                timeout: arguments.seconds("timeout").map(|time| time.as_secs()),
                max_volume: arguments.int("max_volume").and_then(|bytes| u64::try_from(bytes).ok()),
                send_mode: arguments.text("send_mode").map(str::to_owned),
                reply_mode: arguments.text("reply_mode").map(str::to_owned),
                show_id: arguments.bool("show_id"),
            }))
        }
        _ => Err(Error::with(Code::STRUCTURE, "write: set query mode using key = value")),
    }
}

fn parse_rest_timeout(line: &Line<'_>) -> Parsed {
    let invalid = || Error::with(Code::STRUCTURE, "write a number and second, minute, hour or day");
    let text = match line.arguments() {
        [number] => resolved(line, &number.text),
        [number, unit] => format!("{} {}", resolved(line, &number.text), unit.text),
        _ => return Err(invalid()),
    };
    let span: TimeSpan = text.parse().map_err(|_| invalid())?;
    parsed(Switches::RestTimeout(span.whole_seconds().ok_or_else(invalid)?))
}

fn parse_buffer_threshold(line: &Line<'_>) -> Parsed {
    let schema = [
        Key::time("time"),
        Key::storage("volume"),
        Key::bool("write_immediate"),
        Key::text("dbms_name"),
        Key::text("table_name"),
    ];
    let arguments = options_after(line, 0, &schema)?;
    if arguments.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "write: set buffer threshold where key = value"));
    }
    parsed(Switches::Accepted)
}

fn parse_query_pool(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [word] if resolved(line, &word.text).parse().is_ok_and(|threads: u32| threads > 0) => {
            parsed(Switches::QueryPool)
        }
        _ => Err(Error::with(Code::STRUCTURE, "Missing number of threads for 'threads pool'")),
    }
}

/// Reads `[= N] [command …]`: without a level it is shown.
fn parse_trace(line: &Line<'_>) -> Parsed {
    let texts: Vec<&str> = line.arguments().iter().map(|word| word.text.as_str()).collect();
    let (level, command) = match texts.as_slice() {
        [] => return parsed(Switches::ShowTrace),
        ["=", level, command @ ..] => (Some(resolved(line, level)), command.join(" ")),
        command => (None, command.join(" ")),
    };
    if !command.is_empty() && !is_traceable(&command, line.catalog) {
        return Err(Error::with(Code::STRUCTURE, format!("'{command}' is no command, so it has no trace level")));
    }
    let Some(level) = level else { return parsed(Switches::ShowTraceOf(command)) };
    let level = level.parse().map_err(|_| Error::with(Code::STRUCTURE, "the trace level is a number from 0 to 255"))?;
    parsed(Switches::Trace(level, command))
}

const fn switch(
    words: &'static str,
    parse: Parse,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    Entry::change(words, parse, Help { usage, text, examples, index: &["configuration", "debug"] })
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    switch(
        "set cli",
        |line| on_or_off(line, Code::PARAMETERS).and_then(|on| parsed(Switches::Prompt(on))),
        "set cli on/off",
        "Says whether the prompt takes commands once the start is done.",
        &["set cli on", "set cli off"],
    ),
    switch(
        "set exception traceback",
        |line| on_or_off(line, Code::STRUCTURE).and_then(|on| parsed(Switches::Traceback(on))),
        "set exception traceback on/off",
        "Writes each failed command with its reason to the program's log as well.",
        &["set exception traceback on", "set exception traceback off"],
    ),
    switch(
        "set compression",
        |line| on_or_off(line, Code::STRUCTURE).and_then(|on| parsed(Switches::Compression(on))),
        "set compression on/off",
        "Kept for scripts of the network: messages of this node are never compressed, which the event log says.",
        &["set compression on", "set compression off"],
    ),
    Entry::read(
        "get compression",
        |line| nothing_more(line).and_then(|()| parsed(Switches::ShowCompression)),
        Help {
            usage: "get compression",
            text: "Tells what 'set compression' said last.",
            examples: &["get compression"],
            index: &["network"],
        },
    ),
    switch(
        "set output table width",
        parse_table_width,
        "set output table width N",
        "Sets the longest piece of a cell on one line, at least 40 characters; longer texts continue below.",
        &["set output table width 50"],
    ),
    switch(
        "set query mode",
        parse_query_mode,
        "set query mode using timeout = N unit and max_volume = N and send_mode = all/any and reply_mode = all/any and show_id = true/false",
        "Limits the time and the bytes of 'sql'; options that are not given stay as they are. The other modes are for queries to data nodes, which a master does not send.",
        &["set query mode using timeout = 30 seconds", "set query mode using max_volume = 10MB and reply_mode = any"],
    ),
    Entry::read(
        "get query mode",
        |line| nothing_more(line).and_then(|()| parsed(Switches::ShowQueryMode)),
        Help {
            usage: "get query mode",
            text: "Lists limits and modes of queries.",
            examples: &["get query mode"],
            index: &["query"],
        },
    ),
    switch(
        "set rest timeout",
        parse_rest_timeout,
        "set rest timeout N [second/minute/hour/day]",
        "Sets the time that a REST request may take.",
        &["set rest timeout 30 seconds", "set rest timeout 2 minutes"],
    ),
    switch(
        "set servers ping",
        |line| nothing_more(line).and_then(|()| parsed(Switches::Accepted)),
        "set servers ping",
        "Task of scheduler 0. A master watches no data nodes, so there is nobody to ask.",
        &["set servers ping"],
    ),
    switch(
        "set buffer threshold",
        parse_buffer_threshold,
        "set buffer threshold where time = N unit and volume = N and write_immediate = true/false",
        "Accepted for scripts of data nodes; a master buffers no data.",
        &["set buffer threshold where time = 60 seconds and volume = 10KB and write_immediate = true"],
    ),
    switch(
        "set query pool",
        parse_query_pool,
        "set query pool N",
        "The size of the query pool is fixed while the node runs.",
        &["set query pool 3"],
    ),
    Entry::change(
        "trace level",
        parse_trace,
        Help {
            usage: "trace level = [value] [command]",
            text: "Sets how much a command tells about its work, 0 for nothing; without a level it lists what is set.",
            examples: &[
                "trace level = 3 run client",
                "trace level run tcp server",
                "trace level = 1 tcp",
                "trace level = 1 sql command",
                "trace level = 1 sql command select",
            ],
            index: &["debug"],
        },
    ),
];
