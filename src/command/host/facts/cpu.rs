//! Processors of the host (`get cpu …`), from `/proc`.

use crate::{
    reply::{Error, Reply, Table},
    runtime::limits,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, path::Path};

/// Time that one core was busy and idle since the start, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    busy: u64,
    idle: u64,
}

/// Answers `get cpu info`.
///
/// # Errors
/// The host does not tell.
pub fn info() -> Result<Reply, Error> {
    let (physical, logical) = cores(&crate::command::host::facts::read("/proc/cpuinfo")?);
    Ok(Reply::Text(format!("\r\rPhysical Cores: {physical}\r\nLogical Cores:  {logical}")))
}

/// Returns physical and logical cores.
#[must_use]
pub fn cores(text: &str) -> (usize, usize) {
    let (mut package, mut physical, mut logical) = ("0", BTreeSet::new(), 0);
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.trim() {
            "processor" => logical += 1,
            "physical id" => package = value.trim(),
            "core id" => _ = physical.insert((package, value.trim())),
            _ => {}
        }
    }
    (if physical.is_empty() { logical } else { physical.len() }, logical)
}

/// Answers `get cpu usage`: percent of each core while it looked.
///
/// # Errors
/// The host does not tell.
pub async fn usage() -> Result<Reply, Error> {
    let cores = sample().await?;
    let average = if cores.is_empty() {
        0.0
    } else {
        cores.iter().sum::<f64>() / f64::from(u32::try_from(cores.len()).unwrap_or(1))
    };
    let titles = (1..=cores.len()).map(|number| format!("Core {number}")).chain(["Average".to_owned()]).collect();
    let row = cores.iter().chain([&average]).map(|percent| json!(rounded(*percent))).collect();
    Ok(Reply::Table(Table { titles, rows: vec![row], ..Table::default() }))
}

/// Looks twice and returns the percent that each core was busy in between.
///
/// # Errors
/// The host does not tell.
pub async fn sample() -> Result<Vec<f64>, Error> {
    let before = ticks(&crate::command::host::facts::read("/proc/stat")?);
    tokio::time::sleep(limits::CPU_LOOK).await;
    let after = ticks(&crate::command::host::facts::read("/proc/stat")?);
    Ok(before.iter().zip(&after).map(|(one, two)| percent(*one, *two)).collect())
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

fn ticks(stat: &str) -> Vec<Ticks> {
    let cores = stat.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu "));
    cores
        .map(|line| {
            let numbers: Vec<u64> =
                line.split_whitespace().skip(1).take(8).filter_map(|word| word.parse().ok()).collect();
            let idle = numbers.iter().skip(3).take(2).sum();
            Ticks { busy: numbers.iter().sum::<u64>().saturating_sub(idle), idle }
        })
        .collect()
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

    #[test]
    fn counts_cores() {
        let text = "processor : 0\nphysical id : 0\ncore id : 0\n\nprocessor : 1\nphysical id : 0\ncore id : 0\n";
        assert_eq!(cores(text), (1, 2));
        assert_eq!(cores("processor : 0\nprocessor : 1\n"), (2, 2));
    }

    #[test]
    fn compares_two_looks() {
        let before = ticks("cpu 1 1 1 1 1 1 1 1\ncpu0 10 0 10 80 0 0 0 0 0 0\n");
        let after = ticks("cpu 1 1 1 1 1 1 1 1\ncpu0 20 0 20 150 10 0 0 0 0 0\n");
        assert_eq!(before, [Ticks { busy: 20, idle: 80 }]);
        assert!((percent(before[0], after[0]) - 20.0).abs() < 1e-9);
        assert!(percent(before[0], before[0]).abs() < 1e-9);
    }
}
