//! Runs one typed command, as every edge does: its text is selected once and runs with the rights of who asks.

use super::page_output::PageOutput;
use crate::{
    command::{self, Selection},
    console::{
        page_request::ConsoleRequest,
        shown::{ReplyFile, ShownReply, shown},
    },
    node::{self, Output, secret},
    reply::{Code, Error, ErrorKind, Reply, WrittenJson},
};
use askama::{Template, filters::HtmlSafe};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Bytes of a written JSON that is read where other callers are served.
const LARGE: usize = 256 * 1024;

/// A command that ran, or that asks for something first.
#[derive(Debug, Template)]
#[template(path = "commands/result.html")]
pub struct CommandResult {
    /// Its text; secrets are stars.
    shown_text: String,
    /// Its text, for another run; nothing where a secret is in it.
    text: Option<String>,
    csrf: String,
    took: Duration,
    printed: Vec<ShownReply>,
    outcome: CommandOutcome,
    files: Vec<ReplyFile>,
}

// It is a part of the page, and has escaped what it shows.
impl HtmlSafe for CommandResult {}

/// What came of it.
#[derive(Debug)]
enum CommandOutcome {
    /// Its reply.
    Reply(ShownReply),
    /// Its error, in words.
    Failed { name: String, number: u32, detail: Option<String>, hint: Option<&'static str> },
    /// It did not run: it needs an answer that nobody may see.
    Asks { question: String, text: String },
}

impl CommandResult {
    /// Says in one line what came of it, for who does not see it.
    fn status(&self) -> String {
        match &self.outcome {
            CommandOutcome::Reply(reply) => format!("{}: {}, {}", self.shown_text, reply.about(), self.time()),
            CommandOutcome::Failed { name, .. } => format!("{}: failed: {name}", self.shown_text),
            CommandOutcome::Asks { question, .. } => question.clone(),
        }
    }

    fn is_failed(&self) -> bool {
        matches!(self.outcome, CommandOutcome::Failed { .. })
    }

    /// Returns the time that it took.
    fn time(&self) -> String {
        format!("{:.1} ms", self.took.as_secs_f64() * 1000.0)
    }
}

/// Runs the text of a command; `secret` answers what it asked for.
pub async fn run(request: &mut ConsoleRequest<'_>, text: &str, secret: Option<&str>) -> CommandResult {
    let selection = command::select(text);
    let (shown_text, csrf) = (secret::masked(text).into_owned(), request.csrf().to_owned());
    let is_open = shown_text == text;
    let question = selection.question(request.node(), &request.session).filter(|_| secret.is_none());
    if let Some(question) = question {
        let outcome = CommandOutcome::Asks { question: question.to_owned(), text: text.to_owned() };
        let took = Duration::ZERO;
        return CommandResult { shown_text, text: None, csrf, took, printed: Vec::new(), outcome, files: Vec::new() };
    }
    request.session.secret = secret.map(Into::into);
    let (started, output) = (Instant::now(), Arc::new(PageOutput::default()));
    let outcome = carry_out(request, &selection, &output).await;
    let took = started.elapsed();
    let (outcome, files) = match outcome {
        Ok(reply) => {
            let files = if is_open && may_run_again(&selection) { reply.files().to_vec() } else { Vec::new() };
            (CommandOutcome::Reply(reply), files)
        }
        Err(error) => (failed(request, error), Vec::new()),
    };
    let text = is_open.then(|| text.to_owned());
    CommandResult { shown_text, text, csrf, took, printed: output.shown(), outcome, files }
}

/// Tells whether a command only asks, so that it can run once more for a file.
pub fn may_run_again(selection: &Selection<'_>) -> bool {
    let traits = selection.traits();
    selection.entry().is_some() && traits.verbs.has_get() && traits.answers
}

async fn carry_out(
    request: &mut ConsoleRequest<'_>,
    selection: &Selection<'_>,
    output: &Arc<PageOutput>,
) -> Result<ShownReply, Error> {
    if let Some(rest) = selection.ignored() {
        let detail = format!("write one command at a time: this would not run: {}", secret::masked(rest.trim()));
        return Err(Error::with(Code::STRUCTURE, detail));
    }
    let reply = reply_of(request, selection, Arc::clone(output) as Arc<dyn Output>).await?;
    let is_long = matches!(&reply, Reply::Json(WrittenJson { text, .. }) if text.len() > LARGE);
    if is_long || reply.is_large() {
        // What takes long to look through is not looked through where other callers are served.
        let caller = request.context.caller.ip();
        return request.node().queries.apart(Some(caller), || shown(reply)).await;
    }
    Ok(shown(reply))
}

/// Runs what was selected; people at the node are told of an error as of one of every other caller.
///
/// # Errors
/// The command's own.
pub async fn reply_of(
    request: &mut ConsoleRequest<'_>,
    selection: &Selection<'_>,
    output: Arc<dyn Output>,
) -> Result<Reply, Error> {
    let node = request.node();
    let console = std::mem::replace(&mut request.session.output, output);
    let outcome = Box::pin(selection.run(node, &mut request.session)).await;
    request.session.output = console;
    let caller = request.context.caller.ip();
    node.events.call(request.context.thread, caller, selection.text(), outcome.as_ref().map(|_| ()));
    if let Err(error) = &outcome {
        node::report(node, &mut request.session, selection.text(), error);
    }
    outcome
}

fn failed(request: &ConsoleRequest<'_>, error: Error) -> CommandOutcome {
    let hint = match error.kind {
        ErrorKind::Refused if request.visitor.is_kept_reading => {
            Some("The console only reads here, because AUTH=off: CONSOLE_WRITE=true opens it.")
        }
        ErrorKind::Refused if request.visitor.may_sign_in => Some("Sign in with a token that may do this."),
        _ => None,
    };
    let name = error.code.text().to_owned();
    CommandOutcome::Failed { name, number: error.code.0.into(), detail: error.detail, hint }
}
