//! Addresses of the host's network interfaces (`get ip list`).

use crate::reply::{Code, Error, Reply, Table};
use serde_json::{Value, json};
use std::net::IpAddr;

/// Answers `get ip list`: the addresses of every interface, IPv4 first.
///
/// # Errors
/// The system does not list its interfaces.
pub fn list() -> Result<Reply, Error> {
    let list = if_addrs::get_if_addrs()
        .map_err(|error| Error::with(Code::PROCESS_FAILURE, format!("the interfaces cannot be listed: {error}")))?;
    let (four, six): (Vec<_>, Vec<_>) = list.into_iter().partition(|interface| interface.ip().is_ipv4());
    let rows = four.iter().chain(&six).map(|interface| address(&interface.name, interface.ip())).collect();
    Ok(Reply::Table(Table::new(["Family", "Interface", "Address"], rows)))
}

fn address(interface: &str, ip: IpAddr) -> Vec<Value> {
    let (family, text) = match ip {
        IpAddr::V4(ip) => ("IPv4", ip.to_string()),
        IpAddr::V6(ip) if ip.segments()[0] & 0xffc0 == 0xfe80 => ("IPv6", format!("{ip}%{interface}")),
        IpAddr::V6(ip) => ("IPv6", ip.to_string()),
    };
    vec![json!(family), json!(interface), json!(text)]
}
