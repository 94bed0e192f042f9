//! Memory of the host (`get memory info`).
//!
//! The crate that reads the other tables of the kernel wants every line of `/proc/meminfo`; sandboxes for containers
//! such as gVisor write only some of them.

use crate::reply::{Code, Error, Pairs, PairsLayout, Reply, thousands};
use serde_json::json;

/// Where the kernel tells it.
const PLACE: &str = "/proc/meminfo";

/// Kilobytes of memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// In all.
    pub total: u64,
    /// What programs can still get.
    pub available: u64,
    /// Nobody's.
    pub free: u64,
    /// Swap in all.
    pub swap: u64,
    /// Swap that is nobody's.
    pub swap_free: u64,
}

impl Memory {
    /// Reads the figures of this host.
    ///
    /// # Errors
    /// The host does not tell them.
    pub fn read() -> Result<Self, Error> {
        let text = std::fs::read_to_string(PLACE)
            .map_err(|error| Error::with(Code::PROCESS_FAILURE, format!("{PLACE}: {error}")))?;
        Ok(Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut memory = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim().trim_end_matches("kB").trim().parse().unwrap_or(0);
            match name {
                "MemTotal" => memory.total = value,
                "MemAvailable" => memory.available = value,
                "MemFree" => memory.free = value,
                "SwapTotal" => memory.swap = value,
                "SwapFree" => memory.swap_free = value,
                _ => {}
            }
        }
        memory
    }

    /// Returns what is in use.
    #[must_use]
    pub const fn used(self) -> u64 {
        self.total.saturating_sub(self.available)
    }

    /// Returns the answer of `get memory info`; the numbers are kilobytes although clients know them as `MB`.
    #[must_use]
    pub fn reply(self) -> Reply {
        let figures =
            [("Total", self.total), ("Available", self.available), ("Used", self.used()), ("Free", self.free)];
        let pairs = figures.map(|(name, kilobytes)| (name, json!(format!("{}MB", thousands(kilobytes)))));
        Reply::Pairs(Pairs::new(PairsLayout::Facts, pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_four_figures() {
        let memory =
            Memory::parse("MemTotal:  24684092 kB\nMemFree: 22976820 kB\nMemAvailable: 23511432 kB\nSwapTotal: 0 kB\n");
        let text = "\r\nTotal:     24,684,092MB\r\nAvailable: 23,511,432MB\r\nUsed:      1,172,660MB\r\nFree:      22,976,820MB\r\n";
        assert_eq!(crate::render::text(&memory.reply()), text);
    }
}
