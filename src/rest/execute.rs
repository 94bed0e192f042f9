//! Runs one command of a request and makes its reply (reference/rest 2.3, 5, 6).

use crate::{
    command::{self, Selection},
    node::{Node, Origin, Output, Role, Session, secret},
    render,
    reply::{Code, Error, ErrorKind, Reply},
    rest::{
        auth::Rights,
        body_commands,
        captured_output::CapturedOutput,
        destination,
        parse::CommandRequest,
        response_cache::ResponseCache,
        rest_reply::{self, Detail, RestReply},
        verb::Verb,
    },
    runtime::limits,
};
use bytes::Bytes;
use hyper::{StatusCode, header::HeaderValue};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

/// What the commands of one request share.
pub struct CommandContext<'a> {
    /// The node.
    pub node: &'a Arc<Node>,
    /// Address of the caller.
    pub caller: SocketAddr,
    /// What the caller may do.
    pub rights: Rights,
    /// Name in the logs' thread column.
    pub thread: &'static str,
    /// Time that other nodes get when the request names none.
    pub timeout: Duration,
    /// Kept replies of the server.
    pub cache: &'a ResponseCache,
}

impl CommandContext<'_> {
    /// Creates the session of one request: its variables come before the dictionary.
    #[must_use]
    pub fn session(&self) -> Session {
        let origin =
            Origin::Rest { caller: self.caller.ip(), user: self.rights.user.clone(), is_foreign: self.rights.foreign };
        let session = Session::new(origin, self.rights.role, Arc::clone(&self.node.console), self.thread);
        Session { locals: Some(HashMap::new()), ..session }
    }

    /// Counts a body among the large answers of its caller, when it is one, until the last of its bytes has gone.
    ///
    /// # Errors
    /// 77 when too many of them are on their way already.
    pub fn counted(&self, body: Bytes) -> Result<Bytes, Error> {
        if body.len() < limits::REST_LARGE_REPLY {
            return Ok(body);
        }
        self.node.queries.counted(self.caller.ip(), body)
    }
}

/// Runs a command and answers it; a failure becomes the error JSON.
pub async fn execute(context: &CommandContext<'_>, request: &CommandRequest<'_>) -> RestReply {
    let mut session = context.session();
    let captured = request.prints_here.then(|| Arc::new(CapturedOutput::default()));
    session.flag = request.flag;
    if let Some(captured) = &captured {
        session.output = Arc::clone(captured) as Arc<dyn Output>;
    }
    let selection = command::select(&request.command);
    let verb = request.verb.for_command(selection.traits().verbs);
    let outcome = run(context, &mut session, request, &selection, verb).await;
    let outcome = match captured {
        Some(captured) => outcome.and_then(|reply| with_printed(context, &captured, reply)),
        None => outcome,
    };
    if let Err(error) = &outcome
        && error.code != Code::WRONG_METHOD
    {
        crate::node::report(context.node, &mut session, &request.command, error);
    }
    let caller = context.caller.ip();
    context.node.events.call(context.thread, caller, &request.command, outcome.as_ref().map(|_| ()));
    let reply = match outcome {
        Ok(reply) => reply,
        Err(error) => failed(context, request.program, verb, &error),
    };
    let mut reply = match &request.into {
        Some(kind) if !reply.body.is_empty() => {
            let page = page(context, reply, kind).await;
            page.unwrap_or_else(|error| failed(context, request.program, verb, &error))
        }
        _ => reply,
    };
    if request.prints_here {
        reply
            .headers
            .push((rest_reply::CONDITION, HeaderValue::from_static(if session.flag { "true" } else { "false" })));
    }
    reply
}

/// Puts what a command printed before its result; both together are another body, which counts anew.
fn with_printed(
    context: &CommandContext<'_>,
    captured: &CapturedOutput,
    result: RestReply,
) -> Result<RestReply, Error> {
    if captured.is_empty() {
        return Ok(result);
    }
    let mut reply = captured.before(result);
    reply.body = context.counted(reply.body)?;
    Ok(reply)
}

/// Answers an error; the echo queue, if it is on, keeps what the caller reads.
fn failed(context: &CommandContext<'_>, is_program: bool, verb: Verb, error: &Error) -> RestReply {
    let caller = context.caller.ip();
    let status = refusal_status(context, error);
    // Programs of the network compare the JSON they know, with `local_msg` where they know one; people always get it.
    let detail = if error.known || !is_program { Detail::Body } else { Detail::Header };
    let reply = RestReply::error(status, verb.name(), caller, error, detail);
    if error.code != Code::WRONG_METHOD && context.node.events.echo_is_on() {
        let said = crate::rest::request::text(&reply.body);
        context.node.events.echo(&format!("REST call error: <{said}> sent to: {}", context.caller));
    }
    reply
}

/// A caller without the right is asked for a token unless it has shown one.
fn refusal_status(context: &CommandContext<'_>, error: &Error) -> StatusCode {
    if error.code == Code::UNAUTHORIZED && context.rights.needs_token() {
        StatusCode::UNAUTHORIZED
    } else if error.kind == ErrorKind::Stopping {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        rest_reply::status_of(error.code)
    }
}

/// Makes a page of a reply: a large one where it holds nobody up, and counted like other large answers.
///
/// # Errors
/// 77 when the reply is too large for a page, or too much is on its way already; 76 when too much waits.
async fn page(context: &CommandContext<'_>, reply: RestReply, kind: &str) -> Result<RestReply, Error> {
    let bytes = reply.body.len();
    if bytes > limits::REST_PAGE {
        let most = limits::REST_PAGE;
        let detail =
            format!("the result has {bytes} bytes, and a page shows at most {most}: leave out 'into', or ask for less");
        return Err(Error::with(Code::QUERY_VOLUME, detail));
    }
    let as_text = !reply.is_json || kind.trim().eq_ignore_ascii_case("html.text");
    let result = reply.body.clone();
    let write = move || {
        let text = crate::rest::request::text(&result);
        if as_text { render::html(&text) } else { render::html_of_json(&text) }
    };
    let page = if bytes <= limits::REST_PAGE_AT_ONCE {
        write()
    } else {
        context.node.queries.apart(Some(context.caller.ip()), write).await?
    };
    let body = context.counted(page.into())?;
    Ok(RestReply { kind: Some(rest_reply::PAGE), is_json: false, body, ..reply })
}

async fn run(
    context: &CommandContext<'_>,
    session: &mut Session,
    request: &CommandRequest<'_>,
    selection: &Selection<'_>,
    verb: Verb,
) -> Result<RestReply, Error> {
    if !verb.carries(selection.traits().verbs) {
        return Err(Code::WRONG_METHOD.into());
    }
    run_body(context, session, &request.before, verb).await?;
    if !request.destination.is_empty() {
        let reply = Box::pin(destination::run(context, session, request, selection, verb)).await?;
        let body = context.counted(render::text(&reply).into())?;
        return Ok(RestReply { is_json: true, ..RestReply::typed("text/json", body) });
    }
    if let Some(name) = &request.assignment {
        if name.contains(char::is_whitespace) {
            let detail = "the 'assignment' header names one variable, without blanks";
            return Err(Error::with(Code::STRUCTURE, detail));
        }
        let reply = selection.run_assigned(context.node, session, name).await?;
        return shown(context, session, selection, reply).await;
    }
    if selection.traits().cacheable && request.columns.is_none() {
        return run_cached(context, session, selection).await;
    }
    let reply = selection.run(context.node, session).await?;
    let reply = match request.columns {
        Some(columns) => reply.fitted(columns),
        None => reply,
    };
    shown(context, session, selection, reply).await
}

/// Takes the kept reply, or runs the command and keeps its reply when no policy changed meanwhile.
async fn run_cached(
    context: &CommandContext<'_>,
    session: &mut Session,
    selection: &Selection<'_>,
) -> Result<RestReply, Error> {
    let generation = || context.node.ledger.view().generation();
    let before = generation();
    if let Some(kept) = context.cache.get(selection.text(), before) {
        context.node.events.succeeded(&session.thread, selection.text());
        return with_counted(context, kept);
    }
    let reply = selection.run(context.node, session).await?;
    let reply = written(context, session, selection, reply).await?;
    if generation() == before && selection.reads_policies_alone() {
        // What is kept is bounded by itself: it counts while it is on its way alone.
        context.cache.keep(selection.text(), before, reply.clone());
    }
    with_counted(context, reply)
}

/// Returns what the caller reads, counted when it is large.
async fn shown(
    context: &CommandContext<'_>,
    session: &Session,
    selection: &Selection<'_>,
    reply: Reply,
) -> Result<RestReply, Error> {
    with_counted(context, written(context, session, selection, reply).await?)
}

/// Counts the body of a reply among the large answers, when it is one.
fn with_counted(context: &CommandContext<'_>, reply: RestReply) -> Result<RestReply, Error> {
    Ok(RestReply { body: context.counted(reply.body)?, ..reply })
}

/// Writes what the caller reads; the result of a command that does not answer goes to the node's console.
async fn written(
    context: &CommandContext<'_>,
    session: &Session,
    selection: &Selection<'_>,
    reply: Reply,
) -> Result<RestReply, Error> {
    if !selection.traits().answers {
        session.output.show(&reply);
        return Ok(RestReply::from_reply(Reply::Empty));
    }
    if reply.is_large() {
        // Megabytes are not written where other callers are served.
        let caller = context.caller.ip();
        return context.node.queries.apart(Some(caller), || RestReply::from_reply(reply)).await;
    }
    Ok(RestReply::from_reply(reply))
}

/// Runs the commands of the body in order; a failing one stops the request.
async fn run_body(context: &CommandContext<'_>, session: &mut Session, body: &str, verb: Verb) -> Result<(), Error> {
    let commands = body_commands::commands(body);
    if commands.len() > limits::REST_BODY_COMMANDS {
        let detail =
            format!("the message body holds {} commands, at most {}", commands.len(), limits::REST_BODY_COMMANDS);
        return Err(Error::with(Code::LARGE_COMMAND, detail));
    }
    for (number, text) in (1..).zip(&commands) {
        let selection = command::select(text);
        if verb == Verb::Get && !selection.runs_no_command() {
            let detail = format!(
                "Command #{number} in the message body of a GET is no assignment: '{}': use POST",
                secret::masked(text)
            );
            return Err(Error::with(Code::WRONG_METHOD, detail));
        }
        let reply = selection.run(context.node, session).await.map_err(|error| in_body(number, text, error))?;
        session.output.show(&reply);
    }
    Ok(())
}

fn in_body(number: usize, text: &str, error: Error) -> Error {
    let place = format!("Error with command #{number} in the message body: '{}'", secret::masked(text));
    let detail = error.detail.map_or(place.clone(), |detail| format!("{place}: {detail}"));
    Error::known(error.code, detail)
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
    use crate::{
        boot,
        ledger::{Author, Change, ConnectedDatabase, DatabaseTarget, OnDuplicate, PolicyCheck, PolicyInsert},
        policy::Policy,
    };
    use std::net::{IpAddr, Ipv4Addr};

    const CALLER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    /// Builds a node whose ledger has one policy with a long text.
    async fn node_with_long_policy() -> Arc<Node> {
        let node = boot::unattended();
        let database = ConnectedDatabase::connect("blockchain", DatabaseTarget::Memory, None).await.unwrap();
        node.ledger.attach(database.store().unwrap()).await.unwrap();
        node.ledger.create_table().await.unwrap();
        let text = "x".repeat(2 * limits::REST_LARGE_REPLY);
        let policy = serde_json::json!({"big": {"id": "b", "date": "2026-01-01T00:00:00.000000Z", "text": text}});
        let (policy, check) = (Policy::from_value(policy).unwrap(), PolicyCheck::Nothing);
        let insert = PolicyInsert { policy, host: "test".into(), check, on_duplicate: OnDuplicate::Refuse };
        node.ledger.write(Change::Insert(insert), Author::new("test")).await.unwrap();
        node
    }

    async fn answer(node: &Arc<Node>, cache: &ResponseCache, command: &str) -> RestReply {
        let rights = Rights { role: Role::Read, user: None, foreign: false };
        let (caller, timeout) = (SocketAddr::from((CALLER, 1)), Duration::from_secs(1));
        let context = CommandContext { node, caller, rights, thread: "rest_0", timeout, cache };
        let request = CommandRequest {
            program: false,
            verb: Verb::Get,
            command: command.into(),
            before: "".into(),
            destination: "".into(),
            timeout: None,
            subset: false,
            into: None,
            assignment: None,
            prints_here: false,
            columns: None,
            flag: false,
        };
        execute(&context, &request).await
    }

    #[tokio::test]
    async fn a_large_answer_of_any_form_counts_while_it_is_on_its_way_and_not_while_it_is_kept() {
        let (node, cache) = (node_with_long_policy().await, ResponseCache::default());
        // More than there is room for: it is taken while nothing else is on its way.
        let everything = || node.queries.counted(CALLER, Bytes::from(vec![0; limits::LARGE_ANSWERS + 1]));
        for command in
            ["blockchain get big", "blockchain get big bring.list [*][text]", "blockchain get big bring [*][text]"]
        {
            let others = everything().expect("nothing is on its way");
            let refused = answer(&node, &cache, command).await;
            let told = String::from_utf8_lossy(&refused.body).into_owned();
            assert!(refused.status == StatusCode::BAD_REQUEST && told.contains("large answers"), "{command}: {told}");
            drop(others);
            for turn in ["written", "kept"] {
                let answered = answer(&node, &cache, command).await;
                assert!(answered.body.len() > limits::REST_LARGE_REPLY, "{command}, {turn}: {}", answered.status);
                assert!(everything().is_err(), "{command}, {turn}: it is on its way");
                drop(answered);
                assert!(everything().is_ok(), "{command}, {turn}: it is on its way to nobody");
            }
        }
    }
}
