//! How what handlers return, and refusals, become answers of HTTP.

use super::{
    answer::{PageAnswer, PageContent},
    layout::Layout,
    page_error::ConsoleError,
    page_request, response,
    visitor::Visitor,
};
use crate::{node::Node, rest::request::RequestHead};
use askama::Template;
use hyper::{StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use warp::reply::Response;

/// Where somebody signs in.
const SIGN_IN: &str = "/console/sign-in";

/// Makes the answer of a handler into that of HTTP.
#[must_use]
pub fn written(node: &Node, head: &RequestHead, visitor: &Visitor, answer: PageAnswer) -> Response {
    match answer {
        PageAnswer::Page(content) => page(node, head, visitor, &content),
        PageAnswer::Partial(markup) => response::of(StatusCode::OK, response::HTML, markup),
        PageAnswer::Download { name, kind, body } => response::download(&name, kind, body),
        PageAnswer::Redirect(to) => response::redirect(&to, page_request::is_partial(head)),
        PageAnswer::Written(response) => response,
    }
}

fn page(node: &Node, head: &RequestHead, visitor: &Visitor, content: &PageContent) -> Response {
    match Layout::new(node, visitor, head.path(), content).render() {
        Ok(markup) => response::of(content.status, response::HTML, markup),
        Err(error) => bare_error(head, &error.into()),
    }
}

/// The content of a refusal.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorMessage<'a> {
    title: &'a str,
    detail: &'a str,
}

/// Shows a refusal within the layout, or as a part of a page.
#[must_use]
pub fn error_page(node: &Node, head: &RequestHead, visitor: &Visitor, error: &ConsoleError) -> Response {
    let ConsoleError::Refused { status, title, detail, headers } = error else {
        return sign_in_page(head, error);
    };
    let markup = ErrorMessage { title, detail }.render().unwrap_or_default();
    let mut response = if page_request::is_partial(head) {
        response::of(*status, response::HTML, markup)
    } else {
        let content = PageContent { title: title.clone(), body: markup, status: *status, scripts: &[] };
        page(node, head, visitor, &content)
    };
    response.headers_mut().extend(headers.iter().cloned());
    response
}

/// Leads to where somebody signs in.
fn sign_in_page(head: &RequestHead, error: &ConsoleError) -> Response {
    let next = match error {
        ConsoleError::SignIn(next) => next.as_str(),
        ConsoleError::Refused { .. } => "/console",
    };
    let next = utf8_percent_encode(next, NON_ALPHANUMERIC);
    response::redirect(&format!("{SIGN_IN}?next={next}"), page_request::is_partial(head))
}

/// A refusal without the layout: nothing of the node is told.
#[derive(Template)]
#[template(path = "bare_error.html")]
struct BareError<'a> {
    title: &'a str,
    detail: &'a str,
}

/// Shows a refusal to somebody who is not known.
#[must_use]
pub fn bare_error(head: &RequestHead, error: &ConsoleError) -> Response {
    let ConsoleError::Refused { status, title, detail, headers } = error else {
        return sign_in_page(head, error);
    };
    let markup = BareError { title, detail }.render().unwrap_or_default();
    let mut response = response::of(*status, response::HTML, markup);
    response.headers_mut().extend(headers.iter().cloned());
    if *status == StatusCode::MISDIRECTED_REQUEST {
        response.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_texts_of_others_as_texts() {
        for hostile in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ csrf }}", "\u{202e}x"] {
            let bare = BareError { title: hostile, detail: hostile }.render().unwrap();
            let message = ErrorMessage { title: hostile, detail: hostile }.render().unwrap();
            for markup in [bare, message] {
                assert!(!markup.contains("<script") && !markup.contains("<img"), "{markup}");
            }
        }
        assert!(ErrorMessage { title: "{{ csrf }}", detail: "" }.render().unwrap().contains("{{ csrf }}"));
    }
}
