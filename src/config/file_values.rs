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
    /// Names of the environment that the value was made with, or that are set nowhere.
    pub outside: Vec<String>,
}

/// Returns the values of a file, in the order of its assignments.
pub fn resolve(file: &EnvFile, process: &[(String, String)]) -> Vec<FileValue> {
    let mut above: HashMap<&str, String> = HashMap::new();
    let mut values = Vec::new();
    for (at, assignment) in file.assignments.iter().enumerate() {
        let outside = RefCell::new(Vec::new());
        let lookup = |name: &str| {
            let given = process.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
            let found = given.clone().or_else(|| above.get(name).cloned());
            if given.is_some() || found.is_none() {
                outside.borrow_mut().push(name.to_owned());
            }
            found
        };
        let text = value_of(&assignment.text, &lookup, Dollars::Braced);
        let needed = outside.take();
        let plain = value_of(&assignment.text, &lookup, Dollars::All);
        if let Ok(text) = &text {
            above.insert(&assignment.name, text.clone());
        }
        values.push(FileValue { at, text, plain, outside: needed });
    }
    values
}
