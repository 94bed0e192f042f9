//! What a command prints while it runs, for a prompt that shows it in a place of its own.

use crate::{
    node::Output,
    render,
    reply::{Notice, Reply},
    runtime::limits::REST_PRINTED,
};
use std::sync::{Mutex, PoisonError};

/// The texts of one command, up to [`REST_PRINTED`] bytes.
#[derive(Debug, Default)]
pub struct Gathered(Mutex<String>);

impl Gathered {
    /// Takes the texts.
    pub fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, text: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() + text.len() <= REST_PRINTED {
            all.push_str(text);
        }
    }
}

impl Output for Gathered {
    fn show(&self, reply: &Reply) {
        self.add(&render::console(reply));
    }

    fn notice(&self, notice: &Notice) {
        self.add(&crate::telemetry::clean(&render::notice(notice).concat()));
    }
}
