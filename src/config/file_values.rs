//! What the assignments of an env file stand for, one after the other: a reference sees the environment of the process,
//! and the lines above it.

use crate::config::{
    EnvFile,
    readers::{Dollars, WrongText, value_of},
};
use std::{cell::RefCell, collections::HashMap};

/// One assignment with its value.
#[derive(Clone, Debug)]
pub struct FileValue {
    /// Index in the assignments of the file.
    pub at: usize,
    /// The value where any text may stand; why it is none.
    pub text: Result<String, WrongText>,
    /// The value where no text is meant and a bare `$NAME` is a reference.
    pub plain: Result<String, WrongText>,
    /// True when any text may be the value of the variable, so that `text` is its value, else `plain`.
    pub is_text: bool,
    /// Names of the environment that the value was made with, or that are set nowhere.
    pub outside: Vec<String>,
    /// Names that are set nowhere, whose place stays empty.
    pub missing: Vec<String>,
}

impl FileValue {
    /// Returns the value as the lines below see it.
    pub fn seen(&self) -> Option<String> {
        let value = if self.is_text { &self.text } else { &self.plain };
        value.clone().ok()
    }
}

/// Returns the values of a file, in the order of its assignments. `is_text` tells of which names any text may be the value.
pub fn resolve(file: &EnvFile, process: &[(String, String)], is_text: &dyn Fn(&str) -> bool) -> Vec<FileValue> {
    let mut above: HashMap<&str, String> = HashMap::new();
    let mut values = Vec::new();
    for (at, assignment) in file.assignments.iter().enumerate() {
        let (outside, missing) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let lookup = |name: &str| {
            let given = process.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
            let found = given.clone().or_else(|| above.get(name).cloned());
            if given.is_some() || found.is_none() {
                outside.borrow_mut().push(name.to_owned());
            }
            if found.is_none() && stands_alone(&assignment.text, name) {
                missing.borrow_mut().push(name.to_owned());
            }
            found
        };
        let is_text = is_text(&assignment.name);
        let text = value_of(&assignment.text, &lookup, Dollars::Braced);
        let (needed, mut unset) = (outside.take(), missing.take());
        let plain = value_of(&assignment.text, &lookup, Dollars::All);
        if !is_text {
            unset = missing.take();
        }
        unset.dedup();
        let value = FileValue { at, text, plain, is_text, outside: needed, missing: unset };
        if let Some(seen) = value.seen() {
            above.insert(&assignment.name, seen);
        }
        values.push(value);
    }
    values
}

/// Tells whether a text refers to a name without saying what stands there when it is not set: `$NAME`, `${NAME}`, or
/// `${NAME:?why}`, which demands it.
fn stands_alone(text: &str, name: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let bare = format!("${name}");
    ["}", "?", ":?"].iter().any(|end| text.contains(&format!("${{{name}{end}")))
        || text.match_indices(&bare).any(|(at, _)| text.get(at + bare.len()..).is_some_and(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_below_see_the_value_that_counts_and_what_is_set_nowhere_is_known() {
        let text = "ROOT=\"$HOME/x\"\nBELOW=$ROOT/y\nNAME=$HOME\nNAMED=${NAME}\nA=${NO}/$NEITHER\nB=${NO:-b}${HOME}\nC=${GONE:?why}\n";
        let file = EnvFile::parse("my.env".into(), text.as_bytes());
        let process = [("HOME".to_owned(), "/root".to_owned())];
        let values = resolve(&file, &process, &|name| name.starts_with("NAME"));
        let seen: Vec<_> = values.iter().filter_map(FileValue::seen).collect();
        assert_eq!(seen, ["/root/x", "/root/x/y", "$HOME", "$HOME", "/", "b/root"]);
        let missing: Vec<_> = values.iter().flat_map(|value| &value.missing).collect();
        assert_eq!(missing, ["NO", "NEITHER", "GONE"]);
    }
}
