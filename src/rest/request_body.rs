//! Reads the body of a request within its limits of size, time and memory.

use crate::{
    rest::{
        byte_budget::Reservation, headers::RequestHeaders, request::ClientInfo, rest_reply::RestReply, state::AppState,
    },
    runtime::limits,
};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use std::pin::pin;
use tokio::time::timeout;

/// A body, with the memory that it was given until the request is answered.
#[derive(Debug, Default)]
pub struct RequestBody {
    /// The body.
    pub bytes: Bytes,
    _memory: Option<Reservation>,
}

/// Tells whether a request announces a body.
#[must_use]
pub fn is_announced(headers: &RequestHeaders<'_>) -> bool {
    headers.transfer_encoding.is_given() || announced(headers).unwrap_or(0) > 0
}

fn announced(headers: &RequestHeaders<'_>) -> Option<u64> {
    headers.content_length.text()?.parse().ok()
}

/// Reads the body of a caller whose rights are known, up to `limit` bytes; a request that announces none has an empty one.
///
/// # Errors
/// The finished refusal: 413 for a body that is too large, 408 for one that is too slow, 400 for one that is broken off, and
/// 503 when the bodies of others leave no memory for it.
pub async fn read<S, B, E>(
    state: &AppState,
    client: &ClientInfo,
    headers: &RequestHeaders<'_>,
    limit: usize,
    body: S,
) -> Result<RequestBody, Box<RestReply>>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
{
    if !is_announced(headers) {
        return Ok(RequestBody::default());
    }
    let limit = limit.min(state.body_limit);
    let length = announced(headers).map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(state, limit));
    }
    let reserved = length.unwrap_or(limits::REST_SMALL_BODY).min(limit);
    let waiting = client.activity.waits();
    let reserving = state.budget.reserve(client.address.ip(), &client.activity, reserved);
    let mut memory = timeout(state.body_time, reserving).await.map_err(|_| no_memory())?;
    drop(waiting);
    let _reading = client.activity.body();
    let room = BodyRoom { memory: &mut memory, reserved, limit };
    // Growing would take up to three times the body for a moment. What is not sent is never touched, and takes nothing.
    let whole = BytesMut::with_capacity(length.unwrap_or_default());
    let bytes = match timeout(state.body_time, collect(state, room, whole, body)).await {
        Ok(result) => result?,
        Err(_) => return Err(refused(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    };
    Ok(RequestBody { bytes, _memory: Some(memory) })
}

/// How much a body may take.
struct BodyRoom<'a> {
    memory: &'a mut Reservation,
    reserved: usize,
    limit: usize,
}

async fn collect<S, B, E>(
    state: &AppState,
    mut room: BodyRoom<'_>,
    mut whole: BytesMut,
    body: S,
) -> Result<Bytes, Box<RestReply>>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
{
    let mut body = pin!(body);
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| refused(StatusCode::BAD_REQUEST, "the body is broken off"))?;
        let length = whole.len() + part.remaining();
        room.memory.received(length);
        if length > room.limit {
            return Err(too_large(state, room.limit));
        }
        if length > room.reserved {
            // A body of unknown length: waiting for more memory while it holds some could stop all of its kind for ever.
            let more = room.reserved.max(length - room.reserved);
            if !room.memory.grow(more) {
                return Err(no_memory());
            }
            room.reserved += more;
        }
        whole.put(part);
    }
    Ok(whole.freeze())
}

fn too_large(state: &AppState, limit: usize) -> Box<RestReply> {
    let reason = if limit < state.body_limit {
        format!(
            "the body is larger than {limit} bytes, which is enough for a question: changing something needs a token"
        )
    } else {
        format!("the body is larger than {limit} bytes (REST_BODY_LIMIT)")
    };
    refused(StatusCode::PAYLOAD_TOO_LARGE, &reason)
}

fn no_memory() -> Box<RestReply> {
    let reason = "the bodies of other requests leave no memory for this one (REST_BODY_MEMORY): try again";
    let mut reply = refused(StatusCode::SERVICE_UNAVAILABLE, reason);
    reply.headers.push((header::RETRY_AFTER, HeaderValue::from_static("1")));
    reply
}

/// Refuses a request whose body was not read; the connection ends with the reply.
fn refused(status: StatusCode, reason: &str) -> Box<RestReply> {
    let mut reply = RestReply::failed(status, reason, format!(r#"{{"Error" : "{reason}"}}"#));
    reply.headers.push((header::CONNECTION, HeaderValue::from_static("close")));
    Box::new(reply)
}
