//! Logs, error texts and the echo queue (reference/rest 10 "Logs", reference/command-language 7.7, 12.6, 12.7).

use crate::{
    command::engine::{
        Access, Command, Entry, Help, Line, Parse, Parsed,
        options::{OutputFormat, format, nothing_more, on_or_off, one_word, options},
        parsed,
    },
    node::{
        Node, Session,
        events::{EchoMessage, Log, LogRecord},
    },
    reply::{Code, Error, Gap, Reply, Table},
    runtime::{
        clock,
        limits::{ECHO_MESSAGES_MAX, LOG_KEYS},
    },
    script::{Key, WordKind, joined},
};
use anylog_values::TimeSpan;
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Commands that show, empty or switch logs.
#[derive(Clone, Debug, PartialEq)]
pub enum Logs {
    /// `get … log`: only entries with one of the words, all without words.
    Show(Log, Vec<String>, OutputFormat),
    /// `reset … log`.
    Reset(Log),
    /// `set rest log on|off`.
    EveryCall(bool),
    /// `set query log on|off|profile N seconds`: from which time on a query is logged; nothing for none.
    Queries(Option<Duration>),
    /// `get error N`.
    ErrorText(String),
    /// `get echo queue`.
    ShowEcho,
    /// `test echo queue`.
    Unread,
    /// `set echo queue on|off`.
    SwitchEcho(bool),
    /// `reset echo queue [where size = N]`.
    ResetEcho(Option<usize>),
}

#[async_trait]
impl Command for Logs {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let events = &node.events;
        match *self {
            Self::Show(log, words, format) => return Ok(log_reply(events.records(log, &words), format)),
            Self::Reset(log) => events.reset(log),
            Self::EveryCall(on) => events.log_every_call(on),
            Self::Queries(slower) => events.log_queries(slower),
            Self::ErrorText(number) => return Ok(Reply::Text(error_text(&number))),
            Self::ShowEcho => return Ok(echo_queue(events.read_echo())),
            Self::Unread => return Ok(Reply::Text(events.has_unread().to_string())),
            Self::SwitchEcho(on) => events.switch_echo(on),
            Self::ResetEcho(size) => events.reset_echo(size),
        }
        Ok(Reply::Empty)
    }
}

const TITLES: [&str; 6] = ["ID", "Count", "Thread", "Time", "Type", "Text"];

fn log_reply(records: Vec<LogRecord>, format: OutputFormat) -> Reply {
    let rows = records.into_iter().map(|record| {
        vec![
            json!(record.id),
            json!(record.count),
            json!(record.thread),
            json!(clock::log_time(record.time)),
            json!(record.kind.as_str()),
            json!(record.text),
        ]
    });
    match format {
        OutputFormat::Table => Reply::Table(Table::new(TITLES, rows.collect())),
        OutputFormat::Json => Reply::Value(
            rows.map(|row| Value::Object(TITLES.map(str::to_owned).into_iter().zip(row).collect())).collect(),
        ),
    }
}

fn error_text(number: &str) -> String {
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("Command 'get error' failed: error value '{number}' is not decimal");
    }
    match number.parse().map(|number| Code(number).text()) {
        Ok(text) if !text.is_empty() => format!("Error text: \"{text}\""),
        _ => format!("Error text: \"Error #{number} not recognized\""),
    }
}

fn echo_queue(messages: Option<Vec<EchoMessage>>) -> Reply {
    let Some(messages) = messages else { return Reply::Text("Message Queue not declared".to_owned()) };
    let rows = messages
        .into_iter()
        .map(|message| vec![json!(message.counter), json!(message.time), json!(message.text)])
        .collect();
    Reply::Table(Table {
        gap: Gap::Line,
        ..Table::new(["Counter", "Time", "Message"], rows).with_header("Message Queue:")
    })
}

fn parse_show(line: &Line<'_>, log: Log) -> Parsed {
    let arguments = options(line, &[Key::format("format"), Key::text("keys"), Key::text("key")])?;
    let words = arguments.text("keys").or(arguments.text("key")).unwrap_or_default();
    // Words in quotes are one key.
    let phrase = line.arguments().iter().any(|word| word.kind == WordKind::Quoted && word.text == words);
    let words: Vec<String> = match phrase {
        true => vec![words.to_owned()],
        false => words.split_whitespace().map(str::to_owned).collect(),
    };
    if words.len() > LOG_KEYS {
        return Err(Error::with(Code::STRUCTURE, format!("{} keys: write at most {LOG_KEYS}", words.len())));
    }
    parsed(Logs::Show(log, words, format(&arguments)))
}

fn parse_reset(line: &Line<'_>, log: Log) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Logs::Reset(log)))
}

fn parse_error(line: &Line<'_>) -> Parsed {
    one_word(line, "the number of the error").and_then(|number| parsed(Logs::ErrorText(number)))
}

fn parse_every_call(line: &Line<'_>) -> Parsed {
    on_or_off(line, Code::STRUCTURE).and_then(|on| parsed(Logs::EveryCall(on)))
}

/// Reads `on`, `off` or `profile N [unit]`; without a unit the time is in seconds.
fn parse_queries(line: &Line<'_>) -> Parsed {
    let slower = match line.arguments() {
        [profile, time @ ..] if profile.is("profile") => {
            let invalid = || Error::with(Code::STRUCTURE, "write: set query log profile 10 seconds");
            Some(joined(time).parse().map(TimeSpan::duration).map_err(|_| invalid())?)
        }
        _ => on_or_off(line, Code::STRUCTURE)?.then_some(Duration::ZERO),
    };
    parsed(Logs::Queries(slower))
}

fn parse_show_echo(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Logs::ShowEcho))
}

fn parse_unread(line: &Line<'_>) -> Parsed {
    nothing_more(line).and_then(|()| parsed(Logs::Unread))
}

fn parse_switch_echo(line: &Line<'_>) -> Parsed {
    on_or_off(line, Code::STRUCTURE).and_then(|on| parsed(Logs::SwitchEcho(on)))
}

fn parse_reset_echo(line: &Line<'_>) -> Parsed {
    let arguments = options(line, &[Key::int("size")])?;
    let size = arguments
        .int("size")
        .map(|size| usize::try_from(size).ok().filter(|size| (1..=ECHO_MESSAGES_MAX).contains(size)));
    if size == Some(None) {
        return Err(Error::with(Code::STRUCTURE, format!("the echo queue keeps 1 to {ECHO_MESSAGES_MAX} messages")));
    }
    parsed(Logs::ResetEcho(size.flatten()))
}

const fn show(words: &'static str, parse: Parse, text: &'static str, examples: &'static [&'static str]) -> Entry {
    let usage = "get error/event/query/streaming/file log [where format = table/json and keys = WORD…]";
    Entry::read(words, parse, Help { usage, text, examples, index: &["log", "monitor"] }).reaching(Access::ReadInside)
}

const fn reset(words: &'static str, parse: Parse, examples: &'static [&'static str]) -> Entry {
    let help = Help {
        usage: "reset error/event/query/streaming/file log",
        text: "Empties the log.",
        examples,
        index: &["log"],
    };
    Entry::change(words, parse, help)
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    show(
        "get error log",
        |line| parse_show(line, Log::Error),
        "Lists the latest errors, oldest first: what failed, then the command it belongs to.\nWith keys only entries that contain one of the words.",
        &["get error log", "get error log where format = json", "get error log where keys = blockchain sync"],
    ),
    show(
        "get event log",
        |line| parse_show(line, Log::Event),
        "Lists what happened lately, errors included, oldest first; a text that repeats is counted.",
        &["get event log", "get event log where format = json and keys = insert"],
    ),
    show(
        "get query log",
        |line| parse_show(line, Log::Query),
        "Lists the latest SQL queries with their time and database.",
        &["get query log", "get query log where format = json"],
    ),
    show(
        "get streaming log",
        |line| parse_show(line, Log::Streaming),
        "Lists the latest REST calls that failed; all of them while 'set rest log on' holds.",
        &["get streaming log", "get streaming log where format = json"],
    ),
    show(
        "get file log",
        |line| parse_show(line, Log::File),
        "Lists the latest files that commands wrote, and the copies of the ledger that members were handed.",
        &["get file log"],
    ),
    reset("reset error log", |line| parse_reset(line, Log::Error), &["reset error log"]),
    reset("reset event log", |line| parse_reset(line, Log::Event), &["reset event log"]),
    reset("reset query log", |line| parse_reset(line, Log::Query), &["reset query log"]),
    reset("reset streaming log", |line| parse_reset(line, Log::Streaming), &["reset streaming log"]),
    reset("reset file log", |line| parse_reset(line, Log::File), &["reset file log"]),
    Entry::change(
        "set rest log",
        parse_every_call,
        Help {
            usage: "set rest log on/off",
            text: "Logs every REST call in the streaming log, not only those that failed.",
            examples: &["set rest log on", "set rest log off"],
            index: &["log", "debug"],
        },
    ),
    Entry::change(
        "set query log",
        parse_queries,
        Help {
            usage: "set query log on/off/profile N seconds",
            text: "Logs every SQL query in the query log, or those that take so many seconds or more. Off at the start.",
            examples: &["set query log on", "set query log profile 10 seconds", "set query log off"],
            index: &["log", "query", "profiling"],
        },
    ),
    Entry::read(
        "get error",
        parse_error,
        Help {
            usage: "get error N",
            text: "Tells the text of an error number.",
            examples: &["get error 141"],
            index: &["debug", "helper"],
        },
    ),
    Entry::read(
        "get echo queue",
        parse_show_echo,
        Help {
            usage: "get echo queue",
            text: "Lists the messages of the echo queue and takes the + off the prompt; the messages stay.",
            examples: &["get echo queue"],
            index: &["cli", "log"],
        },
    )
    .reaching(Access::ReadInside),
    Entry::read(
        "test echo queue",
        parse_unread,
        Help {
            usage: "test echo queue",
            text: "Tells whether the echo queue has messages that nobody has looked at: the + of the prompt.",
            examples: &["test echo queue", "unread = test echo queue"],
            index: &["cli", "log"],
        },
    ),
    Entry::change(
        "set echo queue",
        parse_switch_echo,
        Help {
            usage: "set echo queue on/off",
            text: "Collects messages of 'echo' and errors of scripts in a queue instead of printing them.",
            examples: &["set echo queue on", "set echo queue off"],
            index: &["cli", "script", "log"],
        },
    ),
    Entry::change(
        "reset echo queue",
        parse_reset_echo,
        Help {
            usage: "reset echo queue [where size = 1..100]",
            text: "Begins an empty echo queue, with a size one that keeps so many messages.",
            examples: &["reset echo queue", "reset echo queue where size = 50"],
            index: &["cli", "log"],
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command, script::NoVariables};

    #[test]
    fn the_time_of_slow_queries_has_a_unit_and_nothing_behind_it() {
        let queries = |text: &str| {
            let parsed = command::parse(&format!("set query log {text}"), &NoVariables).ok()??;
            let parsed: Box<dyn std::any::Any> = parsed;
            parsed.downcast().ok().map(|logs: Box<Logs>| *logs)
        };
        for (text, seconds) in [
            ("profile 10", 10),
            ("profile 10 seconds", 10),
            ("profile 10 minutes", 600),
            ("profile \"2 hours\"", 7200),
            ("on", 0),
        ] {
            assert_eq!(queries(text), Some(Logs::Queries(Some(Duration::from_secs(seconds)))), "{text}");
        }
        assert_eq!(queries("off"), Some(Logs::Queries(None)));
        for text in ["profile", "profile 10 foo", "profile 10 foo bar", "profile 10 seconds more", "profile x"] {
            assert_eq!(queries(text), None, "{text}");
        }
    }

    #[test]
    fn error_numbers_have_texts() {
        assert_eq!(error_text("0"), "Error text: \"Success\"");
        assert_eq!(error_text("141"), "Error text: \"Unrecognized Command\"");
        assert_eq!(error_text("9999"), "Error text: \"Error #9999 not recognized\"");
        assert_eq!(error_text("99999999999"), "Error text: \"Error #99999999999 not recognized\"");
        assert_eq!(error_text("abc"), "Command 'get error' failed: error value 'abc' is not decimal");
    }
}
