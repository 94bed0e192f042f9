//! Notices as the console shows them (reference/command-language 7.4 and 7.7).

use crate::{
    render::{
        console::structured,
        message_box::{Colour, message_box},
        text::text,
        visible::visible,
    },
    reply::{Notice, TracedLine},
};

/// Renders a notice: the texts that the console prints one after the other, the prompt behind each of them.
#[must_use]
pub fn notice(notice: &Notice) -> Vec<String> {
    let one = |text: String| vec![text];
    // The colours of a box are its own.
    let boxed = |text: &str, colour| one(message_box(&visible(text), colour));
    let texts = match notice {
        Notice::Line(line) => one(format!("{line}\r\n")),
        Notice::Secret(lines) => one(lines.iter().map(|line| format!("{line}\r\n")).collect()),
        Notice::Paragraph(line) => one(format!("\r\n{line}\r\n")),
        Notice::Success(text) => return boxed(text, Colour::Green),
        Notice::Failure(text) => return boxed(text, Colour::Red),
        Notice::Event(text) => one(format!("event:   {text}\r\n")),
        Notice::Trace(line) => one(traced(line)),
        Notice::Error { code, detail } => {
            let detail = detail.as_ref().map(|detail| format!("  {detail}\r\n")).unwrap_or_default();
            one(format!("{}\r\n{detail}", code.text()))
        }
        Notice::EchoQueue => one("Messages in Echo Queue! ...\r\n".to_owned()),
        Notice::Printed(reply) => vec![ended(text(reply)), String::new()],
        Notice::PeerAnswer { from, value } => {
            vec![format!("\r\n\n[From Node {from}] \r\n{}", structured(value)), "\n\r\n".to_owned()]
        }
        Notice::Command(command) => one(format!("{command} \r\n")),
        Notice::Version(version) => one(format!("\r\n{version} (Source)\r\n\r\n\r\n")),
    };
    texts.iter().map(|text| visible(text).into_owned()).collect()
}

fn traced(TracedLine { thread, line, command, outcome }: &TracedLine) -> String {
    format!("[{thread}] [{line:04}] {command} --> {outcome}\r\n")
}

/// Ends a text with a line break, unless it is empty or has one.
fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with("\r\n") {
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::{Code, Pairs, PairsLayout, Reply};
    use serde_json::json;

    #[test]
    fn a_notice_is_a_line_a_paragraph_or_a_box() {
        assert_eq!(notice(&Notice::Line("a".to_owned())), ["a\r\n"]);
        assert_eq!(notice(&Notice::Paragraph("a".to_owned())), ["\r\na\r\n"]);
        assert_eq!(notice(&Notice::Secret(vec!["a".to_owned(), "b".to_owned()])), ["a\r\nb\r\n"]);
        assert_eq!(notice(&Notice::Event("over".to_owned())), ["event:   over\r\n"]);
        assert!(notice(&Notice::Failure("a".to_owned())).concat().starts_with("\x1b[31m\n\r\n|=|\r\n|a|"));
        assert!(notice(&Notice::Success("a".to_owned())).concat().starts_with("\x1b[32m\n"));
    }

    #[test]
    fn an_error_is_its_name_with_the_detail_below() {
        assert_eq!(notice(&Notice::error(Code::STRUCTURE)), ["Error Command Structure\r\n"]);
        let explained = Notice::Error { code: Code::STRUCTURE, detail: Some("why".to_owned()) };
        assert_eq!(notice(&explained), ["Error Command Structure\r\n  why\r\n"]);
    }

    #[test]
    fn a_traced_line_has_four_digits() {
        let line = TracedLine { thread: "main".to_owned(), line: 7, command: "a".to_owned(), outcome: "Success" };
        assert_eq!(notice(&Notice::Trace(line)), ["[main] [0007] a --> Success\r\n"]);
    }

    #[test]
    fn a_printed_result_is_followed_by_one_more_prompt() {
        assert_eq!(notice(&Notice::Printed(Reply::Text("true".to_owned()))), ["true\r\n", ""]);
        let levels = Pairs::new(PairsLayout::Levels, [("3", json!("run client"))]);
        assert_eq!(notice(&Notice::Printed(Reply::Pairs(levels))), ["  3 : run client\r\n", ""]);
    }

    #[test]
    fn an_answer_of_another_node_names_it() {
        let answer = Notice::PeerAnswer { from: "1.2.3.4:5".to_owned(), value: json!("up") };
        assert_eq!(notice(&answer), ["\r\n\n[From Node 1.2.3.4:5] \r\n\r\n\"up\"\r\n\r\n", "\n\r\n"]);
    }
}
