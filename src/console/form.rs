//! Fields of forms and of URLs, as browsers write them: bounded in number and size, and read as UTF-8.

use super::page_error::ConsoleError;
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
    /// As [`Self::url_encoded`]; a body of another type.
    pub fn of_body(headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ConsoleError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|line| line.to_str().ok()).unwrap_or_default();
        let name = kind.split(';').next().unwrap_or_default().trim();
        if bytes.is_empty() || name.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Self::url_encoded(bytes);
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

    /// Returns all fields with a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.fields.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
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
