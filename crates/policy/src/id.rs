//! The id of a policy: the MD5 of its canonical text (reference/ledger 2.2).

use super::{Policy, python};
use md5::{Digest, Md5};
use serde_json::Value;

/// Attributes that make the id of a table policy.
const TABLE: [&str; 3] = ["company", "name", "dbms"];
/// Attributes that make the id of a cluster policy.
const CLUSTER: [&str; 4] = ["company", "name", "parent", "table"];
/// Attributes that never count.
const OUTSIDE: [&str; 3] = ["id", "date", "ledger"];

/// Returns the id that belongs to the content of a policy: 32 lower case hex digits.
#[must_use]
pub fn of(policy: &Policy) -> String {
    hash(canonical(policy).as_bytes())
}

/// Returns the lower case hex MD5 of bytes, as ids and ledger versions are written.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Md5::digest(bytes))
}

/// Returns the text whose bytes are hashed.
#[must_use]
pub fn canonical(policy: &Policy) -> String {
    match policy.kind() {
        "table" => keyed(policy, &TABLE),
        "cluster" => keyed(policy, &CLUSTER),
        _ => whole(policy),
    }
}

fn keyed(policy: &Policy, keys: &[&str]) -> String {
    let mut text = format!("{}:", policy.kind());
    for key in keys {
        match policy.get(key) {
            Some(Value::String(value)) => text += &format!("{key}:{value}:"),
            Some(value) => text += &format!("{key}:{}:", python::text(value)),
            None => {}
        }
    }
    text
}

fn whole(policy: &Policy) -> String {
    let body = policy.body().iter().filter(|(key, _)| !OUTSIDE.contains(&key.as_str()));
    let mut text = String::from("{");
    python::write_text(&mut text, policy.kind());
    text += ": ";
    python::write_object(&mut text, body);
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn id(text: &str) -> String {
        of(&Policy::parse(text).unwrap())
    }

    #[test]
    fn worked_examples() {
        let cases = [
            (r#"{"x":{"a":1}}"#, "50d5686016431391744c8168625728a8"),
            (r#"{"x":{"a":1.0}}"#, "3438b3044b53aa130e6ea81ba0d98600"),
            (r#"{"x":{"a":true,"b":false,"c":null}}"#, "96e6d23717d92b8a8b718c716484595b"),
            (r#"{"x":{"a":"it's \"x\""}}"#, "23db89f5c23c6f3651ec86067d383773"),
            (r#"{"x":{"city":"S\u00e3o Paulo"}}"#, "8e831ef32469f14e1e7f00cb3f7d555b"),
            (r#"{"table":{"dbms":"test","name":"rand_data","create":"x"}}"#, "c80630a8739acd02220bb1604b2dd93e"),
        ];
        for (text, expected) in cases {
            assert_eq!(id(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn dates_and_places_never_count(a in "[ -~]{0,12}", n: i64, date in "[0-9-]{0,10}") {
            let plain = Policy::from_value(json!({"x": {"a": a, "n": n}})).unwrap();
            let dated = Policy::from_value(json!({"x": {"date": date, "a": a, "ledger": "local", "n": n}})).unwrap();
            prop_assert_eq!(of(&plain), of(&dated));
        }

        #[test]
        fn the_order_of_keys_counts_except_for_tables(a in "[a-z]{1,8}", b in "[a-z]{1,8}") {
            let one = |kind: &str| Policy::from_value(json!({kind: {"name": a, "dbms": b}})).unwrap();
            let two = |kind: &str| Policy::from_value(json!({kind: {"dbms": b, "name": a}})).unwrap();
            prop_assert_eq!(of(&one("table")), of(&two("table")));
            prop_assert_ne!(of(&one("node")), of(&two("node")));
        }
    }
}
