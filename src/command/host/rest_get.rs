//! `rest get`: asks another server, if its address is allowed (reference/command-language 12.9).

use crate::{
    command::engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
    node::{Node, Session},
    reply::{Code, Error, ErrorKind, Reply},
    runtime::{fetch::fetch, limits},
    script::pairs,
};
use async_trait::async_trait;
use hyper::Uri;
use std::sync::Arc;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestGet {
    url: String,
    headers: Vec<(String, String)>,
}

/// The commands of this family.
pub const ENTRIES: &[Entry] = &[Entry {
    words: "rest get",
    min_words: 6,
    assigns: true,
    access: Access::Host,
    opens_secrets: false,
    network: NetworkCallers::Both,
    traits: Traits::CHANGE,
    help: Help {
        usage: "[key =] rest get where url = [url] [and header = value …]",
        text: "Asks a web server. Only this node's own REST server and addresses that begin with an entry of URL_ALLOW are asked, five seconds at most.",
        examples: &["loc_info = rest get where url = https://ipinfo.io/json"],
        index: &["api", "script"],
    },
    parse,
}];

fn parse(line: &Line<'_>) -> Parsed {
    let words = match line.arguments() {
        [first, rest @ ..] if first.is("where") => rest,
        _ => return Err(Error::with(Code::STRUCTURE, "write: rest get where url = [url]")),
    };
    let mut headers: Vec<(String, String)> =
        pairs(words, line.scope)?.into_iter().map(|(key, value)| (key, value.into_text())).collect();
    let at = headers.iter().position(|(key, _)| key == "url");
    let at = at.ok_or_else(|| Error::with(Code::STRUCTURE, "Missing 'url' in command variables"))?;
    let (_, url) = headers.remove(at);
    parsed(RestGet { url, headers })
}

#[async_trait]
impl Command for RestGet {
    async fn run(self: Box<Self>, node: &Arc<Node>, _session: &mut Session) -> Result<Reply, Error> {
        let allowed = node.config.security.url_allow.words();
        if !own_addresses(node).iter().chain(allowed).any(|entry| covers(entry, &self.url)) {
            let detail = format!("'{}' is not asked: name its beginning in URL_ALLOW", self.url);
            return Err(Error { kind: ErrorKind::Refused, ..Error::with(Code::REST_CALL, detail) });
        }
        let question = fetch(&self.url, &self.headers, limits::REST_GET_BODY);
        match tokio::time::timeout(limits::REST_GET_TIME, question).await {
            Ok(Ok(text)) => Ok(Reply::written(text)),
            Ok(Err(error)) => Err(unanswered(format!("'{}': {error}", self.url))),
            Err(_) => Err(unanswered(format!("'{}' did not answer in time", self.url))),
        }
    }
}

/// Describes a question that got no answer.
fn unanswered(detail: String) -> Error {
    Error { kind: ErrorKind::Unavailable, ..Error::with(Code::REST_CALL, detail) }
}

/// Returns the addresses of this node's own REST server; its prompt may always ask it.
fn own_addresses(node: &Node) -> Vec<String> {
    let Some(listening) = node.services.rest.status() else { return Vec::new() };
    let options = listening.options;
    let scheme = if options.tls.is_some() { "https" } else { "http" };
    [options.external, options.internal].map(|address| format!("{scheme}://{address}")).to_vec()
}

/// Tells whether an entry of the list covers an address: same scheme and host, and the same beginning of the path.
fn covers(entry: &str, url: &str) -> bool {
    let (Ok(entry), Ok(url)) = (entry.parse::<Uri>(), url.parse::<Uri>()) else { return false };
    let path = entry.path().trim_end_matches('/');
    entry.scheme() == url.scheme()
        && entry.authority() == url.authority()
        && url.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_cover_whole_hosts_and_paths() {
        assert!(covers("https://ipinfo.io", "https://ipinfo.io/json"));
        assert!(covers("https://ipinfo.io/json", "https://ipinfo.io/json"));
        assert!(!covers("https://ipinfo.io", "https://ipinfo.io.example.com/json"));
        assert!(!covers("https://ipinfo.io", "http://ipinfo.io/json"));
        assert!(!covers("https://ipinfo.io/a", "https://ipinfo.io/ab"));
    }
}
