//! Forms with files (RFC 7578), as browsers write them without a script. Files are read as text, like every other field.

use super::page_error::ConsoleError;
use crate::runtime::limits;

/// Characters of a boundary (RFC 2046, 5.1.1).
const BOUNDARY: usize = 70;
/// Bytes of the header of one part.
const HEADER: usize = 4096;

/// Returns the boundary that a content type names, if it is one of such forms.
#[must_use]
pub fn boundary(kind: &str) -> Option<&str> {
    let mut parts = kind.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let named =
        parts.filter_map(|part| part.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    Some(named.1.trim_matches('"')).filter(|boundary| !boundary.is_empty() && boundary.len() <= BOUNDARY)
}

/// Reads the fields, in their order.
///
/// # Errors
/// What is no such form; too many fields; a file that is not in UTF-8.
pub fn fields(bytes: &[u8], boundary: &str) -> Result<Vec<(String, String)>, ConsoleError> {
    let wrong = || ConsoleError::bad_form("it is broken off, or not written as browsers write forms with files");
    let between = format!("\r\n--{boundary}");
    let first = between.get(2..).unwrap_or_default();
    let mut rest = bytes.strip_prefix(first.as_bytes()).ok_or_else(wrong)?;
    let mut fields = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(fields);
        }
        if fields.len() == limits::CONSOLE_FIELDS {
            return Err(ConsoleError::bad_form(format!("it has more than {} fields", limits::CONSOLE_FIELDS)));
        }
        rest = rest.strip_prefix(b"\r\n").ok_or_else(wrong)?;
        let (header, behind) = cut(rest, b"\r\n\r\n").filter(|(header, _)| header.len() <= HEADER).ok_or_else(wrong)?;
        let (value, behind) = cut(behind, between.as_bytes()).ok_or_else(wrong)?;
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned);
        let not_text = |_| ConsoleError::bad_form("it holds a file that is no text in UTF-8");
        let name = name(&text(header).map_err(not_text)?).ok_or_else(wrong)?;
        fields.push((name, text(value).map_err(not_text)?));
        rest = behind;
    }
}

/// Cuts bytes before and behind the first place of others.
fn cut<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((bytes.get(..place)?, bytes.get(place + at.len()..)?))
}

/// Returns the name of the field that a header names.
fn name(header: &str) -> Option<String> {
    let line = header.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let named = line.split(';').filter_map(|part| part.trim().strip_prefix("name=")).next()?;
    Some(named.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--xx\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nab\r\n--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\r\n--x\"}\r\n--xx--\r\n";

    #[test]
    fn fields_and_files_are_read() {
        let read = fields(FORM.as_bytes(), "xx").unwrap();
        let told: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(told, [("csrf", "ab"), ("file", "{\r\n--x\"}")]);
        assert!(fields(b"--xx--", "xx").unwrap().is_empty());
    }

    #[test]
    fn the_boundary_stands_in_the_type() {
        assert_eq!(boundary("multipart/form-data; boundary=xx"), Some("xx"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\""), Some("a b"));
        for wrong in ["multipart/form-data", "multipart/mixed; boundary=xx", "multipart/form-data; boundary=", ""] {
            assert_eq!(boundary(wrong), None, "{wrong}");
        }
        assert_eq!(boundary(&format!("multipart/form-data; boundary={}", "x".repeat(71))), None);
    }

    #[test]
    fn what_is_broken_off_is_refused() {
        for at in 0..FORM.len() - 4 {
            assert!(fields(&FORM.as_bytes()[..at], "xx").is_err(), "{at}");
        }
        assert!(fields(b"--xx\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--xx--", "xx").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(0_u8..=255, 0..200)) {
            let _ = fields(&bytes, "xx");
            let _ = fields(&[b"--xx\r\n", bytes.as_slice()].concat(), "xx");
        }
    }
}
