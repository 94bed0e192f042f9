//! Facts of the network: addresses of names, also in a static binary without the system's own resolver.

use hickory_resolver::TokioResolver;
use std::{io, net::IpAddr, time::Duration};

/// Longest time that a name may take.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the addresses of a host; an address is returned as it is. The hosts file and the name servers of
/// `resolv.conf` are asked as of now, so that a container that moves is found again.
///
/// # Errors
/// The reason, when the name has no address or no server answers.
pub async fn resolve(host: &str) -> io::Result<Vec<IpAddr>> {
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Ok(vec![address]);
    }
    let failed = |reason: String| io::Error::new(io::ErrorKind::NotFound, format!("no address of '{host}': {reason}"));
    let builder = TokioResolver::builder_tokio().map_err(|error| failed(error.to_string()))?;
    let resolver = builder.build().map_err(|error| failed(error.to_string()))?;
    let found = tokio::time::timeout(RESOLVE_TIMEOUT, resolver.lookup_ip(host)).await;
    let found = found.map_err(|_| failed("no name server answers".to_owned()))?;
    let addresses: Vec<IpAddr> = found.map_err(|error| failed(error.to_string()))?.iter().collect();
    if addresses.is_empty() { Err(failed("the name has none".to_owned())) } else { Ok(addresses) }
}

/// Returns the gateway of the default route; in a container this is the machine around it.
#[must_use]
pub fn gateway() -> Option<IpAddr> {
    default_gateway(&std::fs::read_to_string("/proc/net/route").ok()?)
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

    #[tokio::test]
    async fn addresses_need_no_name_server() {
        assert_eq!(resolve("10.0.0.7").await.unwrap(), ["10.0.0.7".parse::<IpAddr>().unwrap()]);
        assert_eq!(resolve("[::1]").await.unwrap(), ["::1".parse::<IpAddr>().unwrap()]);
    }

    #[tokio::test]
    async fn the_hosts_file_counts() {
        assert!(resolve("localhost").await.unwrap().iter().all(IpAddr::is_loopback));
    }
}
