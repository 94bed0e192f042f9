//! What the fuzz targets reach of this room: requests as they come from callers, whose command stands in the header, the URL or the
//! body.

use crate::rest::{
    activity::Activity,
    body_commands,
    headers::RequestHeaders,
    page::Page,
    parse::{self, ParsedRequest},
    request::{Certificate, ClientInfo, Request, RequestHead},
};
use hyper::{
    HeaderMap,
    header::{HeaderName, HeaderValue},
};
use std::net::SocketAddr;

/// Reads a request as the routes do: method, target, lines of the header, body. What hyper refuses is no request.
pub fn request(method: &str, target: &str, lines: &[(&str, &[u8])], body: &[u8]) {
    let (Ok(method), Ok(target)) = (method.parse(), target.parse()) else { return };
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) else {
            return;
        };
        headers.append(name, value);
    }
    let client = ClientInfo {
        address: SocketAddr::from(([127, 0, 0, 1], 1)),
        connection: 0,
        certificate: Certificate::NotAsked,
        agent: RequestHeaders::read(&headers).agent,
        page: Page::None,
        activity: Activity::default(),
    };
    let head = RequestHead { client, method, target, headers };
    let headers = RequestHeaders::read(&head.headers);
    let _ = (headers.comes_from_browser(), parse::carries_no_command(&head));
    let request = Request { head: &head, headers, body: body.to_vec().into() };
    if let ParsedRequest::Command(command) = parse::read(&request) {
        let _ = body_commands::commands(&command.before);
    }
}
