//! What simulated members have in common: an address of its own for each, all with one port, and messages from there.

use anylog_block::{Header, Outgoing, ReturnAddress};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// What a member sends in every round to have the ledger.
pub const POLL: &str = "event get_blockchain /srv/blockchain.new 0 0";

/// Address of a member.
pub fn host(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

/// Connects from the address of a member.
pub async fn connect(node: SocketAddr, host: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((host, 0).into())?;
    socket.connect(node).await
}

/// Sends a message for which nobody waits, and waits until the node has taken it.
pub async fn send(node: SocketAddr, host: Ipv4Addr, port: u16, command: &str) -> io::Result<()> {
    let source = ReturnAddress::new(IpAddr::V4(host).to_string(), port);
    let header = Header { info: 6, receivers: 1, partitions: 1, source, ..Header::default() };
    let mut raw = Vec::new();
    Outgoing::new(header, command).encode(&mut raw).map_err(io::Error::other)?;
    let mut stream = connect(node, host).await?;
    stream.write_all(&raw).await?;
    stream.shutdown().await?;
    stream.read_to_end(&mut Vec::new()).await.map(drop)
}
