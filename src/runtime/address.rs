//! The address of this machine.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Returns the source address that the system would use for the Internet, else loopback; nothing is sent.
#[must_use]
pub fn of_this_machine() -> IpAddr {
    let routed = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    let usable = routed.map(|address| address.ip()).ok().filter(|ip| !ip.is_unspecified());
    usable.or_else(first_of_interfaces).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Returns the first address that is not loopback, for a machine without a route.
fn first_of_interfaces() -> Option<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    interfaces.iter().map(if_addrs::Interface::ip).find(|ip| ip.is_ipv4() && !ip.is_loopback())
}

/// Returns the address of an interface by its name, an IPv4 one first.
#[must_use]
pub fn of_interface(interface: &str) -> Option<IpAddr> {
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs()
        .ok()?
        .iter()
        .filter(|found| found.name == interface)
        .map(if_addrs::Interface::ip)
        .collect();
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.into_iter().next()
}

/// Tells whether an interface of this machine has an address.
#[must_use]
pub fn belongs_here(ip: IpAddr) -> bool {
    if_addrs::get_if_addrs().is_ok_and(|own| own.iter().any(|interface| interface.ip() == ip))
}
