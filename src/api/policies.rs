//! Policies as documents.

use crate::{
    api::{
        answers::{bare, document, with},
        call::ApiCall,
        conditions, cursor,
        documents::{AddedDocument, PolicyDocument, PolicyListDocument},
        entity_tags::{self, Tags},
        idempotency::{Idempotency, KeyedRequest},
        operations::USUAL_PAGE,
        problem::{Problem, ProblemKind},
    },
    command::ledger::documents::{self, PageRequest, PageStart, PointInTime, PolicyFilter, PolicyRecord, Seen},
    node::{Node, Session},
    policy::Policy,
    rest::rest_reply::RestReply,
    runtime::limits::POLICIES_TOGETHER,
};
use hyper::{StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::sync::Arc;

/// Bytes of stored texts from which on a page is written where it holds nobody up.
pub const LARGE: usize = 256 * 1024;
/// What a part of a path has as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Answers with a page of policies.
///
/// # Errors
/// A cursor that is none of ours; a moment that the history does not have; the budget of queries.
pub async fn list(call: &ApiCall<'_>) -> Result<RestReply, Problem> {
    let node = call.context.node;
    let filter = filter(call);
    let question = cursor::question(&filter, call.query.text("at"));
    let start = match call.query.text("cursor") {
        None => PageStart::First,
        Some(text) => cursor::read(text, &question)?,
    };
    let at = moment_of_list(call, &start)?;
    // Asked once: a 304 with the tag of a version that came meanwhile would say that the caller has it.
    let now = entity_tags::of_content(&node.ledger.view().content());
    if at.is_none() && is_seen(call, &now)? {
        return Ok(with(bare(StatusCode::NOT_MODIFIED), header::ETAG, &now));
    }
    let limit = call.query.number("limit").unwrap_or(USUAL_PAGE);
    let request = PageRequest { filter, start, limit, at };
    let page = documents::list(node, &call.session, request).await.map_err(|error| call.problem(&error))?;
    let bytes: usize = page.records.iter().map(|record| record.text.len()).sum();
    let (next, content) = (page.next.and_then(|start| cursor::write(&start, &question)), page.content);
    let write = move || {
        let policies = page.records.into_iter().map(policy_document).collect();
        let reply = document(&PolicyListDocument { policies, next });
        let of_page = || entity_tags::of_page(&reply.body);
        let tag = content.map_or_else(of_page, |content| entity_tags::of_content(&content));
        with(reply, header::ETAG, &tag)
    };
    let reply = if bytes < LARGE { write() } else { written_apart(call, write).await? };
    // What an earlier moment had is known when the page is there.
    let tag = reply.headers.iter().find(|(name, _)| *name == header::ETAG).and_then(|(_, tag)| tag.to_str().ok());
    if content.is_none() && is_seen(call, tag.unwrap_or_default())? {
        return Ok(RestReply { headers: reply.headers, ..bare(StatusCode::NOT_MODIFIED) });
    }
    Ok(reply)
}

/// Writes megabytes where they hold nobody up, and counts them until they have gone.
///
/// # Errors
/// Too much waits, or is on its way.
pub async fn written_apart(
    call: &ApiCall<'_>,
    write: impl FnOnce() -> RestReply + Send + 'static,
) -> Result<RestReply, Problem> {
    let (queries, caller) = (&call.context.node.queries, call.context.caller.ip());
    let written = queries.apart(Some(caller), write).await;
    let counted = written.and_then(|reply| {
        let body = queries.counted(caller, reply.body.clone())?;
        Ok(RestReply { body, ..reply })
    });
    counted.map_err(|error| call.problem(&error))
}

/// Adds a policy, or several together.
///
/// # Errors
/// What is no policy; the rules of the ledger; a key of another request.
pub async fn add(call: &ApiCall<'_>, keys: &Idempotency) -> Result<RestReply, Problem> {
    let policies = read_policies(call.policies()?)?;
    let is_tried = call.query.is_on("dry_run");
    let needs_token = call.context.rights.needs_token();
    let Some(key) = call.head.headers.get("Idempotency-Key") else {
        return added(call.context.node, &call.session, policies, (is_tried, needs_token)).await;
    };
    let caller = call.context.rights.user.clone().unwrap_or_else(|| call.context.caller.ip().to_string());
    let request = KeyedRequest::new(&caller, key.as_bytes(), call.head.query(), &call.body.bytes);
    let (node, session) = (Arc::clone(call.context.node), call.session.clone());
    // In a task of its own: it ends as it began, also when its caller leaves, so that the key stands for what was done.
    let work = async move { added(&node, &session, policies, (is_tried, needs_token)).await };
    keys.answer(&call.context.node.shutdown, request, work).await
}

async fn added(
    node: &Arc<Node>,
    session: &Session,
    policies: Vec<Policy>,
    (is_tried, needs_token): (bool, bool),
) -> Result<RestReply, Problem> {
    let records = documents::add(node, session, policies, is_tried).await;
    let records = records.map_err(|error| Problem::of_error(&error, needs_token))?;
    let location = match records.as_slice() {
        [one] if !is_tried => Some(format!("/v1/policies/{}", utf8_percent_encode(&one.id, PLAIN))),
        _ => None,
    };
    let policies = records.into_iter().map(policy_document).collect();
    let reply = document(&AddedDocument { policies, dry_run: is_tried });
    let reply = RestReply { status: if is_tried { StatusCode::OK } else { StatusCode::CREATED }, ..reply };
    Ok(match location {
        Some(location) => with(reply, header::LOCATION, &location),
        None => reply,
    })
}

/// Answers with one policy.
///
/// # Errors
/// It is not there.
pub async fn get(call: &ApiCall<'_>) -> Result<RestReply, Problem> {
    let moment = moment(call)?.filter(|moment| !moment.is_to_come());
    let record = documents::one(call.context.node, &call.session, &call.id, moment.as_ref()).await;
    let record = record.map_err(|error| call.problem(&error))?;
    if is_seen(call, &record.tag())? {
        return Ok(with(bare(StatusCode::NOT_MODIFIED), header::ETAG, &record.tag()));
    }
    if record.text.len() < LARGE { Ok(one(record)) } else { written_apart(call, || one(record)).await }
}

/// Gives a policy a new text.
///
/// # Errors
/// It is not there, or not what was seen; the rules of the ledger.
pub async fn replace(call: &ApiCall<'_>) -> Result<RestReply, Problem> {
    let policy = read_policy(call.policies()?).map_err(|reason| Problem::new(ProblemKind::BadBody, reason))?;
    let (node, seen, is_tried) = (call.context.node, seen(call)?, call.query.is_on("dry_run"));
    let record = documents::replace(node, &call.session, (&call.id, seen), policy, is_tried).await;
    Ok(one(record.map_err(|error| call.problem(&error))?))
}

/// Drops a policy.
///
/// # Errors
/// It is not there, or not what was seen.
pub async fn remove(call: &ApiCall<'_>) -> Result<RestReply, Problem> {
    let done = documents::remove(call.context.node, &call.session, &call.id, seen(call)?).await;
    done.map_err(|error| call.problem(&error))?;
    Ok(bare(StatusCode::NO_CONTENT))
}

fn filter(call: &ApiCall<'_>) -> PolicyFilter {
    PolicyFilter {
        kind: call.query.text("type").map(str::to_owned),
        conditions: call.query.all("where").filter_map(conditions::read).collect(),
        text: call.query.text("text").map(str::to_owned),
    }
}

/// Returns the moment of which a list is asked for; nothing for one that is still to come, which is asked like now. A list goes
/// on as it began, also when its moment has come between two of its pages: its places are of one of the two orders.
fn moment_of_list(call: &ApiCall<'_>, start: &PageStart) -> Result<Option<PointInTime>, Problem> {
    let moment = moment(call)?;
    Ok(match start {
        PageStart::First => moment.filter(|moment| !moment.is_to_come()),
        PageStart::Behind(_) => None,
        PageStart::BehindPast(_) | PageStart::Skipping(_) => moment,
    })
}

fn moment(call: &ApiCall<'_>) -> Result<Option<PointInTime>, Problem> {
    call.query.text("at").map(PointInTime::parse).transpose().map_err(|error| call.problem(&error))
}

/// Tells whether the caller has what has a tag.
fn is_seen(call: &ApiCall<'_>, tag: &str) -> Result<bool, Problem> {
    let tags = Tags::read(&call.head.headers, &header::IF_NONE_MATCH)?;
    Ok(tags.is_some_and(|tags| tags.name(tag)))
}

/// Returns what the caller says that it has seen; that it says so has been checked.
fn seen(call: &ApiCall<'_>) -> Result<Seen, Problem> {
    Ok(match Tags::read(&call.head.headers, &header::IF_MATCH)? {
        None | Some(Tags::Any) => Seen::Anything,
        Some(Tags::List(tags)) => Seen::OneOf(tags),
    })
}

/// Reads a policy, or a list of them.
pub(super) fn read_policies(body: Value) -> Result<Vec<Policy>, Problem> {
    let bad = |detail: String| Problem::new(ProblemKind::BadBody, detail);
    let values = match body {
        Value::Array(values) if values.is_empty() => return Err(bad("the list has no policies".to_owned())),
        Value::Array(values) if values.len() > POLICIES_TOGETHER => {
            return Err(bad(format!(
                "the list has {} policies, at most {POLICIES_TOGETHER} are added together",
                values.len()
            )));
        }
        Value::Array(values) => values,
        value => return Ok(vec![read_policy(value).map_err(bad)?]),
    };
    let numbered = (1..).zip(values);
    numbered
        .map(|(place, value)| read_policy(value).map_err(|reason| bad(format!("policy {place}: {reason}"))))
        .collect()
}

fn read_policy(value: Value) -> Result<Policy, String> {
    Policy::from_value(value).map_err(|error| error.to_string())
}

fn one(record: PolicyRecord) -> RestReply {
    let tag = record.tag();
    with(document(&policy_document(record)), header::ETAG, &tag)
}

fn policy_document(record: PolicyRecord) -> PolicyDocument {
    PolicyDocument {
        etag: record.tag(),
        id: record.id,
        kind: record.kind,
        host: record.host,
        date: record.date,
        local: record.is_local,
        policy: record.value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_is_a_policy_or_a_list_of_them() {
        let count = |body: Value| read_policies(body).map(|policies| policies.len()).map_err(|problem| problem.kind());
        assert_eq!(count(json!({"a": {}})), Ok(1));
        assert_eq!(count(json!([{"a": {}}, {"b": {"c": 1}}])), Ok(2));
        for wrong in
            [json!(null), json!([]), json!({}), json!({"a": 1}), json!({"a": {}, "b": {}}), json!([{"a": {}}, 7])]
        {
            assert_eq!(count(wrong.clone()), Err(ProblemKind::BadBody), "{wrong}");
        }
        assert_eq!(count(Value::Array(vec![json!({"a": {}}); POLICIES_TOGETHER + 1])), Err(ProblemKind::BadBody));
    }
}
