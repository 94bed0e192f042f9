//! The address that members are told: which it is, who reaches it, and whether it leads here.

use crate::{
    node::Node,
    reply::ChecklistItem,
    runtime::{
        address::{self, Reach},
        limits, net,
    },
};
use anylog_values::ListenAddress;
use std::net::IpAddr;

impl Node {
    /// Returns what members write into `LEDGER_CONN`: what this node has there itself, or its own address as others reach it
    /// where the configuration names that.
    #[must_use]
    pub fn join_address(&self) -> String {
        let ledger_conn = self.dictionary.get("ledger_conn").unwrap_or_default();
        let network = &self.config.network;
        let is_named =
            network.external_ip.is_some() || network.external_ip_url.is_some() || network.overlay_ip.is_some();
        let is_own = ledger_conn.parse().is_ok_and(|address| self.is_own_address(&address));
        let outside = self.advertised_address().filter(|_| is_named && is_own);
        outside.map_or(ledger_conn, |address| address.to_string())
    }

    /// Returns where members find the TCP server; nothing while it does not run.
    #[must_use]
    pub fn advertised_address(&self) -> Option<ListenAddress> {
        let options = self.services.peers.status()?.options;
        let network = &self.config.network;
        // What EXTERNAL_IP_URL answered stands in the variable alone.
        let external = || self.dictionary.get("external_ip")?.parse().ok();
        let asked = network.external_ip_url.is_some().then(external).flatten();
        let is_given = network.external_ip.is_some() || asked.is_some();
        if options.bind || (!is_given && network.overlay_ip.is_some()) {
            return Some(options.internal);
        }
        let port = options.external.port;
        Some(asked.map_or(options.external, |host| ListenAddress::new(host, port)))
    }

    /// Looks at who reaches the address that members are told.
    pub(super) async fn advertised_check(&self) -> ChecklistItem {
        let name = "advertised address";
        let tried = "the kind of the address that members are told was looked at";
        let Some(address) = self.advertised_address() else {
            return ChecklistItem::wrong(name, tried, "there is none: the TCP server does not run", RUN_SERVER);
        };
        let all = match address.host.ip() {
            Some(ip) => vec![ip],
            None => net::resolve(&address.host.to_string()).await.unwrap_or_default(),
        };
        match all.into_iter().find_map(concern) {
            Some(concern) => {
                ChecklistItem::wrong(name, tried, format!("members are told {address}: {concern}"), SET_EXTERNAL)
            }
            None => ChecklistItem::good(name, tried, format!("members write LEDGER_CONN={}", self.join_address())),
        }
    }

    /// Sends a message to the address that members are told, and sees whether it comes in here.
    pub async fn reachable_check(&self) -> ChecklistItem {
        let name = "way in";
        let Some(address) = self.advertised_address() else {
            let found = "nobody can reach this node: the TCP server does not run";
            return ChecklistItem::wrong(name, "the TCP server was looked for", found, RUN_SERVER);
        };
        let tried = format!("a message was sent from here to {address}");
        match self.services.peers.leads_here(self, &address.to_string(), limits::OWN_ADDRESS_TIME).await {
            Ok(true) => ChecklistItem::good(name, tried, format!("what is sent to {address} comes in here")),
            Ok(false) => ChecklistItem::wrong(
                name,
                tried,
                format!("another node answers at {address}"),
                "give this node an address or a port of its own: EXTERNAL_IP, ANYLOG_SERVER_PORT",
            ),
            Err(error) => ChecklistItem::wrong(
                name,
                tried,
                format!("nothing that is sent from here to {address} comes in here: {error}"),
                format!(
                    "publish port {} of the container, open it in the firewall, and set EXTERNAL_IP to the address of the host; \
                     some routers do not lead back what comes from inside: then try from another machine",
                    address.port
                ),
            ),
        }
    }
}

/// What starts a server that does not run.
const RUN_SERVER: &str = "start it: run tcp server where …; get boot and get error log tell why it does not run";
/// What changes the address that members are told.
const SET_EXTERNAL: &str = "set EXTERNAL_IP to the address of the host";

/// Says what keeps others from reaching an address; nothing where nothing is known to.
#[must_use]
pub const fn unreached(reach: Reach) -> Option<&'static str> {
    Some(match reach {
        Reach::Others => return None,
        Reach::ThisMachine => "is loopback: nodes of other machines cannot reach it",
        Reach::ThisLink => "is link-local: nodes behind a router cannot reach it",
        Reach::ThisHost => {
            "is an address inside of this host's container network: nodes of other machines cannot reach it"
        }
        Reach::Nobody => "is no address of a machine: nobody can reach it",
    })
}

/// Says what keeps others from reaching an address as one sentence.
#[must_use]
pub fn concern(ip: IpAddr) -> Option<String> {
    unreached(address::reach(ip)).map(|reason| format!("{ip} {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_that_others_do_not_reach_is_told() {
        for (reach, part) in [
            (Reach::ThisMachine, "is loopback"),
            (Reach::ThisLink, "is link-local"),
            (Reach::ThisHost, "is an address inside of this host's container network"),
            (Reach::Nobody, "is no address of a machine"),
        ] {
            assert!(unreached(reach).is_some_and(|text| text.starts_with(part)), "{reach:?}");
        }
        assert_eq!(unreached(Reach::Others), None);
        assert!(concern([127, 0, 0, 1].into()).is_some_and(|text| text.starts_with("127.0.0.1 is loopback: ")));
    }
}
