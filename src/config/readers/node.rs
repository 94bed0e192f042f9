//! This node's own reading: that of compose v2, but a bare `$` is a `$` where any text may stand, a comment in the place of
//! a value is none, and nothing makes the reader refuse the whole file.

use super::{
    compose2::{escape, expand},
    quoting,
    reading::Lookup,
};

/// Which `$` begin a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dollars {
    /// Those before braces, `${NAME}`: where any text may stand, as in names and passwords.
    Braced,
    /// `$NAME` too: where no text with a `$` could be meant, as in addresses and paths.
    All,
}

/// Why a text is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongText {
    /// The quote at its beginning has no other one.
    #[error("the quote is never closed")]
    Open,
    /// Something follows the closing quote.
    #[error("there is text after the closing quote")]
    Behind,
    /// `${NAME:?}` of a variable that is not set.
    #[error("it needs a variable that is not set")]
    Missing,
}

/// Returns the value that the text behind `NAME=` stands for.
///
/// # Errors
/// Why it stands for none.
pub fn value_of(text: &str, lookup: &Lookup<'_>, dollars: Dollars) -> Result<String, WrongText> {
    let text = text.trim();
    let template = match quoting::opened(text) {
        None => template(without_comment(text), dollars, false),
        Some((quote, text)) => {
            let (inside, behind) = quoting::cut(text, quote).ok_or(WrongText::Open)?;
            if !quoting::is_end(behind) {
                return Err(WrongText::Behind);
            }
            if quote == '\'' {
                return Ok(inside.replace("\\'", "'"));
            }
            template(inside, dollars, true)
        }
    };
    expand(&template, lookup).ok_or(WrongText::Missing)
}

/// Tells whether the text behind `NAME=` is whole, that is, has no quote that a later line would have to close.
pub fn closes(text: &str) -> bool {
    quoting::opened(text.trim()).is_none_or(|(quote, text)| quoting::cut(text, quote).is_some())
}

/// Returns the comment behind the value.
pub fn comment_of(text: &str) -> Option<&str> {
    let text = text.trim();
    let behind = match quoting::opened(text) {
        None => text.get(without_comment(text).len()..)?,
        Some((quote, text)) => quoting::cut(text, quote)?.1,
    };
    behind.trim_start().strip_prefix('#')
}

/// Cuts an unquoted value before a `#` that follows a blank.
fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let comment = text.match_indices('#').find(|(at, _)| text.get(..*at).is_some_and(|t| t.ends_with([' ', '\t'])));
    comment.and_then(|(at, _)| text.get(..at)).unwrap_or(text).trim_end()
}

/// Decodes escapes and doubles every `$` that stands for itself.
fn template(text: &str, dollars: Dollars, escapes: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' if escapes => {
                let next = rest.chars().next();
                let decoded = next.and_then(|c| if c == '$' { Some('$') } else { escape(c) });
                match decoded {
                    Some('$') => out.push_str("$$"),
                    Some(decoded) => out.push(decoded),
                    None => out.push('\\'),
                }
                if decoded.is_some() {
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
            // Where a bare `$` begins a reference, two of them are one, as for compose v2.
            '$' if dollars == Dollars::All && rest.starts_with('$') => {
                out.push_str("$$");
                rest = rest.get(1..).unwrap_or_default();
            }
            '$' if refers(rest, dollars) => out.push('$'),
            '$' => out.push_str("$$"),
            c => out.push(c),
        }
    }
    out
}

/// Tells whether what stands behind a `$` makes it a reference.
fn refers(rest: &str, dollars: Dollars) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    match rest.strip_prefix('{') {
        None => dollars == Dollars::All && rest.starts_with(is_first),
        Some(inside) => {
            let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inside.len());
            let behind = inside.get(end..).unwrap_or_default();
            let operator = behind.strip_prefix(':').unwrap_or(behind);
            let form = behind.starts_with('}') || (operator.starts_with(['-', '+', '?']) && operator.contains('}'));
            inside.starts_with(is_first) && form
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, dollars: Dollars) -> Result<String, WrongText> {
        value_of(text, &|name| (name == "HOME").then(|| "/home/u".to_owned()), dollars)
    }

    #[test]
    fn references_stand_in_braces_and_elsewhere_only_where_no_text_is_meant() {
        for (text, braced, all) in [
            ("pa$word", "pa$word", "pa"),
            ("$HOME/x", "$HOME/x", "/home/u/x"),
            ("${HOME}/x", "/home/u/x", "/home/u/x"),
            ("${NO:-y}", "y", "y"),
            ("\"${NO:-$HOME}\"", "$HOME", "/home/u"),
            ("'${HOME}'", "${HOME}", "${HOME}"),
            ("\"\\${HOME}\"", "${HOME}", "${HOME}"),
            ("a$$b", "a$$b", "a$b"),
            ("${", "${", "${"),
            ("${}", "${}", "${}"),
            ("${a b}", "${a b}", "${a b}"),
            ("100$", "100$", "100$"),
        ] {
            assert_eq!(read(text, Dollars::Braced).as_deref(), Ok(braced), "{text}");
            assert_eq!(read(text, Dollars::All).as_deref(), Ok(all), "{text}");
        }
        assert_eq!(read("${NO:?}", Dollars::Braced), Err(WrongText::Missing));
    }

    #[test]
    fn lines_of_real_files() {
        for (text, value) in [
            ("New Company", "New Company"),
            ("\"New Company\"", "New Company"),
            ("'New Company' # ours", "New Company"),
            ("\"\"", ""),
            ("", ""),
            (" # nowhere", ""),
            ("0,0", "0,0"),
            ("30 second # half a minute", "30 second"),
            (" San Mateo\r", "San Mateo"),
            ("a#b$c'd\"e\\f", "a#b$c'd\"e\\f"),
            ("\"a \\\"b\\\" $HOME\"", "a \"b\" $HOME"),
            ("a=b=c", "a=b=c"),
            ("Zürich", "Zürich"),
            ("\" a \"", " a "),
        ] {
            assert_eq!(read(text, Dollars::Braced).as_deref(), Ok(value), "{text}");
        }
        assert_eq!(read("\"x\" y", Dollars::Braced), Err(WrongText::Behind));
        assert_eq!(read("\"x", Dollars::Braced), Err(WrongText::Open));
        assert!(!closes("\"x") && closes("x\"") && closes("\"x\" y"));
    }
}
