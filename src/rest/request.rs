//! One HTTP request as the carriers read it.

use bytes::Bytes;
use hyper::{HeaderMap, Method, Uri};
use std::net::SocketAddr;

/// What the connection knows about a request before its headers are looked at.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Address of the caller.
    pub caller: SocketAddr,
    /// How the caller proved itself during the TLS handshake.
    pub certificate: Certificate,
    /// The request target.
    pub target: Uri,
}

/// The client certificate of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// The connection asks for none.
    NotAsked,
    /// It was asked for and is missing.
    Missing,
    /// It was given and our authority signed it.
    Given,
}

/// One request with its whole body.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method, as sent.
    pub method: Method,
    /// Where it came from and what it asks for.
    pub arrival: Arrival,
    /// Header lines.
    pub headers: HeaderMap,
    /// Body, empty when there is none.
    pub body: Bytes,
}

impl Request {
    /// Returns the text of the header line of a lower-case name, the last one when it is repeated; bytes that are not UTF-8 are read as Latin-1.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        // A request has few lines: looking at each is cheaper than a hash of the name.
        let (_, value) = self.headers.iter().filter(|(line, _)| line.as_str() == name).last()?;
        let bytes = value.as_bytes();
        Some(std::str::from_utf8(bytes).map_or_else(|_| text(bytes).trim().to_owned(), |text| text.trim().to_owned()))
    }

    /// Returns the path of the request target.
    #[must_use]
    pub fn path(&self) -> &str {
        self.arrival.target.path()
    }

    /// Returns what follows the first `?` of the request target.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.arrival.target.query()
    }
}

/// Reads bytes as UTF-8, or as Latin-1 when they are not.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_utf8_and_latin_1() {
        assert_eq!(text("Zürich".as_bytes()), "Zürich");
        assert_eq!(text(b"Z\xfcrich"), "Zürich");
    }
}
