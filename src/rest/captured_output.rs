//! What a command prints while it runs, for a caller that has no other console: the prompt of a running node.

use crate::{
    node::Output,
    render,
    reply::{Notice, Reply},
    rest::rest_reply::RestReply,
    runtime::limits::REST_PRINTED,
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What stands for the texts that do not fit any more.
const TRUNCATED: &str = "… more was printed than a reply takes\r\n";

/// The texts of one command, up to [`REST_PRINTED`] bytes.
#[derive(Debug, Default)]
pub struct CapturedOutput {
    text: Mutex<String>,
}

impl CapturedOutput {
    /// Tells whether nothing was printed: the result is the reply then.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.printed().is_empty()
    }

    /// Puts the printed texts before the result.
    #[must_use]
    pub fn before(&self, result: RestReply) -> RestReply {
        RestReply::text([self.printed().as_bytes(), result.body.as_ref()].concat().into(), false)
    }

    fn printed(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, text: &str) {
        let mut all = self.printed();
        if all.len() + text.len() <= REST_PRINTED {
            all.push_str(text);
        } else if !all.ends_with(TRUNCATED) {
            all.push_str(TRUNCATED);
        }
    }
}

impl Output for CapturedOutput {
    fn show(&self, reply: &Reply) {
        self.add(&render::console(reply));
    }

    fn notice(&self, notice: &Notice) {
        self.add(&render::notice(notice).concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_stands_before_the_result() {
        let captured = CapturedOutput::default();
        assert!(captured.is_empty());
        captured.notice(&Notice::Line("b".to_owned()));
        let much = Reply::Text("x".repeat(REST_PRINTED));
        captured.show(&much);
        captured.show(&much);
        assert!(!captured.is_empty());
        assert_eq!(captured.before(RestReply::text("a".into(), false)).body, format!("b\r\n{TRUNCATED}a"));
    }
}
