//! `process`, `thread` and `set debug`: scripts that run on this node (reference/command-language 10).

use crate::{
    command::engine::{Command, Entry, Help, Line, Network, Parsed, Traits, parsed},
    node::{Node, Role, Session, SessionScope, report, variables},
    reply::{Code, Control, Error, Notice, Reply, TracedLine},
    runtime::limits,
    script::{self, Action, After, Condition, Flow, FlowLimits, Next, Program, Resolved, Statement},
};
use async_trait::async_trait;
use std::sync::Arc;

/// What is done with a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Process {
    /// `process FILE [arguments]`.
    Here(Script),
    /// `thread FILE [arguments]`: at the same time as the caller.
    Aside(Script),
    /// `set debug on|off`: inside a script, show each line and its result.
    Debug(Debug),
}

/// What `set debug` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Debug {
    /// Each line with its result.
    On,
    /// Nothing.
    Off,
    /// A pause before each line; not offered here.
    Interactive,
    /// Another word.
    Unknown,
}

/// A script file and the values of its `variables (…)` line.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    file: String,
    values: Vec<String>,
}

/// The commands of this family.
pub const ENTRIES: &[Entry] = &[
    Entry {
        words: "process",
        min_words: 1,
        assigns: false,
        role: Role::Admin,
        network: Network::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "process [path and file name]",
            text: "Runs the commands of a script file. The values are assigned to the names in its line 'variables (a, b)'.",
            examples: &["process $HOME/EdgeLake/tests/scripts/test_sensor.txt"],
            index: &["cli", "configuration"],
        },
        parse: parse_process,
    },
    Entry {
        words: "thread",
        min_words: 1,
        assigns: false,
        role: Role::Admin,
        network: Network::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "thread [path and file] [values]",
            text: "Runs a script at the same time as the caller.",
            examples: &["thread !local_scripts/monitor.al"],
            index: &["script", "file"],
        },
        parse: parse_thread,
    },
    Entry {
        words: "set debug",
        min_words: 3,
        assigns: false,
        role: Role::Admin,
        network: Network::Both,
        traits: Traits::CHANGE,
        help: Help {
            usage: "set debug [on / off]",
            text: "Inside a script: shows each line with its result.",
            examples: &["set debug on"],
            index: &["script", "debug"],
        },
        parse: parse_debug,
    },
];

fn parse_process(line: &Line<'_>) -> Parsed {
    script_of(line).and_then(|script| parsed(Process::Here(script)))
}

fn parse_thread(line: &Line<'_>) -> Parsed {
    script_of(line).and_then(|script| parsed(Process::Aside(script)))
}

/// Reads `FILE [values]` or `a + b`.
fn script_of(line: &Line<'_>) -> Result<Script, Error> {
    let words = line.arguments();
    let (file, values) = match words {
        [_, plus, ..] if plus.is("+") => (script::concatenation(words, line.scope)?, Vec::new()),
        [file, values @ ..] => {
            let values = values.iter().map(|word| script::resolve(word, line.scope).into_text()).collect();
            (script::resolve(file, line.scope).into_text(), values)
        }
        [] => return Err(Error::with(Code::STRUCTURE, "name the file of the script")),
    };
    Ok(Script { file, values })
}

fn parse_debug(line: &Line<'_>) -> Parsed {
    let debug = match line.arguments() {
        [on] if on.is("on") => Debug::On,
        [off] if off.is("off") => Debug::Off,
        [word] if word.is("interactive") => Debug::Interactive,
        _ => Debug::Unknown,
    };
    parsed(Process::Debug(debug))
}

#[async_trait]
impl Command for Process {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Here(script) => script.run(node, session).await,
            Self::Aside(script) => {
                let node = Arc::clone(node);
                let mut session = session.clone();
                session.thread = format!("Thread-{}", script.file).into();
                let shutdown = node.shutdown.clone();
                shutdown.spawn(async move {
                    // The script tells its own errors.
                    let _told = script.run(&node, &mut session).await;
                });
                Ok(Reply::Empty)
            }
            Self::Debug(_) if session.depth == 0 => Err(Code::NOT_IN_SCRIPT.into()),
            Self::Debug(Debug::Unknown) => Err(Error::with(Code::STRUCTURE, "write: set debug on, or set debug off")),
            Self::Debug(Debug::Interactive) => {
                let detail = "scripts cannot be stepped through: 'set debug on' shows each line and its result";
                Err(Error::with(Code::NOT_SUPPORTED, detail))
            }
            Self::Debug(debug) => {
                session.debug = debug == Debug::On;
                Ok(Reply::Empty)
            }
        }
    }
}

impl Script {
    /// Runs the script in the caller's session; its last condition is what it was before.
    async fn run(&self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        if session.depth >= limits::SCRIPT_DEPTH {
            let detail = format!("'{}' is script number {} inside others", self.file, session.depth + 1);
            return Err(Error::with(Code::PROCESS_FAILURE, detail));
        }
        let text = self.read(node, session).await?;
        let program = Program::parse(&text).map_err(|error| match error {
            script::Error::DuplicateLabel(name) => {
                format!("Script {} is using the same location name ({name}) multiple times", self.file)
            }
            other => format!("{}: {other}", self.file),
        });
        let program = program.map_err(|detail| Error::with(Code::PROCESS_FAILURE, detail))?;
        let begin = self.assign_values(node, session, &program)?;
        for problem in program.problems() {
            let text = format!("{} line {}: {}", self.file, problem.line, problem.text);
            node.events.error(&session.thread, &text);
        }
        let (flag, debug) = (session.flag, session.debug);
        session.depth += 1;
        let result = Runner { node, session, program: &program, file: &self.file, failed: None }.run(begin).await;
        session.depth -= 1;
        session.flag = flag;
        session.debug = debug;
        result
    }

    async fn read(&self, node: &Node, session: &Session) -> Result<String, Error> {
        crate::command::language::files::may_read(node, session, &self.file)?;
        let missing = |why: String| {
            session.output.notice(&Notice::Failure(format!("Failed to read script: '{}'", self.file)));
            node.events.error(&session.thread, &format!("I/O open file error ({why})"));
            Error::with(Code::MISSING_SCRIPT, format!("Script not available: {}{}", self.file, above(&self.file)))
        };
        let size = tokio::fs::metadata(&self.file).await.map_err(|error| missing(error.to_string()))?.len();
        if size > limits::SCRIPT_BYTES {
            let detail = format!("script '{}' has {size} bytes, the limit is {}", self.file, limits::SCRIPT_BYTES);
            return Err(Error::with(Code::LARGE_COMMAND, detail));
        }
        let bytes = tokio::fs::read(&self.file).await.map_err(|error| missing(error.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Assigns the values to the names of the `variables (…)` line and returns the statement behind it.
    fn assign_values(&self, node: &Node, session: &mut Session, program: &Program) -> Result<usize, Error> {
        let names = program.statements().iter().enumerate().find_map(|(at, statement)| match &statement.action {
            Action::Command(text) => variables(text).map(|names| (at, statement.line, names)),
            Action::Branch { .. } | Action::Jump(_) => None,
        });
        let Some((at, line, names)) = names else { return Ok(0) };
        if self.values.is_empty() {
            let detail = format!("Script requires variables in line {line} which are not provided: {}", self.file);
            return Err(Error::with(Code::PROCESS_FAILURE, detail));
        }
        if self.values.len() != names.len() {
            let detail = format!("Arguments mismatch in a script: {}", self.file);
            return Err(Error::with(Code::ARGUMENTS, detail));
        }
        for (name, value) in names.iter().zip(&self.values) {
            variables::store(node, session, name, Resolved::Text(value.clone()))?;
        }
        Ok(at + 1)
    }
}

/// Tells whether a line cannot be cut into words: a parenthesis or a quote is never closed.
fn is_unreadable(text: &str) -> bool {
    script::words(text).is_err_and(|error| !matches!(error, script::Error::Brackets(_)))
}

/// Tells where a script that is not there stands when its path names one directory too many, as older env files do.
fn above(file: &str) -> String {
    if file.len() > limits::PATH {
        return String::new();
    }
    let parts: Vec<&str> = file.split('/').collect();
    let without = |at: usize| {
        let kept = parts.iter().enumerate().filter(|(number, _)| *number != at).map(|(_, part)| *part);
        kept.collect::<Vec<_>>().join("/")
    };
    let directories = 1..parts.len().saturating_sub(1);
    let there = directories.map(without).find(|path| std::path::Path::new(path).is_file());
    there.map(|path| format!("; {path} is there: is LOCAL_SCRIPTS one directory too deep?")).unwrap_or_default()
}

/// Returns the names of a line `variables (a, b)`.
fn variables(text: &str) -> Option<Vec<&str>> {
    let rest = text.strip_prefix("variables")?.trim_start().strip_prefix('(')?;
    let (names, _) = rest.split_once(')')?;
    Some(names.split(',').map(str::trim).collect())
}

/// A script while it runs.
struct Runner<'a> {
    node: &'a Arc<Node>,
    session: &'a mut Session,
    program: &'a Program,
    file: &'a str,
    failed: Option<Error>,
}

impl Runner<'_> {
    async fn run(mut self, begin: usize) -> Result<Reply, Error> {
        let limits = FlowLimits {
            steps: limits::SCRIPT_STEPS,
            handled: limits::SCRIPT_HANDLED_ERRORS,
            calls: limits::SCRIPT_CALLS,
        };
        let mut flow = Flow::new(self.program, begin, limits);
        let mut next = flow.begin();
        let mut last = begin;
        let mut steps = 0_u32;
        loop {
            let Next::Run(number) = next else { return self.end(next, last) };
            let Some(statement) = self.program.statement(number) else { return Ok(Reply::Empty) };
            if self.node.shutdown.token().is_cancelled() {
                return Ok(Reply::Control(Control::ExitScripts));
            }
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(limits::SCRIPT_STEPS_AT_ONCE) {
                tokio::task::yield_now().await;
            }
            last = number;
            next = match &statement.action {
                Action::Command(text) => self.command(&mut flow, statement, text).await,
                Action::Jump(target) => flow.go(*target),
                Action::Branch { condition, otherwise } => match self.condition(condition) {
                    Ok(true) => flow.after(After::Done),
                    Ok(false) => flow.go(*otherwise),
                    Err(error) => self.fail(&mut flow, condition, error),
                },
            };
        }
    }

    async fn command(&mut self, flow: &mut Flow<'_>, statement: &Statement, text: &str) -> Next {
        let result = self.node.commands.run_text(self.node, self.session, text).await;
        if let Ok(reply) = &result {
            self.session.output.show(reply);
        }
        if let Err(error) = &result
            && !is_unreadable(text)
        {
            report(self.node, self.session, &script_text(text), error);
        }
        if self.session.debug {
            self.trace(statement, text, &result);
        }
        match result {
            Ok(Reply::Control(control)) => flow.after(After::Control(&control)),
            Ok(_) if text.split_whitespace().any(|word| word == "wait") => flow.after(After::Waited),
            Ok(_) => flow.after(After::Done),
            // Whatever 'on error' says, nobody knows what such a line is.
            Err(error) if is_unreadable(text) => {
                self.failed = Some(error);
                Next::Failed
            }
            Err(error) => self.fail(flow, text, error),
        }
    }

    fn fail(&mut self, flow: &mut Flow<'_>, text: &str, error: Error) -> Next {
        report(self.node, self.session, &script_text(text), &error);
        let next = flow.after(After::Failed(error.code.0));
        self.failed = Some(error);
        next
    }

    fn condition(&mut self, condition: &str) -> Result<bool, Error> {
        let words = script::words(condition)?;
        let parsed = Condition::parse(&words, &words)?;
        let verdict = parsed.evaluate(&SessionScope::new(self.node, self.session));
        self.session.flag = verdict.result?;
        Ok(self.session.flag)
    }

    fn trace(&self, statement: &Statement, text: &str, result: &Result<Reply, Error>) {
        let outcome = match result {
            Ok(Reply::Control(control)) => control.text(),
            Ok(_) => "Success",
            Err(error) => error.code.text(),
        };
        let (thread, command) = (self.session.thread.to_string(), without_comment(text).to_owned());
        let line = TracedLine { thread, line: statement.line, command, outcome };
        self.session.output.notice(&Notice::Trace(line));
    }

    /// Ends the script; with an error it is told in a box and in a line.
    fn end(&mut self, next: Next, last: usize) -> Result<Reply, Error> {
        let failed = self.failed.take();
        let line = self.program.statement(last).map_or(0, |statement| statement.line);
        let error = match next {
            Next::Run(_) | Next::Ended => return Ok(Reply::Empty),
            Next::ExitScripts => return Ok(Reply::Control(Control::ExitScripts)),
            Next::Failed => Error::new(failed.map_or(Code::PROCESS_FAILURE, |error| error.code)),
            Next::Unhandled => {
                let text = failed.map_or("", |error| error.code.text());
                let line = line.saturating_sub(1);
                Error::with(Code::NO_ON_ERROR, format!("Script terminated on line {line} with error: '{text}'"))
            }
            Next::NoLabel(ref label) => {
                let detail = format!("Script includes goto command without declared destination: '{label}'");
                Error::with(Code::STRUCTURE, detail)
            }
            Next::Endless(ref why) => {
                Error::with(Code::PROCESS_FAILURE, format!("script '{}' makes no progress: {why}", self.file))
            }
        };
        let place = match next {
            Next::NoLabel(_) => self.session.thread.clone(),
            _ => format!("{line:04}").into(),
        };
        self.tell(&place, last, &error);
        Err(error)
    }

    fn tell(&self, place: &str, last: usize, error: &Error) {
        let command = match self.program.statement(last).map(|statement| &statement.action) {
            Some(Action::Command(text)) => without_comment(text),
            Some(Action::Branch { condition, .. }) => condition,
            Some(Action::Jump(_)) | None => "",
        };
        let (file, text) = (self.file, error.code.text());
        let message = format!("Script terminated: Error: '[{place}] {command} --> {text}' in file {file}");
        self.session.output.notice(&Notice::Failure(message.clone()));
        self.session.output.notice(&Notice::Line(message));
    }
}

/// Returns a statement as the echo queue shows it: its words with one blank between them.
fn script_text(text: &str) -> String {
    script::words(text).map_or_else(|_| text.to_owned(), |words| script::joined(&words))
}

fn without_comment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(command, _)| command).trim()
}
