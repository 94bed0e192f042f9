//! What a message asks for: the text of one command and who waits for its answer (reference/tcp-protocol 6, 8.2).

use crate::peer::wire;
use anylog_block::{Header, Message};

/// A command of another node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerRequest {
    /// Header of its message: job, return address, receivers.
    pub header: Header,
    /// The command, tabs turned to blanks where they stand for them.
    pub command: String,
    /// True when the command came in a file, as large ones do.
    pub is_large: bool,
}

impl PeerRequest {
    /// Reads the command of a message; nothing when a large message is not UTF-8.
    #[must_use]
    pub fn read(message: Message) -> Option<Self> {
        let Message { header, command, data } = message;
        let is_large = wire::file_name(&command).is_some() && header.flag == wire::FILE_COMMAND;
        let command = if is_large { String::from_utf8(data).ok()? } else { command };
        Some(Self { header, command: wire::without_tabs(&command), is_large })
    }

    /// Reads the beginning of a message, for an answer that repeats it; nothing for one that is no request.
    #[must_use]
    pub fn read_beginning(beginning: Message) -> Option<Self> {
        let text = String::from_utf8_lossy(&beginning.data).into_owned().into_bytes();
        if beginning.is_reply() { None } else { Self::read(Message { data: text, ..beginning }) }
    }

    /// Tells whether somebody waits for the answer.
    #[must_use]
    pub const fn is_awaited(&self) -> bool {
        self.header.job.id != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_message_is_its_content() {
        let header = Header { flag: wire::FILE_COMMAND, ..Header::default() };
        let name = "file write cmd.10.0.0.1.7.lmsg".to_owned();
        let message = |data: &[u8]| Message { header: header.clone(), command: name.clone(), data: data.to_vec() };
        let large = PeerRequest::read(message(b"blockchain push\tignore {}")).unwrap();
        assert_eq!((large.command.as_str(), large.is_large), ("blockchain push ignore {}", true));
        assert_eq!(PeerRequest::read(message(b"\xff")), None);
        let plain = Message { command: "file write /etc/passwd".to_owned(), ..Message::default() };
        let plain = PeerRequest::read(plain).unwrap();
        assert_eq!((plain.command.as_str(), plain.is_large), ("file write /etc/passwd", false));
    }
}
