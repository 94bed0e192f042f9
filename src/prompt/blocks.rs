//! From typed lines to commands: blocks over lines, the `&` sign (reference/command-language 2.3 and 2.4).

use crate::{
    prompt::paste::{self, Paste},
    runtime::limits::INPUT_BYTES,
};

/// What a line gives.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing to run: an empty line.
    Empty,
    /// An open block waits for more lines.
    More,
    /// The lines are dropped, with the reason.
    Dropped(&'static str),
    /// Commands to run one after the other.
    Run(Vec<String>),
}

/// Collects the lines of an open `<…>` block.
#[derive(Debug, Default)]
pub struct Blocks {
    open: Option<Open>,
}

#[derive(Debug)]
enum Open {
    /// `<…>`: lines joined with one blank.
    Block(String),
    /// `if (…) {`: lines as they are.
    Branch(String),
}

const TOO_LONG: &str = "The lines are too long together and were dropped: close '<' with '>' and '{' with '}'\r\n";

impl Blocks {
    /// Takes one line, without its line end, and says what to do.
    pub fn push(&mut self, line: &str) -> Step {
        match self.open.take() {
            None => self.first(line),
            Some(Open::Branch(text)) => self.branch(format!("{text}\n{line}")),
            Some(Open::Block(block)) if line.trim().is_empty() => self.grown(block),
            Some(Open::Block(block)) => self.grown(format!("{block} {}", line.trim())),
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

    fn first(&mut self, line: &str) -> Step {
        let line = paste::without_prompt(line.trim_start_matches(' '));
        if line.trim().is_empty() {
            return Step::Empty;
        }
        if line.starts_with('<') {
            return self.grown(line.trim().to_owned());
        }
        if paste::opens(line) {
            return self.branch(line.to_owned());
        }
        commands(line)
    }

    fn branch(&mut self, text: String) -> Step {
        if text.len() > INPUT_BYTES {
            return Step::Dropped(TOO_LONG);
        }
        match paste::read(&text) {
            Paste::Commands(commands) => Step::Run(commands),
            Paste::Wrong(why) => Step::Dropped(why),
            Paste::Open => {
                self.open = Some(Open::Branch(text));
                Step::More
            }
        }
    }

    fn grown(&mut self, block: String) -> Step {
        if block.len() > INPUT_BYTES {
            return Step::Dropped(TOO_LONG);
        }
        if block.len() > 1 && block.ends_with('>') {
            let inner = block.get(1..block.len() - 1).unwrap_or_default();
            return commands(inner);
        }
        self.open = Some(Open::Block(block));
        Step::More
    }
}

fn commands(text: &str) -> Step {
    let pieces: Vec<String> = text.split('&').filter(|p| !p.trim().is_empty()).map(str::to_owned).collect();
    if pieces.is_empty() { Step::Empty } else { Step::Run(pieces) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(lines: &str) -> Step {
        let mut blocks = Blocks::default();
        let mut last = Step::Empty;
        for line in lines.split('\n') {
            last = blocks.push(line);
        }
        last
    }

    fn one(text: &str) -> Step {
        Step::Run(vec![text.to_owned()])
    }

    #[test]
    fn blanks_alone_run_nothing() {
        assert_eq!(run(""), Step::Empty);
        assert_eq!(run("   "), Step::Empty);
        assert_eq!(run("&"), Step::Empty);
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
        assert_eq!(run("If (x is true) {\nprint a\n} else {\nprint b\n}"), Step::Run(commands));
        assert_eq!(run("If (x is true) {\nprint a"), Step::More);
    }

    #[test]
    fn text_behind_the_closing_sign_keeps_the_block_open() {
        assert_eq!(run("<print x\n># note"), Step::More);
    }

    #[test]
    fn ampersand_cuts_even_inside_quotes() {
        let pieces = |a: &str, b: &str| Step::Run(vec![a.to_owned(), b.to_owned()]);
        assert_eq!(run("print a & print b"), pieces("print a ", " print b"));
        assert_eq!(run("a = \"b & c\""), pieces("a = \"b ", " c\""));
        assert_eq!(run("& print b"), one(" print b"));
        assert_eq!(run("print a &"), one("print a "));
    }

    #[test]
    fn block_that_grows_over_the_limit_is_dropped() {
        let mut blocks = Blocks::default();
        assert_eq!(blocks.push("<x ="), Step::More);
        assert_eq!(blocks.push(&"y".repeat(INPUT_BYTES)), Step::Dropped(TOO_LONG));
        assert!(!blocks.is_open());
    }
}
