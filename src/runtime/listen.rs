//! Sockets that take connections, over IPv4 and IPv6.

use crate::runtime::{limits, net};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::{TcpListener, TcpSocket};

/// Listens on a host alone, or without one on every address of this machine: on those of IPv6 as well where it has any. Of a
/// name the first address counts that this machine has.
///
/// # Errors
/// What the system said, or that the name has no address.
pub async fn listen(host: Option<&str>, port: u16) -> io::Result<TcpListener> {
    let Some(host) = host else { return everywhere(port) };
    let mut refused = io::Error::new(io::ErrorKind::NotFound, format!("'{host}' has no address"));
    for ip in net::resolve(host).await? {
        match open(SocketAddr::new(ip, port)) {
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => refused = error,
            opened => return opened,
        }
    }
    Err(refused)
}

/// Returns the address of a caller as everybody writes it: one that came over IPv4 to a socket of both is an IPv4 address.
#[must_use]
pub const fn canonical(caller: SocketAddr) -> SocketAddr {
    SocketAddr::new(caller.ip().to_canonical(), caller.port())
}

fn everywhere(port: u16) -> io::Result<TcpListener> {
    match open(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            open(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port))
        }
        opened => opened,
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if address.is_ipv6() && address.ip().is_unspecified() {
        rustix::net::sockopt::set_ipv6_v6only(&socket, false)?;
    }
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(limits::LISTEN_BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn callers_of_ipv4_reach_a_socket_on_all_addresses_and_are_known_by_theirs() {
        let listener = listen(None, 0).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let called = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let (_stream, caller) = listener.accept().await.unwrap();
        assert_eq!(canonical(caller), called.local_addr().unwrap());
        if listener.local_addr().unwrap().is_ipv6() && crate::runtime::address::belongs_here(Ipv6Addr::LOCALHOST.into())
        {
            TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await.unwrap();
            assert!(listener.accept().await.unwrap().1.ip().is_ipv6());
        }
        let again = listen(None, port).await.unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let error = listen(Some("192.0.2.1"), 0).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrNotAvailable);
        assert_eq!(listen(Some("127.0.0.1"), 0).await.unwrap().local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);
    }
}
