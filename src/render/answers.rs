//! Answers of several nodes as clients read them (reference/rest 4).

use crate::reply::{PeerAnswer, PeerContent};
use serde_json::Value;

/// Answers longer than this, in bytes, begin on a line of their own.
const ONE_LINE: usize = 120;

/// Joins answers: one JSON object when all that answered sent JSON, with the failed nodes under the key `messages`; else
/// one part per node.
#[must_use]
pub fn answers(answers: &[PeerAnswer]) -> String {
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.outcome.is_ok());
    let is_json = |answer: &&PeerAnswer| matches!(answer.outcome, Ok(PeerContent::Json(_)));
    if good.is_empty() || !good.iter().all(is_json) {
        return answers.iter().map(part).collect();
    }
    let object = |answer: &PeerAnswer| format!("\"{}\" : {}", answer.destination, answer.text());
    let mut parts: Vec<String> = good.into_iter().map(object).collect();
    if !bad.is_empty() {
        let messages: String = bad.into_iter().map(part).collect();
        parts.push(format!("\"messages\" : {}", Value::String(messages)));
    }
    format!("{{{}}}", parts.join(","))
}

/// Writes what one node said, below or behind its address.
fn part(answer: &PeerAnswer) -> String {
    let text = answer.text();
    let gap = if text.len() > ONE_LINE || text.contains('\n') { "\r\n" } else { " " };
    format!("\r\n[From Node {}]{gap}{text}", answer.destination)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::{Code, Error};
    use serde_json::json;

    fn answer(destination: &str, outcome: Result<PeerContent, Code>) -> PeerAnswer {
        PeerAnswer { destination: destination.to_owned(), outcome: outcome.map_err(Error::new) }
    }

    fn text(text: &str) -> Result<PeerContent, Code> {
        Ok(PeerContent::Text(text.to_owned()))
    }

    #[test]
    fn texts_stand_one_after_the_other() {
        let up = answer("a:1", text("up"));
        let down = answer("b:2", Err(Code::TIME_OUT));
        let table = answer("c:3", text("\r\nTitle\r\n"));
        assert_eq!(answers(std::slice::from_ref(&up)), "\r\n[From Node a:1] up");
        assert_eq!(answers(&[table]), "\r\n[From Node c:3]\r\n\r\nTitle\r\n");
        assert_eq!(answers(&[up, down]), "\r\n[From Node a:1] up\r\n[From Node b:2] Not responding");
    }

    #[test]
    fn values_are_one_object() {
        let one = answer("a:1", Ok(PeerContent::Json(json!({}))));
        let list = answer("b:2", Ok(PeerContent::Json(json!([1, {"a": "é"}]))));
        assert_eq!(answers(&[one.clone(), list]), "{\"a:1\" : {},\"b:2\" : [1, {\"a\": \"\\u00e9\"}]}");
        let down = answer("b:2", Err(Code::TIME_OUT));
        let said = r#"{"a:1" : {},"messages" : "\r\n[From Node b:2] Not responding"}"#;
        assert_eq!(answers(&[one.clone(), down]), said);
        assert_eq!(answers(&[one, answer("b:2", text("x"))]), "\r\n[From Node a:1] {}\r\n[From Node b:2] x");
    }
}
