//! Commands that other nodes run: their text on the wire and their answers joined (reference/tcp-protocol 6, reference/rest 4).

use crate::{
    node::{Node, Session, SessionScope},
    reply::{Code, Error, PeerAnswer, Reply},
    script::{Scope, Word, WordKind, resolve, words},
};

/// Returns the text of a command as it travels: references replaced, blanks inside one word as tabs.
///
/// # Errors
/// When the text is no sequence of words, and 10 for queries of data.
pub(super) fn wire_text(command: &str, scope: &dyn Scope) -> Result<String, Error> {
    let words = words(command)?;
    offered(&words)?;
    Ok(wire_words(&words, scope))
}

/// Checks that this node can send a command and read the answers.
///
/// # Errors
/// 10 for queries of data: their answers are put together in a database that a master does not have.
pub(super) fn offered(words: &[Word]) -> Result<(), Error> {
    if words.first().is_some_and(|word| word.is("sql")) {
        return Err(Error::known(Code::DBMS_NOT_OPEN, "Local query database not available: 'system_query'"));
    }
    Ok(())
}

/// Returns the text of a caller's command as it travels.
///
/// # Errors
/// As [`wire_text`].
pub(super) fn outgoing(node: &Node, session: &Session, command: &str) -> Result<String, Error> {
    wire_text(command, &SessionScope::new(node, session))
}

/// Puts words together as they travel.
#[must_use]
pub(super) fn wire_words(words: &[Word], scope: &dyn Scope) -> String {
    words.iter().map(|word| wire_word(word, scope)).collect::<Vec<_>>().join(" ")
}

fn wire_word(word: &Word, scope: &dyn Scope) -> String {
    let reference = word.kind == WordKind::Plain && word.is_reference();
    let text = if reference { resolve(&word.text, scope).into_text() } else { word.text.clone() };
    // JSON objects travel as they are; every other word would fall apart at its blanks.
    if text.starts_with('{') { text } else { text.replace(' ', "\t") }
}

/// Makes the answers of nodes the reply of a command; with `subset` nodes that failed are part of it.
///
/// # Errors
/// The error of the first node that failed, unless a subset is asked for.
pub(super) fn replies(answers: Vec<PeerAnswer>, subset: bool) -> Result<Reply, Error> {
    complete(answers, subset).map(Reply::Answers)
}

/// Pairs each node's address with what it said.
///
/// # Errors
/// As [`replies`].
pub(super) fn pairs(answers: Vec<PeerAnswer>, subset: bool) -> Result<Vec<(String, String)>, Error> {
    let said = |answer: PeerAnswer| {
        let text = answer.text().into_owned();
        (answer.destination, text)
    };
    Ok(complete(answers, subset)?.into_iter().map(said).collect())
}

/// Returns the answers when all nodes gave one, or when some are enough.
fn complete(answers: Vec<PeerAnswer>, subset: bool) -> Result<Vec<PeerAnswer>, Error> {
    match answers.iter().find_map(|answer| answer.outcome.as_ref().err()).filter(|_| !subset) {
        Some(error) => Err(error.clone()),
        None => Ok(answers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::PeerContent;
    use serde_json::json;

    struct Names;

    impl Scope for Names {
        fn variable(&self, name: &str) -> Option<String> {
            (name == "n").then(|| "a b".to_owned())
        }
        fn environment(&self, _name: &str) -> Option<String> {
            None
        }
    }

    #[test]
    fn words_travel_resolved_and_unbroken() {
        let wire = |text| wire_text(text, &Names).unwrap();
        assert_eq!(wire("get status"), "get status");
        assert_eq!(wire("blockchain get x where name = \"a b\""), "blockchain get x where name = a\tb");
        assert_eq!(wire("blockchain get (a, b)"), "blockchain get (a,\tb)");
        assert_eq!(wire("blockchain get x where name = !n"), "blockchain get x where name = a\tb");
        assert_eq!(wire("get !!n"), "get !n");
        assert_eq!(wire("blockchain push {\"a\": {\"b\": \"c d\"}}"), "blockchain push {\"a\": {\"b\": \"c d\"}}");
        assert_eq!(wire_text("sql db \"select 1\"", &Names).unwrap_err().code, Code::DBMS_NOT_OPEN);
    }

    #[test]
    fn a_node_that_fails_fails_the_command_unless_some_are_enough() {
        let up = PeerAnswer { destination: "a:1".to_owned(), outcome: Ok(PeerContent::Json(json!({}))) };
        let down = PeerAnswer { destination: "b:2".to_owned(), outcome: Err(Code::TIME_OUT.into()) };
        let both = vec![up, down];
        assert_eq!(replies(both.clone(), false).unwrap_err().code, Code::TIME_OUT);
        assert_eq!(replies(both.clone(), true).unwrap(), Reply::Answers(both.clone()));
        let pair = |node: &str, text: &str| (node.to_owned(), text.to_owned());
        assert_eq!(pairs(both.clone(), true).unwrap(), [pair("a:1", "{}"), pair("b:2", "Not responding")]);
        assert_eq!(pairs(both, false).unwrap_err().code, Code::TIME_OUT);
    }
}
