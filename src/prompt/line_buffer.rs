//! From typed lines to commands: buffer over lines, the `&` sign (reference/command-language 2.3 and 2.4).

use crate::{
    prompt::pasted_branch::{self, PastedBranch},
    runtime::limits::INPUT_BYTES,
    script::without_prompt,
};

/// What a line gives together with the lines before it.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed {
    /// There is nothing to run: the line is empty.
    Nothing,
    /// An open block waits for more lines.
    Open,
    /// The lines are dropped, with the reason.
    Dropped(&'static str),
    /// The commands to run one after the other.
    Commands(Vec<String>),
}

/// Collects the lines of an open block.
#[derive(Debug, Default)]
pub struct LineBuffer {
    open: Option<OpenBlock>,
}

#[derive(Debug)]
enum OpenBlock {
    /// `<…>`: its lines are joined with one blank.
    Joined(String),
    /// `if (…) {`: its lines stay as they are.
    Branch(String),
}

const TOO_LONG: &str = "The lines are too long together and were dropped: close '<' with '>' and '{' with '}'";

impl LineBuffer {
    /// Takes one line, without its line end, and says what to do.
    pub fn push(&mut self, line: &str) -> Pushed {
        match self.open.take() {
            None => self.begin(line),
            Some(OpenBlock::Branch(text)) => self.extend_branch(format!("{text}\n{line}")),
            Some(OpenBlock::Joined(block)) if line.trim().is_empty() => self.extend_joined(block),
            Some(OpenBlock::Joined(block)) => self.extend_joined(format!("{block} {}", line.trim())),
        }
    }

    /// Tells whether a block waits for more lines.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Drops an open block (Ctrl-C).
    pub fn clear(&mut self) {
        self.open = None;
    }

    fn begin(&mut self, line: &str) -> Pushed {
        let line = without_prompt(line.trim_start_matches(' '));
        if line.trim().is_empty() {
            return Pushed::Nothing;
        }
        if line.starts_with('<') {
            return self.extend_joined(line.trim().to_owned());
        }
        if pasted_branch::opens_branch(line) {
            return self.extend_branch(line.to_owned());
        }
        commands(line)
    }

    fn extend_branch(&mut self, text: String) -> Pushed {
        if text.len() > INPUT_BYTES {
            return Pushed::Dropped(TOO_LONG);
        }
        match pasted_branch::read(&text) {
            PastedBranch::Commands(commands) => Pushed::Commands(commands),
            PastedBranch::Refused(why) => Pushed::Dropped(why),
            PastedBranch::Open => {
                self.open = Some(OpenBlock::Branch(text));
                Pushed::Open
            }
        }
    }

    fn extend_joined(&mut self, block: String) -> Pushed {
        if block.len() > INPUT_BYTES {
            return Pushed::Dropped(TOO_LONG);
        }
        if block.len() > 1 && block.ends_with('>') {
            let inner = block.get(1..block.len() - 1).unwrap_or_default();
            return commands(inner);
        }
        self.open = Some(OpenBlock::Joined(block));
        Pushed::Open
    }
}

/// Returns the commands of lines that are all there: blocks, branches, and lines that were copied with a prompt.
///
/// One line is one command, as a node takes it from any program.
///
/// # Errors
/// When a block stays open, or lines are dropped; the text says what to do.
pub fn commands_of(text: &str) -> Result<Vec<String>, &'static str> {
    let text = text.trim_end();
    if !text.contains('\n') {
        return Ok(vec![text.to_owned()]);
    }
    let mut lines = LineBuffer::default();
    let mut found = Vec::new();
    for line in text.lines() {
        match lines.push(line) {
            Pushed::Commands(commands) => found.extend(commands),
            Pushed::Dropped(reason) => return Err(reason),
            Pushed::Nothing | Pushed::Open => {}
        }
    }
    if lines.is_open() { Err("a block is open at the end: close '<' with '>' and '{' with '}'") } else { Ok(found) }
}

/// Cuts a line at `&`.
fn commands(text: &str) -> Pushed {
    let pieces: Vec<String> = text.split('&').filter(|p| !p.trim().is_empty()).map(str::to_owned).collect();
    if pieces.is_empty() { Pushed::Nothing } else { Pushed::Commands(pieces) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(lines: &str) -> Pushed {
        let mut buffer = LineBuffer::default();
        let mut last = Pushed::Nothing;
        for line in lines.split('\n') {
            last = buffer.push(line);
        }
        last
    }

    fn one(text: &str) -> Pushed {
        Pushed::Commands(vec![text.to_owned()])
    }

    #[test]
    fn blanks_alone_run_nothing() {
        assert_eq!(run(""), Pushed::Nothing);
        assert_eq!(run("   "), Pushed::Nothing);
        assert_eq!(run("&"), Pushed::Nothing);
    }

    #[test]
    fn block_may_close_on_its_line() {
        assert_eq!(run("<a = b>"), one("a = b"));
        assert_eq!(run("< a = b >"), one(" a = b "));
    }

    #[test]
    fn block_over_lines_joins_trimmed_lines_with_one_blank() {
        assert_eq!(run("<a =\nb\nc>"), one("a = b c"));
        assert_eq!(run("<a = b\n\nc\n>"), one("a = b c "));
        assert_eq!(run("<a = {\"k\" : 1,\n  \"l\" : 2}>"), one("a = {\"k\" : 1, \"l\" : 2}"));
    }

    #[test]
    fn pasted_branch_runs_when_its_braces_are_closed() {
        let commands = ["if ( !x == true ) then", "do print a", "else print b"].map(str::to_owned).to_vec();
        assert_eq!(run("If (x is true) {\nprint a\n} else {\nprint b\n}"), Pushed::Commands(commands));
        assert_eq!(run("If (x is true) {\nprint a"), Pushed::Open);
    }

    #[test]
    fn lines_that_are_all_there_become_commands() {
        let text =
            "AL > hostname = get hostname\n<p = create policy master where\n  name = a and\n  ip = !ip>\n\nget !p\n";
        let commands = ["hostname = get hostname", "p = create policy master where name = a and ip = !ip", "get !p"];
        assert_eq!(commands_of(text), Ok(commands.map(str::to_owned).to_vec()));
        assert_eq!(commands_of("x = \"a & b\"\n"), Ok(vec!["x = \"a & b\"".to_owned()]));
        assert!(commands_of("<p = create policy master where\n name = a").is_err());
    }

    #[test]
    fn text_behind_the_closing_sign_keeps_the_block_open() {
        assert_eq!(run("<print x\n># note"), Pushed::Open);
    }

    #[test]
    fn ampersand_cuts_even_inside_quotes() {
        let pieces = |a: &str, b: &str| Pushed::Commands(vec![a.to_owned(), b.to_owned()]);
        assert_eq!(run("print a & print b"), pieces("print a ", " print b"));
        assert_eq!(run("a = \"b & c\""), pieces("a = \"b ", " c\""));
        assert_eq!(run("& print b"), one(" print b"));
        assert_eq!(run("print a &"), one("print a "));
    }

    #[test]
    fn block_that_grows_over_the_limit_is_dropped() {
        let mut buffer = LineBuffer::default();
        assert_eq!(buffer.push("<x ="), Pushed::Open);
        assert_eq!(buffer.push(&"y".repeat(INPUT_BYTES)), Pushed::Dropped(TOO_LONG));
        assert!(!buffer.is_open());
    }
}
