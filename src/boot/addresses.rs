//! The addresses of the node as its configuration says them: where its servers listen, and what members are told.

use crate::{
    boot::BootFailure,
    config::{Config, Network},
    node::{Node, unreached},
    reply::ChecklistItem,
    runtime::{address, net},
};
use anylog_values::Host;
use std::{net::IpAddr, sync::Arc};

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

/// Says what keeps others from reaching the address that members are told, and which variable changes it.
pub fn warn(node: &Node) {
    let Some(address) = node.advertised_address() else { return };
    let concern = address.host.ip().and_then(|ip| Some((ip, unreached(address::reach(ip))?)));
    if let Some((ip, reason)) = concern {
        tracing::warn!(address = %address, "members are told {ip}, which {reason}; set EXTERNAL_IP to the address of the host");
    }
}

/// Sends a message to the address that members are told, without holding anything up, and says whether it came in here.
pub fn try_from_inside(node: &Arc<Node>) {
    let (asking, stop) = (Arc::clone(node), node.shutdown.token());
    node.shutdown.spawn(async move {
        tokio::select! {
            check = asking.reachable_check() => tell(check),
            () = stop.cancelled() => {}
        }
    });
}

fn tell(check: ChecklistItem) {
    match check.remedy {
        None => tracing::info!("{}", check.found),
        Some(remedy) => tracing::warn!("{}; {remedy}", check.found),
    }
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
