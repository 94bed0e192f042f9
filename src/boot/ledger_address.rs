//! Whether `LEDGER_CONN` leads to this node itself: by another name of the machine, or by an address outside of a NAT.
//!
//! A node that took itself for another master would follow itself through the network, and one with an empty ledger would
//! wait for a copy that nobody has.

use crate::{
    node::Node,
    runtime::{limits::OWN_ADDRESS_TIME, net},
};
use anylog_values::Address;
use std::net::IpAddr;

/// Finds out whether the address is this node's own, where its variables do not say so: the name stands for an address of
/// this machine, or what is sent there comes in here. The log tells when nobody answers.
pub async fn recognise(node: &Node) {
    let Some(address) = unknown(node) else { return };
    let found = addresses(&address).await;
    let is_here = node.is_own_port(address.port()) && found.iter().any(|ip| node.is_own_ip(*ip));
    let leads_here = match is_here {
        true => Ok(true),
        false => node.services.peers.leads_here(node, &address.to_string(), OWN_ADDRESS_TIME).await,
    };
    match leads_here {
        Ok(true) => {
            tracing::info!("LEDGER_CONN={address} leads to this node itself");
            node.found_addresses.note(address);
        }
        Ok(false) => {}
        Err(error) => tracing::warn!(
            "LEDGER_CONN={address}: no master answers there ({error}); if it is this node, seen from outside, set EXTERNAL_IP={}",
            address.host()
        ),
    }
}

/// Tells whether `LEDGER_CONN` names this node with the port of its REST server, where no member is answered; the log says so.
pub async fn is_wrong_port(node: &Node) -> bool {
    let network = &node.config.network;
    let Some(address) = node.config.ledger.ledger_conn.clone() else { return false };
    if address.port() != network.anylog_rest_port || node.is_own_port(address.port()) {
        return false;
    }
    let is_here = node.is_own_host(address.host()) || addresses(&address).await.iter().any(|ip| node.is_own_ip(*ip));
    if is_here {
        tracing::warn!(
            "LEDGER_CONN={address} has the port of REST; members use {}: this node takes its own address, correct the variable here and at the members",
            network.anylog_server_port
        );
    }
    is_here
}

/// Returns the configured address when nothing tells yet that it is this node's own.
fn unknown(node: &Node) -> Option<Address> {
    let address = node.dictionary.get("ledger_conn")?.parse::<Address>().ok()?;
    (!node.is_own_address(&address)).then_some(address)
}

/// Returns the addresses of the host; none where nobody knows it.
async fn addresses(address: &Address) -> Vec<IpAddr> {
    net::resolve(&address.host().to_string()).await.unwrap_or_default()
}
