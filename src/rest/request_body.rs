//! Reads the body of a request within its limits of size and time.

use crate::rest::{headers::RequestHeaders, rest_reply::RestReply, state::AppState};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use hyper::{
    StatusCode,
    header::{self, HeaderValue},
};
use std::pin::pin;

/// Reads the body; a request that announces none has an empty one.
///
/// # Errors
/// The finished refusal: 413 for a body that is too large, 408 for one that is too slow, 400 for one that is broken off.
pub async fn read<S, B>(state: &AppState, headers: &RequestHeaders<'_>, body: S) -> Result<Bytes, Box<RestReply>>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let announced = headers.content_length.text().and_then(|length| length.parse::<u64>().ok());
    if !headers.transfer_encoding.is_given() && announced.unwrap_or(0) == 0 {
        return Ok(Bytes::new());
    }
    if announced.is_some_and(|length| length > state.body_limit as u64) {
        return Err(too_large(state.body_limit));
    }
    match tokio::time::timeout(state.body_time, collect(body, state.body_limit)).await {
        Ok(result) => result,
        Err(_) => Err(refused(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    }
}

async fn collect<S, B>(body: S, limit: usize) -> Result<Bytes, Box<RestReply>>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| refused(StatusCode::BAD_REQUEST, "the body is broken off"))?;
        if whole.len() + part.remaining() > limit {
            return Err(too_large(limit));
        }
        whole.put(part);
    }
    Ok(whole.freeze())
}

fn too_large(limit: usize) -> Box<RestReply> {
    let reason = format!("the body is larger than {limit} bytes (REST_BODY_LIMIT)");
    refused(StatusCode::PAYLOAD_TOO_LARGE, &reason)
}

/// Refuses a request whose body was not read; the connection ends with the reply.
fn refused(status: StatusCode, reason: &str) -> Box<RestReply> {
    let mut reply = RestReply::failed(status, reason, format!(r#"{{"Error" : "{reason}"}}"#));
    reply.headers.push((header::CONNECTION, HeaderValue::from_static("close")));
    Box::new(reply)
}
