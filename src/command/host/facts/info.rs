//! Single figures by the names that monitoring clients know (`get node info …`).

use crate::{
    command::host::facts::{cpu, disk_io, memory::Memory, traffic},
    reply::{Code, Error, Reply},
};

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
        "cpu_percent" => Figure::One(decimal(average(&cpu::sample().await?))),
        "cpu_count" => Figure::One(cpu::cores(&crate::command::host::facts::read("/proc/cpuinfo")?).1.to_string()),
        "getloadavg" => {
            Figure::One(format!("({})", words(&crate::command::host::facts::read("/proc/loadavg")?, 3).join(", ")))
        }
        "cpu_times" => Figure::Parts("scputimes", cpu_times(&crate::command::host::facts::read("/proc/stat")?)),
        "boot_time" => Figure::One(boot_time(&crate::command::host::facts::read("/proc/stat")?)),
        "pids" => Figure::One(format!("[{}]", processes().join(", "))),
        "virtual_memory" => virtual_memory(Memory::read()?),
        "swap_memory" => swap_memory(Memory::read()?),
        "disk_io_counters" => {
            Figure::Parts("sdiskio", disk_io::NAMES.into_iter().zip(disk_io::read()?.map(|n| n.to_string())).collect())
        }
        "net_io_counters" => {
            Figure::Parts("snetio", traffic::NAMES.into_iter().zip(traffic::read()?.map(|n| n.to_string())).collect())
        }
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

fn average(percents: &[f64]) -> f64 {
    let count = f64::from(u32::try_from(percents.len()).unwrap_or(1).max(1));
    percents.iter().sum::<f64>() / count
}

fn decimal(number: f64) -> String {
    format!("{:.1}", cpu::rounded(number))
}

fn words(text: &str, count: usize) -> Vec<&str> {
    text.split_whitespace().take(count).collect()
}

/// Names of the times of all processors, in the order in which the host tells them.
const TIMES: [&str; 10] =
    ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"];

/// Reads the seconds that the processors spent since the start; the host counts hundredths.
fn cpu_times(stat: &str) -> Vec<(&'static str, String)> {
    let ticks = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let seconds = |ticks: u64| {
        let text = format!("{}.{:02}", ticks / 100, ticks % 100);
        text.strip_suffix('0').map(str::to_owned).unwrap_or(text)
    };
    TIMES.into_iter().zip(ticks.map(|text| seconds(text.parse().unwrap_or(0)))).collect()
}

fn boot_time(stat: &str) -> String {
    let seconds = stat.lines().find_map(|line| line.strip_prefix("btime ")).unwrap_or("0");
    format!("{}.0", seconds.trim())
}

fn processes() -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    numbers.iter().map(u32::to_string).collect()
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

    #[tokio::test]
    async fn names_and_parts_are_checked() {
        assert_eq!(reply("nosuch", None).await.unwrap_err().code, Code::PROCESS_FAILURE);
        assert_eq!(reply("net_io_counters", Some("nosuch")).await.unwrap_err().code, Code::ATTRIBUTE_NAME);
        assert_eq!(reply("cpu_count", Some("x")).await.unwrap_err().code, Code::ATTRIBUTE_NAME);
    }

    #[test]
    fn times_are_seconds() {
        let times = cpu_times("cpu  4368905 10 592461 0 5 0 0 0 0 0\ncpu0 1 2\n");
        let texts: Vec<&str> = times.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["43689.05", "0.1", "5924.61", "0.0", "0.05", "0.0", "0.0", "0.0", "0.0", "0.0"]);
        assert_eq!(times.first().map(|(name, _)| *name), Some("user"));
    }

    #[test]
    fn parts_are_written_in_their_order() {
        let text = swap_memory(Memory::default()).text();
        assert_eq!(text, "sswap(total=0, used=0, free=0, percent=0.0, sin=0, sout=0)");
    }
}
