//! The header lines that steer a request, read in one pass.

use crate::rest::{agent::Agent, latin::text};
use hyper::{HeaderMap, header::HeaderValue};
use std::borrow::Cow;

/// One header line of a request, if it has it; its text is read when it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeaderField<'a>(Option<&'a HeaderValue>);

impl<'a> HeaderField<'a> {
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
    pub fn text(self) -> Option<Cow<'a, str>> {
        self.0.map(|value| match text(value.as_bytes()) {
            Cow::Borrowed(text) => text.trim_ascii().into(),
            Cow::Owned(text) => text.trim_ascii().to_owned().into(),
        })
    }

    /// Returns the text of the line unless it is empty.
    #[must_use]
    pub fn filled(self) -> Option<Cow<'a, str>> {
        self.text().filter(|text| !text.is_empty())
    }
}

/// The header lines that the node looks at; of a line that is repeated the last counts.
#[derive(Clone, Debug, Default)]
pub struct RequestHeaders<'a> {
    /// Who calls: `AnyLog-Agent`, or else `User-Agent`.
    pub agent: Agent,
    /// `AnyLog-Agent`.
    pub anylog_agent: HeaderField<'a>,
    /// `User-Agent`.
    pub user_agent: HeaderField<'a>,
    /// `command`.
    pub command: HeaderField<'a>,
    /// `destination`.
    pub destination: HeaderField<'a>,
    /// `timeout`.
    pub timeout: HeaderField<'a>,
    /// `subset`.
    pub subset: HeaderField<'a>,
    /// `into`.
    pub into: HeaderField<'a>,
    /// `assignment`.
    pub assignment: HeaderField<'a>,
    /// `console`.
    pub console: HeaderField<'a>,
    /// `columns`.
    pub columns: HeaderField<'a>,
    /// `condition`.
    pub condition: HeaderField<'a>,
    /// `Authorization`.
    pub authorization: HeaderField<'a>,
    /// `Host`.
    pub host: HeaderField<'a>,
    /// `Origin`.
    pub origin: HeaderField<'a>,
    /// `Referer`.
    pub referer: HeaderField<'a>,
    /// `Accept-Language`.
    pub accept_language: HeaderField<'a>,
    /// `Sec-Fetch-Site`.
    pub sec_fetch_site: HeaderField<'a>,
    /// `Sec-Fetch-Mode`.
    pub sec_fetch_mode: HeaderField<'a>,
    /// `Sec-Fetch-Dest`.
    pub sec_fetch_dest: HeaderField<'a>,
    /// `Content-Length`.
    pub content_length: HeaderField<'a>,
    /// `Transfer-Encoding`.
    pub transfer_encoding: HeaderField<'a>,
    /// `Expect`.
    pub expect: HeaderField<'a>,
    /// `X-Request-Id`.
    pub request_id: HeaderField<'a>,
}

impl<'a> RequestHeaders<'a> {
    /// Finds the lines of a request.
    #[must_use]
    pub fn read(headers: &'a HeaderMap) -> Self {
        let mut lines = Self::default();
        for (name, value) in headers {
            if let Some(field) = lines.field(name.as_str()) {
                *field = HeaderField(Some(value));
            }
        }
        let agent = lines.anylog_agent.filled().or_else(|| lines.user_agent.text());
        lines.agent = agent.map_or(Agent::Unknown, |agent| Agent::parse(&agent));
        lines
    }

    /// Tells whether a browser may have sent the request: it has lines that only browsers send, or the agent of one, which
    /// programs take as well.
    #[must_use]
    pub fn comes_from_browser(&self) -> bool {
        let is_named = || self.user_agent.value().is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/"));
        self.is_of_browser() || is_named()
    }

    /// Tells whether the request has lines that only browsers send.
    ///
    /// `fetch` of Node.js sends `Accept-Language` and `Sec-Fetch-Mode` as well, but never `Sec-Fetch-Site`; a page cannot
    /// send one without the other.
    #[must_use]
    pub fn is_of_browser(&self) -> bool {
        self.origin.is_given()
            || self.sec_fetch_site.is_given()
            || self.referer.is_given()
            || (self.accept_language.is_given() && !self.sec_fetch_mode.is_given())
    }

    /// Returns a line by its lower-case name, if the node looks at it.
    fn field(&mut self, name: &str) -> Option<&mut HeaderField<'a>> {
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
            "columns" => &mut self.columns,
            "condition" => &mut self.condition,
            "authorization" => &mut self.authorization,
            "host" => &mut self.host,
            "origin" => &mut self.origin,
            "referer" => &mut self.referer,
            "accept-language" => &mut self.accept_language,
            "sec-fetch-site" => &mut self.sec_fetch_site,
            "sec-fetch-mode" => &mut self.sec_fetch_mode,
            "sec-fetch-dest" => &mut self.sec_fetch_dest,
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
        assert_eq!(RequestHeaders::read(&headers).command.text().as_deref(), Some("get Zürich"));
        assert!(!RequestHeaders::read(&headers).origin.is_given());
    }
}
