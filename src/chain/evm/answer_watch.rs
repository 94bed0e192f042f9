//! Since when a provider that is asked does not answer.

use crate::runtime::limits::CHAIN_SILENT;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Takes note of what a provider is asked and when it answers.
#[derive(Debug, Default)]
pub struct AnswerWatch(Mutex<OpenQuestions>);

/// A question that waits for its answer; when it is dropped nobody waits any more.
pub struct OpenQuestion<'a>(&'a AnswerWatch);

#[derive(Debug, Default)]
struct OpenQuestions {
    /// Questions that wait.
    open: usize,
    /// The first question since the last answer, or that answer while others still waited.
    since: Option<Instant>,
    /// When the last question was given up or answered.
    ended: Option<Instant>,
}

impl AnswerWatch {
    /// Takes note that a question is asked.
    pub fn ask(&self) -> OpenQuestion<'_> {
        self.questions().ask(Instant::now());
        OpenQuestion(self)
    }

    /// Returns for how long nothing was answered; nothing while nobody asks.
    pub fn silence(&self) -> Option<Duration> {
        self.questions().silence(Instant::now())
    }

    fn questions(&self) -> MutexGuard<'_, OpenQuestions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenQuestion<'_> {
    /// Takes note that the provider answered, whatever it said.
    pub fn answered(self) {
        self.0.questions().since = None;
    }
}

impl Drop for OpenQuestion<'_> {
    fn drop(&mut self) {
        self.0.questions().end(Instant::now());
    }
}

impl OpenQuestions {
    fn ask(&mut self, now: Instant) {
        // A question that is asked again soon belongs to the silence before it; who asks much later begins anew.
        let is_later = |ended: Instant| now.saturating_duration_since(ended) >= CHAIN_SILENT;
        if self.open == 0 && self.ended.is_some_and(is_later) {
            self.since = None;
        }
        self.since.get_or_insert(now);
        self.open += 1;
    }

    fn end(&mut self, now: Instant) {
        self.open = self.open.saturating_sub(1);
        self.ended = Some(now);
        if self.open > 0 {
            self.since.get_or_insert(now);
        }
    }

    fn silence(&self, now: Instant) -> Option<Duration> {
        let since = self.since.filter(|_| self.open > 0)?;
        Some(now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_lasts_from_the_first_question_over_tries_until_an_answer() {
        let (start, mut questions) = (Instant::now(), OpenQuestions::default());
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let seconds = Duration::from_secs;
        assert_eq!(questions.silence(at(0)), None);
        questions.ask(at(0));
        assert_eq!(questions.silence(at(12)), Some(seconds(12)));
        questions.end(at(15));
        assert_eq!(questions.silence(at(15)), None, "nobody asks");
        questions.ask(at(16));
        assert_eq!(questions.silence(at(18)), Some(seconds(18)));
        questions.since = None;
        questions.end(at(19));
        questions.ask(at(20));
        assert_eq!(questions.silence(at(23)), Some(seconds(3)), "it answered in between");
        questions.end(at(24));
        questions.ask(at(24) + CHAIN_SILENT);
        assert_eq!(questions.silence(at(25) + CHAIN_SILENT), Some(seconds(1)), "nobody asked for a while");
    }

    #[test]
    fn an_answer_to_one_of_several_questions_ends_the_silence() {
        let (start, mut questions) = (Instant::now(), OpenQuestions::default());
        questions.ask(start);
        questions.ask(start);
        questions.since = None;
        questions.end(start + Duration::from_secs(9));
        assert_eq!(questions.silence(start + Duration::from_secs(11)), Some(Duration::from_secs(2)));
    }
}
