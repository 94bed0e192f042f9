//! Runs the statements of a script one after the other (reference/command-language 10).

use crate::{
    node::{Node, Session, SessionScope, report, secret},
    reply::{Code, Control, Error, Notice, Reply, TracedLine},
    runtime::limits,
    script::{self, Action, After, Condition, Flow, FlowLimits, Next, Program, Statement},
};
use std::sync::Arc;

/// A script while it runs.
pub(super) struct ScriptRunner<'a> {
    node: &'a Arc<Node>,
    session: &'a mut Session,
    program: &'a Program,
    file: &'a str,
    /// The error of the statement that failed last.
    failed: Option<Error>,
}

impl<'a> ScriptRunner<'a> {
    /// Prepares the run of a script for a caller.
    pub(super) const fn new(
        node: &'a Arc<Node>,
        session: &'a mut Session,
        program: &'a Program,
        file: &'a str,
    ) -> Self {
        Self { node, session, program, file, failed: None }
    }

    /// Runs the script from one of its statements to its end.
    pub(super) async fn run(mut self, begin: usize) -> Result<Reply, Error> {
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
            // A script that never waits must leave the thread to others now and then.
            if steps.is_multiple_of(limits::SCRIPT_STEPS_AT_ONCE) {
                tokio::task::yield_now().await;
            }
            last = number;
            // An error is told once for a line and what it runs, and again for the next line that fails in the same way.
            self.session.reported = None;
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
            Err(error) if is_unreadable(text) => self.fail_unreadable(flow, text, error),
            Err(error) => self.fail(flow, text, error),
        }
    }

    /// A line that cannot be cut into words is told once: as what ends the script, or by itself where the script goes on.
    fn fail_unreadable(&mut self, flow: &mut Flow<'_>, text: &str, error: Error) -> Next {
        let next = flow.after(After::Failed(error.code.0));
        if next != Next::Failed {
            report(self.node, self.session, &script_text(text), &error);
        }
        self.failed = Some(error);
        next
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
        let (thread, command) = (self.session.thread.to_string(), shown(without_comment(text), result.is_err()));
        let line = TracedLine { thread, line: statement.line, command, outcome };
        self.session.output.notice(&Notice::Trace(line));
    }

    /// Ends the script; people at the node are told of an error.
    fn end(&mut self, next: Next, last: usize) -> Result<Reply, Error> {
        let failed = self.failed.take();
        let line = self.program.statement(last).map_or(0, |statement| statement.line);
        let error = match next {
            Next::Run(_) | Next::Ended => return Ok(Reply::Empty),
            Next::ExitScripts => return Ok(Reply::Control(Control::ExitScripts)),
            Next::Failed => {
                let error = failed.unwrap_or_else(|| Error::new(Code::PROCESS_FAILURE));
                let detail = error.detail.as_ref().map(|detail| format!("line {line}: {detail}"));
                Error { detail, ..error }
            }
            Next::Unhandled => {
                let text = failed.as_ref().map_or("", |error| error.code.text());
                let why = failed.as_ref().and_then(|error| error.detail.as_deref());
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                let line = line.saturating_sub(1);
                Error::with(Code::NO_ON_ERROR, format!("Script terminated on line {line} with error: '{text}'{why}"))
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
        self.notify_terminated(&place, last, &error);
        Err(error)
    }

    fn notify_terminated(&self, place: &str, last: usize, error: &Error) {
        let command = match self.program.statement(last).map(|statement| &statement.action) {
            Some(Action::Command(text)) => without_comment(text),
            Some(Action::Branch { condition, .. }) => condition,
            Some(Action::Jump(_)) | None => "",
        };
        let (file, text, command) = (self.file, error.code.text(), shown(command, true));
        let message = format!("Script terminated: Error: '[{place}] {command} --> {text}' in file {file}");
        self.session.output.notice(&Notice::Failure(message.clone()));
        self.session.output.notice(&Notice::Line(message));
    }
}

/// Returns a statement as the echo queue shows it: its words with one blank between them.
fn script_text(text: &str) -> String {
    script::words(text).map_or_else(|_| text.to_owned(), |words| script::joined(&words))
}

/// Returns a line without the secrets that were typed into it. Nobody knows what the words of one that failed are, and none that may
/// be a key is told.
pub(super) fn shown(line: &str, failed: bool) -> String {
    let told = if failed { secret::unrepeated(line, line) } else { line.into() };
    secret::masked(&told).into_owned()
}

fn without_comment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(command, _)| command).trim()
}

/// Tells whether a line cannot be cut into words: a parenthesis or a quote is never closed.
fn is_unreadable(text: &str) -> bool {
    script::words(text).is_err_and(|error| !matches!(error, script::Error::Brackets(_)))
}
