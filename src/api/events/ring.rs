//! The last events, shared by all streams.

use super::event::{ApiEvent, Topic};
use crate::runtime::limits;
use std::{collections::VecDeque, sync::Arc};

/// The last events, bounded in number and bytes, each with a number.
#[derive(Debug, Default)]
pub struct EventRing {
    events: VecDeque<Arc<ApiEvent>>,
    /// Number of the first event that is kept.
    first: u64,
    bytes: usize,
    /// The last event of each topic that tells a state.
    latest: [Option<Arc<ApiEvent>>; 3],
}

/// What stands at a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RingEntry {
    /// An event.
    Event(Arc<ApiEvent>),
    /// Nothing yet.
    Later,
    /// It is not kept any more; the next one has this number, and the states are these.
    Gone(u64, Vec<Arc<ApiEvent>>),
}

impl EventRing {
    /// Returns the number of the event that comes next.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.first + u64::try_from(self.events.len()).unwrap_or_default()
    }

    /// Adds an event; the oldest ones make room.
    pub fn push(&mut self, event: ApiEvent) {
        let event = Arc::new(event);
        let place = match event.topic {
            Topic::Policies => None,
            Topic::Members => Some(0),
            Topic::Boot => Some(1),
            Topic::Health => Some(2),
        };
        if let Some(latest) = place.and_then(|place| self.latest.get_mut(place)) {
            *latest = Some(Arc::clone(&event));
        }
        self.bytes += event.bytes.len();
        self.events.push_back(event);
        while self.events.len() > limits::API_EVENTS || self.bytes > limits::API_EVENT_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.bytes.len();
            self.first += 1;
        }
    }

    /// Forgets all events: whoever is among them has missed something that is not here.
    pub fn skip(&mut self) {
        self.first = self.next() + 1;
        self.events.clear();
        self.bytes = 0;
    }

    /// Returns what stands at a number.
    #[must_use]
    pub fn get(&self, number: u64) -> RingEntry {
        if number < self.first {
            return RingEntry::Gone(self.next(), self.states());
        }
        let at = usize::try_from(number - self.first).ok();
        match at.and_then(|at| self.events.get(at)) {
            Some(event) => RingEntry::Event(Arc::clone(event)),
            None => RingEntry::Later,
        }
    }

    /// Returns the last event of each topic that tells a state.
    #[must_use]
    pub fn states(&self) -> Vec<Arc<ApiEvent>> {
        self.latest.iter().flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_keeps_the_last_events_and_the_states() {
        let mut ring = EventRing::default();
        ring.push(ApiEvent::of_state(Topic::Boot, &0));
        assert_eq!(ring.get(1), RingEntry::Later);
        for number in 0..limits::API_EVENTS {
            ring.push(ApiEvent::of_view(number));
        }
        assert!(matches!(ring.get(0), RingEntry::Gone(next, states) if next == ring.next() && states.len() == 1));
        assert!(matches!(ring.get(ring.next() - 1), RingEntry::Event(_)));
        ring.skip();
        assert!(matches!(ring.get(ring.next() - 1), RingEntry::Gone(..)));
        assert_eq!(ring.get(ring.next()), RingEntry::Later);
        let large = ApiEvent { bytes: vec![b' '; limits::API_EVENT_BYTES / 2].into(), ..ApiEvent::of_view(1) };
        (0..5).for_each(|_| ring.push(large.clone()));
        assert!(ring.bytes <= limits::API_EVENT_BYTES && ring.events.len() == 2);
    }
}
