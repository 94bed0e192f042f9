//! Where a machine is: an address or a name.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Longest name of a host that the domain name system has.
const LONGEST_NAME: usize = 253;

/// An IPv4 address, an IPv6 address, or a name that may have an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Ip(IpAddr),
    Name(String),
}

/// Why a text is no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// A text such as `http://host`.
    #[error("it is the address of a page")]
    Url,
    /// A text such as `host:80`.
    #[error("it holds a port; the ports are variables of their own")]
    Port,
    /// A text such as `host1,host2`, where one is meant.
    #[error("it names more than one, or has a sign behind it that does not belong there")]
    Several,
    /// A text such as `fe80::1%eth0`.
    #[error("an address that is good on one interface alone (%) cannot be used; write one without %")]
    Zone,
    /// Digits and dots that are no IPv4 address.
    #[error("it is no IPv4 address")]
    Ipv4,
    /// Anything else.
    #[error("it is neither an address nor a name")]
    Other,
}

impl Host {
    /// Returns the address; nothing for a name.
    #[must_use]
    pub const fn ip(&self) -> Option<IpAddr> {
        match &self.0 {
            Kind::Ip(ip) => Some(*ip),
            Kind::Name(_) => None,
        }
    }

    /// Tells whether this is how a machine names itself: `127.0.0.1`, `::1` or `localhost`.
    #[must_use]
    pub fn is_localhost(&self) -> bool {
        match &self.0 {
            Kind::Ip(ip) => {
                [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&ip.to_canonical())
            }
            Kind::Name(name) => name.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Tells whether two hosts are written as the same one; names are compared without regard to case.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Ip(left), Kind::Ip(right)) => left.to_canonical() == right.to_canonical(),
            (Kind::Name(left), Kind::Name(right)) => left.eq_ignore_ascii_case(right),
            _ => false,
        }
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        Self(Kind::Ip(ip))
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let text = text.trim();
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<Ipv6Addr>() {
            return Ok(IpAddr::V6(ip).into());
        }
        if text.contains("://") {
            return Err(HostError::Url);
        }
        if text.contains([',', ';']) {
            return Err(HostError::Several);
        }
        if bare.split_once('%').is_some_and(|(ip, _)| ip.parse::<Ipv6Addr>().is_ok()) {
            return Err(HostError::Zone);
        }
        if text.contains(':') {
            return Err(HostError::Port);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return text.parse::<Ipv4Addr>().map(|ip| IpAddr::V4(ip).into()).map_err(|_| HostError::Ipv4);
        }
        let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(usable) {
            return Err(HostError::Other);
        }
        Ok(Self(Kind::Name(text.to_owned())))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Ip(ip) => ip.fmt(f),
            Kind::Name(name) => f.pad(name),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any host.
    pub fn hosts() -> impl Strategy<Value = Host> {
        prop_oneof![
            any::<Ipv4Addr>().prop_map(|ip| IpAddr::V4(ip).into()),
            any::<Ipv6Addr>().prop_map(|ip| IpAddr::V6(ip).into()),
            "[a-zA-Z_][a-zA-Z0-9._-]{0,40}".prop_map(|name| name.parse().unwrap()),
        ]
    }

    #[test]
    fn texts_that_are_no_host_say_why() {
        for (text, error) in [
            ("", HostError::Other),
            ("a b", HostError::Other),
            ("(a", HostError::Other),
            ("!ip", HostError::Other),
            ("10.0.0.256", HostError::Ipv4),
            ("1.2.3", HostError::Ipv4),
            ("10.0.0.5:80", HostError::Port),
            ("http://x", HostError::Url),
            ("10.0.0.5:80,10.0.0.6", HostError::Several),
            ("pg1;pg2", HostError::Several),
            ("[fe80::1%eth0]", HostError::Zone),
            ("fe80::1%2", HostError::Zone),
            ("a:%", HostError::Port),
        ] {
            assert_eq!(text.parse::<Host>(), Err(error), "{text}");
        }
        assert!("x".repeat(LONGEST_NAME + 1).parse::<Host>().is_err());
    }

    #[test]
    fn names_of_the_machine_itself_and_sameness() {
        let host = |text: &str| text.parse::<Host>().unwrap();
        assert!(host("127.0.0.1").is_localhost() && host("::1").is_localhost() && host("LocalHost").is_localhost());
        assert!(!host("127.0.0.2").is_localhost() && !host("local").is_localhost());
        assert!(host("Master.Example").is_same(&host("master.example")));
        assert!(host("::ffff:10.0.0.1").is_same(&host("10.0.0.1")));
        assert!(!host("master").is_same(&host("10.0.0.1")));
    }

    proptest! {
        #[test]
        fn every_host_is_read_back(host in hosts()) {
            prop_assert_eq!(host.to_string().parse::<Host>(), Ok(host));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            if let Ok(host) = text.parse::<Host>() {
                prop_assert_eq!(host.to_string().parse::<Host>(), Ok(host));
            }
        }
    }
}
