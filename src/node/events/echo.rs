//! The echo queue: messages of scripts that wait for somebody to look (reference/command-language 7.7).

use crate::runtime::{clock, limits};
use std::collections::VecDeque;

/// One message of the echo queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EchoMessage {
    /// Number of the message since the queue was switched on or reset.
    pub counter: u64,
    /// When it came, `YYYY-MM-DD HH:MM:SS.ffffff`.
    pub time: String,
    /// The text.
    pub text: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echoed {
    /// The queue is off; the caller shows the message.
    Off,
    /// It is the first message ever; the console says that there are messages.
    First,
    /// It waits in the queue.
    Queued,
}

/// A bounded queue that can be off.
#[derive(Debug, Default)]
pub(super) struct EchoQueue {
    messages: Option<VecDeque<EchoMessage>>,
    capacity: Option<usize>,
    counter: u64,
    unread: bool,
    announced: bool,
}

impl EchoQueue {
    pub(super) fn push(&mut self, text: &str) -> Echoed {
        let capacity = self.capacity.unwrap_or(limits::ECHO_MESSAGES);
        let Some(messages) = &mut self.messages else { return Echoed::Off };
        self.counter += 1;
        while messages.len() >= capacity {
            messages.pop_front();
        }
        messages.push_back(EchoMessage { counter: self.counter, time: clock::micro_time(), text: text.to_owned() });
        self.unread = true;
        if std::mem::replace(&mut self.announced, true) { Echoed::Queued } else { Echoed::First }
    }

    pub(super) fn switch(&mut self, on: bool) {
        if on {
            self.messages.get_or_insert_default();
        } else {
            self.messages = None;
            self.forget();
        }
    }

    pub(super) fn reset(&mut self, size: Option<usize>) {
        self.capacity = size.or(self.capacity);
        self.messages = Some(VecDeque::new());
        self.forget();
    }

    pub(super) const fn is_on(&self) -> bool {
        self.messages.is_some()
    }

    pub(super) const fn has_unread(&self) -> bool {
        self.unread
    }

    pub(super) fn read(&mut self) -> Option<Vec<EchoMessage>> {
        self.unread = false;
        self.messages.as_ref().map(|messages| messages.iter().cloned().collect())
    }

    const fn forget(&mut self) {
        self.counter = 0;
        self.unread = false;
        self.announced = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_is_off_keeps_nothing() {
        let mut queue = EchoQueue::default();
        assert_eq!(queue.push("lost"), Echoed::Off);
        assert_eq!(queue.read(), None);
    }

    #[test]
    fn the_first_message_is_announced_and_reading_clears_the_mark() {
        let mut queue = EchoQueue::default();
        queue.switch(true);
        assert_eq!((queue.push("a"), queue.push("b")), (Echoed::First, Echoed::Queued));
        assert!(queue.has_unread());
        assert_eq!(queue.read().unwrap().len(), 2);
        assert!(!queue.has_unread());
        assert_eq!(queue.read().unwrap().len(), 2);
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut queue = EchoQueue::default();
        queue.switch(true);
        queue.reset(Some(2));
        for text in ["a", "b", "c"] {
            queue.push(text);
        }
        let kept: Vec<(u64, String)> = queue.read().unwrap().into_iter().map(|m| (m.counter, m.text)).collect();
        assert_eq!(kept, [(2, "b".to_owned()), (3, "c".to_owned())]);
    }
}
