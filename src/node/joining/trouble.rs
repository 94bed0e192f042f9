//! What keeps a member from joining, as far as this node sees it: each in words, with what to do.

use std::fmt;

/// Something that keeps a member from joining, or its policies from being right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinTrouble {
    /// HTTP came to the port for other nodes.
    HttpOnTcp {
        /// The port that it came to.
        port: u16,
        /// Where HTTP is answered, as an URL without a host: `http, port 32049`.
        rest: String,
    },
    /// A TLS handshake came to the port for other nodes.
    TlsOnTcp {
        /// The port that it came to.
        port: u16,
        /// Where the REST server is.
        rest: String,
    },
    /// What came to the port for other nodes is no message of this protocol.
    NoMessage {
        /// What is wrong with it.
        reason: String,
    },
    /// A message of another node came to the REST port.
    MessageOnRest {
        /// The REST port.
        port: u16,
        /// What members write into `LEDGER_CONN`.
        join: String,
    },
    /// Nobody takes the answers to a member.
    Unreachable {
        /// The return address.
        address: String,
        /// Why not.
        reason: String,
    },
    /// The return address is not one that is answered (`PEER_CHECK_RETURN`).
    ReturnRefused {
        /// The return address.
        address: String,
        /// Why not, and what opens it.
        reason: String,
    },
    /// The configuration keeps out the address that a member sends from (`PEER_READ`, `PEER_WRITE`).
    Closed {
        /// The return address.
        address: String,
        /// The variables that keep it out, in words.
        variables: String,
    },
    /// The return address is a name that has no address here, or no address at all.
    UnknownName {
        /// The return address.
        address: String,
        /// Why not.
        reason: String,
    },
    /// The clock of a member is off.
    Clock {
        /// Seconds that it is ahead of the clock of this node; behind when negative.
        seconds: i64,
        /// How it is known.
        known_by: String,
    },
    /// The policy of a node names another company than this node has.
    OtherCompany {
        /// Name of the node.
        name: String,
        /// Its company.
        company: String,
        /// The company of this node.
        own: String,
    },
}

impl JoinTrouble {
    /// Returns the name of the kind, for machines.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::HttpOnTcp { .. } => "http_on_tcp",
            Self::TlsOnTcp { .. } => "tls_on_tcp",
            Self::NoMessage { .. } => "no_message",
            Self::MessageOnRest { .. } => "message_on_rest",
            Self::Unreachable { .. } => "unreachable",
            Self::ReturnRefused { .. } => "return_refused",
            Self::Closed { .. } => "closed",
            Self::UnknownName { .. } => "unknown_name",
            Self::Clock { .. } => "clock",
            Self::OtherCompany { .. } => "other_company",
        }
    }

    /// The names of all kinds.
    pub const KINDS: [&'static str; 10] = [
        "http_on_tcp",
        "tls_on_tcp",
        "no_message",
        "message_on_rest",
        "unreachable",
        "return_refused",
        "closed",
        "unknown_name",
        "clock",
        "other_company",
    ];

    /// Tells whether something is to be done about it in any case.
    #[must_use]
    pub const fn is_wrong(&self) -> bool {
        // A network may be one of several companies.
        !matches!(self, Self::OtherCompany { .. })
    }

    /// Returns what the trouble is about beside its sender, by which two of one kind are told apart.
    #[must_use]
    pub fn about(&self) -> &str {
        match self {
            Self::HttpOnTcp { .. }
            | Self::TlsOnTcp { .. }
            | Self::NoMessage { .. }
            | Self::MessageOnRest { .. }
            | Self::Clock { .. } => "",
            Self::Unreachable { address, .. }
            | Self::ReturnRefused { address, .. }
            | Self::Closed { address, .. }
            | Self::UnknownName { address, .. } => address,
            Self::OtherCompany { name, .. } => name,
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::HttpOnTcp { rest, .. } | Self::TlsOnTcp { rest, .. } => {
                format!("clients and probes use the REST server ({rest}); members write this port into LEDGER_CONN")
            }
            Self::NoMessage { .. } => {
                "look at what runs there: another program that has this port, or a node of another \
                 version of the network"
                    .to_owned()
            }
            Self::MessageOnRest { join, .. } => format!("write LEDGER_CONN={join} at the member and start it again"),
            Self::Unreachable { .. } => {
                "start the member, open its TCP port in its firewall, publish the port where it runs \
                 in a container, and set EXTERNAL_IP there to an address that this node reaches"
                    .to_owned()
            }
            Self::ReturnRefused { .. } => {
                "set EXTERNAL_IP at the member to the address that it sends from, or name that \
                 address in PEER_ALLOW of this node; behind a gateway set PEER_GATEWAY"
                    .to_owned()
            }
            Self::Closed { variables, .. } => format!(
                "name the address that it sends from in PEER_ALLOW of this node, or open {variables}; nothing is to be \
                 done about one that is to stay out"
            ),
            Self::UnknownName { .. } => {
                "give the member an address in EXTERNAL_IP instead of a name, or put the name where \
                 this node finds it: its DNS server, or extra_hosts of its container"
                    .to_owned()
            }
            Self::Clock { .. } => "set the clock of that machine (NTP): policies are ordered by their dates".to_owned(),
            Self::OtherCompany { own, .. } => format!(
                "correct COMPANY_NAME at the member, or at this node ({own}); in a network of several companies nothing is to \
                 be done"
            ),
        }
    }
}

impl fmt::Display for JoinTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HttpOnTcp { port, .. } => write!(f, "HTTP came to port {port}, which is for other nodes"),
            Self::TlsOnTcp { port, .. } => {
                write!(f, "TLS came to port {port}, which is for other nodes and speaks none")
            }
            Self::NoMessage { reason } => {
                write!(f, "what came to the port for other nodes is no message of one: {reason}")
            }
            Self::MessageOnRest { port, .. } => {
                write!(f, "a message of another node came to port {port}, which is the one of REST")
            }
            Self::Unreachable { address, reason } => {
                write!(f, "no answer reached {address}, the return address of a member: {reason}")
            }
            Self::ReturnRefused { address, reason } => write!(f, "no answer to {address}: {reason}"),
            Self::Closed { address, variables } => {
                write!(f, "{address} asks as a member does and is kept out by {variables} of this node")
            }
            Self::UnknownName { address, reason } => {
                write!(f, "no answer to {address}, the return address of a member: {reason}")
            }
            Self::Clock { seconds, known_by } => {
                let direction = if *seconds < 0 { "behind" } else { "ahead of" };
                write!(f, "the clock of a member is {} s {direction} the one of this node: {known_by}", seconds.abs())
            }
            Self::OtherCompany { name, company, own } => {
                write!(f, "node '{name}' is of the company '{company}', this node of '{own}'")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_one_of_the_list() {
        let port = 1;
        let all = [
            JoinTrouble::HttpOnTcp { port, rest: String::new() },
            JoinTrouble::TlsOnTcp { port, rest: String::new() },
            JoinTrouble::NoMessage { reason: String::new() },
            JoinTrouble::MessageOnRest { port, join: String::new() },
            JoinTrouble::Unreachable { address: String::new(), reason: String::new() },
            JoinTrouble::ReturnRefused { address: String::new(), reason: String::new() },
            JoinTrouble::Closed { address: String::new(), variables: String::new() },
            JoinTrouble::UnknownName { address: String::new(), reason: String::new() },
            JoinTrouble::Clock { seconds: 1, known_by: String::new() },
            JoinTrouble::OtherCompany { name: String::new(), company: String::new(), own: String::new() },
        ];
        assert_eq!(all.each_ref().map(JoinTrouble::kind), JoinTrouble::KINDS);
    }
}
