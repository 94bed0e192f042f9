//! From `ip:port` or `name:port` to socket addresses.

use crate::{peer::Error, runtime::net};
use anylog_block::ReturnAddress;
use anylog_values::Address;
use std::net::{IpAddr, SocketAddr};

/// Reads `host:port`.
///
/// # Errors
/// [`Error::Address`] when it is something else.
pub fn parse(text: &str) -> Result<ReturnAddress, Error> {
    let address: Address = text.parse().map_err(|_| Error::Address(text.to_owned()))?;
    Ok(ReturnAddress::new(address.host().to_string(), address.port()))
}

/// Finds the socket addresses of a host and a port.
///
/// # Errors
/// [`Error::Address`] for a port that is none, [`Error::Resolve`] for a name without an address.
pub async fn addresses(of: &ReturnAddress) -> Result<Vec<SocketAddr>, Error> {
    let port = u16::try_from(of.port).ok().filter(|port| *port != 0).ok_or_else(|| Error::Address(of.to_string()))?;
    Ok(hosts(&of.host).await?.into_iter().map(|host| SocketAddr::new(host, port)).collect())
}

/// Finds the addresses of a host.
///
/// # Errors
/// [`Error::Resolve`] for a name without an address.
pub async fn hosts(host: &str) -> Result<Vec<IpAddr>, Error> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    net::resolve(host).await.map_err(|source| Error::Resolve { host: host.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        assert_eq!(parse("10.0.0.1:32048").unwrap(), ReturnAddress::new("10.0.0.1", 32048));
        assert_eq!(parse(" master.example:1 ").unwrap(), ReturnAddress::new("master.example", 1));
        for bad in ["", "nowhere", ":1", "a:", "a:0", "a:70000", "a b:1", "(a:1)", "a:-1", "!ip:1"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
