//! Looks through scripts without running them: `anylog-master check-script`.

mod conditions;
mod finding;
mod jumps;
mod names;

pub use finding::Finding;

use super::{Action, Error, Form, Program, Statement, Word, first_command, words};
use names::Names;

/// Knows the commands of the node.
pub trait Commands {
    /// Tells what is wrong with the name at the beginning of a line; nothing when it is a command.
    fn complaint(&self, words: &[Word], assigned: bool) -> Option<String>;
    /// Tells whether the node sets a variable itself.
    fn sets(&self, variable: &str) -> bool;
}

/// Looks through a set of scripts that run together and returns what was found, in the order of the lines.
#[must_use]
pub fn check(files: &[(String, String)], commands: &dyn Commands) -> Vec<Finding> {
    let mut names = Names::default();
    let mut findings = Vec::new();
    let mut parsed = Vec::new();
    for (name, text) in files {
        let lines: Vec<&str> = text.lines().collect();
        match Program::parse(text) {
            Ok(program) => {
                names.collect(&program);
                parsed.push((name, lines, program));
            }
            Err(error) => {
                let mut sheet = Sheet { file: name, lines: &lines, findings: &mut findings };
                let (line, label) = duplicate(&lines, &error);
                sheet.add((line, line), &label, error.to_string());
            }
        }
    }
    for (name, lines, program) in &parsed {
        let mut sheet = Sheet { file: name, lines, findings: &mut findings };
        for problem in program.problems() {
            sheet.add((problem.line, problem.line), "", problem.text.to_owned());
        }
        let lines: Vec<Vec<Word>> = program.statements().iter().map(|one| statement(&mut sheet, one)).collect();
        let scripted: Vec<Vec<&[Word]>> = lines.iter().map(|words| unfolded(words)).collect();
        for (one, commands_of) in program.statements().iter().zip(&scripted) {
            look(&mut sheet, one, commands_of, commands, &names);
        }
        jumps::check(&mut sheet, program, &scripted);
    }
    let place = |finding: &Finding| files.iter().position(|(name, _)| *name == finding.file);
    findings.sort_by_key(|finding| (place(finding), finding.line, finding.column));
    findings.dedup();
    findings
}

/// Returns the line of the second label with the same name.
fn duplicate(lines: &[&str], error: &Error) -> (usize, String) {
    let label = if let Error::DuplicateLabel(name) = error { format!(":{name}:") } else { String::new() };
    (lines.iter().rposition(|line| line.starts_with(&label)).map_or(1, |at| at + 1), label)
}

/// Collects the findings of one file.
struct Sheet<'a> {
    file: &'a str,
    lines: &'a [&'a str],
    findings: &'a mut Vec<Finding>,
}

impl Sheet<'_> {
    /// Adds a finding at the first place of a text between two lines.
    fn add(&mut self, (first, last): (usize, usize), mark: &str, text: String) {
        let found = (first..=last).find_map(|line| {
            let content = self.lines.get(line.checked_sub(1)?)?;
            content.find(mark).map(|at| (line, content.get(..at).map_or(0, |head| head.chars().count())))
        });
        let (line, column) = found.unwrap_or((first, 0));
        let snippet = self.lines.get(line.saturating_sub(1)).unwrap_or(&"");
        let column = if mark.is_empty() { snippet.chars().take_while(|c| c.is_whitespace()).count() } else { column };
        let (file, snippet) = (self.file.to_owned(), (*snippet).to_owned());
        self.findings.push(Finding { file, line, column: column + 1, text, snippet });
    }
}

/// Returns the words of a statement.
fn statement(sheet: &mut Sheet<'_>, statement: &Statement) -> Vec<Word> {
    let place = (statement.first_line, statement.line);
    let text = match &statement.action {
        Action::Command(text) => text.clone(),
        Action::Branch { condition, .. } => format!("if {condition}"),
        Action::Jump(_) => return Vec::new(),
    };
    match first_command(&text) {
        Ok((words, rest)) => {
            if let Some(rest) = rest {
                let text = format!("what stands behind '&' is not run, write it on a line of its own: {}", rest.trim());
                sheet.add(place, "&", text);
            }
            words
        }
        Err(error) => {
            sheet.add(place, "", error.to_string());
            Vec::new()
        }
    }
}

/// Returns the commands of a line, the outer one first: `if … then X` gives `if …` and `X`, a task its command. The node
/// runs no more of them inside each other than are returned here.
fn unfolded(words: &[Word]) -> Vec<&[Word]> {
    let (mut all, mut inner) = (Vec::new(), words);
    while !inner.is_empty() && all.len() <= crate::COMMAND_DEPTH {
        all.push(inner);
        inner = inside(inner);
    }
    all
}

/// Returns the command inside another one.
fn inside(words: &[Word]) -> &[Word] {
    let behind = |mark: &str| words.iter().position(|word| word.is(mark)).map(|at| at + 1);
    let from = match words {
        [first, ..] if first.is("do") || first.is("else") => Some(1),
        [first, ..] if first.is("if") => behind("then"),
        [first, ..] if first.is("schedule") => behind("task"),
        _ => None,
    };
    from.and_then(|from| words.get(from..)).unwrap_or_default()
}

fn look(sheet: &mut Sheet<'_>, statement: &Statement, commands_of: &[&[Word]], commands: &dyn Commands, names: &Names) {
    let place = (statement.first_line, statement.line);
    // The braces of a branch stand in the place of its `then`.
    let is_branch = matches!(statement.action, Action::Branch { .. });
    for words in commands_of.iter().copied() {
        let (command, assigned) = match Form::of(words) {
            Form::Command(words) => (words, false),
            Form::Assignment { words, .. } => (words, true),
            Form::Nothing | Form::Reference(_) | Form::Concatenation(_) => continue,
        };
        if command.first().is_some_and(|word| word.is("variables")) {
            continue;
        }
        if let Some(complaint) = commands.complaint(command, assigned) {
            sheet.add(place, command.first().map_or("", |word| word.text.as_str()), complaint);
        }
        conditions::check(sheet, place, (command, assigned || is_branch), names);
    }
    let Some(outer) = commands_of.first() else { return };
    for name in names::used(outer) {
        if !names.sets(&name) && !commands.sets(&name) {
            sheet.add(place, &format!("!{name}"), format!("'!{name}' is never set in these scripts"));
        }
    }
}

/// Reads words without complaining.
fn quiet(text: &str) -> Vec<Word> {
    words(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Few;

    impl Commands for Few {
        fn complaint(&self, words: &[Word], assigned: bool) -> Option<String> {
            let known = ["print", "if", "do", "else", "goto", "call", "return", "end", "on", "set", "process", "exit"];
            let name = words.first()?.text.as_str();
            (!assigned && !known.contains(&name)).then(|| format!("unknown command '{name}'"))
        }
        fn sets(&self, variable: &str) -> bool {
            variable == "ip"
        }
    }

    fn found(text: &str) -> Vec<(usize, usize, String)> {
        let files = [("a.al".to_owned(), text.to_owned())];
        check(&files, &Few).into_iter().map(|one| (one.line, one.column, one.text)).collect()
    }

    fn only(text: &str) -> (usize, usize, String) {
        let mut all = found(text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn a_sound_script_has_no_findings() {
        let text = "on error goto failed\na = 1\nif !a == 1 and !ip then print !a\nelse goto next\n:next:\nset policy p [x] = '!ip'\nprint !p\nend script\n:failed:\nprint failed\nend script\n";
        assert_eq!(found(text), []);
    }

    #[test]
    fn names_labels_and_lines_are_checked() {
        assert_eq!(only("print a\n  prnt b"), (2, 3, "unknown command 'prnt'".into()));
        assert_eq!(only("if 1 == !ip then prnt b"), (1, 18, "unknown command 'prnt'".into()));
        assert!(only("goto nowhere").2.contains("':nowhere:' does not exist"));
        assert_eq!(found(":heading:\nprint a"), []);
        assert!(only("end script\n:unused:\nprint a").2.contains("never used"));
        assert!(only("print a\n:failed\nprint b").2.contains("write ':failed:'"));
        assert_eq!(only("end script\nprint a").0, 2);
        assert_eq!(only("print !nosuch").1, 7);
        assert!(only("<print a").2.contains("never closed"));
        assert!(only(":a:\ngoto a\n:a:").2.contains("there twice"));
        assert!(only("print a & print b").2.contains("behind '&'"));
    }

    #[test]
    fn conditions_that_read_differently_are_told() {
        let set = "a = 1\nb = 2\nc = 3\n";
        assert!(only(&format!("{set}if !a and !b or !c then print x")).2.contains("left to right"));
        assert_eq!(found(&format!("{set}if (!a and !b) or !c then print x")), []);
        assert_eq!(found(&format!("{set}if !a or !b and !c then print x")), []);
        assert!(only("source = x\nif source == master then print x").2.contains("did you mean '!source'"));
        assert!(only(&format!("{set}if !a is declared then print x")).2.contains("missing comparison operator"));
        assert!(only(&format!("{set}else if !a == 1")).2.contains("without 'then'"));
        assert_eq!(found(&format!("{set}x = if !a == 1")), []);
    }

    #[test]
    fn a_branch_with_braces_needs_no_then() {
        let text = "overlay = true\nif (overlay is true {\n  print a\n  } else {\n  print b\n  }\nif (overlay is true) {\nprint c\n}";
        assert_eq!(found(text), []);
        assert!(only("if (!nosuch is true) {\nprint a\n}").2.contains("never set"));
    }

    #[test]
    fn commands_inside_each_other_are_looked_at_as_deep_as_they_run() {
        assert_eq!(only(&("do ".repeat(3) + "prnt a")).2, "unknown command 'prnt'");
        assert_eq!(found(&("do ".repeat(100_000) + "prnt a")), []);
    }

    #[test]
    fn a_finding_shows_its_place() {
        let finding = Finding { file: "a.al".into(), line: 2, column: 3, text: "x".into(), snippet: "  b".into() };
        assert_eq!(finding.to_string(), "a.al:2:3: x\n 2 |   b\n   |   ^");
    }
}
