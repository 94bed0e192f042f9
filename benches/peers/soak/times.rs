//! What all workers measure since somebody looked last: a histogram for each kind of request, and the failures.

use super::kind::{KINDS, Kind, Work};
use hdrhistogram::Histogram;
use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// Longest time that a histogram tells apart, in microseconds.
const LONGEST: u64 = 120_000_000;
/// Digits of a time that are kept.
const DIGITS: u8 = 2;
/// Failures that are told one by one.
const TOLD: u64 = 20;

/// Times in the making.
#[derive(Default)]
pub struct Times(Mutex<Taken>);

/// The times of a while.
#[derive(Clone)]
pub struct Taken {
    /// Microseconds, by the place of the kind.
    pub kinds: [Histogram<u64>; KINDS],
    /// Requests that failed.
    pub failures: u64,
    told: u64,
    /// When it began.
    pub since: Instant,
}

impl Default for Taken {
    fn default() -> Self {
        Self { kinds: std::array::from_fn(|_| histogram()), failures: 0, told: 0, since: Instant::now() }
    }
}

impl Times {
    /// Adds the time of a request.
    pub fn record(&self, kind: Kind, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap();
        self.0.lock().unwrap().kinds[kind.place()].saturating_record(micros);
    }

    /// Adds a failure, and tells the first ones on the console.
    pub fn failed(&self, kind: Kind, failure: &str) {
        let mut taken = self.0.lock().unwrap();
        taken.failures += 1;
        taken.told += 1;
        if taken.told <= TOLD {
            eprintln!("{}: {failure}", kind.name());
        }
    }

    /// Takes what was measured since the last time.
    pub fn take(&self) -> Taken {
        let mut taken = self.0.lock().unwrap();
        let told = taken.told;
        std::mem::replace(&mut *taken, Taken { told, ..Taken::default() })
    }
}

impl Taken {
    /// How many requests were answered.
    pub fn requests(&self) -> u64 {
        self.kinds.iter().map(Histogram::len).sum()
    }

    /// The times of one work through all doors.
    pub fn of(&self, work: Work) -> Histogram<u64> {
        let mut all = histogram();
        for kind in Kind::all().filter(|kind| kind.work == work) {
            all.add(&self.kinds[kind.place()]).unwrap();
        }
        all
    }

    /// Adds the times of another while.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in self.kinds.iter_mut().zip(&other.kinds) {
            own.add(other).unwrap();
        }
        self.failures += other.failures;
    }
}

/// Returns an empty histogram of microseconds.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, DIGITS).unwrap()
}

/// Returns a quantile in milliseconds.
pub fn quantile(times: &Histogram<u64>, quantile: f64) -> f64 {
    times.value_at_quantile(quantile) as f64 / 1000.0
}
