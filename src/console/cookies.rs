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
