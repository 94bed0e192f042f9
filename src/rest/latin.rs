//! What clients write where HTTP has no character set.

use std::borrow::Cow;

/// What editors of Windows put before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads bytes as UTF-8, or as Latin-1 when they are not; a byte order mark before them is no part of the text.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), Cow::Borrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_utf8_and_latin_1() {
        assert_eq!(text("Zürich".as_bytes()), "Zürich");
        assert_eq!(text(b"Z\xfcrich"), "Zürich");
        assert_eq!(text("\u{feff}print x".as_bytes()), "print x");
    }
}
