//! What people copy from the documents and paste: `if (name is true) { … } else { … }`.

use crate::script::{Action, Form, Program, Statement, words};

/// A branch as far as its lines are there.
#[derive(Debug, PartialEq, Eq)]
pub enum PastedBranch {
    /// A brace or a block is open.
    Open,
    /// The whole branch, as commands with `if … then`, `do` and `else`.
    Commands(Vec<String>),
    /// The branch cannot run at a prompt; the text says why.
    Refused(&'static str),
}

/// Tells whether a line opens a branch with braces.
#[must_use]
pub fn opens_branch(line: &str) -> bool {
    let line = line.trim();
    let looks = line.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("if")) && line.ends_with('{');
    looks && Program::parse(line).is_ok_and(|program| is_branch(program.statements().first()))
}

/// Reads a branch from its opening line on.
#[must_use]
pub fn read(text: &str) -> PastedBranch {
    let Ok(program) = Program::parse(text) else {
        return PastedBranch::Refused("labels belong into a script: put the lines into a file and use 'process FILE'");
    };
    if program.is_open() {
        return PastedBranch::Open;
    }
    if let Some(problem) = program.problems().first() {
        return PastedBranch::Refused(problem.text);
    }
    let nested = "one 'if' inside another belongs into a script: put the lines into a file and use 'process FILE'";
    as_commands(program.statements()).map_or(PastedBranch::Refused(nested), PastedBranch::Commands)
}

fn is_branch(statement: Option<&Statement>) -> bool {
    statement.is_some_and(|statement| matches!(statement.action, Action::Branch { .. }))
}

/// Writes one branch as commands that look at the flag of the last `if`, and what stands behind its braces as it is.
fn as_commands(statements: &[Statement]) -> Option<Vec<String>> {
    let Action::Branch { condition, otherwise } = &statements.first()?.action else { return None };
    let mut commands = vec![format!("if {condition} then")];
    let (mut word, mut end) = ("do", *otherwise);
    for (number, statement) in statements.iter().enumerate().skip(1) {
        match &statement.action {
            Action::Command(text) if number >= end => commands.push(text.clone()),
            // The lines behind it would look at another condition.
            Action::Command(text) if sets_flag(text) => return None,
            Action::Command(text) => commands.push(format!("{word} {text}")),
            Action::Jump(behind) if word == "do" => (word, end) = ("else", *behind),
            Action::Jump(_) | Action::Branch { .. } => return None,
        }
    }
    Some(commands)
}

/// Tells whether a line tests a condition, or runs a command that may: `if …`, `x = if …`, `do …`, `else …`.
fn sets_flag(text: &str) -> bool {
    let Ok(line) = words(text) else { return false };
    let command = match Form::of(&line) {
        Form::Assignment { words, .. } => words,
        _ => line.as_slice(),
    };
    command.first().is_some_and(|first| matches!(first.text.as_str(), "if" | "do" | "else"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<String> {
        match read(text) {
            PastedBranch::Commands(commands) => commands,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn branch_becomes_do_and_else() {
        assert!(opens_branch("If (overlay_network is true) {"));
        assert!(!opens_branch("if !x == 1 then print {"));
        let text = "if (overlay_network is true {\n run a where x = 1\n and y = 2\n } else {\n<p = {\"m\": {\n\"k\": 1\n}}>\n}";
        assert_eq!(
            commands(text),
            [
                "if ( !overlay_network == true ) then",
                "do run a where x = 1 and y = 2",
                "else p = {\"m\": { \"k\": 1 }}",
            ]
        );
    }

    #[test]
    fn lines_that_test_a_condition_of_their_own_are_refused() {
        // The lines behind such a line would look at its condition, so that the part behind 'else' ran, too.
        for line in [
            "if !b == 1 then print b",
            "if !b == 1 then",
            "x = if !b == 1",
            "do print b",
            "else print b",
            "<if !b == 1\nthen print b>",
        ] {
            let text = format!("if (a is true) {{\nprint a\n{line}\n}} else {{\nprint c\n}}");
            assert!(matches!(read(&text), PastedBranch::Refused(why) if why.starts_with("one 'if' inside")), "{line}");
        }
        assert!(matches!(read("if (a is true) {\nprint a\n} else print b"), PastedBranch::Refused(_)));
    }

    #[test]
    fn what_stands_behind_the_braces_is_a_command_of_its_own() {
        let condition = "if ( !a == true ) then";
        let text = "if (a is true) {\nprint a\n} print b";
        assert_eq!(commands(text), [condition, "do print a", "print b"]);
        let text = "if (a is true) {\nprint a\n} else {\nprint b\n} if !c == 1 then print c";
        assert_eq!(commands(text), [condition, "do print a", "else print b", "if !c == 1 then print c"]);
    }

    #[test]
    fn open_braces_wait_for_more() {
        assert_eq!(read("if (x is true) {\nprint a"), PastedBranch::Open);
        assert_eq!(read("if (x is true) {\n<p = {"), PastedBranch::Open);
        assert!(matches!(read("if (x is true) {\nif (y is true) {\nprint a\n}\n}"), PastedBranch::Refused(_)));
    }
}
