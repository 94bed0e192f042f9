//! Where lines come from: a terminal's editor, or the standard input when it is no terminal.

use crate::{
    prompt::terminal::{LineEditor, LineEvent, Terminal},
    runtime::limits::{INPUT_BYTES, INPUT_QUEUE},
};
use secrecy::SecretString;
use std::{
    io::{self, BufRead, Read},
    path::PathBuf,
};
use tokio::sync::mpsc;

/// Where lines come from.
pub enum Input {
    /// The standard input, which is a pipe or a file.
    Pipe(PipedLines),
    /// The editor of a terminal.
    Terminal(LineEditor),
}

impl Input {
    /// Opens the terminal, with the history of the file, or the standard input when there is no terminal.
    ///
    /// # Errors
    /// When the system gives no thread to read on.
    pub fn open(terminal: Option<Terminal>, history: Option<PathBuf>) -> io::Result<Self> {
        match terminal {
            Some(terminal) => Ok(Self::Terminal(terminal.edit(history)?)),
            None => Ok(Self::Pipe(PipedLines { lines: lines(io::stdin())?, returned: None })),
        }
    }

    /// Asks for something that is not shown while it is typed; a pipe gives its next line. Nothing when nobody answers.
    pub async fn unseen(&mut self, question: &str) -> Option<SecretString> {
        let line = match self {
            Self::Pipe(lines) => lines.next().await?,
            Self::Terminal(editor) => match editor.unseen(question).await {
                LineEvent::Line(line) => line,
                LineEvent::Interrupted | LineEvent::Closed | LineEvent::Ended => return None,
            },
        };
        let answer = line.trim();
        (!answer.is_empty()).then(|| answer.to_owned().into())
    }
}

/// The lines of a pipe or a file.
pub struct PipedLines {
    lines: mpsc::Receiver<String>,
    /// A line that was taken and given back.
    returned: Option<String>,
}

impl PipedLines {
    /// Waits for the next line; nothing at the end of the input. Cancel-safe.
    pub async fn next(&mut self) -> Option<String> {
        match self.returned.take() {
            Some(line) => Some(line),
            None => self.lines.recv().await,
        }
    }

    /// Gives a line back that is for somebody else.
    pub fn give_back(&mut self, line: String) {
        self.returned = Some(line);
    }
}

/// Reads lines on a thread of its own, so that a silent input never delays the end of the node.
///
/// The channel closes at the end of input. A line over [`INPUT_BYTES`] is cut there.
///
/// # Errors
/// When the system gives no thread.
fn lines<R: Read + Send + 'static>(input: R) -> io::Result<mpsc::Receiver<String>> {
    let (sender, receiver) = mpsc::channel(INPUT_QUEUE);
    std::thread::Builder::new().name("standard-input".to_owned()).spawn(move || {
        let mut input = io::BufReader::new(input);
        while let Some(line) = next(&mut input) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(receiver)
}

/// Returns the next line without its end; nothing at the end of input.
fn next(input: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let limit = u64::try_from(INPUT_BYTES).unwrap_or(u64::MAX);
    let read = input.by_ref().take(limit).read_until(b'\n', &mut line).ok()?;
    if read == 0 {
        return None;
    }
    if !line.ends_with(b"\n") && read >= INPUT_BYTES {
        skip_line(input);
    }
    let text = String::from_utf8_lossy(&line);
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn skip_line(input: &mut impl BufRead) {
    loop {
        let Ok(buffer) = input.fill_buf() else { return };
        let (used, done) = match buffer.iter().position(|b| *b == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(used);
        if done {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<String> {
        let mut input = io::BufReader::new(text);
        std::iter::from_fn(|| next(&mut input)).collect()
    }

    #[test]
    fn last_line_needs_no_line_end() {
        assert_eq!(all(b"a\r\nb"), ["a", "b"]);
        assert_eq!(all(b""), Vec::<String>::new());
    }

    #[test]
    fn long_line_is_cut_and_the_next_one_is_whole() {
        let mut text = vec![b'x'; INPUT_BYTES + 10];
        text.extend_from_slice(b"\nget status\n");
        let lines = all(&text);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), INPUT_BYTES);
        assert_eq!(lines[1], "get status");
    }

    #[test]
    fn bytes_that_are_no_text_do_not_end_the_input() {
        assert_eq!(all(b"\xff\nb\n"), ["\u{fffd}", "b"]);
    }
}
