//! What a message asks for: the text of one command and who waits for its answer (reference/tcp-protocol 6, 8.2).

use crate::node::Role;
use anylog_block::{Header, Message};

/// Flag of a file that carries a command (a large message).
const COMMAND_FILE: u16 = 3;

/// A command of another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Header of its message: job, return address, receivers.
    pub header: Header,
    /// The command, tabs turned to blanks where they stand for them.
    pub command: String,
}

/// Which answers a command gets (reference/tcp-protocol 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style<'a> {
    /// `get …` and whatever else returns something.
    Query,
    /// `blockchain get`.
    BlockchainGet,
    /// `blockchain X` that returns something, answered by `echo`.
    BlockchainQuery(&'a str),
    /// `blockchain X` that changes policies: silent when nobody waits.
    BlockchainChange(&'a str),
    /// `event …`.
    Event,
    /// `file …`.
    File,
    /// `sql …`, `info …`: answered by `job reply`.
    Sql,
    /// Anything else: not for other nodes.
    Change,
}

impl Request {
    /// Reads the command of a message; nothing when a large message is not UTF-8.
    #[must_use]
    pub fn read(message: Message) -> Option<Self> {
        let Message { header, command, data } = message;
        let large = command.starts_with("file write ") && header.flag == COMMAND_FILE;
        let command = if large { String::from_utf8(data).ok()? } else { command };
        Some(Self { header, command: plain(&command) })
    }

    /// Tells whether the command came in a file, as large ones do.
    #[must_use]
    pub const fn is_large(&self) -> bool {
        self.header.flag == COMMAND_FILE
    }

    /// Tells whether somebody waits for the answer.
    #[must_use]
    pub const fn is_awaited(&self) -> bool {
        self.header.job.id != 0
    }

    /// Returns how the command is answered.
    #[must_use]
    pub fn style(&self) -> Style<'_> {
        let mut words = self.command.split_ascii_whitespace();
        match (words.next().unwrap_or_default(), words.next().unwrap_or_default()) {
            ("blockchain", "get") => Style::BlockchainGet,
            ("blockchain", name @ ("test" | "read" | "state" | "query" | "load")) => Style::BlockchainQuery(name),
            ("blockchain", name) => Style::BlockchainChange(name),
            ("get" | "help" | "test" | "query" | "job", _) => Style::Query,
            ("event", _) => Style::Event,
            ("file", _) => Style::File,
            ("sql" | "info", _) => Style::Sql,
            _ => Style::Change,
        }
    }

    /// Returns what the command may do: other nodes change policies and nothing else (reference/tcp-protocol 15.10).
    #[must_use]
    pub fn role(&self) -> Role {
        let changes = matches!(self.style(), Style::BlockchainChange("push" | "drop" | "replace"));
        if changes { Role::Publish } else { Role::Read }
    }

    /// Tells whether a member wants to read how its request for the ledger went (trace level 2).
    #[must_use]
    pub fn traces(&self) -> bool {
        self.command.starts_with("event get_blockchain ") && self.command.ends_with(" 2")
    }

    /// Tells whether the command has to wait for the earlier ones of its sender.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        matches!(self.style(), Style::BlockchainChange(_) | Style::Event | Style::File)
    }
}

/// Turns the tabs of a command into what they stand for: blanks, kept together by quotes where a word needs it.
fn plain(command: &str) -> String {
    if !command.contains('\t') {
        return command.to_owned();
    }
    if command.starts_with("blockchain") || command.starts_with("print") || command.starts_with("echo") {
        return command.replace('\t', " ");
    }
    let keep = command.starts_with("event ") || command.starts_with("file get ");
    command.split(' ').map(|word| joined(word, keep)).collect::<Vec<_>>().join(" ")
}

/// Returns a word that holds tabs as one word of the command language.
fn joined(word: &str, keep: bool) -> String {
    if !word.contains('\t') {
        return word.to_owned();
    }
    let text = if keep { word.to_owned() } else { word.replace('\t', " ") };
    let grouped = [('(', ')'), ('[', ']'), ('{', '}'), ('"', '"')];
    if grouped.iter().any(|(open, close)| text.starts_with(*open) && text.ends_with(*close)) {
        return text;
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(command: &str) -> String {
        Request::read(Message { command: command.to_owned(), ..Message::default() }).unwrap().command
    }

    #[test]
    fn tabs_are_blanks_of_one_word() {
        assert_eq!(text("blockchain push\tignore {\"a\": 1}"), "blockchain push ignore {\"a\": 1}");
        assert_eq!(
            text("blockchain get (master,\toperator) bring.json"),
            "blockchain get (master, operator) bring.json"
        );
        assert_eq!(text("get files a\tb"), "get files \"a b\"");
        assert_eq!(text("get policies (a,\tb)"), "get policies (a, b)");
        assert_eq!(text("event get_blockchain /my\tnode/x 0 0"), "event get_blockchain \"/my\tnode/x\" 0 0");
    }

    #[test]
    fn a_large_message_is_its_content() {
        let header = Header { flag: COMMAND_FILE, ..Header::default() };
        let name = "file write cmd.10.0.0.1.7.lmsg".to_owned();
        let message = |data: &[u8]| Message { header: header.clone(), command: name.clone(), data: data.to_vec() };
        assert_eq!(Request::read(message(b"blockchain push\tignore {}")).unwrap().command, "blockchain push ignore {}");
        assert_eq!(Request::read(message(b"\xff")), None);
        let plain = Message { command: "file write /etc/passwd".to_owned(), ..Message::default() };
        assert_eq!(Request::read(plain).unwrap().command, "file write /etc/passwd");
    }

    #[test]
    fn changes_keep_their_order_and_questions_do_not_wait() {
        let style = |command: &str| Request { header: Header::default(), command: command.to_owned() }.is_ordered();
        assert!(style("blockchain push {}") && style("blockchain drop policy where id = x"));
        assert!(style("event get_blockchain a 0 0"));
        assert!(!style("blockchain get *") && !style("get status") && !style("xyzzy"));
    }
}
