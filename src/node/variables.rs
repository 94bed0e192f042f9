//! How values come under the keys of the dictionary and into the variables of a caller
//! (reference/command-language 5 and 8.1).

use super::{
    node::Node,
    scope::SessionScope,
    session::{Door, Session},
};
use crate::{
    policy::json,
    reply::{Code, Error},
    script::{Change, Resolved, Scope, place_of, resolve, typed_value},
};
use serde_json::{Map, Value};

/// Removes a key before its new value is found, so that `a = !a` clears it.
pub fn forget(node: &Node, session: &mut Session, key: &str) {
    if let Some(locals) = &mut session.locals {
        locals.remove(key);
    }
    if !keeps_to_itself(session) {
        node.dictionary.remove(key);
    }
}

/// Stores a value under the left side of an assignment: `key`, `!key`, `$NAME`, `key[]`, `key{}`.
pub fn store(node: &Node, session: &mut Session, key: &str, value: Resolved) -> Result<(), Error> {
    if let Some(name) = key.strip_prefix('$').filter(|name| !name.is_empty()) {
        return put_environment(node, session, name, value.into_text());
    }
    let key = key.strip_prefix('!').filter(|key| !key.is_empty()).unwrap_or(key);
    change(node, session, key, value)
}

/// Puts a value under a key, or with `name[a][b]` into the object that a variable holds.
pub fn change(node: &Node, session: &mut Session, key: &str, value: Resolved) -> Result<(), Error> {
    let Some((name, place)) = place_of(key) else {
        put(node, session, key, value);
        return Ok(());
    };
    let change = Change::new(place, typed_value(value), false, &SessionScope::new(node, session))?;
    let wrong = |error: Error| Error { code: Code::UNRECOGNIZED_COMMAND, ..error };
    update(node, session, name, vec![change]).map_err(wrong)
}

/// Puts a value into the dictionary. Unless values are bound, a text that is a reference is replaced once more and two
/// quotes are nothing.
pub fn put(node: &Node, session: &mut Session, key: &str, value: Resolved) {
    let text = value.into_text();
    let scope = SessionScope::for_key(node, session, key, |scope| Some(read_again(text.clone(), scope)));
    let text = read_again(text, &scope);
    let key = key.strip_suffix("[]").or_else(|| key.strip_suffix("{}")).filter(|key| !key.is_empty()).unwrap_or(key);
    if let Some(locals) = &mut session.locals {
        locals.insert(key.to_owned(), text.clone());
    }
    if !keeps_to_itself(session) {
        node.dictionary.set(key, text);
    }
}

/// Sets a variable of the node's environment.
///
/// # Errors
/// Code 90 for a caller whose variables are its own request's.
pub fn put_environment(node: &Node, session: &Session, name: &str, text: String) -> Result<(), Error> {
    if keeps_to_itself(session) {
        let detail = format!("'${name}' is a variable of the node: setting it needs the role admin");
        return Err(Error::with(Code::UNAUTHORIZED, detail));
    }
    node.dictionary.set_environment(name, text);
    Ok(())
}

/// Tells whether the variables that a caller sets are those of its request alone: who may publish may not change the node.
fn keeps_to_itself(session: &Session) -> bool {
    session.door() == Door::RestPublish
}

/// Returns what the language makes of a value before it keeps it.
fn read_again(text: String, scope: &dyn Scope) -> String {
    if scope.binds() {
        return text;
    }
    let text = match text.starts_with(['!', '$']) && text.len() > 1 {
        true => resolve(&text, scope).into_text(),
        false => text,
    };
    if matches!(text.as_str(), "\"\"" | "''") { String::new() } else { text }
}

/// Changes the object that a variable holds; a variable without value becomes an object.
pub fn update(node: &Node, session: &mut Session, name: &str, changes: Vec<Change>) -> Result<(), Error> {
    let text = SessionScope::new(node, session).variable(name).unwrap_or_default();
    let mut object = match text.as_str() {
        "" => Map::new(),
        text => match json::parse_lenient(text) {
            Ok(Value::Object(object)) => object,
            _ => return Err(Error::with(Code::JSON, format!("'{name}' holds no JSON object"))),
        },
    };
    for change in changes {
        change.apply(&mut object)?;
    }
    put(node, session, name, Resolved::Text(json::text(&Value::Object(object))));
    Ok(())
}
