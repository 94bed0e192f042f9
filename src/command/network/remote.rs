//! Commands that other nodes run: their text on the wire and their answers joined (reference/tcp-protocol 6, reference/rest 4).

use crate::{
    node::{Node, PeerAnswer, Session, SessionScope},
    reply::{Code, Error},
    script::{Scope, Word, WordKind, resolve, words},
};

/// Answers longer than this, in characters, begin on a line of their own.
const ONE_LINE: usize = 120;

/// Returns the text of a command as it travels: references replaced, blanks inside one word as tabs.
///
/// # Errors
/// When the text is no sequence of words, and 10 for queries of data.
pub fn wire_text(command: &str, scope: &dyn Scope) -> Result<String, Error> {
    let words = words(command)?;
    offered(&words)?;
    Ok(wire_words(&words, scope))
}

/// Checks that this node can send a command and read the answers.
///
/// # Errors
/// 10 for queries of data: their answers are put together in a database that a master does not have.
pub fn offered(words: &[Word]) -> Result<(), Error> {
    if words.first().is_some_and(|word| word.is("sql")) {
        return Err(Error::known(Code::DBMS_NOT_OPEN, "Local query database not available: 'system_query'"));
    }
    Ok(())
}

/// Returns the text of a caller's command as it travels.
///
/// # Errors
/// As [`wire_text`].
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

/// Joins the answers of nodes as clients read them: one JSON object when all that answered sent JSON, else one part per
/// node.
///
/// With `subset` nodes that failed are named: in the text, or under the key `messages` of the object.
///
/// # Errors
/// The error of the first node that failed, unless a subset is asked for.
pub fn join(answers: &[PeerAnswer], subset: bool) -> Result<String, Error> {
    complete(answers, subset)?;
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.outcome.is_ok());
    let json = !good.is_empty() && good.iter().all(|answer| answer.outcome.as_ref().is_ok_and(|text| text.json));
    if !json {
        return Ok(answers.iter().map(line).collect());
    }
    let mut parts: Vec<_> =
        good.iter().map(|answer| format!("\"{}\" : {}", answer.destination, said(answer))).collect();
    if !bad.is_empty() {
        let messages: String = bad.into_iter().map(line).collect();
        parts.push(format!("\"messages\" : {}", serde_json::Value::String(messages)));
    }
    Ok(format!("{{{}}}", parts.join(",")))
}

/// Pairs each node's address with what it said.
///
/// # Errors
/// The error of the first node that failed, unless a subset is asked for.
pub fn pairs(answers: &[PeerAnswer], subset: bool) -> Result<Vec<(&str, &str)>, Error> {
    complete(answers, subset)?;
    Ok(answers.iter().map(|answer| (answer.destination.as_str(), said(answer))).collect())
}

/// Checks that all nodes answered, unless some are enough.
fn complete(answers: &[PeerAnswer], subset: bool) -> Result<(), Error> {
    let failed = || answers.iter().find_map(|answer| answer.outcome.as_ref().err());
    (if subset { None } else { failed() }).map_or(Ok(()), |error| Err(error.clone()))
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
    use crate::node::PeerText;

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
        let some = [answer("a:1", Ok(("{}", true))), answer("b:2", Err(Code::TIME_OUT))];
        let said = r#"{"a:1" : {},"messages" : "\r\n[From Node b:2] Not responding"}"#;
        assert_eq!(join(&some, true).unwrap(), said);
        assert_eq!(pairs(&some, true).unwrap(), [("a:1", "{}"), ("b:2", "Not responding")]);
        assert_eq!(pairs(&some, false).unwrap_err().code, Code::TIME_OUT);
    }
}
