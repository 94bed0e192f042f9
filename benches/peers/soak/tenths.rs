//! The times of a run, in ten parts of the same length.

use super::{
    kind::Kind,
    times::{Taken, quantile},
};

/// The parts; all have their room from the beginning, so that a run takes no more memory at its end.
#[derive(Default)]
pub struct Tenths([Taken; 10]);

impl Tenths {
    /// Adds the times of a while to a part.
    pub fn add(&mut self, tenth: u32, taken: &Taken) {
        self.0[tenth as usize].add(taken);
    }

    /// A quantile of a kind in one part, in milliseconds.
    pub fn quantile(&self, tenth: usize, kind: Kind, of: f64) -> f64 {
        quantile(&self.0[tenth].kinds[kind.place()], of)
    }

    /// The requests of a part that failed.
    pub fn failures(&self, tenth: usize) -> f64 {
        self.0[tenth].failures as f64
    }
}
