//! Facts of the network: addresses of names, also in a static binary without the system's own resolver.

use crate::runtime::address;
use hickory_resolver::{TokioResolver, config::LookupIpStrategy, net::NetError, proto::rr::RData};
use std::{
    io,
    net::{IpAddr, Ipv6Addr},
    str::SplitAsciiWhitespace,
    time::Duration,
};

/// Longest time that a name may take.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// File with the names that this machine knows without a name server.
const HOSTS: &str = "/etc/hosts";

/// Returns all addresses of a host, those first that this machine has a way to: IPv4 where it has a route of IPv4, else
/// IPv6. An address is returned as it is. The hosts file and the name servers of `resolv.conf` are asked as of now, so that
/// a container that moves is found again.
///
/// # Errors
/// The reason, when the name has no address or no server answers.
pub async fn resolve(host: &str) -> io::Result<Vec<IpAddr>> {
    resolve_beside(&hosts_file(), host).await
}

/// Resolves a name; no name server is asked for one that the hosts file knows, nor need there be any.
async fn resolve_beside(hosts: &str, host: &str) -> io::Result<Vec<IpAddr>> {
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Ok(vec![address]);
    }
    let known = listed_addresses(hosts, host);
    let mut addresses = if known.is_empty() { ask_servers(host).await? } else { known };
    if addresses.iter().any(IpAddr::is_ipv4) && addresses.iter().any(IpAddr::is_ipv6) {
        let first_is_ipv6 = !address::has_ipv4_route();
        addresses.sort_by_key(|ip| ip.is_ipv6() != first_is_ipv6);
    }
    Ok(addresses)
}

/// Reads the hosts file; a machine without one knows no names.
fn hosts_file() -> String {
    String::from_utf8_lossy(&std::fs::read(HOSTS).unwrap_or_default()).into_owned()
}

/// Returns the lines of a hosts file: an address and the names of it.
fn lines_of_hosts(hosts: &str) -> impl Iterator<Item = (IpAddr, SplitAsciiWhitespace<'_>)> {
    hosts.lines().filter_map(|line| {
        let (line, _comment) = line.split_once('#').unwrap_or((line, ""));
        let mut words = line.split_ascii_whitespace();
        Some((words.next()?.parse::<IpAddr>().ok()?, words))
    })
}

/// Returns the addresses that a hosts file has for a name, in its order.
fn listed_addresses(hosts: &str, host: &str) -> Vec<IpAddr> {
    let host = host.trim_end_matches('.');
    let is_of = |mut names: SplitAsciiWhitespace<'_>| names.any(|name| name.eq_ignore_ascii_case(host));
    lines_of_hosts(hosts).filter_map(|(ip, names)| is_of(names).then_some(ip)).collect()
}

/// Returns the first name that a hosts file has for an address.
fn listed_name(hosts: &str, ip: IpAddr) -> Option<String> {
    lines_of_hosts(hosts).filter(|(listed, _)| *listed == ip).find_map(|(_, mut names)| names.next().map(str::to_owned))
}

/// Asks the name servers of `resolv.conf`.
async fn ask_servers(host: &str) -> io::Result<Vec<IpAddr>> {
    let failed = |reason: String| io::Error::new(io::ErrorKind::NotFound, format!("no address of '{host}': {reason}"));
    let mut builder = TokioResolver::builder_tokio().map_err(|error| failed(error.to_string()))?;
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    let resolver = builder.build().map_err(|error| failed(error.to_string()))?;
    let found = tokio::time::timeout(RESOLVE_TIMEOUT, resolver.lookup_ip(host)).await;
    let found = found.map_err(|_| failed("no name server answers".to_owned()))?;
    let addresses: Vec<IpAddr> = found.map_err(|error| failed(reason(&error)))?.iter().collect();
    if addresses.is_empty() { Err(failed("the name has none".to_owned())) } else { Ok(addresses) }
}

/// Says why a name has no address in words of people; the resolver's own are those of its inside.
fn reason(error: &NetError) -> String {
    match error {
        error if error.is_nx_domain() || error.is_no_records_found() => "nobody knows the name".to_owned(),
        NetError::Timeout => "no name server answers".to_owned(),
        NetError::NoConnections => "no name server can be reached".to_owned(),
        NetError::Io(error) => format!("no name server can be reached ({error})"),
        other => other.to_string(),
    }
}

/// Returns the first name of an address; nothing when nobody knows one in time.
pub async fn name_of(ip: IpAddr) -> Option<String> {
    if let Some(name) = listed_name(&hosts_file(), ip) {
        return Some(name);
    }
    let resolver = TokioResolver::builder_tokio().ok()?.build().ok()?;
    let found = tokio::time::timeout(RESOLVE_TIMEOUT, resolver.reverse_lookup(ip)).await.ok()?.ok()?;
    let names = found.answers().iter().filter_map(|record| match &record.data {
        RData::PTR(name) => Some(name.0.to_utf8()),
        _ => None,
    });
    names.map(|name| name.trim_end_matches('.').to_owned()).find(|name| !name.is_empty())
}

/// Returns the gateways of the default routes, of IPv4 and of IPv6; in a container these are the machine around it.
#[must_use]
pub fn gateways() -> Vec<IpAddr> {
    let read = |table: &str| std::fs::read_to_string(table).unwrap_or_default();
    let ipv4 = default_gateway(&read("/proc/net/route"));
    ipv4.into_iter().chain(default_gateway_of_ipv6(&read("/proc/net/ipv6_route"))).collect()
}

/// Finds the default route in the kernel's table: columns interface, destination and gateway, in hex of this machine.
fn default_gateway(table: &str) -> Option<IpAddr> {
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let (destination, gateway) = (columns.next()?, columns.next()?);
        let address = u32::from_str_radix(gateway, 16).ok()?;
        (destination == "00000000" && address != 0).then(|| IpAddr::from(address.to_ne_bytes()))
    })
}

/// Finds the default route in the kernel's table of IPv6: destination, its length and, in the fifth column, the gateway.
fn default_gateway_of_ipv6(table: &str) -> Option<IpAddr> {
    table.lines().find_map(|line| {
        let columns: Vec<_> = line.split_ascii_whitespace().collect();
        let gateway = Ipv6Addr::from_bits(u128::from_str_radix(columns.get(4)?, 16).ok()?);
        (columns.get(1) == Some(&"00") && !gateway.is_unspecified()).then_some(IpAddr::V6(gateway))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_default_route_names_the_gateway() {
        let table =
            "Iface\tDestination\tGateway \tFlags\neth0\t000012AC\t00000000\t0001\neth0\t00000000\t010012AC\t0003\n";
        assert_eq!(default_gateway(table), Some("172.18.0.1".parse().unwrap()));
        assert_eq!(default_gateway("Iface\tDestination\tGateway\n"), None);
    }

    #[test]
    fn the_default_route_of_ipv6_names_its_gateway() {
        let none = "00000000000000000000000000000000";
        let table = format!(
            "20010db8000000000000000000000000 40 {none} 00 {none} 00000100 00000001 00000000 00000001     eth0\n\
             {none} 00 {none} 00 20010db8000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n\
             {none} 00 {none} 00 {none} ffffffff 00000001 00000000 00200200       lo\n"
        );
        assert_eq!(default_gateway_of_ipv6(&table), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(default_gateway_of_ipv6(""), None);
    }

    #[tokio::test]
    async fn addresses_need_no_name_server() {
        assert_eq!(resolve("10.0.0.7").await.unwrap(), ["10.0.0.7".parse::<IpAddr>().unwrap()]);
        assert_eq!(resolve("[::1]").await.unwrap(), ["::1".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    fn a_hosts_file_has_addresses_of_names_and_names_of_addresses() {
        let hosts =
            "127.0.0.1 localhost\n#10.0.0.9 pg\n10.0.0.7\tPG.corp pg # the database\nfe80::1%lo pg\n10.0.0.8\n::7 pg\n";
        let of = |name: &str| listed_addresses(hosts, name).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(of("pg"), ["10.0.0.7", "::7"]);
        assert_eq!(of("pg.corp."), ["10.0.0.7"]);
        assert_eq!(of("database"), [] as [&str; 0]);
        let name = |ip: &str| listed_name(hosts, ip.parse().unwrap());
        assert_eq!(name("10.0.0.7").as_deref(), Some("PG.corp"));
        assert_eq!([name("10.0.0.8"), name("10.0.0.9")], [None, None]);
    }

    #[tokio::test]
    async fn a_name_of_the_hosts_file_needs_no_name_server() {
        // No name server knows a name of this ending (RFC 6761), and the line says nothing of IPv6.
        let found = resolve_beside("192.0.2.7 pg.invalid\n", "pg.invalid").await.unwrap();
        assert_eq!(found, ["192.0.2.7".parse::<IpAddr>().unwrap()]);
        assert!(resolve("localhost").await.unwrap().iter().all(IpAddr::is_loopback));
    }
}
