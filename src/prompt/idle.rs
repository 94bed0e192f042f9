//! Whether whoever opened the prompt is still there. Nobody tells a node that a container's terminal was left, so a prompt at
//! which nothing was typed for a while is not drawn again below each line of the log.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Time without a key after which the prompt is not drawn again, and a page that waits for one is closed.
pub(super) const IDLE: Duration = Duration::from_secs(300);

/// What is known of the person at the line editor.
#[derive(Debug)]
pub(super) struct Idle {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    last_key: Instant,
    /// True while nothing is typed on the line.
    is_empty: bool,
    asleep: bool,
}

/// How a text is written while a line may be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawing {
    /// Above the prompt, which is drawn again.
    AbovePrompt,
    /// In the place of the prompt, which goes.
    InsteadOfPrompt,
    /// As it is: there is no prompt.
    Plain,
}

impl Default for Idle {
    fn default() -> Self {
        Self { state: Mutex::new(State { last_key: Instant::now(), is_empty: true, asleep: false }) }
    }
}

impl Idle {
    /// Notes a key, or that a line is about to be read, and what stands on the line; true when the prompt has to be drawn
    /// again.
    pub fn typed(&self, line: &str) -> bool {
        self.typed_at(Instant::now(), line)
    }

    /// Notes that the prompt was drawn; while it rests that is because somebody came.
    pub fn drawn(&self) {
        let mut state = self.state();
        if std::mem::replace(&mut state.asleep, false) {
            state.last_key = Instant::now();
        }
    }

    /// Tells how a text is written now.
    pub fn drawing(&self) -> Drawing {
        self.drawing_at(Instant::now())
    }

    fn typed_at(&self, now: Instant, line: &str) -> bool {
        let mut state = self.state();
        state.last_key = now;
        state.is_empty = line.is_empty();
        std::mem::replace(&mut state.asleep, false)
    }

    fn drawing_at(&self, now: Instant) -> Drawing {
        let mut state = self.state();
        match state.asleep {
            true => Drawing::Plain,
            false if state.is_empty && now.saturating_duration_since(state.last_key) >= IDLE => {
                state.asleep = true;
                Drawing::InsteadOfPrompt
            }
            false => Drawing::AbovePrompt,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_that_nobody_types_at_goes_and_a_key_brings_it_back() {
        let (idle, start) = (Idle::default(), Instant::now());
        assert!(!idle.typed_at(start, ""));
        assert_eq!(idle.drawing_at(start), Drawing::AbovePrompt);
        assert_eq!(idle.drawing_at(start + IDLE), Drawing::InsteadOfPrompt);
        assert_eq!(idle.drawing_at(start + IDLE), Drawing::Plain);
        assert!(idle.typed_at(start + IDLE, "g"), "the prompt is drawn again");
        assert_eq!(idle.drawing_at(start + IDLE), Drawing::AbovePrompt);
        assert_eq!(idle.drawing_at(start + IDLE * 3), Drawing::AbovePrompt, "something is typed");
    }

    #[test]
    fn a_prompt_that_is_drawn_because_somebody_attached_stays() {
        let idle = Idle::default();
        let later = Instant::now() + IDLE;
        assert_eq!(idle.drawing_at(later), Drawing::InsteadOfPrompt);
        idle.drawn();
        assert_eq!(idle.drawing(), Drawing::AbovePrompt);
    }
}
