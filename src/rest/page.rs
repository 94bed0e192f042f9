//! Which page sent a request: what browsers tell of it (Fetch, "Origin" and "Sec-Fetch-…"), and what is not answered.
//!
//! Browsers send `Origin` with every POST and with every question of a page of another origin, and `Sec-Fetch-Site` to
//! nodes that they reach over TLS or on their own machine. What carries none of this and comes from a browser may be a
//! link on any page, which can choose the URL and nothing else.

use crate::rest::{agent::Agent, headers::RequestHeaders, own_hosts::OwnHosts, rest_reply::RestReply};
use hyper::{
    Method, StatusCode, Uri,
    header::{self, HeaderValue},
};
use serde_json::json;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// No page: a program, or what a person typed into a browser that says so.
    #[default]
    None,
    /// A page of this node, or of an origin that `REST_CORS_ORIGINS` names.
    Own,
    /// A page of another origin, or one that does not say where it is from: it may read, and reaches no other node.
    Foreign,
    /// A page of another origin that loads an answer as a picture, a script or a frame: it is not answered.
    Embedding,
    /// A browser that takes this node for another one, whose name was made to lead here: it is not answered.
    Misdirected,
}

/// Whose pages may do what.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// Names of this node.
    pub hosts: OwnHosts,
    /// `REST_CORS_ORIGINS`; `*` means all.
    pub origins: Vec<String>,
}

impl Pages {
    /// Tells which page sent a request; `secure` says that it came over TLS, where the browser has checked the name.
    #[must_use]
    pub fn page(&self, method: &Method, target: &Uri, headers: &RequestHeaders<'_>, secure: bool) -> Page {
        if !headers.comes_from_browser() {
            return Page::None;
        }
        let origin = headers.origin.text();
        if origin.as_deref().is_some_and(|origin| self.allows(origin)) {
            return Page::Own;
        }
        let host = target.authority().map(|authority| authority.as_str().into()).or_else(|| headers.host.text());
        let host = host.unwrap_or_default();
        let site = headers.sec_fetch_site.text().unwrap_or_default();
        let referer = headers.referer.text();
        let from = origin.as_deref().or_else(|| referer.as_deref().map(origin_of));
        let says_own = match (&*site, from) {
            ("same-origin", _) => Some(true),
            ("none", None) => Some(false),
            ("", Some(from)) => Some(is_of(from, &host)),
            ("none", Some(from)) => Some(is_of(from, &host)),
            ("", None) => None,
            _ => Some(false),
        };
        let is_known = secure || self.hosts.has(&host);
        // Grafana hands requests of its pages on under the name in the URL of its data source, without the lines that say where
        // they are from. A page that takes its agent reads what every page may read.
        let is_handed_on = headers.agent == Agent::Grafana && origin.is_none() && referer.is_none();
        let unknown = if is_handed_on { Page::Foreign } else { Page::Misdirected };
        match says_own {
            Some(true) if is_known => Page::Own,
            Some(true) => unknown,
            // Only a page of another origin says so when it asks under any name; what else a browser does needs a name of the
            // node, or a page could give the node its own and ask as if nobody stood behind it.
            _ if !is_known && origin.is_none() && *method != Method::POST && headers.is_of_browser() => unknown,
            Some(false) if site == "none" && from.is_none() => Page::None,
            Some(false) if embeds(headers) => Page::Embedding,
            Some(false) => Page::Foreign,
            // A link, or a URL that was typed: only the URL speaks. With a POST, and with header lines of its own, no page
            // is at work.
            None if *method == Method::POST || headers.command.is_given() => Page::None,
            None => Page::Foreign,
        }
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == "*" || allowed == origin)
    }
}

/// Tells whether an origin, or the beginning of a URL, is of a `Host`.
fn is_of(origin: &str, host: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// Returns the origin of a URL.
fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

/// Tells whether a page of another origin wants an answer for something else than to read it or to go there.
fn embeds(headers: &RequestHeaders<'_>) -> bool {
    let mode = headers.sec_fetch_mode.text().unwrap_or_default();
    let destination = headers.sec_fetch_dest.text().unwrap_or_default();
    match &*mode {
        "no-cors" => true,
        "navigate" => !matches!(&*destination, "" | "document"),
        _ => false,
    }
}

impl Page {
    /// Returns the refusal of a page that is not answered.
    #[must_use]
    pub fn refusal(self, headers: &RequestHeaders<'_>) -> Option<RestReply> {
        match self {
            Self::None | Self::Own | Self::Foreign => None,
            Self::Embedding => {
                let failure = "answers are for reading, not for being part of a page of another origin";
                let body = json!({"Error": failure, "Hint": "ask with fetch, or name the origin in REST_CORS_ORIGINS"});
                Some(RestReply::failed(StatusCode::FORBIDDEN, failure, body.to_string()))
            }
            Self::Misdirected => {
                let host = headers.host.text().unwrap_or_default();
                let failure = "this is no name of the node";
                let hint = "use its address, or name it in REST_HOSTS";
                let body = json!({"Error": failure, "Host": host, "Hint": hint}).to_string();
                let mut reply = RestReply::failed(StatusCode::MISDIRECTED_REQUEST, failure, body);
                reply.headers.push((header::CONNECTION, HeaderValue::from_static("close")));
                Some(reply)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{HeaderMap, header::HeaderName};

    const AGENT: (&str, &str) = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)");
    const EVIL: &str = "http://evil.example:32049";

    fn pages() -> Pages {
        Pages { hosts: OwnHosts::new(["node".to_owned()]), origins: vec!["https://gui.example".to_owned()] }
    }

    fn page(method: &Method, lines: &[(&str, &str)]) -> Page {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        pages().page(method, &Uri::from_static("/"), &RequestHeaders::read(&map), false)
    }

    #[test]
    fn programs_may_use_any_name() {
        for lines in [
            &[("host", "published.example")][..],
            &[("host", "x"), ("user-agent", "curl/8.5.0")],
            &[("host", "x"), ("user-agent", "AnyLog/1.23"), ("accept", "*/*"), ("accept-encoding", "gzip, deflate")],
            // fetch of Node.js, which no page can be taken for: pages cannot set Sec-… lines.
            &[("host", "x"), ("user-agent", "node"), ("accept-language", "*"), ("sec-fetch-mode", "cors")],
            &[],
        ] {
            assert_eq!(page(&Method::POST, lines), Page::None, "{lines:?}");
            assert_eq!(page(&Method::GET, lines), Page::None, "{lines:?}");
        }
    }

    #[test]
    fn pages_are_known_by_their_origin() {
        let host = ("host", "node:32049");
        for (lines, found) in [
            (&[host, ("origin", "http://node:32049")][..], Page::Own),
            (&[host, ("origin", "https://gui.example")], Page::Own),
            (&[("host", "x.example"), ("origin", "https://gui.example")], Page::Own),
            (&[host, ("origin", "http://evil.example")], Page::Foreign),
            (&[host, ("origin", "http://node:1")], Page::Foreign),
            (&[host, ("origin", "null")], Page::Foreign),
            (&[("host", "10.0.0.7:32049"), ("origin", "http://10.0.0.7:32049")], Page::Own),
            (&[("host", "localhost:32049"), ("origin", "http://localhost:32049")], Page::Own),
            (&[("host", "evil.example:32049"), ("origin", EVIL)], Page::Misdirected),
            (&[("host", "evil.example:32049"), ("origin", "http://other.example")], Page::Foreign),
            (&[("host", "evil.example:32049"), ("sec-fetch-site", "same-origin")], Page::Misdirected),
            (&[("host", "evil.example:32049"), ("referer", "http://evil.example:32049/a")], Page::Misdirected),
        ] {
            for method in [Method::GET, Method::POST] {
                assert_eq!(page(&method, lines), found, "{method} {lines:?}");
            }
        }
        let link = [("host", "evil.example:32049"), ("referer", "http://wiki.example/a"), AGENT];
        assert_eq!(page(&Method::GET, &link), Page::Misdirected, "followed under a name that is not the node's");
    }

    #[test]
    fn what_browsers_say_of_the_site_counts() {
        let host = ("host", "localhost:32049");
        let sent = |lines: &[(&str, &str)]| page(&Method::GET, &[&[host, AGENT], lines].concat());
        assert_eq!(sent(&[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]), Page::None, "typed");
        assert_eq!(sent(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]), Page::Own);
        for site in ["cross-site", "same-site", "anything"] {
            let site = ("sec-fetch-site", site);
            assert_eq!(sent(&[site, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]), Page::Foreign);
            assert_eq!(sent(&[site, ("sec-fetch-mode", "cors"), ("origin", "http://a.example")]), Page::Foreign);
            for (mode, destination) in
                [("no-cors", "script"), ("no-cors", "image"), ("navigate", "iframe"), ("navigate", "object")]
            {
                let lines = [site, ("sec-fetch-mode", mode), ("sec-fetch-dest", destination)];
                assert_eq!(sent(&lines), Page::Embedding, "{mode} {destination}");
            }
        }
    }

    #[test]
    fn a_link_that_hides_where_it_is_from_may_read() {
        let link = [("host", "10.0.0.7"), AGENT];
        assert_eq!(page(&Method::GET, &link), Page::Foreign);
        let tool = [("host", "10.0.0.7"), AGENT, ("command", "get status")];
        assert_eq!(page(&Method::GET, &tool), Page::None, "a program with the agent of a browser");
        let rebound = [("host", "evil.example"), ("accept-language", "de"), ("command", "get status")];
        assert_eq!(page(&Method::GET, &rebound), Page::Misdirected, "a page under its own name may send any line");
        let typed = [("host", "evil.example"), AGENT, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")];
        assert_eq!(page(&Method::GET, &typed), Page::Misdirected);
    }

    #[test]
    fn grafana_reads_under_any_name_for_its_pages() {
        let handed_on = [("user-agent", "Grafana/11.6.0"), ("accept-language", "de")];
        let secure = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
        let sent = |method: &Method, host: &str, lines: &[(&str, &str)]| {
            page(method, &[&[("host", host)], &handed_on[..], lines].concat())
        };
        assert_eq!(sent(&Method::GET, "master.svc:32049", &[]), Page::Foreign);
        assert_eq!(sent(&Method::POST, "master.svc:32049", &[]), Page::None, "as every program");
        for method in [Method::GET, Method::POST] {
            assert_eq!(sent(&method, "master.svc:32049", &secure), Page::Foreign, "{method}");
            assert_eq!(sent(&method, "node:32049", &secure), Page::Own, "{method}: a name of the node");
            for from in ["origin", "referer"] {
                let lines = [&[(from, "http://evil.example")], &secure[..]].concat();
                assert_eq!(sent(&method, "evil.example", &lines), Page::Misdirected, "{method} {from}: no Grafana");
            }
        }
    }

    #[test]
    fn only_what_cannot_be_meant_is_refused() {
        let headers = RequestHeaders::default();
        let status = |page: Page| page.refusal(&headers).map(|reply| reply.status.as_u16());
        assert_eq!([Page::None, Page::Own, Page::Foreign].map(status), [None; 3]);
        assert_eq!([Page::Embedding, Page::Misdirected].map(status), [Some(403), Some(421)]);
    }

    #[test]
    fn finds_the_origin_of_a_url() {
        for (url, origin) in [
            ("http://a.example/b/c", "http://a.example"),
            ("https://a:1", "https://a:1"),
            ("about:client", "about:client"),
        ] {
            assert_eq!(origin_of(url), origin);
        }
    }
}
