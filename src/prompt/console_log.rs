//! What the console says while nobody is at it: lines of the log instead of texts with prompts.

use crate::{
    render,
    reply::{Notice, Reply},
    runtime::limits,
    telemetry,
};

/// Where the lines come from, as `LOG_LEVEL` names it.
const TARGET: &str = "anylog_master::prompt";

/// Logs a reply.
pub(super) fn show(reply: &Reply) {
    text(&plain(&render::console(reply)));
}

/// Logs a notice; what the log says anyway is left out. Other nodes may have sent the text, so the log has its beginning
/// alone.
pub(super) fn notice(notice: &Notice) {
    match notice {
        // The console shows a secret itself; the log is kept and read by others.
        Notice::Version(_) | Notice::Secret(_) => {}
        Notice::Line(line) | Notice::Paragraph(line) | Notice::Event(line) | Notice::Success(line) => {
            text(&shortened(plain(line)));
        }
        Notice::Failure(line) => tracing::warn!(target: TARGET, "{}", shortened(plain(line))),
        Notice::Error { code, detail } => tracing::warn!(target: TARGET, detail, "{}", code.text()),
        Notice::EchoQueue => tracing::info!(target: TARGET, "messages in the echo queue: get echo queue"),
        Notice::Printed(reply) => show(reply),
        Notice::PeerAnswer { from, value } => {
            let value = shortened(value.to_string());
            tracing::info!(target: TARGET, from, %value, "answer of another node");
        }
        Notice::Command(command) => tracing::info!(target: TARGET, command, "command of the program's arguments"),
        Notice::Trace(line) => {
            let (number, outcome) = (line.line, line.outcome);
            tracing::info!(target: TARGET, thread = line.thread, line = number, outcome, "{}", line.command);
        }
    }
}

fn text(text: &str) {
    if !text.is_empty() {
        tracing::info!(target: TARGET, "{text}");
    }
}

/// Returns a text without colours and without the empty lines and blanks around it.
fn plain(text: &str) -> String {
    let text = telemetry::clean(text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).skip_while(|line| line.is_empty()).collect();
    lines.join("\n").trim_end().to_owned()
}

/// Returns as much of a text as a log takes, and how many bytes were left out behind it.
fn shortened(mut text: String) -> String {
    let end = text.floor_char_boundary(limits::LOG_TEXT);
    let left_out = text.len().saturating_sub(end);
    if left_out > 0 {
        text.truncate(end);
        text.push_str(&format!(" … {left_out} bytes left out"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_no_colours_and_no_frame_of_empty_lines() {
        assert_eq!(plain("\r\n\"hello\"\r\n\r\n"), "\"hello\"");
        assert_eq!(plain("\x1b[32m\n\r\n|===|\r\n|a  |\r\n\x1b[0m\n"), "|===|\n|a  |");
        assert_eq!(plain("\r\n  Name \r\n ----|\r\n"), "  Name\n ----|");
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_much_is_left_out() {
        let whole = "x".repeat(limits::LOG_TEXT);
        assert_eq!(shortened(whole.clone()), whole);
        assert_eq!(shortened(format!("{whole}yz")), format!("{whole} … 2 bytes left out"));
        let letters = "é".repeat(limits::LOG_TEXT);
        let cut = shortened(format!("x{letters}"));
        let left = cut.strip_suffix(&format!(" … {} bytes left out", limits::LOG_TEXT + 2));
        assert_eq!(left.map(str::len), Some(limits::LOG_TEXT - 1), "between two characters");
    }
}
