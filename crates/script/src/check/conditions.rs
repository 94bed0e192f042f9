//! Conditions that do something else than they seem to say.

use super::{Sheet, names::Names};
use crate::{
    Condition, Word,
    condition::{Connector, Test},
};

/// Checks the condition of an `if`; `x = if …` and `if … {` need no `then`.
pub(super) fn check(sheet: &mut Sheet<'_>, place: (usize, usize), (words, assigned): (&[Word], bool), names: &Names) {
    let [first, rest @ ..] = words else { return };
    if !first.is("if") {
        return;
    }
    let then = rest.iter().position(|word| word.is("then"));
    let mark = rest.first().map_or("if", |word| word.text.as_str());
    if then.is_none() && !assigned {
        let text = "'if' without 'then' only shows True or False: add 'then' when lines with 'do' follow";
        sheet.add(place, "if", text.to_owned());
    }
    let condition = rest.get(..then.unwrap_or(rest.len())).unwrap_or_default();
    match Condition::parse(condition, words) {
        Ok(condition) => look(sheet, place, mark, &condition, names),
        Err(error) => sheet.add(place, mark, error.to_string()),
    }
}

fn look(sheet: &mut Sheet<'_>, place: (usize, usize), mark: &str, condition: &Condition, names: &Names) {
    let connectors: Vec<Connector> = condition.parts.iter().map(|(connector, _)| *connector).collect();
    let and = connectors.iter().position(|connector| *connector == Connector::And);
    let or = connectors.iter().rposition(|connector| *connector == Connector::Or);
    if and.zip(or).is_some_and(|(and, or)| and < or) {
        let text = "read from left to right: after a false part 'and' ends the test and 'or' is not looked at; \
                    use parentheses";
        sheet.add(place, mark, text.to_owned());
    }
    for (_, test) in &condition.parts {
        part(sheet, place, mark, test, names);
    }
}

fn part(sheet: &mut Sheet<'_>, place: (usize, usize), mark: &str, test: &Test, names: &Names) {
    match test {
        Test::Value(word) => constant(sheet, place, word, names, "is always true"),
        Test::Compare { left, right, .. } if !left.is_reference() && !right.is_reference() => {
            let name = [left, right].into_iter().find(|word| names.sets(&word.text)).unwrap_or(left);
            constant(sheet, place, name, names, "is compared as a text");
        }
        Test::Compare { .. } => {}
        Test::Not(inner) => part(sheet, place, mark, inner, names),
        Test::Group(condition) => look(sheet, place, mark, condition, names),
        Test::Wrong { text, .. } => sheet.add(place, mark, text.clone()),
    }
}

/// Tells of a plain word where the name of a variable is likely meant.
fn constant(sheet: &mut Sheet<'_>, place: (usize, usize), word: &Word, names: &Names, what: &str) {
    if !word.is_reference() && names.sets(&word.text) {
        let name = &word.text;
        sheet.add(place, name, format!("'{name}' {what}: did you mean '!{name}'?"));
    }
}
