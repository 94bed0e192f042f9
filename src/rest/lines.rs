//! The header lines that steer a request, read in one pass.

use super::{agent::Agent, request::text};
use hyper::{HeaderMap, header::HeaderValue};
use std::borrow::Cow;

/// The texts of the header lines that the node looks at, trimmed; of a line that is repeated the last counts.
#[derive(Clone, Debug, Default)]
pub struct Lines<'a> {
    /// Who calls: `AnyLog-Agent`, or else `User-Agent`.
    pub agent: Agent,
    /// `AnyLog-Agent`.
    pub anylog_agent: Option<Cow<'a, str>>,
    /// `User-Agent`.
    pub user_agent: Option<Cow<'a, str>>,
    /// `command`.
    pub command: Option<Cow<'a, str>>,
    /// `destination`.
    pub destination: Option<Cow<'a, str>>,
    /// `timeout`.
    pub timeout: Option<Cow<'a, str>>,
    /// `subset`.
    pub subset: Option<Cow<'a, str>>,
    /// `into`.
    pub into: Option<Cow<'a, str>>,
    /// `assignment`.
    pub assignment: Option<Cow<'a, str>>,
    /// `console`.
    pub console: Option<Cow<'a, str>>,
    /// `Authorization`.
    pub authorization: Option<Cow<'a, str>>,
    /// `Host`.
    pub host: Option<Cow<'a, str>>,
    /// `Origin`.
    pub origin: Option<Cow<'a, str>>,
    /// `Content-Length`.
    pub content_length: Option<Cow<'a, str>>,
    /// `Transfer-Encoding`.
    pub transfer_encoding: Option<Cow<'a, str>>,
    /// `Expect`.
    pub expect: Option<Cow<'a, str>>,
    /// `X-Request-Id`, as it came.
    pub request_id: Option<&'a HeaderValue>,
}

impl<'a> Lines<'a> {
    /// Reads the lines of a request.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        let mut lines = Self::default();
        for (name, value) in headers {
            let place = match name.as_str() {
                "anylog-agent" => &mut lines.anylog_agent,
                "user-agent" => &mut lines.user_agent,
                "command" => &mut lines.command,
                "destination" => &mut lines.destination,
                "timeout" => &mut lines.timeout,
                "subset" => &mut lines.subset,
                "into" => &mut lines.into,
                "assignment" => &mut lines.assignment,
                "console" => &mut lines.console,
                "authorization" => &mut lines.authorization,
                "host" => &mut lines.host,
                "origin" => &mut lines.origin,
                "content-length" => &mut lines.content_length,
                "transfer-encoding" => &mut lines.transfer_encoding,
                "expect" => &mut lines.expect,
                "x-request-id" => {
                    lines.request_id = Some(value);
                    continue;
                }
                _ => continue,
            };
            *place = Some(trimmed(value));
        }
        let own = lines.anylog_agent.as_deref().filter(|agent| !agent.is_empty());
        lines.agent = own.or(lines.user_agent.as_deref()).map_or(Agent::Unknown, Agent::of);
        lines
    }
}

/// Returns the text of a line; bytes that are not UTF-8 are read as Latin-1.
fn trimmed(value: &HeaderValue) -> Cow<'_, str> {
    match text(value.as_bytes()) {
        Cow::Borrowed(text) => text.trim_ascii().into(),
        Cow::Owned(text) => text.trim_ascii().to_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderName;

    #[test]
    fn the_last_of_a_repeated_line_counts() {
        let mut headers = HeaderMap::new();
        for value in ["get a", "get Z\u{fc}rich "] {
            let latin: Vec<u8> = value.chars().map(|c| u8::try_from(c).unwrap()).collect();
            headers.append(HeaderName::from_static("command"), HeaderValue::from_bytes(&latin).unwrap());
        }
        assert_eq!(Lines::of(&headers).command.as_deref(), Some("get Zürich"));
        assert_eq!(Lines::of(&headers).origin, None);
    }
}
