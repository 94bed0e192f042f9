//! Entity tags: what a caller has seen (RFC 9110, 8.8.3 and 13.1).

use crate::{
    api::problem::{Problem, ProblemKind},
    ledger::ContentSum,
};
use hyper::{HeaderMap, header::HeaderName};
use sha2::{Digest, Sha256};

/// Digits of a tag that is made here.
const DIGITS: usize = 32;

/// Returns the weak tag of every list that is made of what the ledger shows, by a program of this version: the same on each master
/// that shows the same, and after a restart.
#[must_use]
pub fn of_content(content: &ContentSum) -> String {
    weak(&content.bytes())
}

/// Returns the weak tag of a list of an earlier moment: it is made of the history, too, which may say later what it does not say
/// now, so that the list itself is what counts.
#[must_use]
pub fn of_page(body: &[u8]) -> String {
    weak(body)
}

/// Another version of the program may write the same policies in another way.
fn weak(of: &[u8]) -> String {
    let hash = Sha256::new().chain_update(env!("CARGO_PKG_VERSION")).chain_update([0_u8]).chain_update(of);
    let digits = hex::encode(hash.finalize());
    format!("W/\"{}\"", digits.get(..DIGITS).unwrap_or_default())
}

/// The tags that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: whatever it is.
    Any,
    /// These, each with its quotes, weak ones with `W/` in front.
    List(Vec<String>),
}

impl Tags {
    /// Reads the condition of a header line; nothing when there is none.
    ///
    /// # Errors
    /// [`ProblemKind::BadParameter`] for a text that is no list of tags.
    pub fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, Problem> {
        let mut lines = headers.get_all(name).into_iter().peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let wrong = || {
            let detail = format!("{name}: write the ETag with its quotes, several with commas between them, or *");
            Problem::new(ProblemKind::BadParameter, detail)
        };
        let mut tags = Vec::new();
        for line in lines {
            match line.to_str().map_err(|_| wrong())?.trim() {
                "*" => return Ok(Some(Self::Any)),
                line => tags.extend(list(line).ok_or_else(wrong)?.into_iter().map(str::to_owned)),
            }
        }
        if tags.is_empty() { Err(wrong()) } else { Ok(Some(Self::List(tags))) }
    }

    /// Tells whether one of the tags is this one; weak tags are the same as strong ones here.
    #[must_use]
    pub fn name(&self, tag: &str) -> bool {
        let strong = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match self {
            Self::Any => true,
            Self::List(tags) => tags.iter().any(|own| strong(own) == strong(tag)),
        }
    }
}

/// Cuts a list into its tags; nothing for a text that is none. A comma between quotes belongs to a tag.
fn list(line: &str) -> Option<Vec<&str>> {
    let (mut rest, mut tags) = (line, Vec::new());
    while !rest.is_empty() {
        let start = if rest.starts_with("W/") { 2 } else { 0 };
        let inner = rest.get(start..)?.strip_prefix('"')?;
        let end = start + inner.find('"')? + 2;
        tags.push(rest.get(..end)?);
        rest = rest.get(end..)?.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => {}
            None => return None,
        }
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderValue, IF_MATCH};

    #[test]
    fn lists_are_read_and_compared() {
        let read = |value: &str| {
            let headers: HeaderMap = [(IF_MATCH, HeaderValue::from_str(value).unwrap())].into_iter().collect();
            Tags::read(&headers, &IF_MATCH)
        };
        assert_eq!(read("*").unwrap(), Some(Tags::Any));
        let tags = read(r#""a", W/"b""#).unwrap().unwrap();
        assert!(tags.name(r#""a""#) && tags.name(r#"W/"a""#) && tags.name(r#""b""#) && !tags.name(r#""c""#));
        assert_eq!(read(r#""a,b""#).unwrap(), Some(Tags::List(vec![r#""a,b""#.to_owned()])));
        for wrong in ["a", "\"", "\"a", "", ",", "W/a", "\"a\"b\""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Tags::read(&HeaderMap::new(), &IF_MATCH).unwrap(), None);
    }
}
