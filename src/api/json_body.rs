//! Bodies in JSON.

use crate::api::problem::{Problem, ProblemKind};
use serde::de::DeserializeOwned;

/// Reads a body.
///
/// # Errors
/// [`ProblemKind::BadBody`] with the line and the column where it is wrong.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let what = if bytes.is_empty() { "the body is empty".to_owned() } else { error.to_string() };
        Problem::new(ProblemKind::BadBody, what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_told() {
        let wrong = read::<serde_json::Value>(b"{\n  \"a\": }").unwrap_err().into_reply("/");
        let text = String::from_utf8(wrong.body.to_vec()).unwrap();
        assert!(text.contains("line 2 column 8"), "{text}");
        assert!(read::<serde_json::Value>(&[0xff]).is_err() && read::<serde_json::Value>(b"").is_err());
        assert!(read::<serde_json::Value>("[".repeat(10_000).as_bytes()).is_err(), "no depth overflows the stack");
    }
}
