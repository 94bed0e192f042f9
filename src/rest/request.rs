//! One HTTP request as the carriers read it.

use crate::rest::{lines::Lines, pace::Working};
use bytes::Bytes;
use hyper::{HeaderMap, Method, Uri, body::Incoming};
use std::{
    borrow::Cow,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

/// A request before its body is read, with what the connection knows about it.
#[derive(Debug)]
pub struct Arrival {
    /// Address of the caller.
    pub caller: SocketAddr,
    /// Which request it is.
    pub number: RequestNumber,
    /// How the caller proved itself during the TLS handshake.
    pub certificate: Certificate,
    /// Method, as sent.
    pub method: Method,
    /// The request target.
    pub target: Uri,
    /// Header lines.
    pub headers: HeaderMap,
    /// Tells the connection that it is worked on.
    #[expect(dead_code, reason = "its end is what counts")]
    pub working: Working,
}

/// Tells a request from all others of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestNumber {
    /// Number of its connection.
    pub connection: u64,
    /// Number of the request on it.
    pub request: u64,
}

/// Where a connection puts down its request, and the filter picks it up: warp would hand it copies. The requests of a
/// connection come one after the other.
#[derive(Debug, Default)]
pub struct Tray(Mutex<Option<(Arrival, Incoming)>>);

impl Tray {
    /// Puts down a request.
    pub fn put(&self, arrival: Arrival, body: Incoming) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((arrival, body));
    }

    /// Picks up the request that was put down last.
    pub fn take(&self) -> Option<(Arrival, Incoming)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
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
pub struct Request<'a> {
    /// Its head.
    pub arrival: &'a Arrival,
    /// The header lines that steer it.
    pub lines: Lines<'a>,
    /// Body, empty when there is none.
    pub body: Bytes,
}

impl<'a> Request<'a> {
    /// Puts a request together.
    #[must_use]
    pub fn new(arrival: &'a Arrival, lines: Lines<'a>, body: Bytes) -> Self {
        Self { arrival, lines, body }
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        &self.arrival.method
    }

    /// Returns the path of the request target.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.arrival.target.path()
    }

    /// Returns what follows the first `?` of the request target.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        self.arrival.target.query()
    }
}

/// Reads bytes as UTF-8, or as Latin-1 when they are not.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), Cow::Borrowed)
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
