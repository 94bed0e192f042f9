//! What a confirmation carries of the page before it: a text, packed so that a form holds it as it is.
//!
//! The node keeps nothing between the two steps: what is confirmed is what was shown, also after a restart.

use crate::console::page_error::ConsoleError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use std::io::{self, Read, Write};

/// Packs a text for a field of a form.
///
/// # Errors
/// There is no memory for it.
pub fn pack(text: &str) -> Result<String, ConsoleError> {
    let packed = || -> io::Result<Vec<u8>> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(text.as_bytes())?;
        packer.finish()
    };
    packed().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(|error| ConsoleError::bad_form(error.to_string()))
}

/// Unpacks a field; a text has at most `most` bytes.
///
/// # Errors
/// The field is none that [`pack`] made, or its text is too long.
pub fn unpack(field: &str, most: usize) -> Result<String, ConsoleError> {
    let broken = || ConsoleError::bad_form("what was shown before did not come with it: begin again");
    let bytes = URL_SAFE_NO_PAD.decode(field).map_err(|_| broken())?;
    let mut text = String::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    let read = GzDecoder::new(bytes.as_slice()).take(limit.saturating_add(1)).read_to_string(&mut text);
    match read {
        Ok(length) if length <= most => Ok(text),
        Ok(_) => Err(ConsoleError::bad_form(format!("it has more than {most} bytes"))),
        Err(_) => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_to_the_byte() {
        for text in ["", "{\"a\": {\"x\": \"\\u00e4\r\n\"}}", "ä\u{0}東"] {
            assert_eq!(unpack(&pack(text).unwrap(), 100).unwrap(), text);
        }
    }

    #[test]
    fn what_is_not_packed_or_too_long_is_refused() {
        let long = pack(&"a".repeat(1_000_000)).unwrap();
        assert!(long.len() < 10_000 && unpack(&long, 999_999).is_err() && unpack(&long, 1_000_000).is_ok());
        for wrong in ["", "x", "AAAA", "é", &long[..long.len() / 2]] {
            assert!(unpack(wrong, 1_000_000).is_err(), "{wrong}");
        }
    }
}
