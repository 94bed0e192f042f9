//! Which statement of a script runs next (reference/command-language 10). No node, no I/O: results in, places out.

use super::{Control, OnError, Program};
use std::collections::HashMap;

/// The state of one running script.
#[derive(Clone, Debug)]
pub struct Flow<'a> {
    program: &'a Program,
    at: usize,
    calls: Vec<usize>,
    on_error: Option<OnError>,
    /// The label that the script jumped to last by `goto` or `call`.
    location: String,
    steps: u64,
    handled: HashMap<usize, u32>,
    limits: FlowLimits,
}

/// What ends a script that makes no progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowLimits {
    /// Statements between two waits.
    pub steps: u64,
    /// Errors of one line that go to a handler.
    pub handled: u32,
    /// Calls inside calls.
    pub calls: usize,
}

/// How a statement ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum After<'a> {
    /// With success.
    Done,
    /// With success, after time had passed.
    Waited,
    /// With a step of control flow.
    Control(&'a Control),
    /// With an error of this code.
    Failed(u16),
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The statement with this number runs.
    Run(usize),
    /// The script has ended well.
    Ended,
    /// This script and all its callers end.
    ExitScripts,
    /// The script has ended with the error of the last statement.
    Failed,
    /// The script has ended because an error has no handler.
    Unhandled,
    /// The script has ended because a label does not exist.
    NoLabel(String),
    /// The script was cut because it makes no progress; the text says why.
    Endless(String),
}

impl<'a> Flow<'a> {
    /// Begins a script at a statement.
    #[must_use]
    pub fn new(program: &'a Program, at: usize, limits: FlowLimits) -> Self {
        let (calls, location) = (Vec::new(), String::new());
        Self { program, at, calls, on_error: None, location, steps: 0, handled: HashMap::new(), limits }
    }

    /// Returns the first statement.
    #[must_use]
    pub fn begin(&mut self) -> Next {
        self.go(self.at)
    }

    /// Goes to the statement with a number (`if … {`, `} else {`).
    #[must_use]
    pub fn go(&mut self, number: usize) -> Next {
        self.at = number;
        self.steps += 1;
        if self.steps > self.limits.steps {
            return Next::Endless(format!("{} statements ran without a 'wait'", self.limits.steps));
        }
        if self.program.statement(number).is_some() { Next::Run(number) } else { Next::Ended }
    }

    /// Returns what happens after a statement.
    #[must_use]
    pub fn after(&mut self, result: After<'_>) -> Next {
        match result {
            After::Done => self.go(self.at + 1),
            After::Waited => {
                self.steps = 0;
                self.handled.clear();
                self.go(self.at + 1)
            }
            After::Control(control) => self.control(control),
            After::Failed(code) => self.failed(code),
        }
    }

    fn control(&mut self, control: &Control) -> Next {
        match control {
            Control::DoIgnored | Control::ElseIgnored => self.go(self.at + 1),
            Control::Goto(label) => {
                self.location.clone_from(label);
                self.jump(label)
            }
            Control::Call(label) => {
                self.location.clone_from(label);
                self.call(label)
            }
            Control::Return => match self.calls.pop() {
                Some(caller) => self.go(caller + 1),
                None => Next::Ended,
            },
            Control::EndScript => Next::Ended,
            Control::ExitScripts => Next::ExitScripts,
            Control::OnError(action) => {
                self.on_error = Some(action.clone());
                self.go(self.at + 1)
            }
        }
    }

    /// Errors 1, 2 and 112 end the script unless they are ignored; all others go to the handler.
    fn failed(&mut self, code: u16) -> Next {
        let handler = self.on_error.clone();
        match handler {
            Some(OnError::Ignore) => self.go(self.at + 1),
            _ if matches!(code, 1 | 2 | 112) => Next::Failed,
            Some(OnError::Goto(label)) if label != self.location => self.handle(&label, Self::jump),
            Some(OnError::Call(label)) if label != self.location => self.handle(&label, Self::call),
            Some(OnError::EndScript) => Next::Failed,
            Some(OnError::Goto(_) | OnError::Call(_)) | None => Next::Unhandled,
        }
    }

    fn handle(&mut self, label: &str, enter: fn(&mut Self, &str) -> Next) -> Next {
        let times = self.handled.entry(self.at).or_default();
        *times += 1;
        if *times > self.limits.handled {
            let line = self.program.statement(self.at).map_or(0, |statement| statement.line);
            return Next::Endless(format!("line {line} entered the error handler ':{label}:' {times} times"));
        }
        enter(self, label)
    }

    fn jump(&mut self, label: &str) -> Next {
        match self.program.labels().get(label) {
            Some(place) => self.go(place.statement),
            None => Next::NoLabel(label.to_owned()),
        }
    }

    fn call(&mut self, label: &str) -> Next {
        if self.calls.len() >= self.limits.calls {
            return Next::Endless(format!("{} calls inside each other, the last of ':{label}:'", self.limits.calls));
        }
        self.calls.push(self.at);
        self.jump(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FlowLimits = FlowLimits { steps: 100, handled: 5, calls: 3 };

    /// Runs a script whose commands are control words, `ok`, or `fail CODE`; returns the lines that ran and the end.
    fn trace(text: &str) -> (Vec<usize>, Next) {
        let program = Program::parse(text).unwrap();
        let mut flow = Flow::new(&program, 0, LIMITS);
        let mut lines = Vec::new();
        let mut next = flow.begin();
        while let Next::Run(number) = next {
            let statement = program.statement(number).unwrap();
            lines.push(statement.line);
            let super::super::program::Action::Command(text) = &statement.action else { unreachable!() };
            let words: Vec<&str> = text.split(' ').collect();
            let control = match words.as_slice() {
                ["goto", label] => Some(Control::Goto((*label).into())),
                ["call", label] => Some(Control::Call((*label).into())),
                ["return"] => Some(Control::Return),
                ["end"] => Some(Control::EndScript),
                ["on", "goto", label] => Some(Control::OnError(OnError::Goto((*label).into()))),
                ["on", "call", label] => Some(Control::OnError(OnError::Call((*label).into()))),
                ["on", "ignore"] => Some(Control::OnError(OnError::Ignore)),
                _ => None,
            };
            next = match (&control, words.as_slice()) {
                (Some(control), _) => flow.after(After::Control(control)),
                (None, ["fail", code]) => flow.after(After::Failed(code.parse().unwrap())),
                _ => flow.after(After::Done),
            };
        }
        (lines, next)
    }

    #[test]
    fn labels_calls_and_ends() {
        assert_eq!(trace("call s\nok\nend\n:s:\nok\nreturn"), (vec![1, 5, 6, 2, 3], Next::Ended));
        assert_eq!(trace("goto nowhere"), (vec![1], Next::NoLabel("nowhere".into())));
        assert_eq!(trace("return\nok"), (vec![1], Next::Ended));
    }

    #[test]
    fn errors_go_to_their_handler() {
        assert_eq!(trace("fail 141\nok"), (vec![1], Next::Unhandled));
        assert_eq!(trace("on goto e\nfail 40\nok\nend\n:e:\nok"), (vec![1, 2, 6], Next::Ended));
        assert_eq!(trace("on call e\nfail 40\nok\nend\n:e:\nok\nreturn"), (vec![1, 2, 6, 7, 3, 4], Next::Ended));
        assert_eq!(trace("on goto e\nfail 2\nok\n:e:\nok"), (vec![1, 2], Next::Failed));
        assert_eq!(trace("on ignore\nfail 2\nfail 141\nok"), (vec![1, 2, 3, 4], Next::Ended));
    }

    #[test]
    fn loops_without_progress_are_cut() {
        let (_, next) = trace("on goto e\nfail 40\n:e:\nfail 40");
        assert!(matches!(next, Next::Endless(text) if text.contains(":e:")));
        assert!(matches!(trace(":a:\nok\ngoto a").1, Next::Endless(_)));
        assert!(matches!(trace(":a:\ncall a").1, Next::Endless(_)));
    }
}
