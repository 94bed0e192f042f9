//! `if`, `do`, `else` and the commands that steer scripts (reference/command-language 9 and 10).

use crate::{
    command::engine::{Access, Behind, Command, Entry, Help, Line, NetworkCallers, Parse, Parsed, Traits, parsed},
    node::{Node, Session},
    reply::{Code, Control, Error, Notice, OnError, Reply},
    script::{Condition, Verdict, Word},
};
use async_trait::async_trait;
use std::sync::Arc;

/// A step of control flow.
#[derive(Clone, Debug, PartialEq)]
pub enum FlowCommand {
    /// `if …`: the condition's result and what follows `then`; without `then` the result is the reply.
    If(Verdict, Option<Vec<Word>>),
    /// `do …`.
    Do(Vec<Word>),
    /// `else …`.
    Else(Vec<Word>),
    /// A step that only scripts act on.
    Control(Control),
}

const fn entry(words: &'static str, parse: Parse, help: Help) -> Entry {
    Entry {
        words,
        min_words: 1,
        assigns: false,
        access: Access::ReadNode,
        opens_secrets: false,
        network: NetworkCallers::Both,
        traits: Traits::CHANGE,
        help,
        parse,
    }
}

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    Entry {
        assigns: true,
        traits: Traits::CHANGE.before(Behind::CommandAfter("then")),
        ..entry(
            "if",
            parse_if,
            Help {
                usage: "if [condition] then [command]",
                text: "Runs the command when the condition holds, and keeps the result for 'do' and 'else'. Without 'then' the result is shown. 'and' and 'or' work from left to right.",
                examples: &[
                    "if !tcp_bind == true then print bound",
                    "if not !ledger_conn",
                    "if (!a or !b) and !c then goto next",
                ],
                index: &["script"],
            },
        )
    },
    Entry {
        assigns: true,
        traits: Traits::CHANGE.before(Behind::Command),
        ..entry(
            "do",
            parse_do,
            Help {
                usage: "do [command]",
                text: "Runs the command when the last condition was true.",
                examples: &["do process !script_create_table"],
                index: &["script"],
            },
        )
    },
    Entry {
        assigns: true,
        traits: Traits::CHANGE.before(Behind::Command),
        ..entry(
            "else",
            parse_else,
            Help {
                usage: "else [command]",
                text: "Runs the command when the last condition was false.",
                examples: &["else print no"],
                index: &["script"],
            },
        )
    },
    entry(
        "goto",
        parse_goto,
        Help {
            usage: "goto [label]",
            text: "Goes on behind the line ':label:' of this script.",
            examples: &["goto next"],
            index: &["script"],
        },
    ),
    entry(
        "call",
        parse_call,
        Help {
            usage: "call [label]",
            text: "Goes on behind the line ':label:' and comes back at 'return'.",
            examples: &["call report"],
            index: &["script"],
        },
    ),
    entry(
        "return",
        parse_return,
        Help {
            usage: "return",
            text: "Comes back to the line behind the last 'call', or ends the script.",
            examples: &["return"],
            index: &["script"],
        },
    ),
    entry(
        "end script",
        parse_end,
        Help {
            usage: "end script",
            text: "Ends this script; its caller goes on.",
            examples: &["end script"],
            index: &["script"],
        },
    ),
    entry(
        "exit scripts",
        parse_exit,
        Help {
            usage: "exit scripts",
            text: "Ends this script and all scripts that called it.",
            examples: &["exit scripts"],
            index: &["script", "background processes"],
        },
    ),
    entry(
        "on error",
        parse_on_error,
        Help {
            usage: "on error [goto label / call label / ignore / end script]",
            text: "Says what this script does from here on when a command fails.",
            examples: &["on error ignore", "on error goto failed", "on error call report", "on error end script"],
            index: &["script"],
        },
    ),
];

fn parse_if(line: &Line<'_>) -> Parsed {
    let arguments = line.arguments();
    if arguments.is_empty() {
        return Err(Error::with(Code::STRUCTURE, "the condition is missing: if [condition] then [command]"));
    }
    let then = arguments.iter().position(|word| word.is("then"));
    let (condition, command) = match then {
        Some(at) => {
            let (condition, rest) = arguments.split_at(at);
            (condition, Some(rest.get(1..).unwrap_or_default().to_vec()))
        }
        None => (arguments, None),
    };
    let verdict = Condition::parse(condition, line.words)?.evaluate(line.scope);
    // `x = if … then …` stores the result of the condition, as without 'then'.
    let command = command.filter(|_| line.assigned.is_none());
    parsed(FlowCommand::If(verdict, command))
}

fn command_words(line: &Line<'_>) -> Result<Vec<Word>, Error> {
    match line.arguments() {
        [] => Err(Error::with(Code::STRUCTURE, "the command is missing")),
        words => Ok(words.to_vec()),
    }
}

fn parse_do(line: &Line<'_>) -> Parsed {
    let words = command_words(line)?;
    parsed(FlowCommand::Do(if line.assigned.is_some() { assigned(line) } else { words }))
}

fn parse_else(line: &Line<'_>) -> Parsed {
    let words = command_words(line)?;
    parsed(if line.assigned.is_some() { FlowCommand::Do(assigned(line)) } else { FlowCommand::Else(words) })
}

/// Returns the words of `key = do …` and `key = else …`: guarded by the last condition, and no command.
fn assigned(line: &Line<'_>) -> Vec<Word> {
    std::iter::once(Word::plain("=")).chain(line.words.iter().cloned()).collect()
}

fn label(line: &Line<'_>) -> Result<String, Error> {
    match line.arguments() {
        [name] => Ok(name.text.clone()),
        _ => Err(Error::with(Code::STRUCTURE, "name one label")),
    }
}

/// Reads a command that takes no arguments.
fn parse_bare(line: &Line<'_>, control: Control) -> Parsed {
    match line.arguments() {
        [] => parsed(FlowCommand::Control(control)),
        _ => Err(Error::with(Code::STRUCTURE, "this command takes no arguments")),
    }
}

fn parse_goto(line: &Line<'_>) -> Parsed {
    parsed(FlowCommand::Control(Control::Goto(label(line)?)))
}

fn parse_call(line: &Line<'_>) -> Parsed {
    parsed(FlowCommand::Control(Control::Call(label(line)?)))
}

fn parse_return(line: &Line<'_>) -> Parsed {
    parse_bare(line, Control::Return)
}

fn parse_end(line: &Line<'_>) -> Parsed {
    parse_bare(line, Control::EndScript)
}

fn parse_exit(line: &Line<'_>) -> Parsed {
    parse_bare(line, Control::ExitScripts)
}

fn parse_on_error(line: &Line<'_>) -> Parsed {
    let action = match line.arguments() {
        [what, label] if what.is("goto") => OnError::Goto(label.text.clone()),
        [what, label] if what.is("call") => OnError::Call(label.text.clone()),
        [what] if what.is("ignore") => OnError::Ignore,
        [end, script] if end.is("end") && script.is("script") => OnError::EndScript,
        _ => {
            let detail = "write: on error goto LABEL, on error call LABEL, on error ignore, or on error end script";
            return Err(Error::with(Code::STRUCTURE, detail));
        }
    };
    parsed(FlowCommand::Control(Control::OnError(action)))
}

#[async_trait]
impl Command for FlowCommand {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::If(verdict, command) => branch(node, session, verdict, command).await,
            Self::Do(words) if session.flag => guarded(node, session, &words).await,
            Self::Do(_) => Ok(Reply::Control(Control::DoIgnored)),
            Self::Else(words) if !session.flag => guarded(node, session, &words).await,
            Self::Else(_) => Ok(Reply::Control(Control::ElseIgnored)),
            Self::Control(control) => Ok(Reply::Control(control)),
        }
    }

    fn control(&self) -> Option<Control> {
        match self {
            Self::Control(control) => Some(control.clone()),
            Self::If(..) | Self::Do(_) | Self::Else(_) => None,
        }
    }
}

/// Runs what follows `then`, or shows the result; the result stays for `do` and `else`.
async fn branch(
    node: &Arc<Node>,
    session: &mut Session,
    verdict: Verdict,
    command: Option<Vec<Word>>,
) -> Result<Reply, Error> {
    for text in &verdict.notices {
        session.output.notice(&Notice::Failure(text.clone()));
        // A failed command enters the log anyway.
        if verdict.result.is_ok() {
            node.events.error(&session.thread, text);
        }
    }
    let holds = verdict.result?;
    let result = match command {
        None => Ok(Reply::Text(if holds { "True" } else { "False" }.to_owned())),
        Some(words) if holds => node.commands.run_inner(node, session, &words).await,
        Some(_) => Ok(Reply::Empty),
    };
    session.flag = holds;
    result
}

/// Runs the command of `do` or `else`; a script that it runs does not change the result of the last condition.
async fn guarded(node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error> {
    let flag = session.flag;
    let result = node.commands.run_inner(node, session, words).await;
    if words.first().is_some_and(|word| word.is("process")) {
        session.flag = flag;
    }
    result
}
