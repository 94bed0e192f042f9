//! Faults of the machine, one after the other: a disk that fails, fills up or loses its power, few open files, little memory, a database
//! that stands still, a clock that jumps. Nothing that was acknowledged is lost, the node goes on or says what it lacks, and what was
//! left half done is mended by itself.
//!
//! `FAULT_CYCLES` says how often the power is lost; set, it makes the other tests long as well: every operation fails, with every error,
//! and the database stands still for a minute (`scripts/faults`). `FAULT_SEED` runs the seed of a failure again.

mod clock;
mod descriptors;
mod every_nth;
mod faulty_disk;
mod full_disk;
mod memory;
mod power_loss;
mod powered_disk;
mod recorded_disk;
mod recorded_power_loss;
mod sqlite_disk;
mod stopped_database;
mod story;
mod system_calls;
mod volume;

use crate::program::Program;

/// Losses of power of a run of the tests.
const CYCLES: u32 = 12;

/// Tells whether the tests take their time.
fn is_long() -> bool {
    std::env::var_os("FAULT_CYCLES").is_some()
}

/// Returns how often the power is lost.
fn cycles() -> u32 {
    std::env::var("FAULT_CYCLES").ok().and_then(|number| number.parse().ok()).unwrap_or(CYCLES)
}

/// Returns the seeds of a test: that of the environment alone, or so many new ones.
fn seeds(count: u32) -> Vec<u64> {
    match std::env::var("FAULT_SEED") {
        Ok(seed) => vec![seed.parse().expect("FAULT_SEED is a number")],
        Err(_) => (0..count).map(|_| getrandom::u64().unwrap()).collect(),
    }
}

/// Numbers that follow from a seed (splitmix64).
struct Numbers(u64);

impl Numbers {
    /// Returns a number below another one.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// Returns true as often as false.
    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// Returns a directory in memory, where a thousand syncs take no time.
fn scratch() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    tempfile::tempdir_in(if memory.is_dir() { memory } else { std::path::Path::new("/tmp") }).unwrap()
}

/// Adds a policy whose id is its name; an error is the whole answer.
fn push(node: &Program, name: &str) -> Result<(), String> {
    node.change(&format!(r#"blockchain push {{"device": {{"name": "{name}", "id": "{name}"}}}}"#))
}
