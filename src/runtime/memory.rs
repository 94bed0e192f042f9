//! The memory of this process.

use std::fs;

/// Returns the bytes of memory that the process has at the moment, where the system tells them.
#[must_use]
pub fn resident() -> Option<u64> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages.saturating_mul(procfs::page_size()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_has_some_memory() {
        assert!(super::resident().is_some_and(|bytes| (1 << 20..1 << 40).contains(&bytes)));
    }
}
