//! A host and a port.

use crate::host::{Host, HostError};
use std::{
    fmt,
    net::{Ipv6Addr, SocketAddr},
    num::NonZeroU16,
    str::FromStr,
};

/// Where a server of another node is reached: a host and a port from 1 to 65535.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    host: Host,
    port: NonZeroU16,
}

/// Where a server listens: a host and a port, of which 0 stands for any free one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListenAddress {
    /// The host.
    pub host: Host,
    /// The port; 0 stands for any free one.
    pub port: u16,
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `:` before a port.
    #[error("it has no port")]
    NoPort,
    /// The port is no number in range.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// The port is no number in range, where 0 may stand for any port.
    #[error("its port is not a number from 0 to 65535")]
    ListenPort,
    /// An IPv6 address has to stand in brackets before a port.
    #[error("an IPv6 address with a port is written in brackets: [address]:port")]
    Brackets,
    /// The host is none.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl Address {
    /// Puts a host and a port together; nothing for port 0.
    #[must_use]
    pub fn new(host: Host, port: u16) -> Option<Self> {
        Some(Self { host, port: NonZeroU16::new(port)? })
    }

    /// Returns the host.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port.get()
    }
}

impl ListenAddress {
    /// Puts a host and a port together.
    #[must_use]
    pub const fn new(host: Host, port: u16) -> Self {
        Self { host, port }
    }
}

impl From<Address> for ListenAddress {
    fn from(address: Address) -> Self {
        let port = address.port();
        Self { host: address.host, port }
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self { host: address.ip().into(), port: address.port() }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (host, port) = parts(text)?;
        let port = number(port).ok_or(AddressError::Port)?;
        Self::new(host.parse()?, port).ok_or(AddressError::Port)
    }
}

impl FromStr for ListenAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (host, port) = parts(text)?;
        let port = number(port).ok_or(AddressError::ListenPort)?;
        Ok(Self { host: host.parse()?, port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.host, self.port())
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.host, self.port)
    }
}

/// Writes the texts of a host and a port as one address, an IPv6 host in brackets. For texts of policies and variables,
/// which need not be a host and a port; everything else is an [`Address`].
#[must_use]
pub fn host_and_port(host: &str, port: &str) -> String {
    if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Splits a text at the `:` before the port.
fn parts(text: &str) -> Result<(&str, &str), AddressError> {
    let (host, port) = text.trim().rsplit_once(':').ok_or(AddressError::NoPort)?;
    let bracketed = host.starts_with('[');
    if !bracketed && text.trim().parse::<Ipv6Addr>().is_ok() {
        return Err(AddressError::Brackets);
    }
    if !bracketed && host.parse::<Ipv6Addr>().is_ok() {
        return Err(AddressError::Brackets);
    }
    Ok((host, port))
}

/// Reads digits and nothing else as a port.
fn number(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn write(f: &mut fmt::Formatter<'_>, host: &Host, port: u16) -> fmt::Result {
    if host.ip().is_some_and(|ip| ip.is_ipv6()) { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::tests::hosts;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_a_host_and_a_port() {
        for (text, host, port) in [
            ("10.0.0.1:32048", "10.0.0.1", 32048),
            (" master.example:1 ", "master.example", 1),
            ("[::1]:65535", "::1", 65535),
            ("a_b-c:80", "a_b-c", 80),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.host().to_string().as_str(), address.port()), (host, port), "{text}");
            assert_eq!(address.to_string(), text.trim());
        }
        let bad = ["", "nowhere", ":1", "a:", "a:0", "a:70000", "a b:1", "(a:1)", "a:-1", "a:+1", "!ip:1", "a:1:2"];
        for text in bad.into_iter().chain(["::1", "::1:5", "[::1]", "[::1]:0", "http://a:1"]) {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_may_listen_on_any_port() {
        assert_eq!("a:0".parse::<ListenAddress>().unwrap().port, 0);
        assert_eq!("a:65536".parse::<ListenAddress>(), Err(AddressError::ListenPort));
        assert_eq!("a:0".parse::<Address>(), Err(AddressError::Port));
    }

    #[test]
    fn texts_become_an_address() {
        assert_eq!(host_and_port("10.0.0.1", "5"), "10.0.0.1:5");
        assert_eq!(host_and_port("fd00::1", "5"), "[fd00::1]:5");
    }

    proptest! {
        #[test]
        fn every_address_is_read_back(host in hosts(), port in 1_u16..) {
            let address = Address::new(host, port).unwrap();
            prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
        }

        #[test]
        fn every_place_to_listen_is_read_back(host in hosts(), port: u16) {
            let address = ListenAddress::new(host, port);
            prop_assert_eq!(address.to_string().parse::<ListenAddress>(), Ok(address));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z0-9.:\\[\\] -]{0,30}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
            }
        }
    }
}
