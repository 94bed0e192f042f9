//! The memory of this process, and what is left for it.

use std::fs;

/// Returns the bytes of memory that the process has at the moment, where the system tells them.
#[must_use]
pub fn resident() -> Option<u64> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    Some(pages.saturating_mul(procfs::page_size()))
}

/// Returns the bytes of memory that the process can still get, where the system tells them: what is free on the machine, or of
/// what its container may have.
#[must_use]
pub fn available() -> Option<u64> {
    let text = |path: &str| fs::read_to_string(path).ok();
    let machine = text("/proc/meminfo").and_then(|text| free_of_machine(&text));
    let number = |path: &str| text(path)?.trim().parse::<u64>().ok();
    let container = number("/sys/fs/cgroup/memory.max").zip(number("/sys/fs/cgroup/memory.current"));
    let container = container.map(|(most, used)| most.saturating_sub(used));
    machine.into_iter().chain(container).min()
}

fn free_of_machine(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_tells_what_is_free() {
        let text = "MemTotal:       16 kB\nMemAvailable:   7 kB\nBuffers: 1 kB\n";
        assert_eq!(super::free_of_machine(text), Some(7 * 1024));
        assert_eq!(super::free_of_machine("MemFree: 1 kB"), None);
        assert!(super::available().is_some_and(|bytes| bytes < 1 << 50));
    }

    #[test]
    fn this_process_has_some_memory() {
        assert!(super::resident().is_some_and(|bytes| (1 << 20..1 << 40).contains(&bytes)));
    }
}
