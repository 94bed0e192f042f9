//! What people copy from the documents and paste: `if (name is true) { … } else { … }`.

use crate::script::{Action, Program, Statement};

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
    if !program.problems().is_empty() {
        return PastedBranch::Open;
    }
    let nested = "one 'if' inside another belongs into a script: put the lines into a file and use 'process FILE'";
    as_commands(program.statements()).map_or(PastedBranch::Refused(nested), PastedBranch::Commands)
}

fn is_branch(statement: Option<&Statement>) -> bool {
    statement.is_some_and(|statement| matches!(statement.action, Action::Branch { .. }))
}

/// Writes one branch as commands that look at the flag of the last `if`.
fn as_commands(statements: &[Statement]) -> Option<Vec<String>> {
    let (first, rest) = statements.split_first()?;
    let Action::Branch { condition, .. } = &first.action else { return None };
    let mut commands = vec![format!("if {condition} then")];
    let mut word = "do";
    for statement in rest {
        match &statement.action {
            Action::Command(text) => commands.push(format!("{word} {text}")),
            Action::Jump(_) if word == "do" => word = "else",
            Action::Jump(_) | Action::Branch { .. } => return None,
        }
    }
    Some(commands)
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
    fn open_braces_wait_for_more() {
        assert_eq!(read("if (x is true) {\nprint a"), PastedBranch::Open);
        assert_eq!(read("if (x is true) {\n<p = {"), PastedBranch::Open);
        assert!(matches!(read("if (x is true) {\nif (y is true) {\nprint a\n}\n}"), PastedBranch::Refused(_)));
    }
}
