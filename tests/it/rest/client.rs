//! A client that shows every byte of a reply.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

/// One reply.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// What stands behind the status.
    pub phrase: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// Returns a header line, empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Sends bytes on a new connection and reads one reply.
pub async fn send(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Reply {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(bytes.as_ref()).await.expect("writes");
    receive(&mut stream).await
}

/// Sends a request with an empty body.
pub async fn request(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
    send(address, text(method, target, headers, "")).await
}

/// Writes a request.
pub fn text(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("{method} {target} HTTP/1.1\r\nHost: node\r\n{lines}{length}\r\n{body}")
}

/// Reads one reply whose length is announced; fails the test for any other framing.
pub async fn receive<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Reply {
    let reading = async {
        let mut bytes = Vec::new();
        let mut byte = [0; 1];
        while !bytes.ends_with(b"\r\n\r\n") {
            assert_ne!(
                stream.read(&mut byte).await.expect("reads"),
                0,
                "closed: {:?}",
                String::from_utf8_lossy(&bytes)
            );
            bytes.push(byte[0]);
        }
        let head = String::from_utf8(bytes).expect("a header in ASCII");
        let mut lines = head.split("\r\n");
        let mut first = lines.next().expect("a line").splitn(3, ' ').skip(1);
        let status = first.next().and_then(|word| word.parse().ok()).expect("a status");
        let phrase = first.next().unwrap_or_default().to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let length =
            headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = vec![0; length];
        if status != 100 {
            stream.read_exact(&mut body).await.expect("the announced body");
        }
        Reply { status, phrase, headers, body: String::from_utf8(body).expect("UTF-8") }
    };
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("a reply in time")
}
