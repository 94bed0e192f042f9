//! What comes to the port for other nodes and is meant for another one: HTTP and TLS, known by their first bytes.
//!
//! Neither fills a block, so that both would wait until the time of a block is over. Who speaks HTTP is told the right port at
//! once; who speaks TLS would not understand anything, and is let go.

use crate::{
    node::{JoinTrouble, Node},
    runtime::limits,
};
use std::{fmt, net::IpAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The methods of HTTP, and the beginning of its second version.
const METHODS: [&[u8]; 10] =
    [b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"DELETE", b"PATCH", b"CONNECT", b"TRACE", b"PRI"];
/// Longest word that may be a method of a service over HTTP (`PROPFIND`, `M-SEARCH`).
const LONGEST_METHOD: usize = 20;
/// How the PROXY protocol begins, by which a proxy tells whom it stands for: in words, and in bytes.
const PROXY: [&[u8]; 2] = [b"PROXY ", b"\r\n\r\n\0\r\nQUIT\n"];

/// A protocol that is spoken at another port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignProtocol {
    /// HTTP in plain text.
    Http {
        /// True when the reply has no body: HEAD.
        is_head: bool,
    },
    /// TLS, and inside of it probably HTTP.
    Tls,
    /// What a proxy says before it hands on what it was sent.
    Proxy,
}

impl fmt::Display for ForeignProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http { .. } => "HTTP came to the port for other nodes",
            Self::Tls => "TLS came to the port for other nodes",
            Self::Proxy => "the PROXY protocol came to the port for other nodes",
        })
    }
}

/// Tells by the first bytes of a connection whether it is of another protocol. A block begins with 30 bytes that nodes leave at
/// zero.
#[must_use]
pub fn recognise(first: &[u8]) -> Option<ForeignProtocol> {
    if let [0x16, 3, 0..=4, _, _, 1, ..] = first {
        return Some(ForeignProtocol::Tls);
    }
    if PROXY.iter().any(|words| first.starts_with(words)) {
        return Some(ForeignProtocol::Proxy);
    }
    let (method, rest) = first.split_at(first.iter().position(|byte| *byte == b' ')?);
    // Other methods, and those in small letters, have a path behind them.
    let is_word = (2..=LONGEST_METHOD).contains(&method.len())
        && method.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    let is_http = match rest {
        [b' ', b'/', ..] => is_word,
        [b' ', target, ..] => METHODS.contains(&method) && target.is_ascii_graphic(),
        _ => false,
    };
    is_http.then_some(ForeignProtocol::Http { is_head: method == b"HEAD" })
}

/// Tells who speaks HTTP which port is the right one, takes note of it, and lets the connection end.
pub async fn answer(mut stream: TcpStream, protocol: ForeignProtocol, node: &Node, peer: IpAddr) {
    let port = stream.local_addr().map_or(node.config.network.anylog_server_port, |own| own.port());
    let rest = rest_server(node);
    match protocol {
        ForeignProtocol::Tls => node.note_trouble(peer, JoinTrouble::TlsOnTcp { port, rest }),
        ForeignProtocol::Proxy => {
            let reason = "it begins with the PROXY protocol, which nodes do not speak: switch it off at the proxy before \
                          this port (send-proxy of HAProxy, proxy_protocol of nginx and of load balancers)";
            node.note_trouble(peer, JoinTrouble::NoMessage { reason: reason.to_owned() });
        }
        ForeignProtocol::Http { is_head } => {
            let reply = reply(port, &rest, is_head);
            node.note_trouble(peer, JoinTrouble::HttpOnTcp { port, rest });
            // What has come and was not read would make the end of the connection a reset, which takes the reply with it.
            let told = async {
                stream.write_all(reply.as_bytes()).await?;
                stream.shutdown().await?;
                let mut rest_of_it = (&mut stream).take(limits::FOREIGN_BYTES);
                tokio::io::copy(&mut rest_of_it, &mut tokio::io::sink()).await
            };
            if !matches!(timeout(limits::FOREIGN_TIME, told).await, Ok(Ok(_))) {
                tracing::debug!(peer.addr = %peer, "who spoke HTTP to the port for other nodes did not take the reply");
            }
        }
    }
}

/// Describes where the REST server is.
fn rest_server(node: &Node) -> String {
    let Some(server) = node.services.rest.status() else { return "which does not run".to_owned() };
    let scheme = if server.options.tls.is_some() { "https" } else { "http" };
    format!("{scheme}, port {}", server.bound.port())
}

fn reply(port: u16, rest: &str, is_head: bool) -> String {
    let body = format!(
        "{{\"Error\": \"port {port} is for other nodes and speaks no HTTP\", \"Hint\": \"use the REST server: {rest}\"}}\r\n"
    );
    let length = body.len();
    let shown = if is_head { "" } else { &body };
    format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nx-content-type-options: nosniff\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{shown}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use anylog_block::{Header, Outgoing};

    #[test]
    fn http_and_tls_are_known_by_their_first_bytes() {
        for (first, expected) in [
            (&b"GET / HTTP/1.1\r\n"[..], Some(ForeignProtocol::Http { is_head: false })),
            (b"HEAD /", Some(ForeignProtocol::Http { is_head: true })),
            (b"CONNECT a:1", Some(ForeignProtocol::Http { is_head: false })),
            (b"PRI * HTTP/2.0", Some(ForeignProtocol::Http { is_head: false })),
            (b"\x16\x03\x01\x02\x00\x01\x00", Some(ForeignProtocol::Tls)),
            (b"GET ", None),
            (b"GE", None),
            (b"PROPFIND /dav HTTP/1.1", Some(ForeignProtocol::Http { is_head: false })),
            (b"get / HTTP/1.1", Some(ForeignProtocol::Http { is_head: false })),
            (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", Some(ForeignProtocol::Proxy)),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", Some(ForeignProtocol::Proxy)),
            (b"blockchain get *\n", None),
            (b"SSH-2.0-x\r\n", None),
            (b"\x16\x03\x01\x02\x00", None),
            (b"", None),
            (&[0; 2048], None),
        ] {
            assert_eq!(recognise(first), expected, "{first:?}");
        }
        let mut block = Vec::new();
        Outgoing::new(Header::default(), "GET / HTTP/1.1").encode(&mut block).unwrap();
        assert_eq!(recognise(&block), None, "the words of a command stand behind the header");
    }

    #[test]
    fn the_reply_names_the_right_port() {
        let reply = reply(32048, "https, port 32049", false);
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 ") && head.contains(&format!("content-length: {}", body.len())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["Hint"], "use the REST server: https, port 32049");
        assert!(super::reply(1, "x", true).ends_with("\r\n\r\n"));
    }
}
