//! The cookie of a session.

use hyper::{
    HeaderMap,
    header::{self, HeaderValue},
};

/// Its name.
pub const NAME: &str = "anylog_console";

/// Returns the value of the cookie that a request carries.
#[must_use]
pub fn read(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// Writes the line that gives a browser the cookie.
#[must_use]
pub fn given(secret: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let line = format!("{NAME}={secret}; Path=/console; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&line).ok()
}

/// Writes the line that takes the cookie away.
#[must_use]
pub const fn taken() -> HeaderValue {
    HeaderValue::from_static("anylog_console=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        for (line, found) in [
            ("anylog_console=ab", Some("ab")),
            ("x=1; anylog_console=ab; y=2", Some("ab")),
            ("x=1;anylog_console=ab", Some("ab")),
            ("xanylog_console=ab", None),
            ("anylog_console", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            assert_eq!(read(&headers), found, "{line}");
        }
        assert_eq!(read(&HeaderMap::new()), None);
    }

    #[test]
    fn no_script_reads_it_and_no_other_page_sends_it() {
        let plain = given("ab", false).unwrap();
        assert_eq!(plain, "anylog_console=ab; Path=/console; HttpOnly; SameSite=Strict");
        assert!(given("ab", true).unwrap().to_str().unwrap().ends_with("; Secure"));
        assert!(taken().to_str().unwrap().contains("Max-Age=0"));
    }
}
