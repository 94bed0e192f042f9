//! Arbitrary text as a script: cutting and checking it, reading each line through the command table and stepping through
//! the flow never panic and always end.
#![no_main]

use anylog_master::command::{CATALOG, KnownCommands, parse};
use anylog_script::{Action, After, Control, Flow, FlowLimits, Next, Program, Scope, check::check};
use libfuzzer_sys::fuzz_target;

/// Knows every variable of an even number of letters.
struct Even;

impl Scope for Even {
    fn variable(&self, name: &str) -> Option<String> {
        name.len().is_multiple_of(2).then(|| name.to_owned())
    }

    fn environment(&self, _name: &str) -> Option<String> {
        None
    }
}

const LIMITS: FlowLimits = FlowLimits { steps: 200, handled: 10, calls: 10 };

/// Reads a line through the catalog as the node does.
fn outcome(text: &str) -> Result<Option<Control>, u16> {
    match parse(text, &Even) {
        Ok(Some(command)) => Ok(command.control()),
        Ok(None) => Ok(None),
        Err(error) => Err(error.code.0),
    }
}

fuzz_target!(|text: &str| {
    let _ = check(&[("fuzz.al".to_owned(), text.to_owned())], &KnownCommands(&CATALOG));
    let Ok(program) = Program::parse(text) else { return };
    let commands = program.statements().iter().map(|statement| match &statement.action {
        Action::Command(text) => outcome(text),
        Action::Branch { .. } | Action::Jump(_) => Ok(None),
    });
    let outcomes: Vec<_> = commands.collect();
    let mut flow = Flow::new(&program, 0, LIMITS);
    let mut next = flow.begin();
    while let Next::Run(number) = next {
        let Some(statement) = program.statement(number) else { panic!("statement {number} does not exist") };
        next = match &statement.action {
            Action::Jump(target) => flow.go(*target),
            Action::Branch { otherwise, .. } if number % 2 == 0 => flow.go(*otherwise),
            Action::Branch { .. } => flow.after(After::Done),
            Action::Command(_) => match &outcomes[number] {
                Ok(Some(control)) => flow.after(After::Control(control)),
                Ok(None) => flow.after(After::Done),
                Err(code) => flow.after(After::Failed(*code)),
            },
        };
    }
});
