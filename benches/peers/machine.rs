//! What stands above the tables: the machine, the disk, the versions and the command.

use crate::{etcd::Etcd, postgres::tool};
use hdrhistogram::Histogram;
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// How long the disk is looked at.
const PROBE: Duration = Duration::from_secs(2);
/// Load of the machine above which figures are worth little.
const QUIET: f64 = 0.5;
/// Longest wait for that: whoever built this program a moment ago left a load that goes away by itself.
const PATIENCE: Duration = Duration::from_secs(180);
/// Time between two looks at the load.
const LOOK: Duration = Duration::from_secs(1);
/// How many times as long as the one in the middle the slowest append of a hundred takes on a disk that somebody else uses.
const EVEN: u64 = 10;
/// The word with which a run is kept whatever the machine does beside it.
pub const ANYWAY: &str = "--anyway";

/// Returns the versions of what the node stands beside.
pub fn peers() -> [(&'static str, String); 2] {
    [
        ("etcd", Etcd::version().unwrap_or_else(|| "not installed: left out".to_owned())),
        ("reference", std::env::var("REFERENCE").unwrap_or_else(|_| "none was named: left out".to_owned())),
    ]
}

/// Tells whether what is measured may stand in the documents, and says on the console why not. A run asks once, before its first
/// part, because each part is a load by itself.
pub fn is_quiet() -> bool {
    let begin = Instant::now();
    while load() > QUIET && begin.elapsed() < PATIENCE {
        thread::sleep(LOOK);
    }
    let (load, (_, times)) = (load(), probe());
    let (p50, p99) = (times.value_at_quantile(0.5).max(1), times.value_at_quantile(0.99));
    let reason = if load > QUIET {
        format!("the load of this machine is {load}")
    } else if p99 > p50 * EVEN {
        format!("an append takes {p50} µs on this disk, and one of a hundred more than {p99} µs")
    } else {
        return true;
    };
    eprintln!("{reason}: the report is printed and not kept; {ANYWAY} keeps it");
    false
}

/// Returns the load of the last minute.
fn load() -> f64 {
    line("/proc/loadavg", "").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}

/// Returns what a file of the kernel says behind a name.
fn line(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let found = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    found.trim_start_matches([' ', '\t', ':']).to_owned()
}

/// Returns the head of a report with what more there is to say.
pub fn head(command: &str, more: &[(&'static str, String)]) -> String {
    let load = line("/proc/loadavg", "");
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (rate, times) = probe();
    let micros = |quantile| times.value_at_quantile(quantile);
    let rows = [
        (
            "machine",
            format!("{processors} × {}, {}", line("/proc/cpuinfo", "model name"), line("/proc/meminfo", "MemTotal")),
        ),
        ("kernel", numbers(&line("/proc/sys/kernel/osrelease", "")).to_owned()),
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

/// Returns the numbers of a kernel's release; what stands behind them names who built it.
fn numbers(release: &str) -> &str {
    release.split('-').next().unwrap_or(release)
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
