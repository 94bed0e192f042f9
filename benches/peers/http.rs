//! A connection that is kept over HTTP/1.1, as thin as it can be, so that little of what is measured is the generator's own.

use std::{io, net::SocketAddr};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection; it is made again when the server has closed it after an answer.
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// How long the body of an answer is.
#[derive(PartialEq)]
enum Length {
    Known(usize),
    Chunked,
    UntilClosed,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let mut connection = Self { address, stream: None, buffer: Vec::new() };
        connection.stream = Some(connection.connect().await?);
        Ok(connection)
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends a request and returns the status of its answer and its body.
    pub async fn send(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect().await?,
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        let start = loop {
            more(&mut stream, &mut self.buffer).await?;
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..start]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let length = match value("content-length:") {
            // Such an answer has no body and says no length.
            None if status == 204 => Length::Known(0),
            Some(length) => Length::Known(length.parse().map_err(|_| io::ErrorKind::InvalidData)?),
            None if value("transfer-encoding:") == Some("chunked") => Length::Chunked,
            None => Length::UntilClosed,
        };
        let is_whole = |body: &[u8]| match length {
            Length::Known(length) => body.len() >= length,
            Length::Chunked => body.ends_with(b"0\r\n\r\n") && unchunked(body).is_some(),
            Length::UntilClosed => false,
        };
        while !is_whole(&self.buffer[start..]) {
            match more(&mut stream, &mut self.buffer).await {
                Ok(()) => {}
                Err(_) if length == Length::UntilClosed => break,
                Err(error) => return Err(error),
            }
        }
        let is_kept =
            length != Length::UntilClosed && value("connection:") != Some("close") && head.starts_with("http/1.1");
        self.stream = is_kept.then_some(stream);
        if length == Length::Chunked {
            let body = unchunked(&self.buffer[start..]).ok_or(io::ErrorKind::InvalidData)?;
            self.buffer.splice(start.., body);
        }
        Ok((status, &self.buffer[start..]))
    }

    /// Sends a request that has to succeed.
    pub async fn ask(&mut self, request: &[u8]) -> Result<&[u8], String> {
        match self.send(request).await {
            Ok((200..=299, body)) => Ok(body),
            Ok((status, body)) => {
                let shown: String = String::from_utf8_lossy(body).chars().take(200).collect();
                Err(format!("{status}: {shown}"))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Returns what the chunks of a whole body hold; nothing when the last one has not come yet.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(buffer).await? == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Returns a request of a command, as clients of the network write it.
pub fn command(method: &str, text: &str) -> Vec<u8> {
    format!(
        "{method} / HTTP/1.1\r\nHost: node\r\nUser-Agent: AnyLog/1.23\r\ncommand: {text}\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// Returns a POST with a JSON body.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Returns a request whose body is the command.
pub fn body_command(text: &str) -> Vec<u8> {
    let length = text.len();
    format!(
        "POST / HTTP/1.1\r\nHost: node\r\nUser-Agent: AnyLog/1.23\r\ncommand: body\r\nContent-Length: {length}\r\n\r\n{text}"
    )
    .into_bytes()
}

/// Returns a GET of a path.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// Returns a PUT of a document, whatever the policy is now.
pub fn put(path: &str, body: &str) -> Vec<u8> {
    format!(
        "PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Returns a DELETE of a path, whatever the policy is now.
pub fn delete(path: &str) -> Vec<u8> {
    format!("DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *\r\n\r\n").into_bytes()
}
