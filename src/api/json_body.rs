//! Bodies in JSON.

use crate::{
    api::problem::{Problem, ProblemKind},
    policy::json,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

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

/// Reads a body with policies as the commands read policies, whose ids and texts depend on each digit: `-0` is a whole number.
///
/// # Errors
/// As [`read`].
pub fn policies(bytes: &[u8]) -> Result<Value, Problem> {
    let read_as_policies = std::str::from_utf8(bytes).ok().map(json::parse);
    match read_as_policies {
        Some(Ok(value)) => Ok(value),
        // The other reader names the line and the column.
        Some(Err(error)) => {
            read::<Value>(bytes).and_then(|_| Err(Problem::new(ProblemKind::BadBody, error.to_string())))
        }
        None => read(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_commands_read_them() {
        let text = r#"{"a": {"zero": -0, "one": 1.0, "large": 9007199254740993, "z": 1, "a": 2}}"#;
        assert_eq!(policies(text.as_bytes()).unwrap(), json::parse(text).unwrap());
        assert_eq!(policies(text.as_bytes()).unwrap()["a"]["zero"], Value::from(0));
        for wrong in [&b""[..], b"{\n  \"a\": }", b"\xff", b"1e999", b"[1] 2"] {
            assert_eq!(policies(wrong).unwrap_err().kind(), ProblemKind::BadBody);
        }
    }

    #[test]
    fn the_place_is_told() {
        let wrong = read::<serde_json::Value>(b"{\n  \"a\": }").unwrap_err().into_reply("/");
        let text = String::from_utf8(wrong.body.to_vec()).unwrap();
        assert!(text.contains("line 2 column 8"), "{text}");
        assert!(read::<serde_json::Value>(&[0xff]).is_err() && read::<serde_json::Value>(b"").is_err());
        assert!(read::<serde_json::Value>("[".repeat(10_000).as_bytes()).is_err(), "no depth overflows the stack");
    }
}
