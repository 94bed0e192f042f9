//! What a command prints while it runs, for the page of who ran it.

use crate::{
    console::shown::{ShownReply, shown},
    node::Output,
    render,
    reply::{Notice, Reply},
    runtime::limits::{CONSOLE_PRINTED, REST_PRINTED},
};
use std::sync::{Mutex, PoisonError};

/// The texts and replies of one command, bounded in number and bytes.
#[derive(Debug, Default)]
pub struct PageOutput {
    printed: Mutex<Printed>,
}

#[derive(Debug, Default)]
struct Printed {
    replies: Vec<Reply>,
    bytes: usize,
    is_cut: bool,
}

impl PageOutput {
    /// Returns what was printed, ready for a template.
    #[must_use]
    pub fn shown(&self) -> Vec<ShownReply> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = printed.is_cut.then(|| Reply::Text("… more was printed than a page shows".to_owned()));
        std::mem::take(&mut printed.replies).into_iter().chain(cut).map(shown).collect()
    }

    fn add(&self, reply: Reply, bytes: usize) {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        if printed.bytes + bytes > REST_PRINTED || printed.replies.len() >= CONSOLE_PRINTED {
            printed.is_cut = true;
            return;
        }
        printed.bytes += bytes;
        match (printed.replies.last_mut(), reply) {
            // Lines stay together as they stood.
            (Some(Reply::Text(last)), Reply::Text(text)) => last.push_str(&text),
            (_, reply) => printed.replies.push(reply),
        }
    }

    fn add_text(&self, text: String) {
        let bytes = text.len();
        if bytes > 0 {
            self.add(Reply::Text(text), bytes);
        }
    }
}

impl Output for PageOutput {
    fn show(&self, reply: &Reply) {
        if matches!(reply, Reply::Text(_)) || reply.is_large() {
            return self.add_text(render::console(reply));
        }
        if *reply != Reply::Empty {
            self.add(reply.clone(), 0);
        }
    }

    fn notice(&self, notice: &Notice) {
        match notice {
            Notice::Printed(reply) => self.show(reply),
            other => self.add_text(render::notice(other).concat()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_together_and_much_is_cut() {
        let output = PageOutput::default();
        output.notice(&Notice::Line("a".to_owned()));
        output.notice(&Notice::Line("b".to_owned()));
        output.show(&Reply::Empty);
        output.show(&Reply::Count(3));
        let printed: Vec<String> = output.shown().iter().map(ToString::to_string).collect();
        assert!(printed.len() == 2 && printed[0].contains("a\nb"), "{printed:?}");
        output.show(&Reply::Text("x".repeat(REST_PRINTED)));
        output.show(&Reply::Text("x".repeat(REST_PRINTED)));
        assert!(output.shown().last().unwrap().to_string().contains("more was printed"));
    }
}
