//! Runs one command of a request and makes its answer (reference/rest 2.3, 5, 6).

use crate::{
    command,
    node::{Node, Origin, Output, Role, Session},
    render,
    reply::{Code, Error, Reply},
    rest::{
        answer::{self, Answer, Detail},
        auth::Rights,
        body,
        carrier::Call,
        listing::{self, Listings},
        method::{self, Verb},
        printed::Printed,
        remote,
    },
    runtime::limits,
};
use hyper::StatusCode;
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

/// What every call of one request shares.
pub struct Context<'a> {
    /// The node.
    pub node: &'a Arc<Node>,
    /// Address of the caller.
    pub caller: SocketAddr,
    /// What the caller may do.
    pub rights: Rights,
    /// Name in the logs' thread column.
    pub thread: &'static str,
    /// Where plain output goes.
    pub console: &'a Arc<dyn Output>,
    /// Time that other nodes get when the request names none.
    pub timeout: Duration,
    /// Kept answers of the server.
    pub listings: &'a Listings,
}

impl Context<'_> {
    /// Creates the session of one request: its variables come before the dictionary.
    #[must_use]
    pub fn session(&self) -> Session {
        Session {
            origin: Origin::Rest { caller: self.caller.ip(), user: self.rights.user.clone() },
            role: self.rights.role,
            flag: false,
            locals: Some(HashMap::new()),
            destination: None,
            depth: 0,
            nested: 0,
            shown: None,
            debug: false,
            output: Arc::clone(self.console),
            thread: self.thread.into(),
        }
    }
}

/// Runs a call and answers it; a failure becomes the error JSON.
pub async fn answer(context: &Context<'_>, call: &Call<'_>) -> Answer {
    let mut session = context.session();
    let printed = call.prints_here.then(|| Arc::new(Printed::default()));
    if let Some(printed) = &printed {
        session.output = Arc::clone(printed) as Arc<dyn Output>;
    }
    let outcome = checked(context, &mut session, call).await;
    let outcome = match printed {
        Some(printed) => outcome.map(|reply| Answer::result(printed.before(&reply.body))),
        None => outcome,
    };
    if let Err(error) = &outcome
        && error.code != Code::WRONG_METHOD
    {
        crate::node::report(context.node, &mut session, &call.command, error);
    }
    let caller = context.caller.ip();
    context.node.events.call(context.thread, caller, &call.command, outcome.as_ref().map(|_| ()));
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => failed(context, call, &error),
    };
    match &call.into {
        Some(kind) if !reply.body.is_empty() => page(reply, kind),
        _ => reply,
    }
}

/// Answers an error; the echo queue, if it is on, keeps what the caller reads.
fn failed(context: &Context<'_>, call: &Call<'_>, error: &Error) -> Answer {
    let caller = context.caller.ip();
    let status = refusal_status(context, error);
    let reply = Answer::error(status, call.verb.name(), caller, error, place_of(call, error));
    if error.code != Code::WRONG_METHOD && context.node.events.echo_is_on() {
        let said = crate::rest::request::text(&reply.body);
        context.node.events.echo(&format!("REST call error: <{said}> sent to: {}", context.caller));
    }
    reply
}

/// Programs of the network get the JSON they know, with `local_msg` where they know one; people get it always.
fn place_of(call: &Call<'_>, error: &Error) -> Detail {
    if error.known || !call.program { Detail::Body } else { Detail::Header }
}

/// A caller without the right is asked for a token unless it has shown one.
fn refusal_status(context: &Context<'_>, error: &Error) -> StatusCode {
    if error.code == Code::UNAUTHORIZED && context.rights.needs_token() {
        StatusCode::UNAUTHORIZED
    } else {
        answer::status_of(error.code)
    }
}

fn page(reply: Answer, kind: &str) -> Answer {
    let text = crate::rest::request::text(&reply.body);
    let page = render::html(&text, kind);
    Answer { kind: Some("text/html"), body: page.into(), ..reply }
}

async fn checked(context: &Context<'_>, session: &mut Session, call: &Call<'_>) -> Result<Answer, Error> {
    if !method::allows(call.verb, &call.command) {
        return Err(Code::WRONG_METHOD.into());
    }
    run_body(context, session, call).await?;
    if !call.destination.is_empty() {
        return Box::pin(remote::run(context, session, call)).await.map(|text| Answer::typed("text/json", text));
    }
    match &call.assignment {
        Some(name) => {
            let reply = run(context, session, &assigned(name, &call.command)?).await?;
            Ok(shown(session, &call.command, reply))
        }
        None if listing::asks_policies(&call.command) => listed(context, session, &call.command).await,
        None => {
            let reply = run(context, session, &call.command).await?;
            Ok(shown(session, &call.command, reply))
        }
    }
}

/// Answers from the kept listing, or runs the command and keeps its answer when no policy changed meanwhile.
async fn listed(context: &Context<'_>, session: &mut Session, command: &str) -> Result<Answer, Error> {
    let generation = || context.node.ledger.view().generation();
    let before = generation();
    if let Some(kept) = context.listings.get(command, before) {
        context.node.events.succeeded(&session.thread, command);
        return Ok(kept);
    }
    let reply = run(context, session, command).await?;
    let answer = shown(session, command, reply);
    if generation() == before && listing::is_listing(command) {
        context.listings.keep(command, before, answer.clone());
    }
    Ok(answer)
}

async fn run(context: &Context<'_>, session: &mut Session, text: &str) -> Result<Reply, Error> {
    command::run(context.node, session, text).await
}

/// Returns what the caller reads; the plain result of a command that is not a question goes to the node's console.
fn shown(session: &Session, command: &str, reply: Reply) -> Answer {
    let text = match reply {
        Reply::Text(text) if is_question(command) => text,
        reply if is_question(command) => render::text(&reply),
        reply => {
            session.output.show(&reply);
            String::new()
        }
    };
    Answer::result(text.into())
}

/// Tells whether a command's result is the reply (reference/command-language 1).
fn is_question(command: &str) -> bool {
    let mut words = command.split_ascii_whitespace();
    match (words.next(), words.next()) {
        (Some("get" | "help" | "test" | "query" | "sql" | "job"), second) => second != Some("="),
        (Some("blockchain"), Some("get" | "read" | "test" | "pull")) => true,
        _ => false,
    }
}

/// Writes a command whose result goes into a variable.
fn assigned(name: &str, command: &str) -> Result<String, Error> {
    if name.contains(char::is_whitespace) {
        return Err(Error::with(Code::STRUCTURE, "the 'assignment' header names one variable, without blanks"));
    }
    Ok(format!("{name} = {command}"))
}

/// Runs the commands of the body in order; a failing one stops the request.
async fn run_body(context: &Context<'_>, session: &mut Session, call: &Call<'_>) -> Result<(), Error> {
    let commands = body::commands(&call.before);
    if commands.len() > limits::REST_BODY_COMMANDS {
        let detail =
            format!("the message body holds {} commands, at most {}", commands.len(), limits::REST_BODY_COMMANDS);
        return Err(Error::with(Code::LARGE_COMMAND, detail));
    }
    for (number, text) in (1..).zip(&commands) {
        if call.verb == Verb::Get && !text.starts_with('#') && !is_assignment(text) {
            let detail = format!("Command #{number} in the message body of a GET is no assignment: '{text}': use POST");
            return Err(Error::with(Code::WRONG_METHOD, detail));
        }
        let reply = run(context, session, text).await.map_err(|error| in_body(number, text, error))?;
        session.output.show(&reply);
    }
    Ok(())
}

fn in_body(number: usize, text: &str, error: Error) -> Error {
    let place = format!("Error with command #{number} in the message body: '{text}'");
    let detail = error.detail.map_or(place.clone(), |detail| format!("{place}: {detail}"));
    Error::known(error.code, detail)
}

/// Tells whether a body command does no more than set a variable to a value.
fn is_assignment(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let name = name.trim();
    let first = value.split_whitespace().next().unwrap_or_default();
    let named = command::CATALOG.entries().filter_map(|entry| entry.words.split(' ').next());
    !name.is_empty() && !name.contains(char::is_whitespace) && !named.into_iter().any(|word| word == first)
}

impl Rights {
    /// Tells whether a token would give this caller more.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        self.user.is_none() && self.role < Role::Publish && !self.foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_are_assignments() {
        assert!(is_assignment("gb=42"));
        assert!(is_assignment("new_policy = {\"a\": {\"b\": 1}}"));
        assert!(!is_assignment("print x"));
        assert!(!is_assignment("= 5"));
    }

    #[test]
    fn questions_answer_and_orders_print() {
        for (command, expected) in [
            ("get status", true),
            ("blockchain get *", true),
            ("blockchain test", true),
            ("blockchain insert where policy = !p", false),
            ("x = get status", false),
            ("print x", false),
            ("incr 5", false),
        ] {
            assert_eq!(is_question(command), expected, "{command}");
        }
    }

    #[test]
    fn an_assignment_header_is_one_name() {
        assert_eq!(assigned("zz", "get status").unwrap(), "zz = get status");
        assert!(assigned("a b", "get status").is_err());
    }
}
