//! Arbitrary text as a script: cutting, checking and stepping through it never panic and always end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rooms::script::{
    Action, After, Control, Flow, FlowLimits, Next, OnError, Program, Word,
    check::{Commands, check},
};

/// Knows the commands of few words.
struct Short;

impl Commands for Short {
    fn complaint(&self, words: &[Word], _assigned: bool) -> Option<String> {
        (words.len() > 5).then(|| "unknown".to_owned())
    }

    fn sets(&self, variable: &str) -> bool {
        variable.len() < 3
    }
}

const LIMITS: FlowLimits = FlowLimits { steps: 1000, handled: 10, calls: 10 };

/// Reads the control flow out of a line; everything else succeeds or fails by its length.
fn outcome(text: &str) -> Result<Option<Control>, u16> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["goto", label] => Ok(Some(Control::Goto((*label).to_owned()))),
        ["call", label] => Ok(Some(Control::Call((*label).to_owned()))),
        ["return"] => Ok(Some(Control::Return)),
        ["on", label] => Ok(Some(Control::OnError(OnError::Goto((*label).to_owned())))),
        ["ignore"] => Ok(Some(Control::OnError(OnError::Ignore))),
        _ if text.len() % 3 == 0 => Err(u16::try_from(text.len()).unwrap_or(2)),
        _ => Ok(None),
    }
}

fuzz_target!(|text: &str| {
    let _ = check(&[("fuzz.al".to_owned(), text.to_owned())], &Short);
    let Ok(program) = Program::parse(text) else { return };
    let mut flow = Flow::new(&program, 0, LIMITS);
    let mut next = flow.begin();
    while let Next::Run(number) = next {
        let Some(statement) = program.statement(number) else { panic!("statement {number} does not exist") };
        next = match &statement.action {
            Action::Jump(target) => flow.go(*target),
            Action::Branch { otherwise, .. } if number % 2 == 0 => flow.go(*otherwise),
            Action::Branch { .. } => flow.after(After::Done),
            Action::Command(text) => match outcome(text) {
                Ok(Some(control)) => flow.after(After::Control(&control)),
                Ok(None) => flow.after(After::Done),
                Err(code) => flow.after(After::Failed(code)),
            },
        };
    }
});
