//! Refusals of requests that were never read: hyper refuses what is not HTTP, and a connection a header that comes too slowly or
//! for which there is no memory. No route sees such a request; where its path is known, and something else than a route answers
//! there, the refusal is written as callers of that path know refusals.

use crate::rest::{hardening::hardened, rest_reply::RestReply, state::AppState};
use hyper::StatusCode;
use std::sync::Arc;

/// Bytes of a header that are kept: the method and the beginning of the path.
const KEPT: usize = 128;

/// What is known of a request while its header comes.
pub struct UnreadRequest {
    state: Option<Arc<AppState>>,
    start: [u8; KEPT],
    length: usize,
}

impl UnreadRequest {
    /// Knows nothing yet; the state of the server knows what answers beside the routes.
    #[must_use]
    pub const fn new(state: Option<Arc<AppState>>) -> Self {
        Self { state, start: [0; KEPT], length: 0 }
    }

    /// Forgets the request before.
    pub fn begin(&mut self) {
        self.length = 0;
    }

    /// Takes note of bytes of the header.
    pub fn received(&mut self, bytes: &[u8]) {
        let free = self.start.get_mut(self.length..).unwrap_or_default();
        let taken = free.len().min(bytes.len());
        for (own, byte) in free.iter_mut().zip(bytes) {
            *own = *byte;
        }
        self.length += taken;
    }

    /// Completes a refusal that has no body, with the lines that every reply has.
    #[must_use]
    pub fn refusal(&self, bare: &[u8]) -> Vec<u8> {
        hardened(&self.as_callers_know_it(bare).unwrap_or_else(|| bare.to_vec()))
    }

    fn as_callers_know_it(&self, bare: &[u8]) -> Option<Vec<u8>> {
        let path = self.path()?;
        let mount = self.state.as_ref()?.mount_at(&path)?;
        let text = std::str::from_utf8(bare).ok()?.strip_suffix("\r\n\r\n")?;
        let status = text.split(' ').nth(1).and_then(|code| code.parse::<StatusCode>().ok())?;
        let refusal = RestReply::failed(status, reason(status), String::new());
        let reply = mount.refuse_unread(&path, refusal)?;
        let is_kept = |line: &&str| !line.to_ascii_lowercase().starts_with("content-length:");
        let mut lines: Vec<String> = text.split("\r\n").filter(is_kept).map(str::to_owned).collect();
        lines.extend(reply.kind.map(|kind| format!("content-type: {kind}")));
        lines.push(format!("content-length: {}", reply.body.len()));
        let head = lines.join("\r\n") + "\r\n\r\n";
        Some([head.as_bytes(), reply.body.as_ref()].concat())
    }

    /// Returns the path, or its beginning; nothing where the request has none, or takes no body in return.
    fn path(&self) -> Option<String> {
        let start = self.start.get(..self.length)?.trim_ascii_start();
        let line = start.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
        let mut words = line.split(|byte| *byte == b' ');
        let method = words.next().filter(|word| !word.is_empty() && word.iter().all(u8::is_ascii_uppercase))?;
        let path = words.next()?.split(|byte| *byte == b'?').next().filter(|path| path.starts_with(b"/"))?;
        (method != b"HEAD").then(|| String::from_utf8_lossy(path).into_owned())
    }
}

/// Says what is wrong with a request as far as its status tells.
fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "the first line, a header line or the length of the body is not as HTTP/1.1 has it",
        StatusCode::REQUEST_TIMEOUT => "the header did not end in time",
        StatusCode::URI_TOO_LONG => "the URL is longer than 65,534 bytes: long questions go into a body",
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "the header has too many or too long lines",
        StatusCode::SERVICE_UNAVAILABLE => "the requests of others leave no memory for this header: try again",
        status => status.canonical_reason().unwrap_or("the request is refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(parts: &[&[u8]]) -> Option<String> {
        let mut request = UnreadRequest::new(None);
        request.received(b"old");
        request.begin();
        parts.iter().for_each(|part| request.received(part));
        request.path()
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4)) {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert!(path(&parts).is_none_or(|path| path.starts_with('/')));
        }
    }

    #[test]
    fn the_path_is_found_in_what_came() {
        for (parts, found) in [
            (&[&b"GET /v1/policies?x=1 HTTP/1.1\r\n"[..]][..], Some("/v1/policies")),
            (&[b"PO", b"ST /v1", b"/query HTTP/9\r\n"], Some("/v1/query")),
            (&[b"\r\nGET /v1 HTTP/1.1"], Some("/v1")),
            (&[b"GET /v1/po"], Some("/v1/po")),
            (&[b"GET /v1\r\nHost: x"], Some("/v1")),
            (&[b"HEAD /v1/policies HTTP/1.1"], None),
            (&[b"GET  /v1 HTTP/1.1"], None),
            (&[b"GET http://x/v1 HTTP/1.1"], None),
            (&[b"nonsense"], None),
            (&[b""], None),
        ] {
            assert_eq!(path(parts).as_deref(), found);
        }
        let long = format!("GET /v1/{} HTTP/1.1", "x".repeat(1000));
        assert_eq!(path(&[long.as_bytes()]).map(|path| path.len()), Some(KEPT - "GET ".len()));
    }

    #[test]
    fn without_a_mount_a_refusal_stays_as_it_is() {
        let bare = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        let mut request = UnreadRequest::new(None);
        request.received(b"GET /v1 HTTP/1.1");
        assert_eq!(request.refusal(bare), hardened(bare));
    }
}
