//! What stands above the tables: the machine, the disk, the versions and the command.

use crate::{etcd::Etcd, postgres::tool};
use hdrhistogram::Histogram;
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// How long the disk is looked at.
const PROBE: Duration = Duration::from_secs(2);
/// Load of the machine above which figures are worth little.
const QUIET: f64 = 0.5;

/// Returns the versions of what the node stands beside.
pub fn peers() -> [(&'static str, String); 2] {
    [
        ("etcd", Etcd::version().unwrap_or_else(|| "not installed: left out".to_owned())),
        ("reference", std::env::var("REFERENCE").unwrap_or_else(|_| "none was named: left out".to_owned())),
    ]
}

/// Returns the head of a report with what more there is to say, and says on the console what is wrong with the machine.
pub fn head(command: &str, more: &[(&'static str, String)]) -> String {
    let line = |path: &str, name: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        found.trim_start_matches([' ', '\t', ':']).to_owned()
    };
    let load = line("/proc/loadavg", "");
    let busy = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    if busy > QUIET {
        eprintln!("the load of this machine is {busy}: figures of a busy machine are worth little");
    }
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (rate, times) = probe();
    let micros = |quantile| times.value_at_quantile(quantile);
    let rows = [
        (
            "machine",
            format!("{processors} × {}, {}", line("/proc/cpuinfo", "model name"), line("/proc/meminfo", "MemTotal")),
        ),
        ("kernel", line("/proc/sys/kernel/osrelease", "")),
        ("load before", load),
        (
            "disk",
            format!(
                "{rate:.0} appends of 512 bytes with fdatasync a second, p50 {} µs, p99 {} µs",
                micros(0.5),
                micros(0.99)
            ),
        ),
        ("anylog-master", said(env!("CARGO_BIN_EXE_anylog-master").as_ref(), "version")),
        ("PostgreSQL", said(&tool("postgres"), "--version")),
        ("SQLite", rusqlite::version().to_owned()),
        ("command", format!("`{}`", command.trim())),
    ];
    let rows: Vec<String> = rows.iter().chain(more).map(|(name, value)| format!("| {name} | {value} |")).collect();
    format!("\n| | |\n|---|---|\n{}\n", rows.join("\n"))
}

/// Returns the first line that a program says.
fn said(program: &Path, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("not found").to_owned()
}

/// Returns how many times a second a file of the temporary directory can be appended to and synchronised, and how long it takes.
fn probe() -> (f64, Histogram<u64>) {
    let directory = tempfile::tempdir().unwrap();
    let mut file = File::create(directory.path().join("probe")).unwrap();
    let (begin, mut times) = (Instant::now(), crate::load::histogram());
    while begin.elapsed() < PROBE {
        let started = Instant::now();
        file.write_all(&[b'x'; 512]).unwrap();
        file.sync_data().unwrap();
        times.saturating_record(u64::try_from(started.elapsed().as_micros()).unwrap());
    }
    (times.len() as f64 / begin.elapsed().as_secs_f64(), times)
}
