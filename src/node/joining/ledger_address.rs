//! Whether `LEDGER_CONN` of this node leads where it should: to the node itself, by whatever name, or to another master.

use crate::{
    node::Node,
    reply::ChecklistItem,
    runtime::{limits, net},
};
use anylog_values::Address;

/// What the check is called.
const NAME: &str = "LEDGER_CONN";

impl Node {
    /// Sees where `LEDGER_CONN` leads.
    pub(super) async fn ledger_address_check(&self) -> ChecklistItem {
        if let Some(wrong) = self.wrong_port().await {
            return wrong;
        }
        let text = self.dictionary.get("ledger_conn").unwrap_or_default();
        let Ok(address) = text.parse::<Address>() else {
            let found = format!("'{text}' is no address");
            let remedy = "set LEDGER_CONN=ip:port, the TCP port of the master; a master needs none";
            return ChecklistItem::wrong(NAME, "the variable ledger_conn was read", found, remedy);
        };
        if self.is_own_address(&address) {
            let tried = "it was compared with the addresses of this node";
            return ChecklistItem::good(NAME, tried, format!("{address} is this node itself"));
        }
        if self.is_own_port(address.port()) && self.stands_for_this_machine(&address).await {
            let tried = "the name was looked up";
            return ChecklistItem::good(
                NAME,
                tried,
                format!("{address} is this node itself, by a name of this machine"),
            );
        }
        let tried = format!("a message was sent to {address}");
        match self.services.peers.leads_here(self, &address.to_string(), limits::OWN_ADDRESS_TIME).await {
            Ok(true) => ChecklistItem::good(NAME, tried, format!("{address} is this node itself, seen from outside")),
            Ok(false) => ChecklistItem::good(
                NAME,
                tried,
                format!("another master answers at {address}, and this node follows it"),
            ),
            Err(error) => ChecklistItem::wrong(
                NAME,
                tried,
                format!("no master answers at {address}: {error}"),
                format!(
                    "correct LEDGER_CONN, or leave it out where this node is the master; if the address is this node seen from \
                     outside, set EXTERNAL_IP={}",
                    address.host()
                ),
            ),
        }
    }

    /// Tells when the configured address is that of the REST server of this node.
    async fn wrong_port(&self) -> Option<ChecklistItem> {
        let address = self.config.ledger.ledger_conn.as_ref()?;
        let rest = self.services.rest.status()?.bound.port();
        if address.port() != rest || self.is_own_port(rest) {
            return None;
        }
        let is_here = self.is_own_host(address.host()) || self.stands_for_this_machine(address).await;
        let port = self.advertised_address().map_or(self.config.network.anylog_server_port, |told| told.port);
        is_here.then(|| {
            ChecklistItem::wrong(
                NAME,
                "its port was compared with those of this node",
                format!("{address} has the port of REST; this node takes its own address instead"),
                format!("write port {port} here and at the members"),
            )
        })
    }

    async fn stands_for_this_machine(&self, address: &Address) -> bool {
        let found = net::resolve(&address.host().to_string()).await.unwrap_or_default();
        found.iter().any(|ip| self.is_own_ip(*ip))
    }
}
