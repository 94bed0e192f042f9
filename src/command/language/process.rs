//! `process`, `thread` and `set debug`: scripts that run on this node (reference/command-language 10).

use crate::{
    command::{
        engine::{Access, Command, Entry, Help, Line, NetworkCallers, Parsed, Traits, parsed},
        language::{files::may_read, script_runner::ScriptRunner},
    },
    node::{Node, Session, variables},
    reply::{Code, Error, Notice, Reply},
    runtime::{limits, small_file},
    script::{self, Action, Program, Resolved},
};
use async_trait::async_trait;
use std::{io::ErrorKind, sync::Arc};

/// What is done with a script.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptCommand {
    /// `process FILE [arguments]`.
    Process(Script),
    /// `thread FILE [arguments]`: at the same time as the caller.
    Thread(Script),
    /// `set debug on|off`: inside a script, show each line and its result.
    SetDebug(DebugMode),
}

/// What `set debug` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebugMode {
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

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry {
        words: "process",
        min_words: 1,
        assigns: false,
        access: Access::ChangeNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
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
        access: Access::ChangeNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
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
        access: Access::ChangeNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
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
    script(line).and_then(|script| parsed(ScriptCommand::Process(script)))
}

fn parse_thread(line: &Line<'_>) -> Parsed {
    script(line).and_then(|script| parsed(ScriptCommand::Thread(script)))
}

/// Reads `FILE [values]` or `a + b`.
fn script(line: &Line<'_>) -> Result<Script, Error> {
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
        [on] if on.is("on") => DebugMode::On,
        [off] if off.is("off") => DebugMode::Off,
        [word] if word.is("interactive") => DebugMode::Interactive,
        _ => DebugMode::Unknown,
    };
    parsed(ScriptCommand::SetDebug(debug))
}

#[async_trait]
impl Command for ScriptCommand {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Process(script) => script.run(node, session).await,
            Self::Thread(script) => {
                let node = Arc::clone(node);
                let mut session = session.clone();
                session.thread = format!("Thread-{}", script.file).into();
                let shutdown = node.shutdown.clone();
                shutdown.spawn(async move {
                    // Nobody waits for the result. The script tells what its lines say; what keeps it from running is only told here.
                    if let Err(error) = script.run(&node, &mut session).await {
                        node.events.failed(&session.thread, &format!("thread {}", script.file), &error);
                    }
                });
                Ok(Reply::Empty)
            }
            Self::SetDebug(_) if session.depth == 0 => Err(Code::NOT_IN_SCRIPT.into()),
            Self::SetDebug(DebugMode::Unknown) => {
                Err(Error::with(Code::STRUCTURE, "write: set debug on, or set debug off"))
            }
            Self::SetDebug(DebugMode::Interactive) => {
                let detail = "scripts cannot be stepped through: 'set debug on' shows each line and its result";
                Err(Error::with(Code::NOT_SUPPORTED, detail))
            }
            Self::SetDebug(debug) => {
                session.debug = debug == DebugMode::On;
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
        let result = ScriptRunner::new(node, session, &program, &self.file).run(begin).await;
        session.depth -= 1;
        session.flag = flag;
        session.debug = debug;
        result
    }

    async fn read(&self, node: &Node, session: &Session) -> Result<String, Error> {
        may_read(node, session, &self.file)?;
        let missing = |why: String| {
            session.output.notice(&Notice::Failure(format!("Failed to read script: '{}'", self.file)));
            node.events.error(&session.thread, &format!("I/O open file error ({why})"));
            Error::with(Code::MISSING_SCRIPT, format!("Script not available: {}{}", self.file, nearby_hint(&self.file)))
        };
        let size = tokio::fs::metadata(&self.file).await.map_err(|error| missing(error.to_string()))?.len();
        if size > limits::SCRIPT_BYTES {
            let detail = format!("script '{}' has {size} bytes, the limit is {}", self.file, limits::SCRIPT_BYTES);
            return Err(Error::with(Code::LARGE_COMMAND, detail));
        }
        let bytes = small_file::read(&self.file, limits::SCRIPT_BYTES).await.map_err(|error| match error.kind() {
            ErrorKind::FileTooLarge => Error::with(Code::LARGE_COMMAND, format!("script '{}': {error}", self.file)),
            _ => missing(error.to_string()),
        })?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Assigns the values to the names of the `variables (…)` line and returns the statement behind it.
    fn assign_values(&self, node: &Node, session: &mut Session, program: &Program) -> Result<usize, Error> {
        let names = program.statements().iter().enumerate().find_map(|(at, statement)| match &statement.action {
            Action::Command(text) => variable_names(text).map(|names| (at, statement.line, names)),
            Action::Branch { .. } | Action::Jump(_) => None,
        });
        let Some((at, line, names)) = names else {
            if self.values.is_empty() {
                return Ok(0);
            }
            let detail = format!("{} takes no values: it has no line 'variables (a, b)' that names them", self.file);
            return Err(Error::with(Code::ARGUMENTS, detail));
        };
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

/// Says where a missing script stands when its path names one directory too many, as paths of older env files do.
fn nearby_hint(file: &str) -> String {
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
fn variable_names(text: &str) -> Option<Vec<&str>> {
    let rest = text.strip_prefix("variables")?.trim_start().strip_prefix('(')?;
    let (names, _) = rest.split_once(')')?;
    Some(names.split(',').map(str::trim).collect())
}
