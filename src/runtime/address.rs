//! The addresses of this machine, and who reaches them.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::Path,
};

/// Who reaches an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Other machines, as far as an address tells.
    Others,
    /// This machine alone: the address is loopback.
    ThisMachine,
    /// Machines at the same cable: the address is link-local.
    ThisLink,
    /// What runs on the same host: the address is one of a container's own network.
    ThisHost,
    /// Nobody: the address stands for no machine, or for many.
    Nobody,
}

/// Returns the source address that the system would use for the Internet, an IPv4 one first, else loopback; nothing is sent.
#[must_use]
pub fn of_this_machine() -> IpAddr {
    let routed = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()].into_iter().find_map(routed);
    routed.or_else(first_of_interfaces).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Tells whether this machine has a route to the Internet over IPv4.
#[must_use]
pub fn has_ipv4_route() -> bool {
    routed(Ipv4Addr::UNSPECIFIED.into()).is_some()
}

/// Returns the source address of the way to the Internet over IPv4 or IPv6; the destinations are those of documents.
fn routed(family: IpAddr) -> Option<IpAddr> {
    let far: IpAddr = match family {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1).into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(family, 0)).ok()?;
    socket.connect(SocketAddr::new(far, 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified() && is_far(own)).then_some(own)
}

/// Tells whether an address is neither loopback nor link-local.
fn is_far(ip: IpAddr) -> bool {
    !matches!(reach_by_kind(ip), Reach::ThisMachine | Reach::ThisLink)
}

/// Returns the best address that is not loopback, for a machine without a route.
fn first_of_interfaces() -> Option<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    interfaces.iter().map(if_addrs::Interface::ip).filter(|ip| !ip.is_loopback()).min_by_key(rank)
}

/// Orders addresses of one machine: what is link-local last, IPv4 first.
fn rank(ip: &IpAddr) -> (bool, bool) {
    (!is_far(*ip), ip.is_ipv6())
}

/// Returns the address of an interface by its name, an IPv4 one first.
#[must_use]
pub fn of_interface(interface: &str) -> Option<IpAddr> {
    let all = if_addrs::get_if_addrs().ok()?;
    all.iter().filter(|found| found.name == interface).map(if_addrs::Interface::ip).min_by_key(rank)
}

/// Tells whether an interface of this machine has an address.
#[must_use]
pub fn belongs_here(ip: IpAddr) -> bool {
    if_addrs::get_if_addrs().is_ok_and(|own| own.iter().any(|interface| interface.ip() == ip))
}

/// Returns the addresses of this machine that others may reach, in the order in which one is chosen.
#[must_use]
pub fn all_of_this_machine() -> Vec<IpAddr> {
    let mut all: Vec<_> = if_addrs::get_if_addrs().into_iter().flatten().map(|interface| interface.ip()).collect();
    all.retain(|ip| is_far(*ip));
    all.sort_by_key(rank);
    all
}

/// Tells who reaches an address.
#[must_use]
pub fn reach(ip: IpAddr) -> Reach {
    match reach_by_kind(ip) {
        Reach::Others if is_of_container(ip) => Reach::ThisHost,
        reach => reach,
    }
}

fn reach_by_kind(ip: IpAddr) -> Reach {
    match ip.to_canonical() {
        ip if ip.is_loopback() => Reach::ThisMachine,
        ip if ip.is_unspecified() || ip.is_multicast() => Reach::Nobody,
        IpAddr::V4(ip) if ip.is_broadcast() => Reach::Nobody,
        IpAddr::V4(ip) if ip.is_link_local() => Reach::ThisLink,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => Reach::ThisLink,
        _ => Reach::Others,
    }
}

/// Tells whether an interface with this address leads to the bridge of a container engine, or is that bridge.
fn is_of_container(ip: IpAddr) -> bool {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let found = interfaces.iter().find(|interface| interface.ip() == ip.to_canonical());
    found.is_some_and(|interface| is_bridge(&interface.name) || is_pair(Path::new("/sys/class/net"), &interface.name))
}

/// Tells whether an interface has the name that container engines give to their bridges.
fn is_bridge(name: &str) -> bool {
    let of_docker =
        name.strip_prefix("br-").is_some_and(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    of_docker || ["docker", "podman", "cni", "virbr", "lxdbr", "lxcbr"].iter().any(|start| name.starts_with(start))
}

/// Tells whether the other end of an interface is one of another network namespace: what a container has as `eth0`. Kinds
/// of interfaces that others reach (VLAN, macvlan) name their kind, a pair does not.
fn is_pair(interfaces: &Path, name: &str) -> bool {
    let read = |file: &str| fs::read_to_string(interfaces.join(name).join(file)).ok();
    let (Some(own), Some(other), Some(facts)) = (read("ifindex"), read("iflink"), read("uevent")) else { return false };
    own.trim() != other.trim() && !facts.contains("DEVTYPE=")
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

    #[test]
    fn what_an_address_tells_of_who_reaches_it() {
        for (ip, known) in [
            ("127.0.0.1", Reach::ThisMachine),
            ("::1", Reach::ThisMachine),
            ("::ffff:127.0.0.1", Reach::ThisMachine),
            ("169.254.7.7", Reach::ThisLink),
            ("fe80::1", Reach::ThisLink),
            ("0.0.0.0", Reach::Nobody),
            ("224.0.0.1", Reach::Nobody),
            ("255.255.255.255", Reach::Nobody),
            ("ff02::1", Reach::Nobody),
            ("10.0.0.1", Reach::Others),
            ("2001:db8::1", Reach::Others),
        ] {
            assert_eq!(reach_by_kind(ip.parse().unwrap()), known, "{ip}");
        }
    }

    #[test]
    fn interfaces_of_containers_are_known() {
        assert!(is_bridge("docker0") && is_bridge("br-0123456789ab") && is_bridge("cni0"));
        assert!(!is_bridge("br0") && !is_bridge("br-lan") && !is_bridge("eth0"));
        let interfaces = tempfile::tempdir().unwrap();
        for (name, index, link, facts) in [
            ("eth0", 7, 8, ""),
            ("eth1", 3, 3, ""),
            ("eth2", 4, 2, "DEVTYPE=vlan\n"),
            ("eth3", 5, 2, "DEVTYPE=macvlan\n"),
        ] {
            let at = interfaces.path().join(name);
            fs::create_dir(&at).unwrap();
            fs::write(at.join("ifindex"), format!("{index}\n")).unwrap();
            fs::write(at.join("iflink"), format!("{link}\n")).unwrap();
            fs::write(at.join("uevent"), format!("INTERFACE={name}\n{facts}")).unwrap();
        }
        let pairs: Vec<_> = ["eth0", "eth1", "eth2", "eth3", "none"]
            .into_iter()
            .filter(|name| is_pair(interfaces.path(), name))
            .collect();
        assert_eq!(pairs, ["eth0"]);
    }
}
