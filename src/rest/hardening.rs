//! What every reply tells browsers: to take it for what it says it is, to run nothing of it, to show it in no frame of
//! another page, and to tell nobody where a link on it leads from.

use hyper::header::{self, HeaderName, HeaderValue};

/// The header lines; a page has its own [`PAGE`] policy.
pub const LINES: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// The policy of the pages that `into = html` makes: they have colours.
pub const PAGE: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// The same lines as bytes, for replies that no route makes.
const RAW: &str = "x-content-type-options: nosniff\r\ncontent-security-policy: default-src 'none'; sandbox\r\n\
     x-frame-options: DENY\r\nreferrer-policy: no-referrer\r\n";

/// Puts the lines behind the first line of a reply.
#[must_use]
pub fn hardened(reply: &[u8]) -> Vec<u8> {
    let end = reply.windows(2).position(|two| two == b"\r\n").map_or(reply.len(), |at| at + 2);
    let (first, rest) = reply.split_at(end);
    [first, RAW.as_bytes(), rest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let lines = LINES.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
        assert_eq!(RAW, lines.concat());
        let reply = hardened(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
        let expected = format!("HTTP/1.1 400 Bad Request\r\n{RAW}connection: close\r\n\r\n");
        assert_eq!(String::from_utf8(reply).unwrap(), expected);
    }
}
