//! Which addresses are this node's own.

use super::node::Node;
use crate::{query::Own, runtime::address};
use anylog_values::{Address, Host};
use std::net::{IpAddr, SocketAddr};

/// Variables that hold an address or a name of this machine.
const OWN_HOSTS: [&str; 5] = ["ip", "internal_ip", "external_ip", "overlay_ip", "hostname"];

impl Node {
    /// Returns the addresses by which the address of a policy tells this node from others (reference/ledger 7.7).
    #[must_use]
    pub fn addresses(&self) -> Own {
        let value = |key| self.dictionary.get(key).unwrap_or_default();
        Own { external: value("external_ip"), internal: value("ip") }
    }

    /// Tells whether other nodes reach this node at an address.
    ///
    /// The host is one that the TCP server was started with, one that `set reply ip` or `set self ip` announces, one in
    /// the variables of the node, or one on which the server listens; the port is one of the server's. Before a server
    /// runs the port is `!anylog_server_port`. An address that was found to lead here counts as well.
    #[must_use]
    pub fn is_own_address(&self, address: &Address) -> bool {
        self.found_addresses.has(address) || (self.is_own_port(address.port()) && self.is_own_host(address.host()))
    }

    /// Tells whether a host stands for this node, whatever the port.
    #[must_use]
    pub fn is_own_host(&self, host: &Host) -> bool {
        self.announces(host) || self.is_local(host)
    }

    /// Tells whether the server takes what is sent to an address.
    #[must_use]
    pub fn is_own_ip(&self, ip: IpAddr) -> bool {
        self.is_own_host(&ip.into())
    }

    /// Tells whether a host is one that this node tells others to use: an address of its TCP server, or what
    /// `set reply ip` and `set self ip` say.
    #[must_use]
    pub fn announces(&self, host: &Host) -> bool {
        let listening = self.services.peers.status().map(|listening| listening.options);
        let told = listening.into_iter().flat_map(|options| [options.external.host, options.internal.host]);
        let said = || {
            let settings = self.settings.get();
            [settings.reply, settings.itself].into_iter().flatten().map(|(host, _)| host)
        };
        !is_unspecified(host) && told.chain(std::iter::once_with(said).flatten()).any(|own| own.is_same(host))
    }

    /// Tells whether a host stands for this machine: by a variable of the node, or because the server listens there.
    fn is_local(&self, host: &Host) -> bool {
        let variables = OWN_HOSTS.iter().filter_map(|key| self.dictionary.get(key)?.parse::<Host>().ok());
        let bound = self.services.peers.status().map(|listening| listening.bound);
        variables.into_iter().any(|own| own.is_same(host)) || reaches(bound, host)
    }

    /// Tells whether a port is one of the TCP server's.
    #[must_use]
    pub fn is_own_port(&self, port: u16) -> bool {
        let Some(listening) = self.services.peers.status() else {
            return self.dictionary.get("anylog_server_port").is_some_and(|own| own.parse() == Ok(port));
        };
        let settings = self.settings.get();
        let said = [settings.reply, settings.itself].into_iter().flatten().filter_map(|(_, port)| port);
        let options = &listening.options;
        said.chain([options.external.port, options.internal.port, listening.bound.port()]).any(|own| own == port)
    }
}

/// Tells whether a host leads to a socket: its address, the usual names of loopback, and every address of the machine
/// when it listens on all.
fn reaches(bound: Option<SocketAddr>, host: &Host) -> bool {
    if host.is_localhost() {
        return true;
    }
    let Some(ip) = host.ip().map(|ip| ip.to_canonical()) else { return false };
    match bound.map(|bound| bound.ip()) {
        Some(bound) if !bound.is_unspecified() => bound.to_canonical() == ip,
        _ => ip.is_loopback() || address::belongs_here(ip),
    }
}

fn is_unspecified(host: &Host) -> bool {
    host.ip().is_some_and(|ip| ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(bound: &str, host: &str) -> bool {
        reaches(Some(bound.parse().unwrap()), &host.parse().unwrap())
    }

    #[test]
    fn a_socket_is_reached_at_its_address_and_by_the_names_of_loopback() {
        assert!(
            leads("10.0.0.5:1", "10.0.0.5") && leads("10.0.0.5:1", "localhost") && leads("10.0.0.5:1", "127.0.0.1")
        );
        assert!(!leads("10.0.0.5:1", "10.0.0.6") && !leads("127.0.0.1:1", "127.0.0.2"));
        assert!(!leads("127.0.0.1:1", "master.example"));
    }

    #[test]
    fn a_socket_on_all_addresses_is_reached_at_each() {
        assert!(leads("0.0.0.0:1", "127.0.0.2") && leads("0.0.0.0:1", "::1"));
        assert!(!leads("0.0.0.0:1", "192.0.2.1"));
    }
}
