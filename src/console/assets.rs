//! Styles, scripts and pictures: a part of the program, and nothing else is ever loaded by a page.

use super::{page_error::ConsoleError, response};
use crate::rest::request::RequestHead;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use sha2::{Digest, Sha256};
use std::{io::Write, sync::LazyLock};
use warp::reply::Response;

/// A file of the program.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

/// Digits of a hash in a URL.
const DIGITS: usize = 16;

macro_rules! asset {
    ($name:literal, $file:literal, $kind:literal) => {
        Asset { name: $name, kind: $kind, bytes: include_bytes!(concat!("assets/", $file)) }
    };
}

/// All of them. A view's script is one line more here.
const ASSETS: &[Asset] = &[
    asset!("console.css", "console.css", "text/css; charset=utf-8"),
    asset!("commands.js", "commands.js", "text/javascript; charset=utf-8"),
    asset!("console.js", "console.js", "text/javascript; charset=utf-8"),
    asset!("htmx.min.js", "vendor/htmx.min.js", "text/javascript; charset=utf-8"),
    asset!("htmx-license.txt", "vendor/htmx-LICENSE", "text/plain; charset=utf-8"),
    asset!("node.js", "node.js", "text/javascript; charset=utf-8"),
    asset!("tables.js", "tables.js", "text/javascript; charset=utf-8"),
    asset!("icon.svg", "icon.svg", "image/svg+xml"),
];

/// A file as it goes out.
struct PackedAsset {
    asset: &'static Asset,
    hash: String,
    packed: Bytes,
}

static PACKED: LazyLock<Vec<PackedAsset>> = LazyLock::new(|| ASSETS.iter().map(packed).collect());

fn packed(asset: &'static Asset) -> PackedAsset {
    let hash = hex::encode(Sha256::digest(asset.bytes));
    let hash = hash.get(..DIGITS).unwrap_or_default().to_owned();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Into memory, which takes everything; what would be lacking is sent as it is.
    let packed = encoder.write_all(asset.bytes).and_then(|()| encoder.finish()).unwrap_or_default();
    PackedAsset { asset, hash, packed: packed.into() }
}

/// Returns the URL of a file; it changes with the content, so that browsers may keep what they have for ever.
#[must_use]
pub fn url(name: &str) -> String {
    let hash = PACKED.iter().find(|one| one.asset.name == name).map_or("", |one| one.hash.as_str());
    format!("/console/assets/{name}?v={hash}")
}

/// Answers with a file.
///
/// # Errors
/// There is none with the name.
pub fn answer(head: &RequestHead, name: &str) -> Result<Response, ConsoleError> {
    let found = PACKED.iter().find(|one| one.asset.name == name);
    let found = found.ok_or_else(|| ConsoleError::not_found("the console has no such file"))?;
    let tag = format!("\"{}\"", found.hash);
    let is_seen = head.headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == tag.as_bytes());
    let takes = head.headers.get(header::ACCEPT_ENCODING).and_then(|line| line.to_str().ok());
    let is_packed = !found.packed.is_empty() && takes.is_some_and(takes_gzip);
    let body = match (is_seen, is_packed) {
        (true, _) => Bytes::new(),
        (false, true) => found.packed.clone(),
        (false, false) => Bytes::from_static(found.asset.bytes),
    };
    let status = if is_seen { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = response::of(status, found.asset.kind, body);
    let lines = response.headers_mut();
    let is_named = head.query().strip_prefix("v=") == Some(found.hash.as_str());
    let kept = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
    lines.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    lines.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        lines.insert(header::ETAG, tag);
    }
    if is_packed && !is_seen {
        lines.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// Tells whether a caller takes gzip.
fn takes_gzip(line: &str) -> bool {
    line.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        let is_refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0)));
        is_gzip && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of all files together, as they go over the wire.
    const MOST: usize = 150 * 1024;

    #[test]
    fn all_files_together_are_small() {
        let sum: usize = PACKED.iter().map(|one| one.packed.len()).sum();
        assert!(sum > 0 && sum <= MOST, "{sum} bytes");
        assert!(PACKED.iter().all(|one| !one.packed.is_empty()));
    }

    #[test]
    fn what_others_wrote_is_what_they_published() {
        // htmx.org 2.0.11, dist/htmx.min.js of its package.
        let sum = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717";
        let htmx = ASSETS.iter().find(|asset| asset.name == "htmx.min.js").unwrap();
        assert_eq!(hex::encode(Sha256::digest(htmx.bytes)), sum);
        let licence = ASSETS.iter().find(|asset| asset.name == "htmx-license.txt").unwrap();
        assert!(std::str::from_utf8(licence.bytes).unwrap().starts_with("Zero-Clause BSD"));
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for asset in ASSETS.iter().filter(|asset| asset.name.starts_with("console")) {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            for outside in ["http://", "https://", "@import", "url(", "eval(", "innerHTML", "new Function"] {
                assert!(!text.contains(outside), "{}: {outside}", asset.name);
            }
        }
    }

    #[test]
    fn a_url_changes_with_its_file() {
        let one = url("console.css");
        let (path, hash) = one.split_once("?v=").unwrap();
        assert_eq!((path, hash.len()), ("/console/assets/console.css", DIGITS));
        assert_eq!(one, url("console.css"));
    }

    #[test]
    fn who_takes_gzip_gets_it() {
        for (line, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(line), takes, "{line}");
        }
    }
}
