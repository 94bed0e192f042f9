//! The one road: text of a command → words → typed command → reply (reference/command-language 4).

use super::{
    Code, Entry, Error, Line, Node, Reply, Role, Session, Table, assign,
    lookup::{self, Named},
    rights,
    scope::SessionScope,
    secret,
};
use crate::{
    render,
    script::{self, Form, Word},
};
use std::{future::Future, pin::Pin, sync::Arc};

/// The future of a command that runs commands.
type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'a>>;

/// Runs the text of one command for a caller and returns its reply.
///
/// The prompt cuts its lines at `&` itself; from everybody else what stands behind an `&` is not run, and a warning says so.
///
/// # Errors
/// The code and the reason, when the text is no command or the command fails.
pub async fn run(node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error> {
    session.shown = None;
    if let Some(Named { entry, words }) = lookup::named(text) {
        let result = command(node, session, entry, Target { words, named: words.len(), assigned: None }).await;
        log(node, session, words, text, &result);
        return result;
    }
    run_text(node, session, text).await
}

/// Runs a text inside a running command: the line of a script or of a policy.
pub(super) async fn run_text(node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error> {
    let words = cut(node, session, text)?;
    run_words(node, session, &words).await
}

/// Cuts a text into the words of its first command.
fn cut(node: &Node, session: &Session, text: &str) -> Result<Vec<Word>, Error> {
    let (words, rest) = script::first_command(text).map_err(|error| unreadable(node, session, text, error))?;
    if let Some(rest) = rest {
        let ignored = format!("ignored behind '&', write it on a line of its own: {}", rest.trim());
        node.events.warning(&session.thread, &ignored);
    }
    Ok(words)
}

/// Runs the words of one command inside another one.
pub(super) fn run_words<'a>(node: &'a Arc<Node>, session: &'a mut Session, words: &'a [Word]) -> Running<'a> {
    Box::pin(logged(node, session, words))
}

/// Runs the words of one command and logs what became of it.
async fn logged(node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error> {
    let result = step(node, session, words).await;
    log(node, session, words, &script::rejoined(words), &result);
    result
}

/// Logs what became of a command.
fn log(node: &Node, session: &Session, words: &[Word], line: &str, result: &Result<Reply, Error>) {
    match result {
        _ if words.is_empty() => {}
        Ok(Reply::Control(_)) => {}
        Ok(_) => node.events.succeeded(&session.thread, line),
        Err(error) if error.code == Code::CONCATENATION => {
            node.events.error(&session.thread, error.detail.as_deref().unwrap_or_default());
        }
        Err(error) if is_unknown(words, error) => {
            // What the caller may have meant is for the caller alone.
            node.events.failed(&session.thread, line, &Error::new(error.code));
        }
        Err(error) => node.events.failed(&session.thread, line, error),
    }
    if let Err(error) = result {
        traceback(node, session, line, error);
    }
}

/// Writes a failed command with its reason to the program's log, while `set exception traceback on` holds.
fn traceback(node: &Node, session: &Session, line: &str, error: &Error) {
    if node.settings.get().traceback {
        let (thread, depth, error) = (&*session.thread, session.depth, error.to_string());
        tracing::warn!(thread, depth, command = %secret::masked(line), error, "command failed");
    }
}

/// Tells whether an error says that words are no command at all.
fn is_unknown(words: &[Word], error: &Error) -> bool {
    let exit = words.first().is_some_and(|word| word.is("exit"));
    !exit && (*error == lookup::unknown(words) || *error == lookup::wrong_member(words))
}

/// Runs a command inside another one (`if … then`, `do`, a line of a script): its error is told where it happens.
pub(super) async fn run_inner(node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error> {
    if session.nested >= script::COMMAND_DEPTH {
        let detail = format!("{} commands inside each other: write them on lines of their own", script::COMMAND_DEPTH);
        return Err(Error::with(Code::STRUCTURE, detail));
    }
    session.nested += 1;
    let result = run_words(node, session, words).await;
    session.nested -= 1;
    if let Err(error) = &result {
        report(node, session, &script::rejoined(words), error);
    }
    result
}

/// Tells an error once per code and line: in the echo queue if it is on, else on the console.
pub fn report(node: &Node, session: &mut Session, command: &str, error: &Error) {
    use super::events::Echoed;
    if session.shown.replace(error.code) == Some(error.code) {
        return;
    }
    let text = error.code.text();
    match node.events.echo(&format!("Error executing: [{command}] Message: [{text}]")) {
        Echoed::Off => session.output.text(&format!("{text}\r\n")),
        Echoed::First => session.output.text("Messages in Echo Queue! ...\r\n"),
        Echoed::Queued => {}
    }
}

/// Prints a reply where the session's plain output goes.
pub fn show(session: &Session, reply: &Reply) {
    let text = render::console(reply);
    if !text.is_empty() {
        session.output.text(&text);
    }
}

/// Logs a text that cannot even be cut into words.
fn unreadable(node: &Node, session: &Session, text: &str, error: script::Error) -> Error {
    let error = Error::from(error);
    match error.code {
        Code::BRACKETS => node.events.failed(&session.thread, text, &error),
        _ => node.events.error(&session.thread, error.detail.as_deref().unwrap_or_default()),
    }
    error
}

async fn step(node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error> {
    match Form::of(words) {
        Form::Nothing => Ok(Reply::Empty),
        Form::Reference(word) => {
            let value = script::resolve(word, &SessionScope::new(node, session));
            Ok(if value.is_empty() { Reply::Empty } else { Reply::Value(value.into_value()) })
        }
        Form::Concatenation(words) => {
            let text = script::concatenation(words, &SessionScope::new(node, session))?;
            Ok(if text.is_empty() { Reply::Empty } else { Reply::Value(text.into()) })
        }
        Form::Assignment { key, words } => assignment(node, session, key, words).await,
        Form::Command(words) => match lookup::find(words, 0)? {
            Some((entry, named)) => command(node, session, entry, Target { words, named, assigned: None }).await,
            None => Err(lookup::unknown(words)),
        },
    }
}

/// Stores a command's result, or a value, under a key.
async fn assignment(node: &Arc<Node>, session: &mut Session, key: &Word, words: &[Word]) -> Result<Reply, Error> {
    if !script::keeps_old_value(words) {
        rights::may_assign(session)?;
        assign::forget(node, session, &key.text);
    }
    let Some((entry, named)) = lookup::find(words, 2)? else {
        rights::may_assign(session)?;
        let value = script::value(words, &SessionScope::new(node, session)).map_err(|error| {
            let line = format!("{} = {}", key.text, script::joined(words));
            Error::with(Code::UNRECOGNIZED_COMMAND, error.to_string().replace(&script::joined(words), &line))
        })?;
        assign::store(node, session, &key.text, value)?;
        return Ok(Reply::Empty);
    };
    if !entry.assigns {
        let name = entry.words;
        return Err(Error::with(Code::STRUCTURE, format!("'{name}' has no result to assign: write it without '='")));
    }
    let reply = command(node, session, entry, Target { words, named, assigned: Some(&key.text) }).await?;
    if matches!(reply, Reply::Control(_)) {
        return Ok(reply);
    }
    rights::may_assign(session)?;
    assign::store(node, session, &key.text, script::Resolved::Text(render::text(&reply)))?;
    Ok(Reply::Empty)
}

/// The words of a command that was found.
struct Target<'a> {
    words: &'a [Word],
    named: usize,
    assigned: Option<&'a str>,
}

/// Checks the caller's rights, parses and executes; an error tells no secret that the words refer to.
async fn command(node: &Arc<Node>, session: &mut Session, entry: &Entry, target: Target<'_>) -> Result<Reply, Error> {
    rights::may_run(session, entry)?;
    let words = target.words;
    let parsed = {
        let needs_secrets = entry.role >= Role::Admin;
        let scope = if needs_secrets { SessionScope::with_secrets } else { SessionScope::new }(node, session);
        let Target { words, named, assigned } = target;
        (entry.parse)(&Line { words, named, assigned, scope: &scope })
    };
    let result = match parsed {
        Ok(command) => command.execute(node, session).await,
        Err(error) => Err(error),
    };
    let masked = |error: Error| {
        let scope = SessionScope::new(node, session);
        Error { detail: error.detail.map(|text| scope.masked(words, &text)), ..error }
    };
    result.map(|reply| sized(node, reply)).map_err(masked)
}

/// Gives a table the width that `set output table width` chose.
fn sized(node: &Node, reply: Reply) -> Reply {
    match reply {
        Reply::Table(table) if table.width.is_none() => {
            Reply::Table(Table { width: node.settings.get().table_width, ..table })
        }
        other => other,
    }
}
