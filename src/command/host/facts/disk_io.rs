//! Reads and writes of the host's disks, from `/proc/diskstats`.

use crate::reply::Error;
use std::path::Path;

/// Names of the counters, in the order in which they are shown; times are milliseconds.
pub const NAMES: [&str; 9] = [
    "read_count",
    "write_count",
    "read_bytes",
    "write_bytes",
    "read_time",
    "write_time",
    "read_merged_count",
    "write_merged_count",
    "busy_time",
];

/// Columns behind the name of a device that hold them.
const COLUMNS: [usize; 9] = [0, 4, 2, 6, 3, 7, 1, 5, 9];

/// Places of [`NAMES`] that the kernel counts in sectors.
const IN_SECTORS: [usize; 2] = [2, 3];

/// Bytes of a sector.
const SECTOR: u64 = 512;

/// Returns the counters of all disks together; partitions are in those of their disk.
///
/// # Errors
/// The host does not tell.
pub fn read() -> Result<[u64; 9], Error> {
    let is_disk = |name: &str| Path::new("/sys/block").join(name.replace('/', "!")).exists();
    crate::command::host::facts::read("/proc/diskstats").map(|text| sums(&text, is_disk))
}

fn sums(text: &str, is_disk: impl Fn(&str) -> bool) -> [u64; 9] {
    let mut sums = [0_u64; 9];
    for line in text.lines() {
        let mut words = line.split_whitespace().skip(2);
        if !words.next().is_some_and(&is_disk) {
            continue;
        }
        let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
        for (place, (sum, column)) in sums.iter_mut().zip(COLUMNS).enumerate() {
            let unit = if IN_SECTORS.contains(&place) { SECTOR } else { 1 };
            *sum = sum.saturating_add(numbers.get(column).copied().unwrap_or(0).saturating_mul(unit));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_the_disks_without_their_partitions() {
        let text =
            " 8 0 sda 10 1 4 20 30 2 6 40 0 50 60\n 8 1 sda1 9 9 9 9 9 9 9 9 9 9 9\n 8 16 sdb 1 1 1 1 1 1 1 1 1 1 1\n";
        let sums = sums(text, |name| !name.ends_with('1'));
        assert_eq!(sums, [11, 31, 5 * 512, 7 * 512, 21, 41, 2, 3, 51]);
    }
}
