//! Long answers of help on a terminal: a page at a time, so that their beginning is not gone before it is read.

use rustix::termios::tcgetwinsize;
use std::{collections::VecDeque, io};

/// Lines of a page where the terminal does not say how high it is.
const HEIGHT: usize = 24;
/// Lines that stay free for what was typed and for the prompt.
const AROUND: usize = 2;
/// What shows no more of it.
const END: &str = "q";

/// What is left of a long answer.
#[derive(Debug)]
pub(super) struct PagedText {
    lines: VecDeque<String>,
    height: usize,
    shown: usize,
}

impl PagedText {
    /// Takes an answer for this terminal.
    pub fn of(text: &str) -> Self {
        let height = tcgetwinsize(io::stdout()).map_or(HEIGHT, |size| usize::from(size.ws_row));
        Self::with_height(text, if height <= AROUND { HEIGHT } else { height })
    }

    fn with_height(text: &str, height: usize) -> Self {
        let lines = text.lines().map(str::to_owned).collect();
        Self { lines, height: height.saturating_sub(AROUND).max(1), shown: 0 }
    }

    /// Takes the next page.
    pub fn next_page(&mut self) -> String {
        let page: Vec<String> = self.lines.drain(..self.height.min(self.lines.len())).collect();
        self.shown += page.len();
        page.iter().map(|line| format!("{line}\r\n")).collect()
    }

    /// Returns the prompt that asks for the next page; nothing when all is shown.
    pub fn prompt(&self) -> Option<String> {
        let all = self.shown + self.lines.len();
        let prompt = || format!("-- {} of {all} lines; Enter shows more, {END} ends -- ", self.shown);
        (!self.lines.is_empty()).then(prompt)
    }

    /// Tells whether a line shows no more.
    pub fn is_end(line: &str) -> bool {
        line.trim() == END
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_page_by_page() {
        let mut pages = PagedText::with_height("a\r\nb\r\nc\r\nd\r\ne\r\n", 4);
        assert_eq!(pages.next_page(), "a\r\nb\r\n");
        assert_eq!(pages.prompt().as_deref(), Some("-- 2 of 5 lines; Enter shows more, q ends -- "));
        assert_eq!((pages.next_page().as_str(), pages.prompt().is_some()), ("c\r\nd\r\n", true));
        assert_eq!((pages.next_page().as_str(), pages.prompt()), ("e\r\n", None));
        assert!(PagedText::is_end(" q ") && !PagedText::is_end("quit"));
    }
}
