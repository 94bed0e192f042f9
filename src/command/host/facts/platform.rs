//! The machine as a whole (`get platform info`, `get node resources`).

use crate::{
    command::{
        engine::options::OutputFormat,
        host::facts::{
            cpu::{self, Cores},
            disk,
            memory::Memory,
        },
    },
    node::Node,
    reply::{Error, Pairs, PairsLayout, Reply, Table},
};
use rustix::system::{Uname, uname};
use serde_json::{Map, Value, json};
use std::ffi::CStr;

/// Answers `get platform info`.
#[must_use]
pub fn info() -> Reply {
    let names = ["System", "Version", "Node", "Machine", "Processor"];
    let pairs = names.into_iter().zip(description().into_iter().map(|(_, value)| value));
    Reply::Pairs(Pairs::new(PairsLayout::Facts, pairs))
}

/// Returns the operating system and the machine.
fn description() -> [(&'static str, Value); 5] {
    let system: Uname = uname();
    let text = |part: &CStr| json!(part.to_string_lossy());
    [
        ("system", text(system.sysname())),
        ("version", text(system.version())),
        ("node", text(system.nodename())),
        ("machine", text(system.machine())),
        ("processor", json!(cpu::model_name())),
    ]
}

/// Answers `get node resources`.
///
/// # Errors
/// The host does not tell its figures.
pub fn resources(node: &Node, format: OutputFormat) -> Result<Reply, Error> {
    let (cores, memory, disk) = (Cores::read()?, Memory::read()?, disk::space("/")?);
    let bytes = |kilobytes: u64| json!(kilobytes * 1024);
    let figures = [
        ("physical_cores", json!(cores.physical)),
        ("logical_cores", json!(cores.logical)),
        ("memory_total", bytes(memory.total)),
        ("memory_available", bytes(memory.available)),
        ("memory_used", bytes(memory.used())),
        ("memory_free", bytes(memory.free)),
        ("disk_total", json!(disk.total)),
        ("disk_used", json!(disk.used)),
        ("disk_free", json!(disk.free)),
    ];
    let address = [("ip", json!(node.dictionary.get("ip").unwrap_or_default()))];
    let all = address.into_iter().chain(description()).chain(figures);
    Ok(match format {
        OutputFormat::Json => {
            Reply::Value(Value::Object(all.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()))
        }
        OutputFormat::Table => {
            let rows = all.map(|(name, value)| vec![json!(name), value]).collect();
            Reply::Table(Table::new(["Property", "Details"], rows))
        }
    })
}
