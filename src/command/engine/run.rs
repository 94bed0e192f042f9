//! The one road: text of a command → words → entry of the catalog → typed command → reply
//! (reference/command-language 4).

use crate::{
    command::engine::{Catalog, Entry, Line, Selection, rights},
    node::{Commands, Door, Node, Session, SessionScope, caller_address, report, secret, variables},
    render,
    reply::{Code, Error, ErrorKind, Reply, Table},
    script::{self, Form, Resolved, Word, WordKind},
    telemetry::traces::{Ended, Span, traced},
};
use async_trait::async_trait;
use std::{borrow::Cow, future::Future, pin::Pin, sync::Arc, time::Instant};

/// The future of a command that runs commands.
type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'a>>;

impl Selection<'_> {
    /// Runs what was selected for a caller and returns its reply.
    ///
    /// The prompt cuts its lines at `&` itself; from everybody else what stands behind an `&` is not run, and a warning
    /// says so.
    ///
    /// # Errors
    /// The code and the reason, when the text is no command or the command fails.
    pub async fn run(&self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        session.reported = None;
        let (started, door) = (Instant::now(), session.door());
        let result = traced(|| self.span(door), self.run_nested(node, session), ended).await;
        node.figures.command(self.kind(), door, &result, started.elapsed());
        result
    }

    /// Runs what was selected and stores its result under a key, as `key = command` does.
    ///
    /// # Errors
    /// The command's own, code 2 for a key that is not one word, and what storing it says.
    pub async fn run_assigned(&self, node: &Arc<Node>, session: &mut Session, key: &str) -> Result<Reply, Error> {
        session.reported = None;
        let started = Instant::now();
        let result = self.store_result(node, session, key).await;
        node.figures.command(self.kind(), session.door(), &result, started.elapsed());
        result
    }

    async fn store_result(&self, node: &Arc<Node>, session: &mut Session, key: &str) -> Result<Reply, Error> {
        self.check(node, session)?;
        let [key] = <[Word; 1]>::try_from(script::words(key)?)
            .map_err(|_| Error::with(Code::STRUCTURE, format!("'{key}' is not the name of one variable")))?;
        let equal = Word { text: "=".to_owned(), kind: WordKind::Operator };
        let line = [&[key, equal][..], self.words()].concat();
        run_words(self.catalog, node, session, &line).await
    }

    /// Describes the line for traces: its kind alone, as its words may hold what is nobody's business.
    fn span(&self, door: Door) -> Span<'static> {
        let attributes = vec![("anylog.command", self.kind().to_owned()), ("anylog.door", door.name().to_owned())];
        Span { name: "command", attributes, parent: None }
    }

    /// Returns the name under which the figures count the line.
    fn kind(&self) -> &'static str {
        match self.found {
            Some((entry, _)) => entry.kind(),
            None if matches!(Form::of(self.words()), Form::Assignment { .. }) => "assignment",
            None => "none",
        }
    }

    /// Runs what was selected inside a running command: the line of a script or of a policy.
    async fn run_nested(&self, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        self.check(node, session)?;
        let words = self.words();
        let result = match self.found {
            Some((entry, named)) => {
                let target = Target { words, named, assigned: None };
                command(self.catalog, node, session, entry, target).await
            }
            None => step(self.catalog, node, session, words).await,
        };
        // A name alone is a line as it stands.
        let line = self.name().map_or_else(|| script::rejoined(words).into(), Cow::Borrowed);
        let result = result.map_err(|error| unrepeated(error, &line));
        log(node, session, &logged(&line, &result), &result);
        result
    }

    /// Refuses a text that cannot be cut into words, and warns about what is not run.
    fn check(&self, node: &Node, session: &Session) -> Result<(), Error> {
        if let Some(error) = self.unreadable() {
            return Err(log_unreadable(node, session, self.text, error.clone()));
        }
        if let Some(rest) = self.ignored() {
            let ignored = format!("ignored behind '&', write it on a line of its own: {}", rest.trim());
            node.events.warning(&session.thread, &ignored);
        }
        Ok(())
    }
}

#[async_trait]
impl Commands for &'static Catalog {
    async fn run(&self, node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error> {
        check_depth(session)?;
        session.nested += 1;
        let result = self.select(text).run(node, session).await;
        session.nested -= 1;
        result
    }

    async fn run_text(&self, node: &Arc<Node>, session: &mut Session, text: &str) -> Result<Reply, Error> {
        self.select(text).run_nested(node, session).await
    }

    async fn run_words(&self, node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error> {
        run_words(self, node, session, words).await
    }

    async fn run_inner(&self, node: &Arc<Node>, session: &mut Session, words: &[Word]) -> Result<Reply, Error> {
        check_depth(session)?;
        session.nested += 1;
        let result = run_words(self, node, session, words).await;
        session.nested -= 1;
        if let Err(error) = &result {
            report(node, session, &script::rejoined(words), error);
        }
        result
    }

    fn begins(&self, word: &str) -> bool {
        Catalog::begins(self, word)
    }
}

/// Refuses a command inside too many others: a task may run itself, and the stack has an end.
fn check_depth(session: &Session) -> Result<(), Error> {
    if session.nested < script::COMMAND_DEPTH {
        return Ok(());
    }
    let detail = format!("{} commands inside each other: write them on lines of their own", script::COMMAND_DEPTH);
    Err(Error::with(Code::STRUCTURE, detail))
}

/// Says how a command ended, for traces.
fn ended(result: &Result<Reply, Error>) -> Ended {
    let failure = result.as_ref().err().map(|error| error.code.text().to_owned());
    Ended { failure, status: None }
}

/// Runs the words of one command inside another one.
fn run_words<'a>(
    catalog: &'static Catalog,
    node: &'a Arc<Node>,
    session: &'a mut Session,
    words: &'a [Word],
) -> Running<'a> {
    Box::pin(async move {
        let line = script::rejoined(words);
        let result = step(catalog, node, session, words).await.map_err(|error| unrepeated(error, &line));
        log(node, session, &logged(&line, &result), &result);
        result
    })
}

/// Returns a line as logs take it: where a line failed nobody knows what its words are, and none that may be a key is kept.
fn logged<'a>(line: &'a str, result: &Result<Reply, Error>) -> Cow<'a, str> {
    if result.is_err() { secret::unrepeated(line, line) } else { line.into() }
}

/// Returns the error of a line without the secrets that were typed into the line: a mistake beside a key does not show the key.
fn unrepeated(error: Error, line: &str) -> Error {
    match error.detail.as_deref().map(|detail| secret::unrepeated(detail, line)) {
        Some(Cow::Owned(detail)) => Error { detail: Some(detail), ..error },
        _ => error,
    }
}

/// Logs what became of a command; an empty line, and what only steers a script, is none.
pub(super) fn log(node: &Node, session: &Session, line: &str, result: &Result<Reply, Error>) {
    if line.is_empty() {
        return;
    }
    match result {
        Ok(Reply::Control(_)) => {}
        Ok(_) => node.events.succeeded(&session.thread, line),
        Err(error) if error.code == Code::CONCATENATION => {
            node.events.error(&session.thread, error.detail.as_deref().unwrap_or_default());
        }
        Err(error) if matches!(error.kind, ErrorKind::UnknownCommand | ErrorKind::WrongMember) => {
            // What the caller may have meant is for the caller alone.
            node.events.failed(&session.thread, line, &Error::new(error.code));
        }
        Err(error) => node.events.failed(&session.thread, line, error),
    }
    if let Err(error) = result {
        log_traceback(node, session, line, error);
    }
}

/// Writes a failed command with its reason to the program's log, while `set exception traceback on` holds.
fn log_traceback(node: &Node, session: &Session, line: &str, error: &Error) {
    if node.settings.get().traceback {
        let (thread, depth, error) = (&*session.thread, session.depth, error.to_string());
        tracing::warn!(thread, depth, command = %secret::masked(line), error, "command failed");
    }
}

/// Logs a text that cannot even be cut into words.
fn log_unreadable(node: &Node, session: &Session, text: &str, error: script::Error) -> Error {
    let error = unrepeated(error.into(), text);
    match error.code {
        Code::BRACKETS => node.events.failed(&session.thread, &secret::unrepeated(text, text), &error),
        _ => node.events.error(&session.thread, error.detail.as_deref().unwrap_or_default()),
    }
    error
}

/// Takes one line: a value that is shown, an assignment, or a command.
async fn step(
    catalog: &'static Catalog,
    node: &Arc<Node>,
    session: &mut Session,
    words: &[Word],
) -> Result<Reply, Error> {
    match Form::of(words) {
        Form::Nothing => Ok(Reply::Empty),
        Form::Reference(word) => {
            let value = script::resolve(word, &SessionScope::new(node, session));
            Ok(match value {
                value if value.is_empty() => Reply::Empty,
                Resolved::Text(text) => Reply::written_value(text),
                value => Reply::Value(value.into_value()),
            })
        }
        Form::Concatenation(words) => {
            let text = script::concatenation(words, &SessionScope::new(node, session))?;
            Ok(if text.is_empty() { Reply::Empty } else { Reply::written_value(text) })
        }
        Form::Assignment { key, words } => assign(catalog, node, session, key, words).await,
        Form::Command(words) => match catalog.find(words, 0)? {
            Some((entry, named)) => {
                command(catalog, node, session, entry, Target { words, named, assigned: None }).await
            }
            None => Err(catalog.unknown(words)),
        },
    }
}

/// Stores a command's result, or a value, under a key.
async fn assign(
    catalog: &'static Catalog,
    node: &Arc<Node>,
    session: &mut Session,
    key: &Word,
    words: &[Word],
) -> Result<Reply, Error> {
    if !script::keeps_old_value(words) {
        rights::may_assign(node, session)?;
        variables::forget(node, session, &key.text);
    }
    let found = catalog.find(words, 2).map_err(|error| or_text(error, key, words))?;
    // What prompts alone carry out has no result anywhere: here its words are a text.
    let Some((entry, named)) = found.filter(|(entry, _)| !entry.traits.at_prompt) else {
        if words.first().is_some_and(|first| catalog.is_shared(&first.text)) {
            return Err(or_text(catalog.wrong_member(words), key, words));
        }
        rights::may_assign(node, session)?;
        let scope = SessionScope::for_key(node, session, &key.text, |scope| {
            script::value(words, scope).ok().map(Resolved::into_text)
        });
        let value = script::value(words, &scope).map_err(|error| {
            let line = format!("{} = {}", key.text, script::joined(words));
            Error::with(Code::UNRECOGNIZED_COMMAND, error.to_string().replace(&script::joined(words), &line))
        })?;
        variables::store(node, session, &key.text, value)?;
        return Ok(Reply::Empty);
    };
    if !entry.assigns {
        let name = entry.words;
        return Err(Error::with(Code::STRUCTURE, format!("'{name}' has no result to assign: write it without '='")));
    }
    let reply = command(catalog, node, session, entry, Target { words, named, assigned: Some(&key.text) }).await?;
    if matches!(reply, Reply::Control(_)) {
        return Ok(reply);
    }
    rights::may_assign(node, session)?;
    // A variable holds text. This is the one place where a command's reply becomes one before it reaches an edge.
    let text = if reply.is_large() {
        // Megabytes are not written where other callers are served.
        node.queries.apart(caller_address(session), move || render::text(&reply)).await?
    } else {
        render::text(&reply)
    };
    variables::store(node, session, &key.text, Resolved::Text(text))?;
    Ok(Reply::Empty)
}

/// Adds to the refusal of a wrong command how its words are stored as a text, which may be what was meant.
fn or_text(error: Error, key: &Word, words: &[Word]) -> Error {
    let text = script::joined(words);
    let detail = error.detail.as_deref().unwrap_or_default();
    let detail = format!("{detail}; to store the text, write: set {} = \"{text}\"", key.text);
    Error { detail: Some(detail), ..error }
}

/// The words of a command that was found.
struct Target<'a> {
    words: &'a [Word],
    named: usize,
    assigned: Option<&'a str>,
}

/// Checks the caller's rights, parses and runs; an error tells no secret that the words refer to.
async fn command(
    catalog: &'static Catalog,
    node: &Arc<Node>,
    session: &mut Session,
    entry: &Entry,
    target: Target<'_>,
) -> Result<Reply, Error> {
    let Target { words, named, assigned } = target;
    let parse = |scope: SessionScope<'_>| (entry.parse)(&Line { words, named, assigned, scope: &scope, catalog });
    if let Err(refusal) = rights::may_run(node, session, entry) {
        // Words that only a family would take (`get xyzzy`) are no command, whoever sends them.
        let wrong = parse(SessionScope::new(node, session)).err();
        return Err(wrong.filter(|error| error.kind == ErrorKind::WrongMember).unwrap_or(refusal));
    }
    let parsed = parse(if entry.opens_secrets { SessionScope::with_secrets } else { SessionScope::new }(node, session));
    let result = match parsed {
        Ok(command) => command.run(node, session).await,
        Err(error) => Err(error),
    };
    let masked = |error: Error| {
        let scope = SessionScope::new(node, session);
        Error { detail: error.detail.map(|text| scope.masked(words, &text)), ..error }
    };
    result.map(|reply| with_table_width(node, reply)).map_err(masked)
}

/// Gives a table the width that `set output table width` chose.
fn with_table_width(node: &Node, reply: Reply) -> Reply {
    match reply {
        Reply::Table(table) if table.width.is_none() => {
            Reply::Table(Table { width: node.settings.get().table_width, ..table })
        }
        other => other,
    }
}
