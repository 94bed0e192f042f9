//! The address of this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

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

/// Returns what stands for a caller where callers are counted: its IPv4 address, or the /64 of its IPv6 address, of which
/// one caller has as many as it likes.
#[must_use]
pub fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_an_ipv4_address_or_a_prefix_of_ipv6() {
        for (address, network) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("::1", "::"),
        ] {
            assert_eq!(network_of(address.parse().unwrap()), network.parse::<IpAddr>().unwrap(), "{address}");
        }
    }
}
