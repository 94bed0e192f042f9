//! Single keys while no line is edited: they end what a prompt shows, or turn its pages.

use crate::prompt::presence;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr},
};
use std::io;

/// A key, by what it means there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Enter.
    Enter,
    /// The space bar, Page Down.
    Page,
    /// `j` and Down: a line more.
    Line,
    /// `q`, Escape, Ctrl-C, Ctrl-D.
    End,
    /// `/`: search.
    Search,
    /// `n`: search the same again.
    Again,
    /// Any other key.
    Other,
    /// The terminal is gone.
    Gone,
}

/// Bytes of the longest key.
const LONGEST: usize = 8;

impl Key {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [] => Self::Gone,
            b"\r" | b"\n" => Self::Enter,
            b" " | b"f" | b"\x1b[6~" => Self::Page,
            b"j" | b"\x1b[B" | b"\x1bOB" => Self::Line,
            b"q" | b"Q" | b"\x1b" | b"\x03" | b"\x04" => Self::End,
            b"/" => Self::Search,
            b"n" => Self::Again,
            _ => Self::Other,
        }
    }
}

/// The terminal, set so that each key comes at once and is not shown; given back as it was when this is dropped.
pub struct Keys {
    found: Option<Termios>,
}

impl Keys {
    /// Sets the terminal.
    #[must_use]
    pub fn begin() -> Self {
        let found = tcgetattr(io::stdin()).ok();
        if let Some(mut mode) = found.clone() {
            mode.local_modes.remove(LocalModes::ISIG | LocalModes::ECHO | LocalModes::ICANON);
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
            set(&mode);
        }
        Self { found }
    }

    /// Waits for what a key types, which may be a letter of several bytes; nothing when the terminal is gone.
    pub async fn text(&self) -> Option<String> {
        let mut typed = Vec::new();
        loop {
            presence::key().await.ok()?;
            typed.extend(bytes()?);
            match std::str::from_utf8(&typed) {
                Ok(text) => return Some(text.to_owned()),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => typed.clear(),
            }
        }
    }

    /// Waits for a key. Cancel-safe: a key that nobody waited for stays to be read.
    pub async fn next(&self) -> Key {
        match presence::key().await {
            Ok(()) => bytes().map_or(Key::Gone, |bytes| Key::of(&bytes)),
            Err(_) => Key::Gone,
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(mode) = &self.found {
            set(mode);
        }
    }
}

fn set(mode: &Termios) {
    // A terminal that is gone needs no mode.
    let _gone = tcsetattr(io::stdin(), OptionalActions::Now, mode);
}

/// Reads one key that is there; keys behind it stay, a sequence is read as a whole. Nothing when the terminal is gone.
fn bytes() -> Option<Vec<u8>> {
    let mut key = Vec::new();
    let mut byte = [0; 1];
    while key.len() < LONGEST && (key.is_empty() || (key.first() == Some(&0x1b) && is_waiting() && !ends(&key))) {
        match rustix::io::read(io::stdin(), &mut byte) {
            Ok(1..) => key.extend_from_slice(&byte),
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return None,
        }
    }
    Some(key)
}

/// Tells whether a sequence is whole: its last byte is a letter or `~`, behind the sign that opens it.
fn ends(key: &[u8]) -> bool {
    key.len() > 2 && key.last().is_some_and(|last| last.is_ascii_alphabetic() || *last == b'~')
}

/// Tells whether a key waits to be read: somebody typed ahead.
#[must_use]
pub fn is_waiting() -> bool {
    let input = io::stdin();
    let mut watched = [PollFd::new(&input, PollFlags::IN)];
    poll(&mut watched, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_what_they_send() {
        for (bytes, key) in [
            (&b"\r"[..], Key::Enter),
            (b" ", Key::Page),
            (b"\x1b[6~", Key::Page),
            (b"\x1b[B", Key::Line),
            (b"\x1b", Key::End),
            (b"\x03", Key::End),
            (b"/", Key::Search),
            (b"x", Key::Other),
            (b"\x1b[A", Key::Other),
        ] {
            assert_eq!(Key::of(bytes), key, "{bytes:?}");
        }
        assert!(ends(b"\x1b[6~") && !ends(b"\x1b[6") && !ends(b"\x1b[") && ends(b"\x1bOB"));
    }
}
