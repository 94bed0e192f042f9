//! Where requests come in: each is found in the table, looked at from the outside in, and handed to its handler.

use super::{
    answer::PageAnswer,
    answers::{bare_error, error_page, written},
    console_settings::ConsoleSettings,
    csrf,
    form::PageForm,
    own_name::{check_host, host, misdirected},
    page_error::ConsoleError,
    page_request::{self, ConsoleRequest},
    response,
    shared::ConsoleShared,
    view::{self, ViewMethod, ViewRoute},
    visitor::Visitor,
};
use crate::{
    api::EventHub,
    command::access::{self, Permission},
    node::Role,
    rest::{
        AppState, Mount, Rights,
        execute::CommandContext,
        headers::RequestHeaders,
        page::Page,
        request::RequestHead,
        request_body::{self, RequestBody},
        rest_reply::RestReply,
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::BodyStream;
use hyper::{StatusCode, body::Incoming};
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use warp::reply::Response;

/// Where the console is.
const ROOT: &str = "/console";
/// Characters of a part of a path that stands for an id.
const ID: usize = 1024;

/// The console on the port of other callers.
#[derive(Clone, Debug)]
pub struct WebConsole(Arc<ConsoleShared>);

/// The console on a port of its own (`CONSOLE_PORT`), where nothing else answers.
#[derive(Clone, Debug)]
pub struct ConsoleAlone(pub WebConsole);

impl WebConsole {
    /// Creates the console; it shares the events of `/v1`.
    ///
    /// # Errors
    /// The random source of the system is not there.
    pub fn new(settings: ConsoleSettings, hub: EventHub) -> Result<Self, getrandom::Error> {
        Ok(Self(Arc::new(ConsoleShared::new(settings, hub)?)))
    }
}

#[async_trait]
impl Mount for WebConsole {
    fn name(&self) -> &'static str {
        "console"
    }

    fn has(&self, path: &str) -> bool {
        path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    async fn answer(&self, state: Arc<AppState>, head: Arc<RequestHead>, body: Incoming) -> Response {
        // Boxed, so that the connections do not move what a page needs.
        Box::pin(answer(&self.0, &state, &head, body)).await
    }

    fn refuse(&self, head: &RequestHead, refusal: RestReply) -> Response {
        let is_misdirected = refusal.status == StatusCode::MISDIRECTED_REQUEST;
        let error = if is_misdirected { misdirected(&host(head)) } else { ConsoleError::of_refusal(refusal) };
        bare_error(head, &error)
    }
}

#[async_trait]
impl Mount for ConsoleAlone {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn has(&self, _path: &str) -> bool {
        true
    }

    async fn answer(&self, state: Arc<AppState>, head: Arc<RequestHead>, body: Incoming) -> Response {
        if head.path() == "/" { response::redirect(ROOT, false) } else { self.0.answer(state, head, body).await }
    }

    fn refuse(&self, head: &RequestHead, refusal: RestReply) -> Response {
        self.0.refuse(head, refusal)
    }
}

async fn answer(shared: &ConsoleShared, state: &Arc<AppState>, head: &RequestHead, body: Incoming) -> Response {
    let begun = find(state, head).and_then(|(route, id)| {
        // What a page asks by itself says so.
        let is_use = route.is_use && !head.headers.contains_key("x-live");
        let visitor = Visitor::of(shared, state, head, is_use)?;
        Ok((route, id, visitor))
    });
    let (route, id, visitor) = match begun {
        Ok(begun) => begun,
        Err(error) => return refused(shared, state, head, &error),
    };
    match handle(shared, state, head, (route, id), &visitor, body).await {
        Ok(answer) => written(&state.node, head, &visitor, answer),
        Err(error) => error_page(&state.node, head, &visitor, &error),
    }
}

/// Finds what is asked for, under a name that leads here by right.
fn find<'a>(state: &AppState, head: &'a RequestHead) -> Result<(&'static ViewRoute, &'a str), ConsoleError> {
    check_host(state, head)?;
    view::find(&head.method, head.path())
}

async fn handle(
    shared: &ConsoleShared,
    state: &Arc<AppState>,
    head: &RequestHead,
    (route, id): (&ViewRoute, &str),
    visitor: &Visitor,
    body: Incoming,
) -> Result<PageAnswer, ConsoleError> {
    let context = context(state, head, route, visitor)?;
    let session = context.session();
    if let Some(access) = route.access
        && access::permission(session.door(), access) == Permission::No
    {
        let detail = format!("this needs the right to {}: sign in with a token that has it", access.name());
        return Err(ConsoleError::new(StatusCode::FORBIDDEN, "You may not do this", detail));
    }
    let id = percent_decode_str(id).decode_utf8().ok().filter(|id| id.chars().count() <= ID);
    let id = id.ok_or_else(|| ConsoleError::not_found("the path is too long, or not in UTF-8"))?.into_owned();
    let query = PageForm::url_encoded(head.query().as_bytes())?;
    let form = if route.method == ViewMethod::Post {
        if matches!(head.client.page, Page::Foreign | Page::Embedding) {
            let detail = "the request is of a page of another origin: open the console itself";
            return Err(ConsoleError::new(StatusCode::FORBIDDEN, "Nothing was changed", detail));
        }
        let body = read_body(state, head, route.form, body).await?;
        let form = PageForm::of_body(&head.headers, &body.bytes)?;
        let line = head.headers.get(csrf::HEADER).and_then(|line| line.to_str().ok());
        csrf::check(&visitor.csrf, line.or_else(|| form.text(csrf::FIELD)))?;
        form
    } else {
        PageForm::default()
    };
    (route.handler)(ConsoleRequest { state, shared, head, visitor, context, session, id, query, form }).await
}

/// Returns what the commands of a request share, with the rights of who asks.
fn context<'a>(
    state: &'a Arc<AppState>,
    head: &RequestHead,
    route: &ViewRoute,
    visitor: &Visitor,
) -> Result<CommandContext<'a>, ConsoleError> {
    let rights = match (&visitor.rights, route.access) {
        (Some(rights), _) => rights.clone(),
        (None, None) => Rights { role: Role::Read, user: None, foreign: true },
        (None, Some(_)) => return Err(ConsoleError::SignIn(wanted(head))),
    };
    Ok(CommandContext {
        node: &state.node,
        caller: head.client.address,
        rights,
        thread: state.thread(head.client.connection),
        timeout: state.timeout,
        cache: &state.cache,
    })
}

/// Returns where somebody goes on after signing in: to the page that was asked for, not to a part of one.
fn wanted(head: &RequestHead) -> String {
    let is_page = ViewMethod::of(&head.method) == Some(ViewMethod::Get) && !page_request::is_partial(head);
    let target = head.target.path_and_query().filter(|_| is_page);
    target.map_or_else(|| ROOT.to_owned(), |target| target.as_str().to_owned())
}

async fn read_body(
    state: &AppState,
    head: &RequestHead,
    limit: usize,
    body: Incoming,
) -> Result<RequestBody, ConsoleError> {
    let headers = RequestHeaders::read(&head.headers);
    let frames = futures_util::StreamExt::filter_map(BodyStream::new(body), |frame| {
        std::future::ready(match frame {
            Ok(frame) => frame.into_data().ok().map(Ok::<Bytes, hyper::Error>),
            Err(error) => Some(Err(error)),
        })
    });
    let read = request_body::read(state, &head.client, &headers, limit, frames).await;
    read.map_err(|refusal| ConsoleError::of_refusal(*refusal))
}

/// Answers a request that was refused before its sender was known.
fn refused(shared: &ConsoleShared, state: &AppState, head: &RequestHead, error: &ConsoleError) -> Response {
    let is_known_name = error.status() != StatusCode::MISDIRECTED_REQUEST;
    match Visitor::of(shared, state, head, false) {
        Ok(visitor) if is_known_name => error_page(&state.node, head, &visitor, error),
        _ => bare_error(head, error),
    }
}
