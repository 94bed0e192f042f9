//! The header lines that steer a request, read in one pass.

use crate::rest::{agent::Agent, request::text};
use hyper::{HeaderMap, header::HeaderValue};
use std::borrow::Cow;

/// One header line of a request, if it has it; its text is read when it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Field<'a>(Option<&'a HeaderValue>);

impl<'a> Field<'a> {
    /// Tells whether the request has the line.
    #[must_use]
    pub const fn is_given(self) -> bool {
        self.0.is_some()
    }

    /// Returns the line as it came.
    #[must_use]
    pub const fn value(self) -> Option<&'a HeaderValue> {
        self.0
    }

    /// Returns the trimmed text of the line; bytes that are not UTF-8 are read as Latin-1.
    #[must_use]
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        self.0.map(|value| match text(value.as_bytes()) {
            Cow::Borrowed(text) => text.trim_ascii().into(),
            Cow::Owned(text) => text.trim_ascii().to_owned().into(),
        })
    }

    /// Returns the text of the line unless it is empty.
    #[must_use]
    #[inline]
    pub fn filled(self) -> Option<Cow<'a, str>> {
        self.text().filter(|text| !text.is_empty())
    }
}

/// The header lines that the node looks at; of a line that is repeated the last counts.
#[derive(Clone, Debug, Default)]
pub struct Lines<'a> {
    /// Who calls: `AnyLog-Agent`, or else `User-Agent`.
    pub agent: Agent,
    /// `AnyLog-Agent`.
    pub anylog_agent: Field<'a>,
    /// `User-Agent`.
    pub user_agent: Field<'a>,
    /// `command`.
    pub command: Field<'a>,
    /// `destination`.
    pub destination: Field<'a>,
    /// `timeout`.
    pub timeout: Field<'a>,
    /// `subset`.
    pub subset: Field<'a>,
    /// `into`.
    pub into: Field<'a>,
    /// `assignment`.
    pub assignment: Field<'a>,
    /// `console`.
    pub console: Field<'a>,
    /// `Authorization`.
    pub authorization: Field<'a>,
    /// `Host`.
    pub host: Field<'a>,
    /// `Origin`.
    pub origin: Field<'a>,
    /// `Content-Length`.
    pub content_length: Field<'a>,
    /// `Transfer-Encoding`.
    pub transfer_encoding: Field<'a>,
    /// `Expect`.
    pub expect: Field<'a>,
    /// `X-Request-Id`.
    pub request_id: Field<'a>,
}

impl<'a> Lines<'a> {
    /// Finds the lines of a request.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        let mut lines = Self::default();
        for (name, value) in headers {
            if let Some(place) = lines.place(name.as_str()) {
                *place = Field(Some(value));
            }
        }
        let agent = lines.anylog_agent.filled().or_else(|| lines.user_agent.text());
        lines.agent = agent.map_or(Agent::Unknown, |agent| Agent::of(&agent));
        lines
    }

    /// Returns the place of a line by its lower-case name, if the node looks at it.
    fn place(&mut self, name: &str) -> Option<&mut Field<'a>> {
        Some(match name {
            "anylog-agent" => &mut self.anylog_agent,
            "user-agent" => &mut self.user_agent,
            "command" => &mut self.command,
            "destination" => &mut self.destination,
            "timeout" => &mut self.timeout,
            "subset" => &mut self.subset,
            "into" => &mut self.into,
            "assignment" => &mut self.assignment,
            "console" => &mut self.console,
            "authorization" => &mut self.authorization,
            "host" => &mut self.host,
            "origin" => &mut self.origin,
            "content-length" => &mut self.content_length,
            "transfer-encoding" => &mut self.transfer_encoding,
            "expect" => &mut self.expect,
            "x-request-id" => &mut self.request_id,
            _ => return None,
        })
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
        assert_eq!(Lines::of(&headers).command.text().as_deref(), Some("get Zürich"));
        assert!(!Lines::of(&headers).origin.is_given());
    }
}
