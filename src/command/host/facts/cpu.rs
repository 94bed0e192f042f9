//! Processors of the host (`get cpu …`).

use crate::{
    command::host::facts::unreadable::unreadable,
    reply::{Error, Pairs, PairsLayout, Reply, Table},
    runtime::limits,
};
use procfs::{CpuInfo, CpuTime, Current, CurrentSI, KernelStats};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, path::Path};

/// Numbers of cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cores {
    /// Cores that are there.
    pub physical: usize,
    /// Cores that programs see; a physical one may count as several.
    pub logical: usize,
}

/// Time that one core was busy and idle since the start, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    idle: u64,
}

impl Cores {
    /// Counts the cores of this host.
    ///
    /// # Errors
    /// The host does not tell.
    pub fn read() -> Result<Self, Error> {
        CpuInfo::current().map(|info| Self::count(&info)).map_err(unreadable)
    }

    /// Machines without a topology, as many virtual ones, have as many physical cores as logical ones.
    fn count(info: &CpuInfo) -> Self {
        let logical = info.num_cores();
        let place = |core: usize| Some((info.physical_id(core).unwrap_or(0), info.get_field(core, "core id")?));
        let physical = (0..logical).filter_map(place).collect::<BTreeSet<_>>().len();
        Self { physical: if physical == 0 { logical } else { physical }, logical }
    }
}

/// Returns the processor's own name; empty where the machine does not tell.
#[must_use]
pub fn model_name() -> String {
    CpuInfo::current().ok().and_then(|info| info.model_name(0).map(str::to_owned)).unwrap_or_default()
}

/// Answers `get cpu info`.
///
/// # Errors
/// The host does not tell.
pub fn info() -> Result<Reply, Error> {
    let Cores { physical, logical } = Cores::read()?;
    let pairs = [("Physical Cores", json!(physical)), ("Logical Cores", json!(logical))];
    Ok(Reply::Pairs(Pairs::new(PairsLayout::Cores, pairs)))
}

/// Answers `get cpu usage`: percent of each core while it looked.
///
/// # Errors
/// The host does not tell.
pub async fn usage() -> Result<Reply, Error> {
    let cores = sample().await?;
    let titles = (1..=cores.len()).map(|number| format!("Core {number}")).chain(["Average".to_owned()]).collect();
    let row = cores.iter().chain([&average(&cores)]).map(|percent| json!(rounded(*percent))).collect();
    Ok(Reply::Table(Table { titles, rows: vec![row], ..Table::default() }))
}

/// Looks twice and returns the percent that each core was busy in between.
///
/// # Errors
/// The host does not tell.
pub async fn sample() -> Result<Vec<f64>, Error> {
    let before = KernelStats::current().map_err(unreadable)?;
    tokio::time::sleep(limits::CPU_LOOK).await;
    let after = KernelStats::current().map_err(unreadable)?;
    let pairs = before.cpu_time.iter().zip(&after.cpu_time);
    Ok(pairs.map(|(before, after)| percent(Ticks::from_time(before), Ticks::from_time(after))).collect())
}

/// Returns the mean of the percents of all cores.
#[must_use]
pub fn average(percents: &[f64]) -> f64 {
    let count = f64::from(u32::try_from(percents.len()).unwrap_or(1).max(1));
    percents.iter().sum::<f64>() / count
}

impl Ticks {
    /// Sums the times of a core; those of guests are in its own already.
    fn from_time(time: &CpuTime) -> Self {
        let known = |ticks: Option<u64>| ticks.unwrap_or(0);
        Self {
            busy: time.user + time.nice + time.system + known(time.irq) + known(time.softirq) + known(time.steal),
            idle: time.idle + known(time.iowait),
        }
    }
}

fn percent(before: Ticks, after: Ticks) -> f64 {
    let busy = after.busy.saturating_sub(before.busy);
    let all = busy + after.idle.saturating_sub(before.idle);
    let [busy, all] = [busy, all].map(|ticks| f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)));
    if all > 0.0 { busy * 100.0 / all } else { 0.0 }
}

/// Rounds to one decimal.
#[must_use]
pub fn rounded(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

/// Answers `get cpu temperature`: degrees Celsius by sensor, empty where the host has none.
#[must_use]
pub fn temperature() -> Reply {
    let mut sensors = Map::new();
    let zones = std::fs::read_dir("/sys/class/thermal").into_iter().flatten().flatten();
    for zone in zones {
        if let Some((name, degrees)) = sensor(&zone.path()) {
            sensors.insert(name, json!(degrees));
        }
    }
    Reply::Value(Value::Object(sensors))
}

fn sensor(zone: &Path) -> Option<(String, f64)> {
    let text = |file: &str| std::fs::read_to_string(zone.join(file)).ok().map(|text| text.trim().to_owned());
    let thousandths: i32 = text("temp")?.parse().ok()?;
    Some((text("type")?, f64::from(thousandths) / 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::{FromRead, FromReadSI, current_system_info};

    #[test]
    fn counts_cores() {
        let count = |text: &str| Cores::count(&CpuInfo::from_read(text.as_bytes()).unwrap());
        let one = "processor : 0\nphysical id : 0\ncore id : 0\n\nprocessor : 1\nphysical id : 0\ncore id : 0\n";
        assert_eq!(count(one), Cores { physical: 1, logical: 2 });
        assert_eq!(count("processor : 0\n\nprocessor : 1\n"), Cores { physical: 2, logical: 2 });
    }

    #[test]
    fn compares_two_looks() {
        let ticks = |times: &str| {
            let text = format!("cpu 1 1 1 1 1 1 1 1\ncpu0 {times}\nctxt 0\nbtime 0\nprocesses 0\n");
            Ticks::from_time(&KernelStats::from_read(text.as_bytes(), current_system_info()).unwrap().cpu_time[0])
        };
        let (before, after) = (ticks("10 0 10 80 0 0 0 0 0 0"), ticks("20 0 20 150 10 0 0 0 0 0"));
        assert_eq!(before, Ticks { busy: 20, idle: 80 });
        assert!((percent(before, after) - 20.0).abs() < 1e-9);
        assert!(percent(before, before).abs() < 1e-9);
    }
}
