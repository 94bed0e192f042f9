//! What the kernel says of a process: memory, descriptors, threads.

use procfs::process::Process;

/// What a process takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// Resident memory in megabytes.
    pub memory: f64,
    /// Open descriptors.
    pub descriptors: f64,
    /// Threads.
    pub threads: f64,
}

impl Taken {
    /// Looks at a process; nothing when it is gone.
    pub fn of(process: u32) -> Option<Self> {
        let process = Process::new(i32::try_from(process).ok()?).ok()?;
        let (stat, descriptors) = (process.stat().ok()?, process.fd_count().ok()?);
        Some(Self {
            memory: (stat.rss * procfs::page_size()) as f64 / 1e6,
            descriptors: descriptors as f64,
            threads: stat.num_threads as f64,
        })
    }
}
