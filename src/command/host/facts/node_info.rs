//! Single figures by the names that monitoring clients know (`get node info …`).

use crate::{
    command::host::facts::{
        cpu::{self, Cores},
        disk_io,
        memory::Memory,
        network_io,
        unreadable::unreadable,
    },
    reply::{Code, Error, Reply},
};
use procfs::{CpuTime, Current, CurrentSI, KernelStats, LoadAverage};

/// A figure: one text, or named parts under a name.
enum Figure {
    One(String),
    Parts(&'static str, Vec<(&'static str, String)>),
}

/// Answers `get node info NAME [PART]`.
///
/// # Errors
/// 3 for a name that is not known, 216 for a part that the figure does not have.
pub async fn reply(name: &str, part: Option<&str>) -> Result<Reply, Error> {
    let figure = figure(name).await?;
    match (part, figure) {
        (None, figure) => Ok(Reply::Text(figure.text())),
        (Some(part), Figure::Parts(_, parts)) => {
            let found = parts.into_iter().find(|(known, _)| *known == part);
            found.map(|(_, text)| Reply::Text(text)).ok_or_else(|| no_part(name, part))
        }
        (Some(part), Figure::One(_)) => Err(no_part(name, part)),
    }
}

fn no_part(name: &str, part: &str) -> Error {
    Error::with(Code::ATTRIBUTE_NAME, format!("'{name}' has no part '{part}'"))
}

/// Names that [`reply`] answers.
const KNOWN: &str = "cpu_percent, cpu_times, cpu_count, getloadavg, boot_time, virtual_memory, swap_memory, disk_io_counters, net_io_counters, pids";

async fn figure(name: &str) -> Result<Figure, Error> {
    Ok(match name {
        "cpu_percent" => Figure::One(decimal(cpu::average(&cpu::sample().await?))),
        "cpu_count" => Figure::One(Cores::read()?.logical.to_string()),
        "cpu_times" => Figure::Parts("scputimes", cpu_times(&KernelStats::current().map_err(unreadable)?.total)),
        "getloadavg" => Figure::One(load_average(&LoadAverage::current().map_err(unreadable)?)),
        "boot_time" => Figure::One(format!("{}.0", KernelStats::current().map_err(unreadable)?.btime)),
        "pids" => Figure::One(format!("[{}]", process_ids()?.join(", "))),
        "virtual_memory" => virtual_memory(Memory::read()?),
        "swap_memory" => swap_memory(Memory::read()?),
        "disk_io_counters" => Figure::Parts("sdiskio", written(disk_io::counters()?)),
        "net_io_counters" => Figure::Parts("snetio", written(network_io::counters()?)),
        _ => return Err(Error::with(Code::PROCESS_FAILURE, format!("no figure '{name}': use one of {KNOWN}"))),
    })
}

impl Figure {
    fn text(&self) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Parts(name, parts) => {
                let parts: Vec<String> = parts.iter().map(|(part, text)| format!("{part}={text}")).collect();
                format!("{name}({})", parts.join(", "))
            }
        }
    }
}

fn written(counters: Vec<(&'static str, u64)>) -> Vec<(&'static str, String)> {
    counters.into_iter().map(|(name, count)| (name, count.to_string())).collect()
}

fn decimal(number: f64) -> String {
    format!("{:.1}", cpu::rounded(number))
}

fn load_average(load: &LoadAverage) -> String {
    format!("({:.2}, {:.2}, {:.2})", load.one, load.five, load.fifteen)
}

/// Returns the seconds that the processors spent since the start, as far as the kernel tells them; it counts
/// hundredths.
fn cpu_times(time: &CpuTime) -> Vec<(&'static str, String)> {
    let seconds = |ticks: u64| {
        let text = format!("{}.{:02}", ticks / 100, ticks % 100);
        text.strip_suffix('0').map(str::to_owned).unwrap_or(text)
    };
    let times = [
        ("user", Some(time.user)),
        ("nice", Some(time.nice)),
        ("system", Some(time.system)),
        ("idle", Some(time.idle)),
        ("iowait", time.iowait),
        ("irq", time.irq),
        ("softirq", time.softirq),
        ("steal", time.steal),
        ("guest", time.guest),
        ("guest_nice", time.guest_nice),
    ];
    times.into_iter().filter_map(|(name, ticks)| Some((name, seconds(ticks?)))).collect()
}

fn process_ids() -> Result<Vec<String>, Error> {
    // A process that ends while the list is read is left out.
    let processes = procfs::process::all_processes().map_err(unreadable)?.filter_map(Result::ok);
    let mut ids: Vec<i32> = processes.map(|process| process.pid()).collect();
    ids.sort_unstable();
    Ok(ids.iter().map(i32::to_string).collect())
}
fn virtual_memory(memory: Memory) -> Figure {
    let bytes = |kilobytes: u64| (kilobytes * 1024).to_string();
    Figure::Parts(
        "svmem",
        vec![
            ("total", bytes(memory.total)),
            ("available", bytes(memory.available)),
            ("percent", percent(memory.used(), memory.total)),
            ("used", bytes(memory.used())),
            ("free", bytes(memory.free)),
        ],
    )
}

fn swap_memory(memory: Memory) -> Figure {
    let used = memory.swap.saturating_sub(memory.swap_free);
    let bytes = |kilobytes: u64| (kilobytes * 1024).to_string();
    Figure::Parts(
        "sswap",
        vec![
            ("total", bytes(memory.swap)),
            ("used", bytes(used)),
            ("free", bytes(memory.swap_free)),
            ("percent", percent(used, memory.swap)),
            ("sin", "0".to_owned()),
            ("sout", "0".to_owned()),
        ],
    )
}

/// Writes a share in percent with one decimal.
fn percent(part: u64, all: u64) -> String {
    let tenths = (u128::from(part) * 1000 + u128::from(all) / 2).checked_div(u128::from(all)).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::{FromReadSI, current_system_info};

    #[tokio::test]
    async fn names_and_parts_are_checked() {
        assert_eq!(reply("nosuch", None).await.unwrap_err().code, Code::PROCESS_FAILURE);
        assert_eq!(reply("net_io_counters", Some("nosuch")).await.unwrap_err().code, Code::ATTRIBUTE_NAME);
        assert_eq!(reply("cpu_count", Some("x")).await.unwrap_err().code, Code::ATTRIBUTE_NAME);
    }

    #[tokio::test]
    async fn every_known_figure_is_told() {
        for name in KNOWN.split(", ") {
            let text = reply(name, None).await.map(|reply| crate::render::text(&reply));
            assert!(text.is_ok_and(|text| !text.is_empty()), "{name}");
        }
    }

    #[test]
    fn times_are_seconds() {
        let text = "cpu  4368905 10 592461 0 5 0 0 0 0 0\ncpu0 1 2 3 4\nctxt 0\nbtime 0\nprocesses 0\n";
        let times = cpu_times(&KernelStats::from_read(text.as_bytes(), current_system_info()).unwrap().total);
        let texts: Vec<&str> = times.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["43689.05", "0.1", "5924.61", "0.0", "0.05", "0.0", "0.0", "0.0", "0.0", "0.0"]);
        assert_eq!(times.first().map(|(name, _)| *name), Some("user"));
    }

    #[test]
    fn loads_have_two_decimals() {
        let load = LoadAverage { one: 0.5, five: 1.0, fifteen: 12.34, cur: 1, max: 2, latest_pid: 3 };
        assert_eq!(load_average(&load), "(0.50, 1.00, 12.34)");
    }

    #[test]
    fn parts_are_written_in_their_order() {
        let text = swap_memory(Memory::default()).text();
        assert_eq!(text, "sswap(total=0, used=0, free=0, percent=0.0, sin=0, sout=0)");
    }
}
