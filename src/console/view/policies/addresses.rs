//! Where the pages of policies are.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The list of policies.
pub const LIST: &str = "/console/policies";
/// What a value in a query has as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Returns where a policy is shown.
#[must_use]
pub fn one(id: &str) -> String {
    format!("{LIST}/one?id={}", encoded(id))
}

/// Returns where a policy is shown after it was changed, with the word that says how.
#[must_use]
pub fn changed(id: &str, how: &str) -> String {
    format!("{}&done={how}", one(id))
}

/// Returns where the history of a policy is shown.
#[must_use]
pub fn history(id: &str) -> String {
    format!("{LIST}/history?id={}", encoded(id))
}

/// Writes a value as it stands in a query.
#[must_use]
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_has_an_address() {
        assert_eq!(one("a/b?c&d=e #%"), "/console/policies/one?id=a%2Fb%3Fc%26d%3De%20%23%25");
        assert_eq!(history(".."), "/console/policies/history?id=..");
        assert_eq!(changed("ä", "added"), "/console/policies/one?id=%C3%A4&done=added");
    }
}
