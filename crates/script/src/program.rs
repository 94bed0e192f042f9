//! A script file as statements: lines, `<…>` blocks, JSON over lines, labels, and the braces of `if (…) { … }`.

use super::{Error, bracket::open_in, pseudo, without_prompt, words};
use std::collections::HashMap;

/// A script, cut into statements once (reference/command-language 2.3 and 10).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    statements: Vec<Statement>,
    labels: HashMap<String, Label>,
    problems: Vec<Problem>,
    open: bool,
}

/// A place that `goto` and `call` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// Line of the label, from 1.
    pub line: usize,
    /// Number of the statement behind it.
    pub statement: usize,
}

/// One statement and the line on which it ends, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Line on which the statement begins.
    pub first_line: usize,
    /// Line on which it ends; messages name this one.
    pub line: usize,
    /// What it does.
    pub action: Action,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Runs the text of a command.
    Command(String),
    /// Tests a condition (`if … {`) and goes to another statement when it does not hold.
    Branch {
        /// The condition, as words of the language.
        condition: String,
        /// Number of the statement behind the braces.
        otherwise: usize,
    },
    /// Goes to another statement (the end of `{ … }` before `else`).
    Jump(usize),
}

/// Something that is open at the end of the script, or that does not read as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line on which it stands or was opened, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: &'static str,
}

impl Program {
    /// Cuts the text of a script into statements.
    ///
    /// # Errors
    /// When two labels have the same name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut reader = Reader::default();
        // Editors of Windows put a byte order mark before a text; it is no part of the first command.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (at, line) in text.lines().enumerate() {
            reader.line(at + 1, line)?;
        }
        Ok(reader.finish())
    }

    /// Returns a statement by its number.
    #[must_use]
    pub fn statement(&self, number: usize) -> Option<&Statement> {
        self.statements.get(number)
    }

    /// Returns all statements in order.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Returns the labels and their places.
    #[must_use]
    pub const fn labels(&self) -> &HashMap<String, Label> {
        &self.labels
    }

    /// Returns what was never closed, and what does not read as it was meant.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Tells whether a block or a bracket is open at the end, so that more lines may follow.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }
}

/// What the lines before have opened.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    /// `<` without `>` yet.
    Block { line: usize, text: String },
    /// `{` or `[` without its match yet.
    Json { line: usize, text: String, depth: isize },
}

#[derive(Debug, Default)]
struct Reader {
    program: Program,
    open: Open,
    /// The branches whose braces are open, the innermost last.
    branches: Vec<OpenBranch>,
}

/// `if … {` with what belongs to it: `} else if … {`, `} else {`.
#[derive(Debug)]
struct OpenBranch {
    /// Line on which its last braces were opened.
    line: usize,
    /// Number of the test that goes behind the braces when it does not hold; none behind `else {`.
    test: Option<usize>,
    /// Numbers of the jumps that go behind the last braces.
    jumps: Vec<usize>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), Error> {
        if let Some(name) = label(line) {
            let label = Label { line: number, statement: self.program.statements.len() };
            if self.program.labels.insert(name.to_owned(), label).is_some() {
                return Err(Error::DuplicateLabel(name.to_owned()));
            }
        }
        let line = line.trim();
        if is_skipped(line) {
            return Ok(());
        }
        match std::mem::take(&mut self.open) {
            Open::Block { line: first, text } => self.block(first, number, text + " ", line),
            Open::Json { line: first, text, depth } => self.json(first, number, text + line, depth + open_in(line)),
            Open::Nothing => {
                let line = self.behind_braces(number, without_prompt(line));
                match line.strip_prefix('<') {
                    _ if is_skipped(line) => {}
                    Some(rest) => self.block(number, number, String::new(), rest),
                    None => self.plain(number, line),
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, first: usize, number: usize, text: String, line: &str) {
        match line.strip_suffix('>') {
            Some(end) => self.command(first, number, (text + end).trim().to_owned()),
            None => self.open = Open::Block { line: first, text: text + line },
        }
    }

    fn json(&mut self, first: usize, number: usize, text: String, depth: isize) {
        if depth > 0 {
            self.open = Open::Json { line: first, text, depth };
        } else {
            self.command(first, number, text);
        }
    }

    fn plain(&mut self, number: usize, line: &str) {
        if let Some(condition) = pseudo::opening(line) {
            return self.branch(number, condition);
        }
        if !self.branches.is_empty() && self.continues(number, line) {
            return;
        }
        if matches!(words(line), Err(Error::Brackets(_))) {
            self.open = Open::Json { line: number, text: line.to_owned(), depth: open_in(line) };
        } else {
            self.command(number, number, line.to_owned());
        }
    }

    /// Inside braces a line that begins with `and` belongs to the command before it.
    fn continues(&mut self, number: usize, line: &str) -> bool {
        match self.program.statements.last_mut() {
            Some(Statement { action: Action::Command(text), line: last, .. }) if line.starts_with("and ") => {
                text.push(' ');
                text.push_str(line);
                *last = number;
                true
            }
            _ => false,
        }
    }

    fn branch(&mut self, number: usize, condition: String) {
        let test = self.test(number, condition);
        self.branches.push(OpenBranch { line: number, test: Some(test), jumps: Vec::new() });
    }

    /// Adds the test of a branch and returns its number.
    fn test(&mut self, number: usize, condition: String) -> usize {
        let test = self.program.statements.len();
        self.push(number, number, Action::Branch { condition, otherwise: usize::MAX });
        test
    }

    /// Ends the braces that a line begins with and returns what stands behind them, which is a line of its own; nothing
    /// when that opens the braces of an `else`.
    fn behind_braces<'l>(&mut self, number: usize, line: &'l str) -> &'l str {
        let mut line = line;
        while let Some(rest) = line.strip_prefix('}').map(str::trim)
            && let Some(branch) = self.branches.pop()
        {
            if self.closing(number, branch, rest) {
                return "";
            }
            line = rest;
        }
        line
    }

    /// Ends the braces of a branch at `}`; true when `else {` or `else if … {` behind it opens its next ones.
    fn closing(&mut self, number: usize, mut branch: OpenBranch, rest: &str) -> bool {
        let otherwise = behind_else(rest);
        let condition = otherwise.and_then(pseudo::opening);
        if condition.is_none() && otherwise != Some("{") {
            if otherwise.is_some() {
                let text = "'else' behind '}' opens no braces: write '} else {' or '} else if … {'";
                self.program.problems.push(Problem { line: number, text });
            }
            self.end(branch);
            return false;
        }
        branch.jumps.push(self.program.statements.len());
        self.push(number, number, Action::Jump(usize::MAX));
        let next = self.program.statements.len();
        if let Some(test) = branch.test.take() {
            self.lead(test, next);
        }
        branch.test = condition.map(|condition| self.test(number, condition));
        self.branches.push(OpenBranch { line: number, ..branch });
        true
    }

    /// Leads the test and the jumps of a branch behind its braces.
    fn end(&mut self, branch: OpenBranch) {
        let end = self.program.statements.len();
        for statement in branch.jumps.into_iter().chain(branch.test) {
            self.lead(statement, end);
        }
    }

    /// Sets where a test or a jump leads.
    fn lead(&mut self, statement: usize, to: usize) {
        match self.program.statements.get_mut(statement).map(|statement| &mut statement.action) {
            Some(Action::Branch { otherwise: target, .. } | Action::Jump(target)) => *target = to,
            Some(Action::Command(_)) | None => {}
        }
    }

    fn command(&mut self, first: usize, number: usize, text: String) {
        self.push(first, number, Action::Command(text));
    }

    fn push(&mut self, first_line: usize, line: usize, action: Action) {
        self.program.statements.push(Statement { first_line, line, action });
    }

    fn finish(mut self) -> Program {
        let open = std::mem::take(&mut self.open);
        self.program.open = !matches!(open, Open::Nothing) || !self.branches.is_empty();
        match open {
            Open::Nothing => {}
            Open::Block { line, .. } => {
                let text = "block '<' is never closed: end its last line with '>'";
                self.program.problems.push(Problem { line, text });
            }
            Open::Json { line, text, .. } => {
                let problem = Problem { line, text: "'{' or '[' is never closed" };
                self.program.problems.push(problem);
                self.command(line, line, text);
            }
        }
        while let Some(branch) = self.branches.pop() {
            let text = "'{' of 'if' is never closed: add a line with '}'";
            self.program.problems.push(Problem { line: branch.line, text });
            self.end(branch);
        }
        self.program
    }
}

/// Tells whether a line, without the blanks around it, is empty, a comment or a label.
fn is_skipped(line: &str) -> bool {
    line.is_empty() || line.starts_with(['#', ':'])
}

/// Returns what stands behind the word `else`, without a comment behind its brace; nothing when a text begins otherwise.
fn behind_else(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("else")?;
    let rest = Some(rest).filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '{']))?.trim();
    match rest.split_once('#') {
        Some((code, _)) if code.trim_end().ends_with('{') => Some(code.trim_end()),
        _ => Some(rest),
    }
}

/// Returns the name of `:name:` at the start of a line.
fn label(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix(':')?.split_once(':')?;
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<(usize, String)> {
        let program = Program::parse(text).unwrap();
        let all = program.statements.into_iter();
        all.filter_map(|statement| match statement.action {
            Action::Command(text) => Some((statement.line, text)),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn blocks_and_json_become_one_statement() {
        let text = "<x = {\"k\" : \"v\",\n\n# comment\n   \"l\" : 2\n}>\nx = {\"k\" : 1,\n  \"l\" : 2\n}\n<print one>\nprint two";
        assert_eq!(
            commands(text),
            [
                (5, "x = {\"k\" : \"v\", \"l\" : 2 }".to_owned()),
                (8, "x = {\"k\" : 1,\"l\" : 2}".to_owned()),
                (9, "print one".to_owned()),
                (10, "print two".to_owned()),
            ]
        );
    }

    #[test]
    fn lines_that_were_copied_with_a_prompt_lose_it() {
        let text = "AL > hostname = get hostname\nAL anylog-master +> <x = a\nAL > b>";
        assert_eq!(commands(text), [(1, "hostname = get hostname".to_owned()), (3, "x = a AL > b".to_owned())]);
    }

    #[test]
    fn labels_stand_in_the_first_column() {
        let program = Program::parse(":a:\nprint x\n :b:\n:bad-label;\n:c: text\nprint y").unwrap();
        assert_eq!(program.labels()["a"].statement, 0);
        assert_eq!(program.labels()["c"].statement, 1);
        assert!(!program.labels().contains_key("b"));
        assert_eq!(Program::parse(":a:\n:a:"), Err(Error::DuplicateLabel("a".into())));
        assert_eq!(Program::parse("\u{feff}print x\r\n"), Program::parse("print x\n"));
    }

    #[test]
    fn what_is_never_closed_is_told_with_its_line() {
        assert_eq!(Program::parse("print a\n<print b\nc").unwrap().problems()[0].line, 2);
        assert_eq!(Program::parse("x = {\"a\"\nprint b").unwrap().problems()[0].line, 1);
    }

    #[test]
    fn braces_are_understood() {
        let text = "if (overlay_network is true {\n run a where x = 1\n  and y = 2\n } else {\n run b\n}\nrun c";
        let program = Program::parse(text).unwrap();
        let condition = "( !overlay_network == true )".to_owned();
        let expected = [
            Action::Branch { condition, otherwise: 3 },
            Action::Command("run a where x = 1 and y = 2".into()),
            Action::Jump(4),
            Action::Command("run b".into()),
            Action::Command("run c".into()),
        ];
        let actions: Vec<Action> = program.statements().iter().map(|statement| statement.action.clone()).collect();
        assert_eq!(actions, expected);
        assert!(program.problems().is_empty());
    }

    #[test]
    fn every_part_of_a_chain_of_branches_goes_on_behind_it() {
        let text = "if (a is true) {\nprint a\n} else if (b is true) {\nprint b\n} else {\nprint c\n}\nprint end";
        let program = Program::parse(text).unwrap();
        let expected = ["otherwise 3", "print a", "to 7", "otherwise 6", "print b", "to 7", "print c", "print end"];
        assert_eq!(leads(&program), expected);
        assert!(program.problems().is_empty());
    }

    /// Returns the statements of a script as `otherwise N`, `to N` and the texts of commands.
    fn leads(program: &Program) -> Vec<String> {
        let lead = |statement: &Statement| match &statement.action {
            Action::Branch { otherwise, .. } => format!("otherwise {otherwise}"),
            Action::Jump(to) => format!("to {to}"),
            Action::Command(text) => text.clone(),
        };
        program.statements().iter().map(lead).collect()
    }

    #[test]
    fn what_stands_behind_a_brace_is_a_line_of_its_own() {
        let text = "if (a is true) {\nprint a\n} run b where x = 1\nprint c";
        let program = Program::parse(text).unwrap();
        assert_eq!(leads(&program), ["otherwise 2", "print a", "run b where x = 1", "print c"]);
        assert_eq!(program.statement(2).map(|statement| statement.line), Some(3));
        let text = "if (a is true) {\nif (b is true) {\nprint b\n} } # both\nprint c";
        assert_eq!(leads(&Program::parse(text).unwrap()), ["otherwise 3", "otherwise 3", "print b", "print c"]);
        let text = "if (a is true) {\nprint a\n} <print\nb>\nprint c";
        assert_eq!(leads(&Program::parse(text).unwrap()), ["otherwise 2", "print a", "print b", "print c"]);
        let text = "if (a is true) {\n} if (b is true) {\nprint b\n} elsewhere x";
        let program = Program::parse(text).unwrap();
        assert_eq!(leads(&program), ["otherwise 1", "otherwise 3", "print b", "elsewhere x"]);
        assert!(program.problems().is_empty() && !program.is_open());
    }

    #[test]
    fn an_else_without_braces_behind_a_brace_is_told() {
        for text in ["} else print b", "} else", "} else { print b }"] {
            let program = Program::parse(&format!("if (a is true) {{\nprint a\n{text}\nprint c")).unwrap();
            assert_eq!(program.problems().first().map(|problem| problem.line), Some(3), "{text}");
            assert_eq!(leads(&program), ["otherwise 2", "print a", text.trim_start_matches("} "), "print c"]);
            assert!(!program.is_open());
        }
        for text in ["} else {", "}else{", "} else { # b", "} else if (b is true) { # c"] {
            let program = Program::parse(&format!("if (a is true) {{\nprint a\n{text}\nprint b\n}}")).unwrap();
            assert!(program.problems().is_empty(), "{text}");
            assert_eq!(leads(&program).first().map(String::as_str), Some("otherwise 3"), "{text}");
        }
        assert!(Program::parse("if (a is true) {\nprint a").unwrap().is_open());
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends(text in "([<>{}:\\[\\]a-z =#\n]|if \\(x\\) \\{\n|\\} else( \\{\n)?){0,60}") {
            if let Ok(program) = Program::parse(&text) {
                for statement in program.statements() {
                    let target = match statement.action {
                        Action::Branch { otherwise, .. } => otherwise,
                        Action::Jump(target) => target,
                        Action::Command(_) => 0,
                    };
                    proptest::prop_assert!(target <= program.statements().len());
                }
            }
        }
    }
}
