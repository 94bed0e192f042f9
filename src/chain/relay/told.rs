//! Who is told what the relay undid: people at this node, and the member whose change it was.

use crate::{
    node::{Node, events::Echoed},
    reply::Notice,
};
use anylog_values::Host;

/// Tells people at the node, and the nodes that publish from an address, that a change was refused.
pub(super) async fn refused(node: &Node, host: &str, text: &str) {
    node.events.error("relay", text);
    match node.events.echo(text) {
        Echoed::Off => node.console.notice(&Notice::Paragraph(text.to_owned())),
        Echoed::First => node.console.notice(&Notice::EchoQueue),
        Echoed::Queued => {}
    }
    let Ok(host) = host.parse::<Host>() else { return };
    let of_host = |address: &str| {
        let address = address.parse::<anylog_values::Address>();
        address.is_ok_and(|address| address.host().is_same(&host))
    };
    let members = node.members.list().into_iter().map(|member| member.address.to_string());
    let told: Vec<String> = members.filter(|address| of_host(address) && !is_own(node, address)).collect();
    for address in told {
        // A member that does not listen sees in its next copy what the ledger has.
        if let Err(error) = node.services.peers.tell(node, &address, &format!("echo {text}")).await {
            tracing::debug!(peer.addr = address, %error, "a member did not hear that its change was refused");
        }
    }
}

fn is_own(node: &Node, address: &str) -> bool {
    address.parse().is_ok_and(|address| node.is_own_address(&address))
}
