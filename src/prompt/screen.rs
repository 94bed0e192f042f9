//! The terminal as a place that something is drawn on: its size, and how many of its lines a text takes.

use async_trait::async_trait;
use rustix::termios::tcgetwinsize;
use std::io;

/// The size of a terminal that does not tell it.
const USUAL: ScreenSize = ScreenSize { columns: 80, rows: 24 };

/// Characters of a line and lines of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenSize {
    /// Characters of a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

impl ScreenSize {
    /// Returns the size of the terminal that the standard output is.
    #[must_use]
    pub fn read() -> Self {
        let size = tcgetwinsize(io::stdout()).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0);
        size.map_or(USUAL, |size| Self { columns: size.ws_col.into(), rows: size.ws_row.into() })
    }

    /// Returns how many lines of the terminal a line of a text takes.
    #[must_use]
    pub fn rows_of(self, line: &str) -> usize {
        width(line).div_ceil(self.columns.max(1)).max(1)
    }
}

/// Returns the characters of a line that are seen; colours take no place.
pub fn width(line: &str) -> usize {
    let mut is_sequence = false;
    let seen = line.chars().filter(|sign| match sign {
        '\x1b' => {
            is_sequence = true;
            false
        }
        sign if is_sequence => {
            is_sequence = !sign.is_ascii_alphabetic();
            false
        }
        sign => !sign.is_control(),
    });
    seen.count()
}

/// How what is drawn makes room for texts that can be kept back no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepAside {
    /// Takes what is drawn from the terminal.
    pub leave: &'static str,
    /// Comes before what was drawn last, which is drawn again.
    pub back: &'static str,
}

/// Where a prompt writes.
#[async_trait]
pub trait Screen: Send {
    /// Writes a text as it is, behind everything that was written before.
    async fn write(&mut self, text: &str);

    /// Keeps back what others write until the screen is released, so that it does not stand in what is drawn. It is kept for a
    /// while alone: nobody may sit there any more, and the log is read elsewhere, too.
    async fn hold(&mut self, aside: StepAside);

    /// Lets others write again.
    async fn release(&mut self);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_place() {
        let size = ScreenSize { columns: 4, rows: 10 };
        assert_eq!((width("\x1b[1mab\x1b[0m"), size.rows_of("\x1b[1mabcd\x1b[0m"), size.rows_of("abcde")), (2, 1, 2));
        assert_eq!(size.rows_of(""), 1);
    }
}
