//! Messages of other nodes that come to the REST port: blocks of 2,048 bytes, which begin with a zero as no request of HTTP
//! and no handshake of TLS does.

use crate::{
    node::{JoinTrouble, Node},
    rest::hardening::hardened,
    runtime::limits,
};
use anylog_block::{BLOCK, Block};
use serde_json::json;
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Waits for the first byte of a connection and tells whether it begins a message; the byte stays where it is.
///
/// # Errors
/// What the socket says.
pub async fn begins(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0xff];
    Ok(stream.peek(&mut first).await? == 1 && first == [0])
}

/// Takes note of who sent it, and answers what people read who try it by hand; nodes read nothing on such a connection.
pub async fn turn_away(mut stream: TcpStream, address: SocketAddr, node: &Node) {
    let mut raw = Box::new([0; BLOCK]);
    let read = timeout(limits::FOREIGN_TIME, stream.read_exact(&mut *raw)).await;
    let port = stream.local_addr().map_or(node.config.network.anylog_rest_port, |own| own.port());
    let join = node.join_address();
    let is_message = matches!(read, Ok(Ok(_))) && Block::decode(&raw).is_ok_and(|block| block.header.number == 1);
    if is_message {
        node.note_trouble(address.ip(), JoinTrouble::MessageOnRest { port, join: join.clone() });
    } else {
        tracing::debug!(client.address = %address, "neither HTTP nor a message of another node");
    }
    let reply = reply(port, &join);
    let told = async {
        stream.write_all(&reply).await?;
        stream.shutdown().await?;
        let mut rest = (&mut stream).take(limits::FOREIGN_BYTES);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    if !matches!(timeout(limits::FOREIGN_TIME, told).await, Ok(Ok(_))) {
        tracing::debug!(client.address = %address, "the reply was not taken");
    }
}

fn reply(port: u16, join: &str) -> Vec<u8> {
    let error = format!("port {port} is the one of REST and takes no messages of other nodes");
    let body = json!({"Error": error, "Hint": format!("members use LEDGER_CONN={join}")}).to_string();
    let length = body.len();
    hardened(
        format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .as_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_names_what_members_write() {
        let reply = String::from_utf8(reply(32049, "10.0.0.1:32048")).unwrap();
        assert!(reply.starts_with("HTTP/1.1 400 "), "{reply}");
        assert!(reply.ends_with("{\"Error\":\"port 32049 is the one of REST and takes no messages of other nodes\",\"Hint\":\"members use LEDGER_CONN=10.0.0.1:32048\"}"), "{reply}");
    }
}
