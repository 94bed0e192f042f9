//! Reads and writes of the host's disks.

use crate::{command::host::facts::unreadable::unreadable, reply::Error};
use procfs::DiskStat;
use std::path::Path;

/// Bytes of a sector, in which the kernel counts.
const SECTOR: u64 = 512;

/// Returns the counters of all disks together by the names that monitoring clients know; times are milliseconds.
/// Partitions are in the counters of their disk.
///
/// # Errors
/// The host does not tell.
pub fn counters() -> Result<Vec<(&'static str, u64)>, Error> {
    let is_disk = |name: &str| Path::new("/sys/block").join(name.replace('/', "!")).exists();
    procfs::diskstats().map(|devices| sums(&devices, is_disk)).map_err(unreadable)
}

fn sums(devices: &[DiskStat], is_disk: impl Fn(&str) -> bool) -> Vec<(&'static str, u64)> {
    let disks: Vec<&DiskStat> = devices.iter().filter(|device| is_disk(&device.name)).collect();
    let sum = |counter: fn(&DiskStat) -> u64| disks.iter().fold(0_u64, |sum, disk| sum.saturating_add(counter(disk)));
    vec![
        ("read_count", sum(|disk| disk.reads)),
        ("write_count", sum(|disk| disk.writes)),
        ("read_bytes", sum(|disk| disk.sectors_read.saturating_mul(SECTOR))),
        ("write_bytes", sum(|disk| disk.sectors_written.saturating_mul(SECTOR))),
        ("read_time", sum(|disk| disk.time_reading)),
        ("write_time", sum(|disk| disk.time_writing)),
        ("read_merged_count", sum(|disk| disk.merged)),
        ("write_merged_count", sum(|disk| disk.writes_merged)),
        ("busy_time", sum(|disk| disk.time_in_progress)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_the_disks_without_their_partitions() {
        let lines =
            ["8 0 sda 10 1 4 20 30 2 6 40 0 50 60", "8 1 sda1 9 9 9 9 9 9 9 9 9 9 9", "8 16 sdb 1 1 1 1 1 1 1 1 1 1 1"];
        let devices = lines.map(|line| DiskStat::from_line(line).unwrap());
        let sums: Vec<u64> = sums(&devices, |name| !name.ends_with('1')).into_iter().map(|(_, sum)| sum).collect();
        assert_eq!(sums, [11, 31, 5 * 512, 7 * 512, 21, 41, 2, 3, 51]);
    }
}
