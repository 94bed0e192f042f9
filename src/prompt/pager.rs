//! Long answers on a terminal: a page at a time, so that their beginning is not gone before it is read.

use crate::prompt::{
    idle::IDLE,
    keys::{Key, Keys},
    screen::{Screen, ScreenSize, StepAside},
};
use std::time::Duration;
use tokio::time::timeout;

/// Takes the cursor to the beginning of its line and empties that.
const ERASE_LINE: &str = "\r\x1b[K";
/// Texts that can wait no longer stand between the page and the line that asks for more.
const ASIDE: StepAside = StepAside { leave: ERASE_LINE, back: "" };
/// Most characters of what is searched for.
const SEARCH: usize = 200;

/// A long answer and how far it is shown.
#[derive(Debug)]
pub struct PagedText {
    lines: Vec<String>,
    shown: usize,
    size: ScreenSize,
}

impl PagedText {
    /// Takes a text that is longer than the terminal; nothing when all of it can be seen at once.
    #[must_use]
    pub fn of(text: &str, size: ScreenSize) -> Option<Self> {
        let lines: Vec<String> = text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
        let rows: usize = lines.iter().map(|line| size.rows_of(line)).sum();
        // What was typed stands above the answer, and the prompt below it.
        (rows + 2 > size.rows).then_some(Self { lines, shown: 0, size })
    }

    /// Takes as many lines as fit above the line that asks for more.
    fn next_page(&mut self) -> String {
        self.next_rows(self.size.rows.saturating_sub(2).max(1))
    }

    /// Takes lines that fill so many lines of the terminal, at least one.
    fn next_rows(&mut self, rows: usize) -> String {
        let (mut page, mut left) = (String::new(), rows);
        while let Some(line) = self.lines.get(self.shown) {
            let needed = self.size.rows_of(line);
            if needed > left && !page.is_empty() {
                break;
            }
            left = left.saturating_sub(needed);
            page.push_str(line);
            page.push_str("\r\n");
            self.shown += 1;
        }
        page
    }

    /// Goes on where a text stands next, whatever its case; false when it stands nowhere below.
    fn search(&mut self, text: &str) -> bool {
        let text = text.to_lowercase();
        let rest = self.lines.get(self.shown..).unwrap_or_default();
        let found = rest.iter().position(|line| line.to_lowercase().contains(&text));
        self.shown += found.unwrap_or_default();
        found.is_some()
    }

    fn is_over(&self) -> bool {
        self.shown >= self.lines.len()
    }

    fn question(&self) -> String {
        format!("-- {} of {} lines; Enter shows more, / searches, q ends -- ", self.shown, self.lines.len())
    }
}

/// Shows a text until its end, or until somebody has seen enough or has gone.
pub async fn show(mut text: PagedText, screen: &mut dyn Screen) {
    let keys = Keys::begin();
    screen.hold(ASIDE).await;
    let mut searched = String::new();
    let page = text.next_page();
    screen.write(&page).await;
    while !text.is_over() {
        screen.write(&text.question()).await;
        let more = match pressed(keys.next(), Key::Gone, IDLE).await {
            Key::Enter | Key::Page => text.next_page(),
            Key::Line => text.next_rows(1),
            Key::End | Key::Gone => break,
            Key::Search => {
                if let Some(words) = ask(&keys, screen).await {
                    searched = words;
                }
                found(&mut text, &searched)
            }
            Key::Again => found(&mut text, &searched),
            Key::Other => String::new(),
        };
        screen.write(&format!("{ERASE_LINE}{more}")).await;
    }
    if !text.is_over() {
        screen.write(ERASE_LINE).await;
    }
    screen.release().await;
}

/// Waits for a key; who presses none for so long has gone.
async fn pressed<T>(key: impl Future<Output = T>, gone: T, longest: Duration) -> T {
    timeout(longest, key).await.unwrap_or(gone)
}

fn found(text: &mut PagedText, searched: &str) -> String {
    match searched {
        "" => String::new(),
        searched if text.search(searched) => format!("…\r\n{}", text.next_page()),
        searched => format!("'{searched}' does not stand below\r\n"),
    }
}

/// Asks for what is searched for; nothing when nothing is typed.
async fn ask(keys: &Keys, screen: &mut dyn Screen) -> Option<String> {
    let mut typed = String::new();
    loop {
        screen.write(&format!("{ERASE_LINE}/{typed}")).await;
        match pressed(keys.text(), None, IDLE).await {
            Some(text) if text == "\r" || text == "\n" => return Some(typed).filter(|typed| !typed.is_empty()),
            Some(text) if text == "\x7f" || text == "\x08" => drop(typed.pop()),
            Some(text) if text.starts_with(char::is_control) => return None,
            Some(text) if typed.chars().count() < SEARCH => typed.push_str(&text),
            Some(_) => {}
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &str, rows: usize) -> Option<PagedText> {
        PagedText::of(lines, ScreenSize { columns: 10, rows })
    }

    #[test]
    fn an_answer_comes_page_by_page() {
        let mut pages = text("a\r\nb\r\nc\r\nd\r\ne\r\n", 4).unwrap();
        assert_eq!(pages.next_page(), "a\r\nb\r\n");
        assert_eq!(pages.question(), "-- 2 of 5 lines; Enter shows more, / searches, q ends -- ");
        assert_eq!(pages.next_rows(1), "c\r\n");
        assert_eq!((pages.next_page().as_str(), pages.is_over()), ("d\r\ne\r\n", true));
    }

    #[test]
    fn what_can_be_seen_at_once_has_no_pages() {
        assert!(text("a\nb\n", 4).is_none());
        assert!(text("a\nb\nc\n", 4).is_some());
        assert!(text(&"x".repeat(25), 4).is_some(), "a long line takes several");
    }

    #[test]
    fn lines_that_take_several_rows_are_counted_so() {
        let mut pages = text(&format!("{}\nb\nc\nd", "x".repeat(15)), 5).unwrap();
        assert_eq!(pages.next_page(), format!("{}\r\nb\r\n", "x".repeat(15)));
        let mut wide = text(&format!("{}\nb", "x".repeat(95)), 5).unwrap();
        assert_eq!(wide.next_page().lines().count(), 1, "a line that is longer than the page is shown all the same");
    }

    #[tokio::test]
    async fn a_page_at_which_nobody_presses_a_key_is_closed() {
        assert_eq!(pressed(std::future::pending(), Key::Gone, Duration::ZERO).await, Key::Gone);
        assert_eq!(pressed(std::future::ready(Key::Page), Key::Gone, IDLE).await, Key::Page);
    }

    #[test]
    fn a_search_goes_on_below() {
        let mut pages = text("a\nb\nc\nTable x\ne\nf", 4).unwrap();
        pages.next_page();
        assert!(pages.search("table"));
        assert_eq!(pages.next_page(), "Table x\r\ne\r\n");
        assert_eq!(found(&mut pages, "a"), "'a' does not stand below\r\n");
        assert_eq!(found(&mut pages, "f"), "…\r\nf\r\n");
    }
}
