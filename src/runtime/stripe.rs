//! State that every thread changes all the time, kept once per thread: processors that write into one place of memory wait
//! for each other, even where no lock is held for long.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Parts of the state; more threads than that share them.
const PARTS: usize = 8;

/// One state in parts, of which each thread uses its own; who reads puts them together.
#[derive(Debug, Default)]
pub struct Striped<T> {
    parts: [Part<T>; PARTS],
}

/// A part, away from the others in memory too.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Part<T>(T);

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The part that this thread uses, once it has chosen one.
    static OWN: Cell<Option<usize>> = const { Cell::new(None) };
}

impl<T> Striped<T> {
    /// Returns the part of the calling thread.
    pub fn own(&self) -> &T {
        let own = OWN.get().unwrap_or_else(|| {
            let own = NEXT.fetch_add(1, Ordering::Relaxed) % PARTS;
            OWN.set(Some(own));
            own
        });
        let [first, ..] = &self.parts;
        &self.parts.get(own).unwrap_or(first).0
    }

    /// Returns all parts.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.parts.iter().map(|part| &part.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, atomic::AtomicU64};

    #[test]
    fn what_threads_count_apart_adds_up() {
        let counts: Arc<Striped<AtomicU64>> = Arc::default();
        let threads: Vec<_> = (0..PARTS * 2)
            .map(|_| {
                let counts = Arc::clone(&counts);
                std::thread::spawn(move || {
                    for _ in 0..100 {
                        counts.own().fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let sum: u64 = counts.all().map(|count| count.load(Ordering::Relaxed)).sum();
        assert_eq!(sum, 1600);
    }
}
