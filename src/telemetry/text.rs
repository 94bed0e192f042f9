//! A line of the log for people.

use crate::telemetry::line::Line;
use serde_json::Value;
use std::fmt::Write;
use tracing::Level;

/// What stands before further lines of a text, so that nobody can make one that looks like a line of its own.
const CONTINUED: &str = "\n    ";
const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// Writes a line, its end included.
pub(super) fn text(line: &Line, coloured: bool) -> String {
    let mut out = String::new();
    let (dim, plain) = if coloured { (DIM, PLAIN) } else { ("", "") };
    let colour = if coloured { colour(line.level) } else { "" };
    let room = line.room();
    // Writing to a string does not fail.
    let _written = write!(
        out,
        "{dim}{:.3}{plain} {colour}{:<5}{plain} {dim}{room}:{plain} {}",
        line.time,
        line.level.as_str(),
        continued(&line.message)
    );
    let width = line.fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in &line.fields {
        let _written = if line.is_block {
            write!(out, "{CONTINUED}{name:<width$}  {}", continued(&bare(value)))
        } else {
            write!(out, " {dim}{name}={plain}{}", continued(&quoted(value)))
        };
    }
    out.push('\n');
    out
}

/// Writes what a line says without its time, level and room: the message, and the fields behind it.
pub(super) fn said(line: &Line) -> String {
    let mut out = line.message.trim_end().to_owned();
    for (name, value) in &line.fields {
        // Writing to a string does not fail.
        let _written = write!(out, " {name}={}", quoted(value));
    }
    out
}

const fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[34m",
    }
}

fn continued(text: &str) -> String {
    text.trim_end().replace('\n', CONTINUED)
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Writes a value so that its end is seen: in quotes when it has blanks or is empty, with its own quotes marked.
fn quoted(value: &Value) -> String {
    match value.as_str() {
        Some(text) if !text.is_empty() && !text.contains([' ', '"', '=', '\n', '\t']) => text.to_owned(),
        Some(text) if text.contains('"') => format!("{text:?}"),
        Some(text) => format!("\"{text}\""),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn line(message: &str, fields: Vec<(&'static str, Value)>, is_block: bool) -> Line {
        let target = "anylog_master::rest::server".to_owned();
        let (time, message) = (Timestamp::UNIX_EPOCH, message.to_owned());
        Line { time, level: Level::WARN, target, message, fields, is_block }
    }

    #[test]
    fn fields_stand_behind_the_message() {
        let line = line("refused", vec![("ms", 1.5.into()), ("error", "no room".into()), ("to", "a:1".into())], false);
        let shown = "1970-01-01T00:00:00.000Z WARN  rest::server: refused ms=1.5 error=\"no room\" to=a:1\n";
        assert_eq!(text(&line, false), shown);
        assert!(text(&line, true).contains("\x1b[33mWARN "));
    }

    #[test]
    fn a_text_of_several_lines_is_no_second_line_of_the_log() {
        let forged = line("a\n1970-01-01T00:00:00.000Z INFO  x: b", vec![], false);
        assert!(text(&forged, false).ends_with("a\n    1970-01-01T00:00:00.000Z INFO  x: b\n"));
    }

    #[test]
    fn a_block_has_a_line_for_each_field() {
        let block = line("ready", vec![("database", "sqlite, a file".into()), ("ms", 1.5.into())], true);
        assert!(text(&block, false).ends_with("ready\n    database  sqlite, a file\n    ms        1.5\n"));
    }
}
