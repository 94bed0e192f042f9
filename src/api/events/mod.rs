//! `/v1/events`: changes as they happen, as server-sent events.
//!
//! One task ([`hub`]) looks at the node for all streams and writes each event once, into a ring of shared bytes
//! ([`ring`]). A stream ([`follower`]) is a place in the ring: whoever is slow holds no queue. Changes of policies have the place in
//! the history as their id; who comes back with one, and who fell behind the ring, is told the rest from the history.

mod changes;
mod event;
mod follower;
mod hub;
mod ring;
mod stream;
mod stream_end;

pub use hub::EventHub;
pub use stream_end::StreamEnd;

use crate::{
    api::{
        content::EVENT_STREAM,
        parameters::TOPICS,
        problem::{Problem, ProblemKind},
    },
    command::{
        Access,
        access::{self, Permission},
    },
    node::Door,
    reply::{Code, Error},
    rest::{execute::CommandContext, request::RequestHead, rest_reply::RestReply},
};
use event::{Topic, Topics};
use follower::Follower;
use hyper::{
    Method,
    header::{self, HeaderValue},
};
use std::sync::Arc;
use warp::{Reply as _, reply::Response};

/// A request for a stream, of `/v1` or of a page.
pub struct StreamRequest<'a> {
    /// The head of the request.
    pub head: &'a RequestHead,
    /// What its sender may do.
    pub context: &'a CommandContext<'a>,
    /// The topics that it asks for, with commas between them; nothing asks for all that it may read.
    pub topics: Option<&'a str>,
    /// What ends the stream.
    pub end: StreamEnd,
}

/// Opens a stream of events.
///
/// # Errors
/// The caller may not follow what it asks for; too many streams are open; the database is away, so that the place to go on from
/// cannot be found.
pub async fn follow(call: StreamRequest<'_>, hub: &EventHub) -> Result<Response, Problem> {
    let topics = topics(&call)?;
    let mut head = RestReply::typed(EVENT_STREAM, "").into_response();
    head.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if call.head.method == Method::HEAD {
        return Ok(head);
    }
    let seat = hub.seat(call.context.caller.ip()).map_err(|error| {
        let problem = Problem::new(ProblemKind::Unavailable, error.to_string());
        problem.with(header::RETRY_AFTER, HeaderValue::from_static("10"))
    })?;
    let last = call.head.headers.get("Last-Event-ID").map(|line| line.to_str().unwrap_or_default().trim().to_owned());
    hub.start(call.context.node).await;
    let node = Arc::clone(call.context.node);
    let follower = Follower::begin(node, seat, topics, last.as_deref()).await;
    let follower = follower.map_err(|error| call.problem(&error))?;
    let events = stream::events(follower, call.end, call.head.client.activity.clone());
    let mut response = warp::reply::stream(events).into_response();
    std::mem::swap(response.headers_mut(), head.headers_mut());
    Ok(response)
}

impl StreamRequest<'_> {
    fn problem(&self, error: &Error) -> Problem {
        Problem::of_error(error, self.context.rights.needs_token())
    }
}

/// Returns the topics that a caller asks for, and may read.
fn topics(call: &StreamRequest<'_>) -> Result<Topics, Problem> {
    let rights = &call.context.rights;
    let door = Door::rest(rights.role, rights.foreign);
    let may = |topic: Topic| access::permission(door, access_of(topic)) != Permission::No;
    let Some(asked) = call.topics else {
        return Ok(Topics::of(Topic::ALL.into_iter().filter(|topic| may(*topic))));
    };
    let asked: Vec<Topic> = Topic::ALL
        .into_iter()
        .zip(TOPICS)
        .filter(|(_, name)| asked.split(',').any(|one| one == *name))
        .map(|(topic, _)| topic)
        .collect();
    if let Some(closed) = asked.iter().find(|topic| !may(**topic)) {
        let detail = format!("events of '{}' are closed to this caller ({})", closed.name(), access_of(*closed).name());
        return Err(call.problem(&Error::with(Code::UNAUTHORIZED, detail)));
    }
    Ok(Topics::of(asked))
}

/// Returns what somebody has to be allowed to read who follows a topic.
const fn access_of(topic: Topic) -> Access {
    match topic {
        Topic::Policies => Access::ReadLedger,
        Topic::Members | Topic::Boot => Access::ReadInside,
        Topic::Health => Access::ReadNode,
    }
}
