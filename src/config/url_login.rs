//! Logins inside of URLs, `scheme://user:password@host`: the names of the variables that hold such a text tell nothing, so the
//! text is looked at.

use std::borrow::Cow;

/// What stands before the login of a URL.
const SIGN: &str = "://";
/// What is shown instead of a password.
const MASK: &str = "********";

/// Returns a text without the passwords of the URLs in it.
#[must_use]
pub fn without_passwords(text: &str) -> Cow<'_, str> {
    let (mut out, mut at) = (String::new(), 0);
    // Where the run of signs without a blank ends that was looked at last, and whether it may have a login at all. A text may be
    // nothing but beginnings of URLs: each of them must not look at all of it again.
    let (mut end, mut has_login) = (0, false);
    while let Some(before) = text.get(at..).and_then(|rest| rest.find(SIGN)) {
        let start = at + before + SIGN.len();
        let before = text.get(at..start).unwrap_or_default();
        out.push_str(before);
        at = start;
        if start >= end {
            let rest = text.get(start..).unwrap_or_default();
            end = start + end_of_url(rest);
            has_login = text.get(start..end).is_some_and(|url| url.contains('@'));
        }
        let url = text.get(start..end).filter(|_| has_login).unwrap_or_default();
        if let Some((login, shown)) = login(scheme(before), url) {
            out.push_str(&shown);
            at += login.len();
        }
    }
    if out.is_empty() {
        return text.into();
    }
    out.push_str(text.get(at..).unwrap_or_default());
    if out == text { text.into() } else { out.into() }
}

/// Returns where a URL ends that stands in another text.
fn end_of_url(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`')).unwrap_or(text.len())
}

fn scheme(before: &str) -> &str {
    let name = before.strip_suffix(SIGN).unwrap_or(before);
    let from =
        name.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).map_or(0, |at| at + 1);
    name.get(from..).unwrap_or(name)
}

/// Returns the login of a URL and how it may be shown, if there is something to hide in it.
fn login<'a>(scheme: &str, url: &'a str) -> Option<(&'a str, String)> {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, _) = match authority.rsplit_once('@') {
        Some(parts) => parts,
        None if is_place(authority) => return None,
        // A password with a sign in it that should have been written as %2F, %3F or %23.
        None => url.rsplit_once('@')?,
    };
    match login.split_once(':') {
        Some((_, "")) => None,
        Some((user, _)) => Some((login, format!("{user}:{MASK}"))),
        // Programs of the web take a token for the user.
        None if scheme.ends_with("http") || scheme.ends_with("https") => Some((login, MASK.to_owned())),
        None => None,
    }
}

/// Tells whether a text is a host, with its port or without one.
fn is_place(authority: &str) -> bool {
    let port = authority.rsplit_once(':').filter(|_| !authority.ends_with(']')).map(|(_, port)| port);
    port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_urls_are_not_shown() {
        for (text, shown) in [
            ("postgres://u:s3cret@h:5432/d?sslmode=require", "postgres://u:********@h:5432/d?sslmode=require"),
            ("postgres://u:s3c@ret@h/d", "postgres://u:********@h/d"),
            ("postgres://u:s/3c?r#et@h/d", "postgres://u:********@h/d"),
            ("redis://:s3cret@h", "redis://:********@h"),
            ("https://t0ken@h/x.git", "https://********@h/x.git"),
            ("git+https://t0ken@h/x.git", "git+https://********@h/x.git"),
            ("jdbc:postgresql://u:s3cret@h/d", "jdbc:postgresql://u:********@h/d"),
            ("amqp://a:b@h1,amqp://a:b@h2", "amqp://a:********@h1,amqp://a:********@h2"),
            (
                "{\"uri\": \"mysql://u:p@h\"} and mysql://u:p@h",
                "{\"uri\": \"mysql://u:********@h\"} and mysql://u:********@h",
            ),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }

    #[test]
    fn a_text_of_nothing_but_beginnings_costs_as_much_as_any_other_of_its_length() {
        // Each beginning looked at all that follows: a megabyte took minutes.
        for begins in ["://", "x:y/://", "https://x@y/"] {
            let text = begins.repeat(300_000);
            assert_eq!(without_passwords(&text).matches("://").count(), 300_000, "{begins}");
        }
        let long = "x://".repeat(300_000) + "u:s3cret@h";
        assert!(!without_passwords(&long).contains("s3cret"));
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "",
            "a@b:c",
            "http://h:8080/a@b:c",
            "http://[::1]:80/x@y",
            "postgres://pg1:5432,pg2:5433/x",
            "ssh://git@h/x",
            "postgres://u@h/d",
            "postgres://u:@h/d",
            "file:///etc/x@y",
            "tcp://10.0.0.1:80",
            "://",
        ] {
            assert!(matches!(without_passwords(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
