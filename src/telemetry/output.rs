//! Where the lines of the log go: standard error, or whoever owns the terminal that it is.

use arc_swap::ArcSwapOption;
use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Takes a text of whole lines; false when it has no use for it.
pub type Taker = Box<dyn Fn(&str) -> bool + Send + Sync>;

static TAKER: ArcSwapOption<Taker> = ArcSwapOption::const_empty();
static COLOURS: AtomicBool = AtomicBool::new(false);
/// Hands the lines to whoever owns the terminal, which may show a line that is being typed; nothing takes that back.
pub fn divert(taker: Option<Taker>) {
    TAKER.store(taker.map(Arc::new));
}

/// Says whether text is coloured: only where somebody sits at a terminal.
pub fn set_colours(on: bool) {
    COLOURS.store(on, Ordering::Relaxed);
}

pub(super) fn colours() -> bool {
    COLOURS.load(Ordering::Relaxed)
}

/// Writes whole lines.
pub(super) fn write(text: &str) {
    if TAKER.load().as_deref().is_some_and(|taker| taker(text)) {
        return;
    }
    // A log that nobody reads any more must not stop the node.
    let _closed = io::stderr().lock().write_all(text.as_bytes());
}
