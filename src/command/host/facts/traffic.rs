//! Traffic of the host's interfaces, from `/proc/net/dev`.

use crate::reply::Error;

/// Names of the counters, in the order in which they are shown.
pub const NAMES: [&str; 8] =
    ["bytes_sent", "bytes_recv", "packets_sent", "packets_recv", "errin", "errout", "dropin", "dropout"];

/// Columns of `/proc/net/dev` that hold them.
const COLUMNS: [usize; 8] = [8, 0, 9, 1, 2, 10, 3, 11];

/// Returns the counters of all interfaces together.
///
/// # Errors
/// The host does not tell.
pub fn read() -> Result<[u64; 8], Error> {
    crate::command::host::facts::read("/proc/net/dev").map(|text| sums(&text))
}

fn sums(text: &str) -> [u64; 8] {
    let mut sums = [0_u64; 8];
    for line in text.lines() {
        let Some((_, numbers)) = line.split_once(':') else { continue };
        let numbers: Vec<u64> = numbers.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        for (sum, column) in sums.iter_mut().zip(COLUMNS) {
            *sum = sum.saturating_add(numbers.get(column).copied().unwrap_or(0));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_the_interfaces() {
        let text = "Inter-| Receive | Transmit\n face |bytes\n lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n eth0: 100 5 2 3 0 0 0 0 50 4 1 6 0 0 0 0\n";
        assert_eq!(sums(text), [60, 110, 5, 6, 2, 1, 3, 6]);
    }
}
