//! What a column holds, whatever it is.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};
use std::{borrow::Cow, fmt};

/// What a text column holds, byte by byte: mostly a text, but a database may hold bytes that are none, and a backup keeps them
/// as they are. In JSON it is a string, or `{"base64": "…"}` for bytes that are no text.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoredText(Vec<u8>);

impl StoredText {
    /// Returns the bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text; nothing when the bytes are none.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Returns the text as people read it.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// Tells whether every database takes it as a text: UTF-8 without the character NUL.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        !self.0.contains(&0) && self.as_str().is_some()
    }
}

impl fmt::Debug for StoredText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.shown())
    }
}

impl From<Vec<u8>> for StoredText {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<String> for StoredText {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<&str> for StoredText {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl Serialize for StoredText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.as_str() {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("base64", &encode(&self.0))?;
        map.end()
    }
}

/// The two forms in JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(WrittenBytes),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBytes {
    base64: String,
}

impl<'de> Deserialize<'de> for StoredText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(text.into()),
            Written::Bytes(WrittenBytes { base64 }) => decode(&base64).map(Self).map_err(D::Error::custom),
        }
    }
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_strings_and_other_bytes_are_kept() {
        let written = |text: &StoredText| serde_json::to_string(text).unwrap();
        let (text, bytes) = (StoredText::from("Zürich \u{0} \""), StoredText::from(vec![0xff, 0, b'a']));
        assert_eq!(written(&text), r#""Zürich \u0000 \"""#);
        assert_eq!(written(&bytes), r#"{"base64":"/wBh"}"#);
        for one in [text, bytes] {
            assert_eq!(serde_json::from_str::<StoredText>(&written(&one)).unwrap(), one);
            assert!(!one.is_plain());
        }
        for wrong in [r#"{"base64":"?"}"#, r#"{"base64":"","x":1}"#, "5", "null"] {
            assert!(serde_json::from_str::<StoredText>(wrong).is_err(), "{wrong}");
        }
    }
}
