//! What the console says while nobody is at it: lines of the log instead of texts with prompts.

use crate::{
    render,
    reply::{Notice, Reply},
    telemetry,
};

/// Where the lines come from, as `LOG_LEVEL` names it.
const TARGET: &str = "anylog_master::prompt";

/// Logs a reply.
pub(super) fn show(reply: &Reply) {
    text(&render::console(reply));
}

/// Logs a notice; what the log says anyway is left out.
pub(super) fn notice(notice: &Notice) {
    match notice {
        // The console shows a secret itself; the log is kept and read by others.
        Notice::Version(_) | Notice::Secret(_) => {}
        Notice::Line(line) | Notice::Paragraph(line) | Notice::Event(line) | Notice::Success(line) => text(line),
        Notice::Failure(line) => tracing::warn!(target: TARGET, "{}", plain(line)),
        Notice::Error { code, detail } => tracing::warn!(target: TARGET, detail, "{}", code.text()),
        Notice::EchoQueue => tracing::info!(target: TARGET, "messages in the echo queue: get echo queue"),
        Notice::Printed(reply) => show(reply),
        Notice::PeerAnswer { from, value } => tracing::info!(target: TARGET, from, %value, "answer of another node"),
        Notice::Command(command) => tracing::info!(target: TARGET, command, "command of the program's arguments"),
        Notice::Trace(line) => {
            let (number, outcome) = (line.line, line.outcome);
            tracing::info!(target: TARGET, thread = line.thread, line = number, outcome, "{}", line.command);
        }
    }
}

fn text(text: &str) {
    let text = plain(text);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_no_colours_and_no_frame_of_empty_lines() {
        assert_eq!(plain("\r\n\"hello\"\r\n\r\n"), "\"hello\"");
        assert_eq!(plain("\x1b[32m\n\r\n|===|\r\n|a  |\r\n\x1b[0m\n"), "|===|\n|a  |");
        assert_eq!(plain("\r\n  Name \r\n ----|\r\n"), "  Name\n ----|");
    }
}
