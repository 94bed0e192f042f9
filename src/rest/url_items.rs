//! The URL form: `/path?name=value?name=value` (reference/rest 2.2).

use percent_encoding::percent_decode_str;

/// Names that a URL may carry; `&` separates items only in front of one of them.
const NAMES: &[&str] = &["user-agent", "anylog-agent", "command", "destination", "timeout", "subset", "into"];

/// An item without a name or a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Error in header value {0} ")]
pub struct WrongItem(pub String);

/// Splits a raw query into lower-case names and values.
///
/// # Errors
/// The first item that is not `name=value`.
pub fn items(query: &str) -> Result<Vec<(String, String)>, WrongItem> {
    let decoded = percent_decode_str(query).decode_utf8_lossy();
    let pieces = decoded.split('?').flat_map(separate).filter(|piece| !piece.trim().is_empty());
    pieces.map(item).collect()
}

/// Cuts at every `&` that a known name follows.
fn separate(piece: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in piece.match_indices('&') {
        let rest = piece.get(at + 1..).unwrap_or_default();
        let name = rest.split('=').next().unwrap_or_default().trim().to_lowercase();
        if rest.contains('=') && NAMES.contains(&name.as_str()) {
            parts.push(piece.get(start..at).unwrap_or_default());
            start = at + 1;
        }
    }
    parts.push(piece.get(start..).unwrap_or_default());
    parts
}

fn item(piece: &str) -> Result<(String, String), WrongItem> {
    let wrong = || WrongItem(piece.trim().to_owned());
    let (name, value) = piece.split_once('=').ok_or_else(wrong)?;
    let (name, value) = (name.trim().to_lowercase(), value.trim().to_owned());
    if name.is_empty() || value.is_empty() { Err(wrong()) } else { Ok((name, value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn splits_at_question_marks() {
        let expected = pairs(&[("user-agent", "AnyLog/1.23"), ("command", "get status where format = json")]);
        assert_eq!(items("User-Agent=AnyLog/1.23?command=get%20status%20where%20format%20=%20json").unwrap(), expected);
        assert_eq!(items("User-Agent%20=%20AnyLog/1.23%20?%20command%20=%20get%20status").unwrap()[1].1, "get status");
        assert_eq!(items("command=get%20error%202%3Finto=html.text").unwrap().len(), 2);
    }

    #[test]
    fn splits_at_an_ampersand_before_a_known_name() {
        let expected = pairs(&[("user-agent", "AnyLog/1.23"), ("command", "get a & b=c")]);
        assert_eq!(items("User-Agent=AnyLog/1.23&command=get%20a%20%26%20b=c").unwrap(), expected);
    }

    #[test]
    fn keeps_the_plus_sign() {
        assert_eq!(items("command=get+status").unwrap()[0].1, "get+status");
    }

    #[test]
    fn names_the_wrong_item() {
        assert_eq!(items("User-Agent=AnyLog/1.23?foo").unwrap_err().to_string(), "Error in header value foo ");
        assert!(items("command=").is_err());
    }

    proptest::proptest! {
        #[test]
        fn never_panics(query in "\\PC*") {
            let _ = items(&query);
        }
    }
}
