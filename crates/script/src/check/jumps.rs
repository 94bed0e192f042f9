//! Labels without a place or a use, and lines that nothing reaches.

use super::Sheet;
use crate::{Action, Program, Word};
use std::collections::{BTreeSet, HashSet};

/// Checks `goto`, `call`, `on error …` and what stands behind the ends of a script.
pub(super) fn check(sheet: &mut Sheet<'_>, program: &Program, commands: &[Vec<&[Word]>]) {
    let mut used = BTreeSet::new();
    for (statement, commands_of) in program.statements().iter().zip(commands) {
        for label in commands_of.iter().filter_map(|words| target(words)) {
            if !program.labels().contains_key(label) {
                let text = format!("label ':{label}:' does not exist in this script");
                sheet.add((statement.first_line, statement.line), label, text);
            }
            used.insert(label);
        }
    }
    let reached = reached(program, commands);
    for (name, label) in program.labels() {
        // A label that the lines before lead to is a heading; scripts are full of them.
        if !used.contains(name.as_str()) && !reached.contains(&label.statement) {
            let text = format!("label ':{name}:' is never used, and nothing reaches the lines behind it");
            sheet.add((label.line, label.line), ":", text);
        }
    }
    unclosed(sheet);
    let labelled: HashSet<usize> = program.labels().values().map(|label| label.statement).collect();
    for (at, (statement, commands_of)) in program.statements().iter().zip(commands).enumerate().skip(1) {
        if !labelled.contains(&at) && !reached.contains(&at) && !commands_of.is_empty() {
            let text = "nothing reaches this line: the one before it ends or leaves this place".to_owned();
            sheet.add((statement.first_line, statement.line), "", text);
        }
    }
}

/// Tells of lines that look like labels and are none.
fn unclosed(sheet: &mut Sheet<'_>) {
    for (number, line) in (1..).zip(sheet.lines) {
        if line.strip_prefix(':').is_some_and(|name| !name.trim().is_empty() && !name.contains(':')) {
            let name = line.trim_matches([':', ';', ' ', '\t', '\r']);
            sheet.add((number, number), ":", format!("this line is skipped, it is no label: write ':{name}:'"));
        }
    }
}

/// Returns the places that the statement before goes on to, or that braces lead to.
fn reached(program: &Program, commands: &[Vec<&[Word]>]) -> HashSet<usize> {
    let goes_on = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| commands.get(before)?.first());
        !before.is_some_and(|words| leaves(words))
    };
    let led_to = program.statements().iter().filter_map(|statement| match statement.action {
        Action::Branch { otherwise, .. } => Some(otherwise),
        Action::Jump(target) => Some(target),
        Action::Command(_) => None,
    });
    (0..=commands.len()).filter(|at| goes_on(*at)).chain(led_to).collect()
}

/// Tells whether a command never goes on to the next line.
fn leaves(words: &[Word]) -> bool {
    match words {
        [goto, _] => {
            goto.is("goto")
                || (words.iter().any(|word| word.is("script")) && goto.is("end"))
                || (goto.is("exit") && words.iter().any(|word| word.is("scripts")))
        }
        [only] => only.is("return"),
        _ => false,
    }
}

/// Returns the label that a command names.
fn target(words: &[Word]) -> Option<&str> {
    match words {
        [first, label] if first.is("goto") || first.is("call") => Some(&label.text),
        [on, error, what, label] if on.is("on") && error.is("error") && (what.is("goto") || what.is("call")) => {
            Some(&label.text)
        }
        _ => None,
    }
}
