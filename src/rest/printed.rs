//! What a command prints while it runs, for a caller that has no other console: the prompt of a running node.

use crate::{node::Output, runtime::limits::REST_PRINTED};
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
}

impl Output for Printed {
    fn text(&self, text: &str) {
        let mut all = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() + text.len() <= REST_PRINTED {
            all.push_str(text);
        } else if !all.ends_with(CUT) {
            all.push_str(CUT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_stands_before_the_result() {
        let printed = Printed::default();
        assert_eq!(printed.before(&Bytes::from("a")), "a");
        printed.text("b\r\n");
        printed.text(&"x".repeat(REST_PRINTED));
        printed.text(&"x".repeat(REST_PRINTED));
        assert_eq!(printed.before(&Bytes::from("a")), format!("b\r\n{CUT}a"));
    }
}
