//! Commands that other nodes run: their text on the wire and their answers joined (spec/tcp-protocol 6, spec/rest 4).

use super::{Code, Error, Node, PeerAnswer, Session, scope::SessionScope};
use crate::script::{Scope, Word, WordKind, resolve, words};

/// Answers longer than this, in characters, begin on a line of their own.
const ONE_LINE: usize = 120;

/// Returns the text of a command as it travels: references replaced, blanks inside one word as tabs.
///
/// # Errors
/// When the text is no sequence of words.
pub fn wire_text(command: &str, scope: &dyn Scope) -> Result<String, Error> {
    Ok(wire_words(&words(command)?, scope))
}

/// Returns the text of a caller's command as it travels.
///
/// # Errors
/// When the text is no sequence of words.
pub fn outgoing(node: &Node, session: &Session, command: &str) -> Result<String, Error> {
    wire_text(command, &SessionScope::new(node, session))
}

/// Puts words together as they travel.
#[must_use]
pub fn wire_words(words: &[Word], scope: &dyn Scope) -> String {
    words.iter().map(|word| wire_word(word, scope)).collect::<Vec<_>>().join(" ")
}

fn wire_word(word: &Word, scope: &dyn Scope) -> String {
    let reference = word.kind == WordKind::Plain && word.is_reference();
    let text = if reference { resolve(&word.text, scope).into_text() } else { word.text.clone() };
    // JSON objects travel as they are; every other word would fall apart at its blanks.
    if text.starts_with('{') { text } else { text.replace(' ', "\t") }
}

/// Joins the answers of nodes as clients read them: one JSON object when all answered JSON, else one part per node.
///
/// With `subset` nodes that failed are named in the text.
///
/// # Errors
/// The error of the first node that failed, unless a subset is asked for.
pub fn join(answers: &[PeerAnswer], subset: bool) -> Result<String, Error> {
    let failed = || answers.iter().find_map(|answer| answer.outcome.as_ref().err());
    if let Some(error) = if subset { None } else { failed() } {
        return Err(error.clone());
    }
    let json = !answers.is_empty() && answers.iter().all(|answer| answer.outcome.as_ref().is_ok_and(|text| text.json));
    if json {
        let part = |answer: &PeerAnswer| format!("\"{}\" : {}", answer.destination, said(answer));
        return Ok(format!("{{{}}}", answers.iter().map(part).collect::<Vec<_>>().join(",")));
    }
    Ok(answers.iter().map(line).collect())
}

/// Returns what a node said, or what to say in its place.
fn said(answer: &PeerAnswer) -> &str {
    match &answer.outcome {
        Ok(text) => &text.text,
        Err(error) if matches!(error.code, Code::PEER_REFUSED | Code::TIME_OUT) => "Not responding",
        Err(error) => error.code.text(),
    }
}

fn line(answer: &PeerAnswer) -> String {
    let text = said(answer);
    let gap = if text.len() > ONE_LINE || text.contains('\n') { "\r\n" } else { " " };
    format!("\r\n[From Node {}]{gap}{text}", answer.destination)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::PeerText;

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
    }

    fn answer(destination: &str, outcome: Result<(&str, bool), Code>) -> PeerAnswer {
        let outcome = outcome.map(|(text, json)| PeerText { text: text.to_owned(), json }).map_err(Error::new);
        PeerAnswer { destination: destination.to_owned(), outcome }
    }

    #[test]
    fn answers_are_joined_as_clients_read_them() {
        let up = answer("a:1", Ok(("up", false)));
        let down = answer("b:2", Err(Code::TIME_OUT));
        let table = answer("c:3", Ok(("\r\nTitle\r\n", false)));
        assert_eq!(join(std::slice::from_ref(&up), false).unwrap(), "\r\n[From Node a:1] up");
        assert_eq!(join(&[table], false).unwrap(), "\r\n[From Node c:3]\r\n\r\nTitle\r\n");
        assert_eq!(join(&[up.clone(), down.clone()], false).unwrap_err().code, Code::TIME_OUT);
        let subset = "\r\n[From Node a:1] up\r\n[From Node b:2] Not responding";
        assert_eq!(join(&[up, down], true).unwrap(), subset);
        let json = [answer("a:1", Ok(("{}", true))), answer("b:2", Ok(("[1]", true)))];
        assert_eq!(join(&json, false).unwrap(), "{\"a:1\" : {},\"b:2\" : [1]}");
    }
}
