//! Which return addresses are answered (reference/tcp-protocol 15.9).
//!
//! Whoever sends 2 KB can make this node send a whole ledger. So an answer goes to the sender itself, or to an address
//! where a node was found that the ledger knows; never to what somebody merely wrote into a header or a policy.

use crate::{
    ledger::View,
    node::{JoinTrouble, Node, PeerAccess},
    peer::{
        client,
        confirmations::Confirmations,
        connection_limiter::ConnectionPermit,
        destination::Destination,
        error::Error,
        resolve,
        settings::PeerSettings,
        shared::{Shared, is_private},
        wire,
    },
    runtime::{address, limits},
};
use anylog_block::ReturnAddress;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// What becomes of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The sender is there.
    Sender,
    /// It may be answered.
    Allowed,
    /// A policy names it; a node has to answer there first.
    Ask,
    /// It is not answered.
    Refused,
}

/// What is known of addresses when a message is answered.
struct Facts<'a> {
    settings: &'a PeerSettings,
    view: &'a View,
    access: &'a PeerAccess,
    confirmations: &'a Confirmations,
    /// Tells whether an interface of this machine has an address.
    belongs_here: &'a (dyn Fn(IpAddr) -> bool + Sync),
    /// Tells whether this node tells others to use an address.
    announces: &'a (dyn Fn(IpAddr) -> bool + Sync),
}

/// Finds where the answer to a message goes: the sockets of its return address that may be answered. A name waits for its turn
/// among those that the messages of others bring, unless this node itself wants to send something.
///
/// # Errors
/// [`Error::ReturnAddress`] when none may, [`Error::Crowded`] when a name does not get its turn, and what keeps the
/// address from being read.
pub async fn destination(
    shared: &Arc<Shared>,
    node: &Node,
    permit: Option<&ConnectionPermit>,
    peer: IpAddr,
    to: &ReturnAddress,
) -> Result<Destination, Error> {
    let peer = peer.to_canonical();
    let is_name = to.host.parse::<IpAddr>().is_err();
    let place = match permit.filter(|_| is_name) {
        Some(permit) => Some(permit.wait_for_lookup().await?),
        None => None,
    };
    let all = resolve::addresses(to).await?;
    drop(place);
    let sockets: Vec<SocketAddr> = all.into_iter().take(limits::PEER_ADDRESSES_OF_A_NAME).collect();
    if !shared.settings.check_return {
        let is_sender = sockets.iter().any(|socket| socket.ip().to_canonical() == peer);
        return Ok(Destination { address: to.clone(), sockets, is_sender });
    }
    let mut checked = Vec::with_capacity(sockets.len());
    let mut is_sender = true;
    for socket in sockets {
        let verdict = judge_here(shared, node, peer, &to.host, socket);
        let may = match verdict {
            Verdict::Sender | Verdict::Allowed => true,
            Verdict::Ask => shared.confirmations.find(socket, answers(shared, node, socket)).await,
            Verdict::Refused => false,
        };
        if may {
            is_sender &= verdict == Verdict::Sender;
            checked.push(socket);
        }
    }
    if checked.is_empty() {
        return Err(Error::ReturnAddress { address: to.to_string(), peer });
    }
    Ok(Destination { address: to.clone(), sockets: checked, is_sender })
}

/// Takes note of why a sender gets no answer, and says it once.
pub fn note(node: &Node, peer: IpAddr, to: &ReturnAddress, error: &Error) {
    let (address, reason) = (to.to_string(), error.to_string());
    let trouble = match error {
        Error::ReturnAddress { .. } => JoinTrouble::ReturnRefused { address, reason },
        Error::Resolve { .. } | Error::Address(_) => JoinTrouble::UnknownName { address, reason },
        _ => JoinTrouble::Unreachable { address, reason },
    };
    node.note_trouble(peer, trouble);
}

/// Remembers that nobody listens at the return address of a sender. The queue that could not deliver has said it already.
pub fn remember(node: &Node, peer: IpAddr, to: &ReturnAddress, error: &Error) {
    if let Error::Refused { source, .. } = error {
        let trouble = JoinTrouble::Unreachable { address: to.to_string(), reason: source.to_string() };
        node.joining.troubles.note(peer, trouble);
    }
}

fn judge_here(shared: &Shared, node: &Node, peer: IpAddr, host: &str, socket: SocketAddr) -> Verdict {
    let view = node.ledger.view();
    let facts = Facts {
        settings: &shared.settings,
        view: &view,
        access: &node.peer_access,
        confirmations: &shared.confirmations,
        belongs_here: &address::belongs_here,
        announces: &|ip| node.announces(&ip.into()),
    };
    facts.judge(peer, host, socket)
}

/// Tells whether a node answers at an address. What it is sent is the same for everybody: nothing of it comes from who
/// wrote the address down.
async fn answers(shared: &Arc<Shared>, node: &Node, socket: SocketAddr) -> bool {
    let to = [socket.to_string()];
    let (limit, most) = (limits::PEER_TEST_TIME, limits::PEER_SHORT_ANSWER);
    let asked = client::ask(shared, node, &to, wire::SIGN_OF_LIFE, limit, most).await;
    asked.is_ok_and(|answers| answers.iter().all(|answer| answer.outcome.is_ok()))
}

impl Facts<'_> {
    fn judge(&self, peer: IpAddr, host: &str, socket: SocketAddr) -> Verdict {
        let ip = socket.ip().to_canonical();
        if is_nobody(ip) {
            return Verdict::Refused;
        }
        let is_named = || {
            let (nodes, port) = (self.access.nodes(), socket.port());
            nodes.names(self.view, host, port) || nodes.names(self.view, &ip.to_string(), port)
        };
        if ip == peer {
            if !self.confirmations.has(socket) && is_named() {
                self.confirmations.note(socket);
            }
            return Verdict::Sender;
        }
        let is_local = self.is_here(peer);
        if self.is_here(ip) || is_link_local(ip) {
            // What listens on this machine beside the node trusts whoever reaches it from here. The address that this node
            // announces need be at no interface: it may be any of loopback's.
            let is_own = (self.belongs_here)(ip) || (self.announces)(ip);
            let may = is_local && (is_own || self.access.trusts(ip));
            return if may { Verdict::Allowed } else { Verdict::Refused };
        }
        if self.access.trusts(ip) {
            return Verdict::Allowed;
        }
        let is_forwarded = self.settings.gateways.has(peer);
        if (self.announces)(ip) && !is_forwarded {
            return if is_local { Verdict::Allowed } else { Verdict::Refused };
        }
        if is_forwarded && is_private(ip) && !self.settings.gateways.has(ip) {
            return Verdict::Allowed;
        }
        match is_named() {
            true if self.confirmations.has(socket) => Verdict::Allowed,
            true => Verdict::Ask,
            false => Verdict::Refused,
        }
    }

    fn is_here(&self, ip: IpAddr) -> bool {
        ip.is_loopback() || (self.belongs_here)(ip)
    }
}

/// Tells whether an address stands for no machine, or for many.
fn is_nobody(ip: IpAddr) -> bool {
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    ip.is_unspecified() || ip.is_multicast() || is_broadcast
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "10.0.0.1";
    const BRIDGE: &str = "172.18.0.1";
    const NODES: [(&str, u16); 3] = [("203.0.113.77", 32148), ("10.0.0.77", 32148), ("127.0.0.9", 6379)];
    const PUBLIC: &str = "203.0.113.5";
    const LOOPBACK: &str = "127.0.0.8";

    fn judge(peer: &str, to: &str, confirmed: &[&str]) -> Verdict {
        let gateways = [BRIDGE.parse::<IpAddr>().unwrap()].into_iter().collect();
        let settings = PeerSettings { gateways, ..PeerSettings::default() };
        let confirmations = Confirmations::default();
        confirmed.iter().for_each(|socket| confirmations.note(socket.parse().unwrap()));
        let facts = Facts {
            settings: &settings,
            view: &View::default(),
            access: &PeerAccess::of(&NODES, &["198.51.100.9"]),
            confirmations: &confirmations,
            belongs_here: &|ip| [OWN, "127.0.0.1"].contains(&ip.to_string().as_str()),
            announces: &|ip| [PUBLIC, LOOPBACK].contains(&ip.to_string().as_str()),
        };
        let socket: SocketAddr = to.parse().unwrap();
        facts.judge(peer.parse().unwrap(), &socket.ip().to_string(), socket)
    }

    #[test]
    fn the_sender_is_answered_where_it_is() {
        for (peer, to) in [("10.0.0.5", "10.0.0.5:1"), ("127.0.0.3", "127.0.0.3:1"), (PUBLIC, "203.0.113.5:9")] {
            assert_eq!(judge(peer, to, &[]), Verdict::Sender);
        }
        assert_eq!(judge("198.51.100.1", "10.0.0.5:1", &[]), Verdict::Refused);
        assert_eq!(judge("198.51.100.1", "198.51.100.9:1", &[]), Verdict::Allowed, "PEER_ALLOW");
    }

    #[test]
    fn a_policy_alone_opens_no_address() {
        assert_eq!(judge("198.51.100.1", "203.0.113.77:32148", &[]), Verdict::Ask);
        assert_eq!(judge("198.51.100.1", "203.0.113.77:25", &[]), Verdict::Refused, "another port");
        assert_eq!(judge("198.51.100.1", "203.0.113.77:32148", &["203.0.113.77:32148"]), Verdict::Allowed);
        assert_eq!(judge("198.51.100.1", "203.0.113.78:32148", &["203.0.113.78:32148"]), Verdict::Refused, "dropped");
        assert_eq!(judge("127.0.0.1", "127.0.0.9:6379", &[]), Verdict::Refused, "loopback is never asked");
    }

    #[test]
    fn this_machine_is_for_local_senders() {
        for to in
            ["127.0.0.1:6379", "127.0.0.8:1", "10.0.0.1:6379", "203.0.113.5:6379", "169.254.169.254:80", "[fe80::1]:1"]
        {
            assert_eq!(judge("198.51.100.1", to, &[to]), Verdict::Refused, "{to}");
        }
        for to in ["127.0.0.1:9", "127.0.0.8:9", "10.0.0.1:9", "203.0.113.5:9"] {
            let verdict = judge("127.0.0.1", to, &[]);
            assert!(matches!(verdict, Verdict::Sender | Verdict::Allowed), "{to}");
        }
        assert_eq!(judge("127.0.0.1", "169.254.169.254:80", &[]), Verdict::Refused);
        assert_eq!(judge("169.254.3.3", "169.254.3.3:80", &[]), Verdict::Sender);
        for nobody in ["0.0.0.0:1", "255.255.255.255:1", "224.0.0.1:1"] {
            assert_eq!(judge("127.0.0.1", nobody, &[]), Verdict::Refused);
        }
    }

    #[test]
    fn behind_a_gateway_private_addresses_are_believed() {
        assert_eq!(judge(BRIDGE, "10.0.0.9:1", &[]), Verdict::Allowed);
        assert_eq!(judge(BRIDGE, "172.18.0.1:1", &[]), Verdict::Sender);
        for to in ["127.0.0.1:1", "10.0.0.1:1", "169.254.169.254:80", "203.0.113.6:1"] {
            assert_eq!(judge(BRIDGE, to, &[]), Verdict::Refused, "{to}");
        }
        assert_eq!(judge(BRIDGE, "203.0.113.77:32148", &[]), Verdict::Ask);
        assert_eq!(judge("172.18.0.2", "10.0.0.9:1", &[]), Verdict::Refused, "no gateway");
    }
}
