//! Fields of forms and of URLs, as browsers write them: bounded in number and size, and read as UTF-8.

use super::{multipart, page_error::ConsoleError};
use crate::runtime::limits;
use hyper::{HeaderMap, header};
use percent_encoding::percent_decode;
use std::borrow::Cow;

/// The fields of a form or of a URL, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageForm {
    fields: Vec<(String, String)>,
}

impl PageForm {
    /// Reads fields as URLs and usual forms write them.
    ///
    /// # Errors
    /// Too many fields; bytes that are not UTF-8.
    pub fn url_encoded(bytes: &[u8]) -> Result<Self, ConsoleError> {
        let mut fields = Vec::new();
        for field in bytes.split(|byte| *byte == b'&').filter(|field| !field.is_empty()) {
            if fields.len() == limits::CONSOLE_FIELDS {
                return Err(too_many());
            }
            let (name, value) = match field.iter().position(|byte| *byte == b'=') {
                Some(at) => field.split_at(at),
                None => (field, &b""[..]),
            };
            fields.push((decoded(name)?, decoded(value.strip_prefix(b"=").unwrap_or(value))?));
        }
        Ok(Self { fields })
    }

    /// Reads the fields of a body.
    ///
    /// # Errors
    /// As [`Self::url_encoded`]; a body of another type, or a form with files that cannot be read.
    pub fn of_body(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ConsoleError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|line| line.to_str().ok()).unwrap_or_default();
        let name = kind.split(';').next().unwrap_or_default().trim();
        if bytes.is_empty() || name.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Self::url_encoded(bytes);
        }
        if let Some(boundary) = multipart::boundary(kind) {
            return Ok(Self { fields: multipart::fields(bytes, boundary)? });
        }
        Err(ConsoleError::bad_form("it is of another type than forms are"))
    }

    /// Returns the first field with a name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns the first field with a name unless nothing but blanks is in it.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// Returns a whole number, if the field is one.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.filled(name).and_then(|text| text.parse().ok())
    }
}

fn too_many() -> ConsoleError {
    ConsoleError::bad_form(format!("it has more than {} fields", limits::CONSOLE_FIELDS))
}

fn decoded(bytes: &[u8]) -> Result<String, ConsoleError> {
    let blanks: Cow<'_, [u8]> = if bytes.contains(&b'+') {
        bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect::<Vec<_>>().into()
    } else {
        bytes.into()
    };
    let decoded = percent_decode(&blanks).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| ConsoleError::bad_form("it is not in UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{StatusCode, header::HeaderValue};

    fn read(text: &str) -> PageForm {
        PageForm::url_encoded(text.as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let form = read("a=1&b=x+y%26z&empty=&alone&a=2&&%C3%BC=%E2%82%AC&c=x=y");
        assert_eq!(form.text("a"), Some("1"));
        assert_eq!(form.text("b"), Some("x y&z"));
        assert_eq!((form.text("empty"), form.filled("empty"), form.text("alone")), (Some(""), None, Some("")));
        assert_eq!(form.text("ü"), Some("€"));
        assert_eq!(form.text("c"), Some("x=y"));
        assert_eq!((form.number("a"), form.number("b"), form.text("nothing")), (Some(1), None, None));
        assert_eq!(read(""), PageForm::default());
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let many = vec!["a=1"; limits::CONSOLE_FIELDS + 1].join("&");
        for wrong in [&b"a=%FF"[..], b"%C3=1", many.as_bytes()] {
            assert_eq!(PageForm::url_encoded(wrong).unwrap_err().status(), StatusCode::BAD_REQUEST);
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert!(PageForm::of_body(&headers, b"{}").is_err());
        assert!(PageForm::of_body(&headers, b"").is_ok());
        let kind = "application/x-www-form-urlencoded; charset=UTF-8";
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        assert_eq!(PageForm::of_body(&headers, b"a=1").unwrap().text("a"), Some("1"));
    }

    #[test]
    fn broken_percent_signs_stay_what_they_are() {
        assert_eq!(read("a=100%&b=%zz&c=%").text("a"), Some("100%"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(0_u8..=255, 0..200)) {
            let _ = PageForm::url_encoded(&bytes);
        }
    }
}
