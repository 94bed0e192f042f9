//! What the Tab key offers: what the node knows, here or behind a connection.

use crate::{
    command::{self, Candidate, CandidateKind, Completion},
    node::{Node, Session, secret},
    prompt::client::Client,
    runtime::limits::COMPLETION_TIME,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;
use tokio::{runtime::Handle, time::timeout};

/// What a node is asked that this process does not hold.
const COMPLETIONS: &str = "get completions";

/// Returns what may stand at a place of a line, an offset in bytes. It is called on the editor's thread.
pub type Completer = Arc<dyn Fn(&str, usize) -> Completion + Send + Sync>;

/// Offers nothing.
#[must_use]
pub fn nothing() -> Completer {
    Arc::new(|_, at| Completion { from: at, to: at, ..Completion::default() })
}

/// Offers what a caller may use on the node of this process; the editor's thread does not keep the node.
#[must_use]
pub fn of_node(node: &Arc<Node>, session: &Session) -> Completer {
    let (node, session) = (Arc::downgrade(node), session.clone());
    Arc::new(move |line, at| match node.upgrade() {
        Some(node) => command::complete(line, at, &node, &session),
        None => nothing()(line, at),
    })
}

/// Offers what the node behind a connection says. The names of commands are offered in any case: when it does not answer, when
/// it is of an older version, and for a line with something in it that is nobody's business.
#[must_use]
pub fn of_client(client: &Client) -> Completer {
    let (client, runtime) = (client.clone(), Handle::current());
    Arc::new(move |line, at| {
        let typed = line.get(..at).unwrap_or(line);
        let is_secret = secret::masked(typed) != typed || secret::unrepeated(typed, typed) != typed;
        let asked = if is_secret { None } else { runtime.block_on(ask(&client, typed)) };
        asked.unwrap_or_else(|| command::complete_names(typed))
    })
}

async fn ask(client: &Client, typed: &str) -> Option<Completion> {
    let command = format!("{COMPLETIONS} {}", utf8_percent_encode(typed, NON_ALPHANUMERIC));
    let answer = timeout(COMPLETION_TIME, client.json(&command)).await.ok()?.ok()?;
    let completion: Completion = serde_json::from_value(answer).ok()?;
    // Another program may say anything; the editor needs a place of the line.
    (completion.to == typed.len() && typed.is_char_boundary(completion.from)).then_some(completion)
}

/// Returns how a candidate is listed: an id alone tells nobody what it is.
pub fn shown(candidate: &Candidate) -> String {
    match (candidate.kind, &candidate.about) {
        (CandidateKind::PolicyId, Some(about)) => format!("{}  {}", candidate.text, crate::render::visible(about)),
        _ => candidate.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_listed_with_what_they_are() {
        let about = Some("operator op\u{1b}[2J".to_owned());
        let id = Candidate { text: "aa1".to_owned(), kind: CandidateKind::PolicyId, about };
        assert_eq!(shown(&id), "aa1  operator op␛[2J");
        assert_eq!(shown(&Candidate { kind: CandidateKind::PolicyType, ..id }), "aa1");
    }
}
