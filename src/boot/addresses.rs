//! The addresses of the node as its configuration says them: where its servers listen, and what members are told.

use crate::{
    boot::BootFailure,
    config::{Config, Network},
    node::Node,
    runtime::{
        address::{self, Reach},
        net,
    },
};
use anylog_values::{Host, ListenAddress};
use std::net::IpAddr;

/// Tells whether members reach the node at the overlay's address alone: `OVERLAY_NETWORK` says so, or the TCP server listens
/// there alone. Otherwise the overlay's address is what `local_ip` names beside the external one, as deployment scripts have it.
#[must_use]
pub fn is_overlay_alone(network: &Network) -> bool {
    network.overlay_ip.is_some() && (network.overlay_network == Some(true) || network.tcp_bind)
}

/// Returns the internal address: where a server listens that is bound.
#[must_use]
pub fn internal(network: &Network) -> Host {
    let given = network.overlay_ip.as_ref().or(network.internal_ip.as_ref()).cloned();
    let of_interface = || Some(address::of_interface(network.nic_type.as_deref()?)?.into());
    given.or_else(of_interface).unwrap_or_else(|| address::of_this_machine().into())
}

/// Sees that this machine has the address on which a server is to listen alone, and says what an address that it has not is
/// good for.
///
/// # Errors
/// The variable, the reason and the ways out.
pub async fn check(config: &Config) -> Result<(), BootFailure> {
    let network = &config.network;
    let left_out = config.setting("OVERLAY_IP").filter(|setting| !setting.value.is_empty());
    if let (Some(setting), None) = (left_out, &network.overlay_ip) {
        tracing::warn!("OVERLAY_IP={} is left out, because OVERLAY_NETWORK is false", setting.value);
    }
    let given = [("OVERLAY_IP", &network.overlay_ip), ("INTERNAL_IP", &network.internal_ip)];
    let Some((variable, Some(host))) = given.into_iter().find(|(_, host)| host.is_some()) else { return Ok(()) };
    let bound = [
        (variable == "OVERLAY_IP" && network.overlay_network == Some(true), "OVERLAY_NETWORK"),
        (network.tcp_bind, "TCP_BIND"),
        (network.rest_bind, "REST_BIND"),
    ];
    let bound: Vec<_> = bound.into_iter().filter_map(|(is_bound, name)| is_bound.then_some(name)).collect();
    let reason = match net::resolve(&host.to_string()).await {
        Ok(found) if found.iter().any(|ip| ip.is_loopback() || address::belongs_here(*ip)) => return Ok(()),
        Ok(found) if host.ip().is_none() => format!("stands for {}, which this machine does not have", listed(&found)),
        Ok(_) => "is no address of this machine".to_owned(),
        Err(error) => format!("cannot be found from here: {error}"),
    };
    if bound.is_empty() {
        tracing::warn!("{variable}={host} {reason}: right where members reach it and it leads here, as in a container");
        return Ok(());
    }
    let own = listed(&address::all_of_this_machine());
    Err(BootFailure::Address { variable, value: host.to_string(), reason, bound, own })
}

/// Returns addresses as a text.
fn listed(all: &[IpAddr]) -> String {
    match all.iter().map(ToString::to_string).collect::<Vec<_>>() {
        all if all.is_empty() => "none".to_owned(),
        all => all.join(", "),
    }
}

/// Returns what members write into `LEDGER_CONN`: what this node has there itself, or its own address as others reach it
/// where the configuration names that.
#[must_use]
pub fn join(node: &Node) -> String {
    let ledger_conn = node.dictionary.get("ledger_conn").unwrap_or_default();
    let network = &node.config.network;
    let is_named = network.external_ip.is_some() || network.external_ip_url.is_some() || network.overlay_ip.is_some();
    let is_own = ledger_conn.parse().is_ok_and(|address| node.is_own_address(&address));
    let outside = advertised(node).filter(|_| is_named && is_own);
    outside.map_or(ledger_conn, |address| address.to_string())
}

/// Returns where members find the TCP server; nothing while it does not run.
fn advertised(node: &Node) -> Option<ListenAddress> {
    let options = node.services.peers.status()?.options;
    let network = &node.config.network;
    // What EXTERNAL_IP_URL answered stands in the variable alone.
    let external = || node.dictionary.get("external_ip")?.parse().ok();
    let asked = network.external_ip_url.is_some().then(external).flatten();
    let is_given = network.external_ip.is_some() || asked.is_some();
    if options.bind || (!is_given && network.overlay_ip.is_some()) {
        return Some(options.internal);
    }
    let port = options.external.port;
    Some(asked.map_or(options.external, |host| ListenAddress::new(host, port)))
}

/// Says what keeps others from reaching the address that members are told, and which variable changes it.
pub fn warn(node: &Node) {
    let Some(address) = advertised(node) else { return };
    let Some(ip) = address.host.ip() else { return };
    let reason = match address::reach(ip) {
        Reach::Others => return,
        Reach::ThisMachine => "is loopback: nodes of other machines cannot reach it",
        Reach::ThisLink => "is link-local: nodes behind a router cannot reach it",
        Reach::ThisHost => {
            "is an address inside of this host's container network: nodes of other machines cannot reach it"
        }
    };
    tracing::warn!(address = %address, "members are told {ip}, which {reason}; set EXTERNAL_IP to the address of the host");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    fn config(variables: &[(&str, &str)]) -> Config {
        let process = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::load(&Sources { process, ..Sources::default() }).unwrap()
    }

    #[test]
    fn an_overlay_address_alone_is_bound_when_the_tcp_server_is() {
        let alone = |variables: &[(&str, &str)]| is_overlay_alone(&config(variables).network);
        assert!(alone(&[("OVERLAY_IP", "100.64.0.10"), ("TCP_BIND", "true")]));
        assert!(alone(&[("OVERLAY_IP", "100.64.0.10"), ("OVERLAY_NETWORK", "true")]));
        assert!(!alone(&[("OVERLAY_IP", "100.64.0.10")]));
        assert!(!alone(&[("OVERLAY_IP", "100.64.0.10"), ("OVERLAY_NETWORK", "false"), ("TCP_BIND", "true")]));
    }

    #[tokio::test]
    async fn an_address_that_a_server_cannot_listen_on_is_told_before_it_tries() {
        for (variables, told) in [
            (&[("OVERLAY_IP", "192.0.2.77"), ("TCP_BIND", "true")][..], "TCP_BIND"),
            (&[("OVERLAY_IP", "192.0.2.77"), ("OVERLAY_NETWORK", "true")], "OVERLAY_NETWORK"),
            (&[("OVERLAY_IP", "192.0.2.77"), ("REST_BIND", "true")], "REST_BIND"),
            (&[("INTERNAL_IP", "192.0.2.77"), ("TCP_BIND", "true")], "TCP_BIND"),
        ] {
            let text = check(&config(variables)).await.unwrap_err().to_string();
            assert!(text.contains("192.0.2.77") && text.contains(&format!("{told}=true")), "{text}");
        }
        for fine in [
            &[("OVERLAY_IP", "192.0.2.77")][..],
            &[("OVERLAY_IP", "127.0.0.1"), ("TCP_BIND", "true")],
            &[("OVERLAY_IP", "localhost"), ("TCP_BIND", "true")],
            &[("TCP_BIND", "true")],
        ] {
            check(&config(fine)).await.unwrap();
        }
    }
}
