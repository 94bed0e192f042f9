//! The page that shows the document: made once from the same table, without scripts and without anything from elsewhere.

use crate::{
    api::{
        operations::{ApiMethod, OPERATIONS, Operation},
        parameters::ParameterPlace,
        problem::ProblemKind,
    },
    rest::rest_reply::RestReply,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hyper::header::{self, HeaderValue};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, sync::LazyLock};
use warp::{Reply as _, reply::Response};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:auto;padding:1rem;color-scheme:light dark}\
code{font-size:.9em}dt{margin-top:.5rem}table{border-collapse:collapse}td{padding:.2rem .8rem .2rem 0;vertical-align:top}";

static PAGE: LazyLock<Bytes> = LazyLock::new(|| written().into());
/// The page has its own style and nothing else.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
});

/// Returns the page.
#[must_use]
pub fn page() -> Response {
    let mut response = RestReply::typed("text/html; charset=utf-8", PAGE.clone()).into_response();
    if let Some(policy) = POLICY.clone() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn written() -> String {
    let mut text = format!(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>/v1</title><style>{STYLE}</style><h1>The interface /v1</h1>\
         <p>The whole of it, with every schema, is the document <a href=/openapi.json>/openapi.json</a> (OpenAPI 3.1). \
         A token goes into <code>Authorization: Bearer</code>.</p>"
    );
    OPERATIONS.iter().for_each(|operation| text += &of_operation(operation));
    text += "<h2>Problems</h2><p>Refusals are documents of the type <code>application/problem+json</code>. Besides what stands \
             above, every request may meet those of its form, its caller and its body.</p><table>";
    for kind in ProblemKind::ALL {
        let (status, name, title) = kind.told();
        text += &format!("<tr id={name}><td>{}<td>{name}<td>{}", status.as_u16(), escaped(title));
    }
    text + "</table></html>\n"
}

fn of_operation(operation: &Operation) -> String {
    let method = match operation.method {
        ApiMethod::Get => "GET",
        ApiMethod::Post => "POST",
        ApiMethod::Put => "PUT",
        ApiMethod::Delete => "DELETE",
    };
    let (path, summary) = (escaped(operation.path), escaped(operation.summary));
    let mut text = format!("<h3 id={}><code>{method} {path}</code></h3><p>{summary}</p>", operation.id);
    if !operation.parameters.is_empty() {
        text += "<dl>";
        for parameter in operation.parameters {
            let place = match parameter.place {
                ParameterPlace::Query => "",
                ParameterPlace::Path => " in the path",
                ParameterPlace::Header => " (header line)",
            };
            text += &format!("<dt><code>{}</code>{place}<dd>{}", escaped(parameter.name), escaped(parameter.text));
        }
        text += "</dl>";
    }
    let statuses: BTreeSet<u16> = operation
        .good
        .iter()
        .map(|good| good.status)
        .chain(operation.problems.iter().map(|kind| kind.told().0.as_u16()))
        .collect();
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    text + &format!("<p>Answers: {}</p>", statuses.join(", "))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small_and_has_no_script() {
        let page = written();
        assert!(page.len() <= 12 * 1024, "{} bytes", page.len());
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
        assert!(OPERATIONS.iter().all(|one| page.contains(one.id)));
        let policy = POLICY.clone().unwrap();
        assert!(!policy.to_str().unwrap().contains("unsafe"));
    }
}
