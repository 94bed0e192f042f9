//! Where requests come in: each is found in the table, looked at from the outside in, and handed to its handler.

use crate::{
    api::{
        answers::document,
        call::{self, ApiCall},
        commands, content,
        events::{self, EventHub, StreamEnd, StreamRequest},
        history,
        idempotency::Idempotency,
        node_state, openapi,
        operations::{ApiMethod, OPERATIONS, Operation, Task},
        page, policies,
        problem::{Problem, ProblemKind},
        query_items::QueryItems,
    },
    command::{Entry, ledger::documents},
    rest::{AppState, Mount, authorized, headers::RequestHeaders, request::RequestHead, rest_reply::RestReply},
};
use async_trait::async_trait;
use hyper::{
    Method,
    body::Incoming,
    header::{self, HeaderValue},
};
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use warp::{Reply as _, reply::Response};

/// Answers `/v1/…` and `/openapi.json`.
pub struct Api {
    keys: Idempotency,
    hub: EventHub,
}

impl Default for Api {
    fn default() -> Self {
        Self::new(EventHub::default())
    }
}

impl Api {
    /// Creates the interface, with the events that others may share.
    #[must_use]
    pub fn new(hub: EventHub) -> Self {
        Self { keys: Idempotency::default(), hub }
    }
}

/// An answer on its way.
enum Answer {
    /// One that is written as every other one.
    Reply(RestReply),
    /// One that was written already: a stream, a page.
    Written(Response),
}

#[async_trait]
impl Mount for Api {
    fn name(&self) -> &'static str {
        "api"
    }

    fn has(&self, path: &str) -> bool {
        path == "/openapi.json" || path.strip_prefix("/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    async fn answer(&self, state: Arc<AppState>, head: Arc<RequestHead>, body: Incoming) -> Response {
        // Boxed, so that the connections do not move what a request needs.
        match Box::pin(self.handle(&state, &head, body)).await {
            Ok(Answer::Reply(reply)) => reply.into_response(),
            Ok(Answer::Written(response)) => response,
            Err(problem) => problem.into_reply(head.path()).into_response(),
        }
    }

    fn refuse(&self, head: &RequestHead, refusal: RestReply) -> Response {
        Problem::of_refusal(refusal).into_reply(head.path()).into_response()
    }

    fn refuse_unread(&self, path: &str, refusal: RestReply) -> Option<RestReply> {
        Some(Problem::of_refusal(refusal).into_reply(path))
    }
}

impl Api {
    async fn handle(&self, state: &Arc<AppState>, head: &RequestHead, body: Incoming) -> Result<Answer, Problem> {
        if head.method == Method::OPTIONS {
            let asked = head.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
            return Ok(Answer::Reply(RestReply::preflight(asked)));
        }
        let (operation, id) = find(head)?;
        if !content::takes(&head.headers, operation.content) {
            let detail = format!("the answer is {}, which the Accept line does not take", operation.content);
            return Err(Problem::new(ProblemKind::NotAcceptable, detail));
        }
        if operation.open {
            QueryItems::read(head.query(), operation)?;
            return Ok(match operation.task {
                Task::Page => Answer::Written(page::page()),
                _ => Answer::Reply(openapi::reply()),
            });
        }
        let headers = RequestHeaders::read(&head.headers);
        let context = authorized(state, head, &headers).map_err(|refusal| Problem::of_refusal(*refusal))?;
        let session = context.session();
        call::check_rights(entry(operation.task), &context, &session)?;
        let query = QueryItems::read(head.query(), operation)?;
        call::check_required(operation, &query)?;
        call::check_headers(operation, head)?;
        let id = decoded(id)?;
        let body = call::read_body(state, head, (operation, &context.rights), body).await?;
        let call = ApiCall { state, head, operation, context, session, id, query, body };
        self.dispatch(call).await
    }

    async fn dispatch(&self, mut call: ApiCall<'_>) -> Result<Answer, Problem> {
        let reply = match call.operation.task {
            Task::ListPolicies => policies::list(&call).await?,
            Task::AddPolicies => policies::add(&call, &self.keys).await?,
            Task::GetPolicy => policies::get(&call).await?,
            Task::ReplacePolicy => policies::replace(&call).await?,
            Task::DropPolicy => policies::remove(&call).await?,
            Task::History => history::changes(&call).await?,
            Task::AskByUrl => commands::ask_by_url(&mut call).await?,
            Task::Ask => commands::ask(&mut call).await?,
            Task::Events => {
                let end = StreamEnd { stop: call.state.stop.clone(), ..StreamEnd::default() };
                let topics = call.query.text("topics");
                let request = StreamRequest { head: call.head, context: &call.context, topics, end };
                return events::follow(request, &self.hub).await.map(Answer::Written);
            }
            Task::Members => node_state::members(&mut call).await?,
            Task::Processes => node_state::processes(&mut call).await?,
            Task::Boot => node_state::boot(&mut call).await?,
            Task::Health => node_state::health(&call),
            Task::Catalog => commands::catalog(&call),
            Task::Run => commands::run(&mut call).await?,
            Task::Document | Task::Page => document(&()),
        };
        Ok(Answer::Reply(reply))
    }
}

/// Finds the operation of a request, and the part of its path that stands for an id.
fn find(head: &RequestHead) -> Result<(&'static Operation, &str), Problem> {
    let mut found = OPERATIONS.iter().filter_map(|one| Some((one, one.matches(head.path())?))).peekable();
    if found.peek().is_none() {
        let detail = "nothing is at this path: /v1/docs shows what there is";
        return Err(Problem::new(ProblemKind::NotFound, detail));
    }
    let found: Vec<_> = found.collect();
    let method = ApiMethod::of(&head.method);
    if let Some((operation, id)) = found.iter().find(|(one, _)| Some(one.method) == method) {
        return Ok((operation, id));
    }
    let allowed: Vec<&str> = found.iter().map(|(one, _)| one.method.allowed()).collect();
    let allowed = format!("{}, OPTIONS", allowed.join(", "));
    let problem = Problem::new(ProblemKind::WrongMethod, format!("the path takes {allowed}"));
    Err(match HeaderValue::from_str(&allowed) {
        Ok(value) => problem.with(header::ALLOW, value),
        Err(_) => problem,
    })
}

/// Reads the part of a path that stands for an id.
fn decoded(id: &str) -> Result<String, Problem> {
    let decoded = percent_decode_str(id).decode_utf8();
    let known = decoded.ok().filter(|id| id.chars().count() <= 1024);
    known
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| Problem::new(ProblemKind::NotFound, "no policy has such an id: it is too long, or not UTF-8"))
}

/// Returns the entry of the catalog whose rights a task has; those of the others are looked at where they run.
fn entry(task: Task) -> Option<&'static Entry> {
    match task {
        Task::ListPolicies | Task::GetPolicy | Task::History | Task::AskByUrl | Task::Ask => Some(documents::LIST),
        Task::AddPolicies => Some(documents::ADD),
        Task::ReplacePolicy => Some(documents::REPLACE),
        Task::DropPolicy => Some(documents::DROP),
        _ => None,
    }
}
