//! The commands that carry policies to the node: everything is bound in one JSON value, in which no sign means anything to a
//! line of commands.

use crate::{
    cli::exit::ExitFailure,
    command::{APPLY, PLAN},
    policy::Policy,
};
use serde::Serialize;
use serde_json::{Map, Serializer, Value, ser::Formatter};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Returns the command that plans.
///
/// # Errors
/// When there is no memory for it.
pub fn plan(policies: &[Policy], prune: &[String]) -> Result<String, ExitFailure> {
    command(PLAN, policies, prune, None)
}

/// Returns the command that carries out the plan with a fingerprint.
///
/// # Errors
/// When there is no memory for it.
pub fn apply(policies: &[Policy], prune: &[String], fingerprint: &str) -> Result<String, ExitFailure> {
    command(APPLY, policies, prune, Some(fingerprint))
}

#[derive(Serialize)]
struct Desired<'a> {
    /// The body of each by its type.
    policies: Vec<BTreeMap<&'a str, &'a Map<String, Value>>>,
    prune: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
}

fn command(words: &str, policies: &[Policy], prune: &[String], plan: Option<&str>) -> Result<String, ExitFailure> {
    let policies = policies.iter().map(|policy| BTreeMap::from([(policy.kind(), policy.body())])).collect();
    let value = bound(&Desired { policies, prune, plan });
    let value = value.map_err(|error| ExitFailure::System { what: "the request", error })?;
    Ok(format!("{words} {value} where format = json"))
}

/// Writes a value as JSON whose strings hold letters, digits and the [`PLAIN`] signs; all others are escaped.
fn bound(value: &impl Serialize) -> io::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, EscapedStrings))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Signs besides letters and digits that stand as they are. Quotes, brackets, and what begins a reference, a comment or another
/// command do not, although the reader of words leaves a JSON value alone.
const PLAIN: &str = " _-.,:;/()@*+%?=^~";

struct EscapedStrings;

impl Formatter for EscapedStrings {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let is_plain = |sign: char| sign.is_ascii_alphanumeric() || PLAIN.contains(sign);
        let mut rest = text;
        while let Some((at, sign)) = rest.char_indices().find(|(_, sign)| !is_plain(*sign)) {
            let (plain, after) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            for unit in sign.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after.get(sign.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command, policy::json, script};

    #[test]
    fn hostile_values_stay_values() {
        let texts =
            ["!x & $HOME > <y>", "}]{[\"'`|#", "a = b and c", "\\ \u{0} \n \t 東京 😀 \u{202e}", "where plan = z"];
        let policies: Vec<Policy> = texts
            .iter()
            .map(|text| {
                let mut policy = Policy::parse(r#"{"device": {}}"#).unwrap();
                policy.set("name", *text);
                policy.set(text, 1);
                policy
            })
            .collect();
        let prune = texts.map(str::to_owned);
        let text = apply(&policies, &prune, "f & g").unwrap();
        assert!(text.is_ascii());
        let words = script::words(&text).unwrap();
        let plain: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(
            (plain.len(), plain[0], plain[1], &plain[3..]),
            (7, "blockchain", "apply", &["where", "format", "=", "json"][..])
        );
        let value = json::parse(plain[2]).unwrap();
        assert_eq!(value["policies"][3], policies[3].to_value());
        assert_eq!((value["prune"][0].as_str(), value["plan"].as_str()), (Some(texts[0]), Some("f & g")));
        assert_eq!(command::select(&text).entry().map(|entry| entry.words), Some(APPLY));
    }
}
