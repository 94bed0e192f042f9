//! Facts about the host: disk, memory, processors, addresses, clock (reference/rest 9 and 10).

mod addresses;
mod cpu;
mod disk;
mod disk_io;
mod memory;
mod network_io;
mod node_info;
mod platform;
mod time;
mod unreadable;

use crate::{
    command::engine::{
        Command, Entry, EntryGroup, Line, Parsed,
        options::{OutputFormat, nothing_more, only_format, resolved},
        parsed,
    },
    node::{Door, Node, Session, health::Check},
    reply::{Code, Error, Reply},
    script::joined,
};
use async_trait::async_trait;
use disk::DiskFigure;
use serde_json::json;
use std::sync::Arc;

/// Commands that show the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostFact {
    /// `get disk … PATH`.
    Disk(DiskFigure, String),
    /// `get memory info`.
    Memory,
    /// `get cpu info`.
    CpuInfo,
    /// `get cpu usage`.
    CpuUsage,
    /// `get cpu temperature`.
    CpuTemperature,
    /// `get node info NAME [PART]`.
    Info(String, Option<String>),
    /// `get node resources`.
    Resources(OutputFormat),
    /// `get platform info`.
    Platform,
    /// `get ip list`.
    Addresses,
    /// `get timezone info`.
    Zone,
    /// `get datetime ZONE EXPRESSION`.
    Moment(String, String),
    /// `get health`.
    Health,
}

#[async_trait]
impl Command for HostFact {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Disk(figure, path) => figure.reply(node, &path),
            Self::Memory => memory::Memory::read().map(memory::Memory::reply),
            Self::CpuInfo => cpu::info(),
            Self::CpuUsage => cpu::usage().await,
            Self::CpuTemperature => Ok(cpu::temperature()),
            Self::Info(name, part) => node_info::reply(&name, part.as_deref()).await,
            Self::Resources(format) => platform::resources(node, format),
            Self::Platform => Ok(platform::info()),
            Self::Addresses => addresses::list(),
            Self::Zone => Ok(time::zone()),
            Self::Moment(zone, expression) => time::moment(&zone, &expression),
            Self::Health => Ok(health(node, session)),
        }
    }
}

fn health(node: &Node, session: &Session) -> Reply {
    let report = node.health_report();
    let is_stranger = matches!(session.door(), Door::Peer | Door::OtherOrigin);
    let report = if is_stranger { report.withheld() } else { report };
    let details =
        |checks: &mut dyn Iterator<Item = &Check>| checks.map(|check| check.detail.clone()).collect::<Vec<_>>();
    let (missing, concerns) = (details(&mut report.missing()), details(&mut report.degraded()));
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| {
            json!({
                "name": check.name.as_str(),
                "status": check.status.as_str(),
                "since": check.since.to_string(),
                "detail": check.detail,
            })
        })
        .collect();
    Reply::Value(json!({
        "ready": report.is_ready(),
        "missing": missing,
        "concerns": concerns,
        "status": report.overall().as_str(),
        "checks": checks,
    }))
}

fn parse_disk(line: &Line<'_>, figure: DiskFigure) -> Parsed {
    match line.arguments() {
        [path] => parsed(HostFact::Disk(figure, resolved(line, &path.text))),
        [] => Err(Error::with(Code::STRUCTURE, "name a path, for example '.'")),
        [_, second, ..] => Err(Error::with(Code::STRUCTURE, format!("'{}' is not expected here", second.text))),
    }
}

fn parse_info(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [name] => parsed(HostFact::Info(resolved(line, &name.text), None)),
        [name, part] => parsed(HostFact::Info(resolved(line, &name.text), Some(resolved(line, &part.text)))),
        _ => Err(Error::with(Code::STRUCTURE, "name a figure, for example cpu_percent")),
    }
}

fn parse_moment(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [zone, expression @ ..] if !expression.is_empty() => {
            let expression = match expression {
                [one] => resolved(line, &one.text),
                several => joined(several),
            };
            parsed(HostFact::Moment(resolved(line, &zone.text), expression))
        }
        _ => Err(Error::with(Code::STRUCTURE, "write a time zone and a moment, for example 'get datetime utc now()'")),
    }
}

fn plain(line: &Line<'_>, host: HostFact) -> Parsed {
    nothing_more(line).and_then(|()| parsed(host))
}

const ROWS: EntryGroup = EntryGroup(&["monitor", "node info"]);

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[
    ROWS.read(
        "get disk usage",
        |line| parse_disk(line, DiskFigure::Usage),
        "get disk usage PATH",
        "Shows the bytes of the file system that holds a path: all, used, free.",
        &["get disk usage ."],
    ),
    ROWS.read(
        "get disk free",
        |line| parse_disk(line, DiskFigure::Free),
        "get disk free PATH",
        "Shows the free bytes of the file system that holds a path.",
        &["get disk free ."],
    ),
    ROWS.read(
        "get disk total",
        |line| parse_disk(line, DiskFigure::Total),
        "get disk total PATH",
        "Shows all bytes of the file system that holds a path.",
        &["get disk total ."],
    ),
    ROWS.read(
        "get disk used",
        |line| parse_disk(line, DiskFigure::Used),
        "get disk used PATH",
        "Shows the used bytes of the file system that holds a path.",
        &["get disk used ."],
    ),
    ROWS.read(
        "get disk percentage",
        |line| parse_disk(line, DiskFigure::Percentage),
        "get disk percentage PATH",
        "Shows the free share, in percent, of the file system that holds a path.",
        &["get disk percentage ."],
    ),
    ROWS.read(
        "get memory info",
        |line| plain(line, HostFact::Memory),
        "get memory info",
        "Shows the memory of the host; the numbers are kilobytes, whatever their label says.",
        &["get memory info"],
    ),
    ROWS.read(
        "get cpu info",
        |line| plain(line, HostFact::CpuInfo),
        "get cpu info",
        "Counts the cores of the host.",
        &["get cpu info"],
    ),
    ROWS.read(
        "get cpu usage",
        |line| plain(line, HostFact::CpuUsage),
        "get cpu usage",
        "Looks for a moment how busy each core is, in percent.",
        &["get cpu usage"],
    ),
    ROWS.read(
        "get cpu temperature",
        |line| plain(line, HostFact::CpuTemperature),
        "get cpu temperature",
        "Shows the host's temperature sensors in degrees Celsius; {} where it has none.",
        &["get cpu temperature"],
    ),
    ROWS.read(
        "get node info",
        parse_info,
        "get node info NAME [PART]",
        "Shows one figure of the host: cpu_percent, cpu_count, getloadavg, boot_time, virtual_memory, swap_memory, disk_io_counters, net_io_counters or pids; with a part of it only that.",
        &["get node info cpu_percent", "get node info net_io_counters bytes_recv"],
    )
    .at_least(4),
    ROWS.read(
        "get node resources",
        |line| only_format(line).and_then(|format| parsed(HostFact::Resources(format))),
        "get node resources [where format = table/json]",
        "Shows machine, processors, memory and disk together.",
        &["get node resources", "get node resources where format = json"],
    ),
    ROWS.read(
        "get platform info",
        |line| plain(line, HostFact::Platform),
        "get platform info",
        "Shows the operating system and the machine.",
        &["get platform info"],
    ),
    ROWS.read(
        "get ip list",
        |line| plain(line, HostFact::Addresses),
        "get ip list",
        "Lists the addresses of every network interface.",
        &["get ip list"],
    ),
    ROWS.read(
        "get timezone info",
        |line| plain(line, HostFact::Zone),
        "get timezone info",
        "Shows the time zone and the clock of the host.",
        &["get timezone info"],
    ),
    ROWS.read(
        "get datetime",
        parse_moment,
        "get datetime ZONE MOMENT",
        "Shows a moment in a time zone. MOMENT is now(), a date in quotes, or date('now', 'start of month', '+1 month'); + N days and the like may follow.",
        &["get datetime utc now()", "get datetime local now() + 3 days"],
    ),
    ROWS.read(
        "get health",
        |line| plain(line, HostFact::Health),
        "get health",
        "Tells whether the node is ready for work, what is missing when it is not, and each check with its status, since when, and what was found: the same as GET /health.",
        &["get health"],
    ),
];
