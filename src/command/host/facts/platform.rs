//! The machine and its addresses (`get platform info`, `get node resources`, `get ip list`).

use crate::{
    command::host::facts::{cpu, disk::Space, memory::Memory},
    node::Node,
    reply::{Code, Error, Reply, Table},
};
use serde_json::{Value, json};
use std::net::IpAddr;

/// Answers `get platform info`.
#[must_use]
pub fn info() -> Reply {
    let system = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    Reply::Text(format!(
        "\r\nSystem:    {}\r\nVersion:   {}\r\nNode:      {}\r\nMachine:   {}\r\nProcessor: {}\r\n",
        text(system.sysname()),
        text(system.version()),
        text(system.nodename()),
        text(system.machine()),
        processor(),
    ))
}

/// Returns the processor's own name; empty where the machine does not tell.
fn processor() -> String {
    let text = crate::command::host::facts::read("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned()).unwrap_or_default()
}

/// Answers `get node resources`, as JSON or as a table of two columns.
///
/// # Errors
/// The host does not tell its figures.
pub fn resources(node: &Node, as_json: bool) -> Result<Reply, Error> {
    let system = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    let (physical, logical) = cpu::cores(&crate::command::host::facts::read("/proc/cpuinfo")?);
    let (memory, disk) = (Memory::read()?, Space::of("/")?);
    let json = json!({
        "ip": node.dictionary.get("ip").unwrap_or_default(),
        "system": text(system.sysname()),
        "version": text(system.version()),
        "node": text(system.nodename()),
        "machine": text(system.machine()),
        "processor": processor(),
        "physical_cores": physical,
        "logical_cores": logical,
        "memory_total": memory.total * 1024,
        "memory_available": memory.available * 1024,
        "memory_used": memory.used() * 1024,
        "memory_free": memory.free * 1024,
        "disk_total": disk.total,
        "disk_used": disk.used,
        "disk_free": disk.free,
    });
    Ok(if as_json { Reply::Value(json) } else { pairs(&json) })
}

fn pairs(json: &Value) -> Reply {
    let rows = json.as_object().into_iter().flatten().map(|(name, value)| vec![json!(name), value.clone()]).collect();
    Reply::Table(Table { titles: vec!["Property".to_owned(), "Details".to_owned()], rows, ..Table::default() })
}

/// Answers `get ip list`: the addresses of every interface, IPv4 first.
///
/// # Errors
/// The system does not list its interfaces.
pub fn addresses() -> Result<Reply, Error> {
    let list = if_addrs::get_if_addrs()
        .map_err(|error| Error::with(Code::PROCESS_FAILURE, format!("the interfaces cannot be listed: {error}")))?;
    let (four, six): (Vec<_>, Vec<_>) = list.into_iter().partition(|interface| interface.ip().is_ipv4());
    let rows = four.iter().chain(&six).map(|interface| address(&interface.name, interface.ip())).collect();
    let titles = ["Family", "Interface", "Address"].map(str::to_owned).to_vec();
    Ok(Reply::Table(Table { titles, rows, ..Table::default() }))
}

fn address(interface: &str, ip: IpAddr) -> Vec<Value> {
    let (family, text) = match ip {
        IpAddr::V4(ip) => ("IPv4", ip.to_string()),
        IpAddr::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80 => ("IPv6", format!("{ip}%{interface}")),
        IpAddr::V6(ip) => ("IPv6", ip.to_string()),
    };
    vec![json!(family), json!(interface), json!(text)]
}
