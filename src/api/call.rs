//! One request on its way to its handler.

use crate::{
    api::{
        content, json_body,
        operations::{Body, Operation},
        parameters::ParameterPlace,
        problem::{Problem, ProblemKind},
        query_items::QueryItems,
    },
    command,
    node::{Role, Session},
    reply::Error,
    rest::{
        AppState, Rights,
        execute::CommandContext,
        headers::RequestHeaders,
        request::RequestHead,
        request_body::{self, RequestBody},
    },
    runtime::limits,
};
use http_body_util::BodyStream;
use hyper::body::Incoming;
use std::sync::Arc;

/// A request whose caller, parameters and body are known to be right in form.
pub struct ApiCall<'a> {
    /// The state of the server.
    pub state: &'a Arc<AppState>,
    /// The head of the request.
    pub head: &'a RequestHead,
    /// What is asked.
    pub operation: &'static Operation,
    /// Who asks; nothing where everybody may.
    pub context: CommandContext<'a>,
    /// The session of its commands.
    pub session: Session,
    /// The id in the path, decoded; empty when there is none.
    pub id: String,
    /// The parameters of the URL.
    pub query: QueryItems,
    /// The body.
    pub body: RequestBody,
}

impl ApiCall<'_> {
    /// Makes a problem of a failed command.
    pub fn problem(&self, error: &Error) -> Problem {
        Problem::of_error(error, self.context.rights.needs_token())
    }

    /// Reads the body as a value of a type.
    ///
    /// # Errors
    /// [`ProblemKind::BadBody`] with the place.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Problem> {
        json_body::read(&self.body.bytes)
    }

    /// Reads the body as a policy or as several, which are no policies yet.
    ///
    /// # Errors
    /// [`ProblemKind::BadBody`] with the place.
    pub fn policies(&self) -> Result<serde_json::Value, Problem> {
        json_body::policies(&self.body.bytes)
    }
}

/// Checks the header lines that an operation knows, and that those are there which it needs.
///
/// # Errors
/// [`ProblemKind::BadParameter`]; [`ProblemKind::NoCondition`] for a change that does not say what was seen.
pub fn check_headers(operation: &Operation, head: &RequestHead) -> Result<(), Problem> {
    for parameter in operation.parameters.iter().filter(|one| one.place == ParameterPlace::Header) {
        let name = parameter.name;
        let mut lines = head.headers.get_all(name).into_iter();
        let Some(line) = lines.next() else {
            if parameter.required {
                let detail = format!("say with {name} which policy was seen: its ETag, or * for whatever it is now");
                return Err(Problem::new(ProblemKind::NoCondition, detail));
            }
            continue;
        };
        let value = line.to_str().unwrap_or_default();
        parameter
            .shape
            .check(value)
            .map_err(|reason| Problem::new(ProblemKind::BadParameter, format!("the header line {name} {reason}")))?;
    }
    Ok(())
}

/// Checks that the parameters are there without which the operation means nothing.
///
/// # Errors
/// [`ProblemKind::BadParameter`].
pub fn check_required(operation: &Operation, query: &QueryItems) -> Result<(), Problem> {
    let missing = operation
        .parameters
        .iter()
        .find(|one| one.place == ParameterPlace::Query && one.required && query.text(one.name).is_none());
    match missing {
        None => Ok(()),
        Some(missing) => {
            let detail = format!("the parameter '{}' is missing. {}", missing.name, missing.text);
            Err(Problem::new(ProblemKind::BadParameter, detail))
        }
    }
}

/// Reads the body that an operation takes; one that it does not take is left alone.
///
/// # Errors
/// The type of the body, and what is wrong with its size and its way.
pub async fn read_body(
    state: &AppState,
    head: &RequestHead,
    (operation, rights): (&Operation, &Rights),
    body: Incoming,
) -> Result<RequestBody, Problem> {
    let headers = RequestHeaders::read(&head.headers);
    if operation.body == Body::Nothing {
        return Ok(RequestBody::default());
    }
    if !content::is_json(&head.headers) {
        let detail = "the body has to be JSON in UTF-8: Content-Type: application/json";
        return Err(Problem::new(ProblemKind::WrongType, detail));
    }
    let limit = if rights.role < Role::Publish { limits::REST_QUESTION } else { state.body_limit };
    let frames = futures_util::StreamExt::filter_map(BodyStream::new(body), |frame| {
        std::future::ready(match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(error) => Some(Err(error)),
        })
    });
    let read = request_body::read(state, &head.client, &headers, limit, frames).await;
    read.map_err(|refusal| Problem::of_refusal(*refusal))
}

/// Refuses a caller that may not run what an operation does, before its body is read.
///
/// # Errors
/// [`ProblemKind::NotAllowed`], [`ProblemKind::NoProof`].
pub fn check_rights(
    entry: Option<&command::Entry>,
    context: &CommandContext<'_>,
    session: &Session,
) -> Result<(), Problem> {
    let Some(entry) = entry else { return Ok(()) };
    command::may_run(entry, context.node, session)
        .map_err(|error| Problem::of_error(&error, context.rights.needs_token()))
}
