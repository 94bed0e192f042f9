//! What a command prints while it runs, for a caller that has no other console: the prompt of a running node.

use crate::{
    node::Output,
    render,
    reply::{Notice, Reply},
    runtime::limits::REST_PRINTED,
};
use bytes::Bytes;
use std::sync::{Mutex, PoisonError};

/// What stands for the texts that do not fit any more.
const CUT: &str = "… more was printed than a reply takes\r\n";

/// The texts of one command, up to [`REST_PRINTED`] bytes.
#[derive(Debug, Default)]
pub struct Printed {
    text: Mutex<String>,
}

impl Printed {
    /// Returns the printed texts with the result behind them.
    #[must_use]
    pub fn before(&self, result: &Bytes) -> Bytes {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if text.is_empty() { result.clone() } else { [text.as_bytes(), result.as_ref()].concat().into() }
    }

    fn add(&self, text: &str) {
        let mut all = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() + text.len() <= REST_PRINTED {
            all.push_str(text);
        } else if !all.ends_with(CUT) {
            all.push_str(CUT);
        }
    }
}

impl Output for Printed {
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
        let printed = Printed::default();
        assert_eq!(printed.before(&Bytes::from("a")), "a");
        printed.notice(&Notice::Line("b".to_owned()));
        let much = Reply::Text("x".repeat(REST_PRINTED));
        printed.show(&much);
        printed.show(&much);
        assert_eq!(printed.before(&Bytes::from("a")), format!("b\r\n{CUT}a"));
    }
}
