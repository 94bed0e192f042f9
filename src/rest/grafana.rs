//! The little a Grafana JSON data source needs from a master (reference/rest 11).

use crate::{
    command::{self, ledger::query::policies_of_type},
    node::secret,
    policy::ListedPolicy,
    render,
    reply::{Code, Error, Reply},
    rest::{
        agent::Agent,
        bounded_list::BoundedList,
        command::authorized,
        execute::CommandContext,
        grafana_table::table,
        headers::RequestHeaders,
        request::{self, Request, RequestHead, keep_if},
        request_body,
        rest_reply::RestReply,
        state::{AppState, with_state},
    },
    runtime::limits,
};
use bytes::{Buf, Bytes};
use futures_util::Stream;
use hyper::Method;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use warp::{Filter, Rejection};

/// Takes the requests of the connector.
pub fn route(state: Arc<AppState>) -> impl Filter<Extract = (RestReply,), Error = Rejection> + Clone {
    let methods = |method: Method| keep_if(matches!(method, Method::GET | Method::HEAD | Method::POST));
    request::head()
        .and_then(|head: Arc<RequestHead>| keep_if(head.client.agent == Agent::Grafana))
        .untuple_one()
        .and(warp::method().and_then(methods).untuple_one())
        .and(request::head())
        .and(warp::body::stream())
        .and(with_state(state))
        .then(|head: Arc<RequestHead>, body, state| async move {
            Box::pin(read(&state, &head, body)).await.unwrap_or_else(|refusal| *refusal)
        })
}

async fn read<S, B>(state: &Arc<AppState>, head: &RequestHead, body: S) -> Result<RestReply, Box<RestReply>>
where
    S: Stream<Item = Result<B, warp::Error>>,
    B: Buf,
{
    let headers = RequestHeaders::read(&head.headers);
    let context = authorized(state, head, &headers)?;
    let body = request_body::read(state, &head.client, &headers, limits::REST_QUESTION, body).await?;
    let request = Request { head, headers, body: body.bytes.clone() };
    Ok(answer(&context, &request).await)
}

/// Answers the connector: `OK` to its test, lists to `/search`, maps and policies to `/query`.
async fn answer(context: &CommandContext<'_>, request: &Request<'_>) -> RestReply {
    if request.head.method == Method::GET {
        return RestReply::typed("text/html; charset=UTF-8", "OK");
    }
    let path = request.head.path();
    let outcome = if path.starts_with("/search") || path.starts_with("/metrics") {
        tables(context).await
    } else {
        query(context, &request.body).await
    };
    match outcome {
        Ok(json) => RestReply::typed("application/json", json),
        Err(error) => failed(&error),
    }
}

/// The connector reads the reason from a reply that succeeded.
fn failed(error: &Error) -> RestReply {
    let message = error.detail.clone().unwrap_or_else(|| error.code.text().to_owned());
    let body = render::value(&json!({"message": message, "status": error.code.text()}));
    RestReply { failure: Some(message), ..RestReply::typed("application/json", body) }
}

/// Lists `dbms.table` of every table policy.
async fn tables(context: &CommandContext<'_>) -> Result<Bytes, Error> {
    let add = |names: &mut BTreeSet<String>, table: &Value| -> Result<(), Error> {
        names.extend(table_name(table));
        Ok(())
    };
    let names = of_type(context, "table", BTreeSet::new(), add).await?;
    let list = if names.is_empty() { json!(["Error: No table connected"]) } else { json!(names) };
    context.counted(render::value(&list).into())
}

fn table_name(table: &Value) -> Option<String> {
    let text = |key: &str| table.get(key)?.as_str();
    Some(format!("{}.{}", text("dbms")?, text("name")?))
}

/// Adds the body of each policy of a type, which is one word, to what was made of others before.
async fn of_type<T: Send + 'static>(
    context: &CommandContext<'_>,
    kind: &str,
    mut made: T,
    add: impl Fn(&mut T, &Value) -> Result<(), Error> + Send + 'static,
) -> Result<T, Error> {
    let reply = policies_of_type(kind)?.run(context.node, &mut context.session()).await?;
    let kind = kind.to_owned();
    let add_all = move |reply: Reply| -> Result<T, Error> {
        let Reply::Policies(policies) = reply else { return Ok(made) };
        for policy in policies.iter().filter_map(ListedPolicy::value) {
            if let Some(body) = policy.get(&kind) {
                add(&mut made, body)?;
            }
        }
        Ok(made)
    };
    read_reply(context, reply, add_all).await?
}

/// Returns what a function makes of a reply; megabytes are not read where other callers are served.
async fn read_reply<T: Send + 'static>(
    context: &CommandContext<'_>,
    reply: Reply,
    make: impl FnOnce(Reply) -> T + Send + 'static,
) -> Result<T, Error> {
    if !reply.is_large() {
        return Ok(make(reply));
    }
    context.node.queries.apart(Some(context.caller.ip()), move || make(reply)).await
}

async fn run(context: &CommandContext<'_>, text: &str) -> Result<Reply, Error> {
    let selection = command::select(text);
    if !selection.traits().verbs.has_get() {
        return Err(Error::with(
            Code::WRONG_METHOD,
            format!("the connector may only read: '{}'", secret::masked(text)),
        ));
    }
    selection.run(context.node, &mut context.session()).await
}

/// Answers the targets of a request one after the other. Each answer is written before the next one is looked for, and
/// together they have so many bytes: a short request may ask for everything many times.
async fn query(context: &CommandContext<'_>, body: &[u8]) -> Result<Bytes, Error> {
    let json: Value = serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    let targets = json.get("targets").and_then(Value::as_array).ok_or_else(|| wrong("no targets"))?;
    if targets.len() > limits::GRAFANA_TARGETS {
        return Err(wrong(&format!("{} targets, at most {}", targets.len(), limits::GRAFANA_TARGETS)));
    }
    let (mut answers, mut failures, mut left) = (Vec::new(), Vec::new(), limits::GRAFANA_BYTES);
    for one in targets {
        let answer = target(context, one, left).await.and_then(|text| context.counted(text.into()));
        let text = answer.unwrap_or_else(|error| {
            let text = reason(&error);
            failures.push(error);
            text
        });
        left = left.saturating_sub(text.len());
        answers.push(text);
    }
    // A panel that this node cannot fill leaves the others of the request alone; when there is nothing else its reason is the reply.
    let is_nothing_else = failures.len() == answers.len();
    if let Some(error) = failures.into_iter().next().filter(|_| is_nothing_else) {
        return Err(error);
    }
    let list = [b"[".as_slice(), answers.join(b", ".as_slice()).as_slice(), b"]".as_slice()].concat();
    // The answers count for as long as they are there, and the list of them after that.
    drop(answers);
    context.counted(list.into())
}

/// Says what is wrong with a request for data.
fn wrong(what: &str) -> Error {
    Error::with(Code::JSON, format!("Grafana query: {what}"))
}

/// Answers one target of a request with so many bytes at most.
async fn target(context: &CommandContext<'_>, target: &Value, most: usize) -> Result<String, Error> {
    let payload = target.get("payload").cloned().unwrap_or_default();
    let payload = payload.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(payload);
    match payload.get("type").and_then(Value::as_str) {
        Some("map") => map(context, &payload, most).await,
        Some("info") => info(context, &payload, most).await,
        kind => {
            let kind = kind.map_or_else(String::new, |kind| format!(" of type '{kind}'"));
            let needed = "needs data, which operators have; a master answers the types map and info";
            Err(wrong(&format!("a query{kind} {needed}")))
        }
    }
}

/// The table that tells why a panel is empty.
fn reason(error: &Error) -> Bytes {
    let message = error.detail.as_deref().unwrap_or_else(|| error.code.text());
    let table = json!({"columns": [{"text": "Error", "type": "string"}], "rows": [[message]], "type": "table"});
    render::value(&table).into()
}

/// Places of the policies of each named type.
async fn map(context: &CommandContext<'_>, payload: &Value, most: usize) -> Result<String, Error> {
    let empty = Vec::new();
    let list = |key: &str| payload.get(key).and_then(Value::as_array).unwrap_or(&empty);
    let members = list("member");
    if members.len() > limits::GRAFANA_MEMBERS {
        return Err(wrong(&format!("'member' lists {} types, at most {}", members.len(), limits::GRAFANA_MEMBERS)));
    }
    let mut places = BoundedList::new(most);
    for (number, member) in members.iter().enumerate() {
        let kind = member.as_str().unwrap_or_default();
        if kind.is_empty() || !kind.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(wrong("'member' lists policy types"));
        }
        let metric = list("metric").get(number).cloned().unwrap_or_else(|| json!(0));
        // Every place shows its metric.
        if metric.is_array() || metric.is_object() {
            return Err(wrong("'metric' lists a number or a text for each member"));
        }
        let attribute = list("attribute").get(number).and_then(Value::as_str).unwrap_or("name").to_owned();
        let add = move |places: &mut BoundedList, body: &Value| -> Result<(), Error> {
            place(body, &attribute, &metric).map_or(Ok(()), |place| places.push(&render::value(&place)))
        };
        places = of_type(context, kind, places, add).await?;
    }
    Ok(places.finish())
}

fn place(body: &Value, attribute: &str, metric: &Value) -> Option<Value> {
    let (latitude, longitude) = body.get("loc")?.as_str()?.split_once(',')?;
    let is_place = |text: &str| text.trim().parse::<f64>().is_ok_and(f64::is_finite);
    if !is_place(latitude) || !is_place(longitude) {
        return None;
    }
    let name = body.get(attribute).cloned().unwrap_or_default();
    Some(json!({"hostname": name, "latitude": latitude.trim(), "longitude": longitude.trim(), "metric": metric}))
}

/// What a command answers, as a table.
async fn info(context: &CommandContext<'_>, payload: &Value, most: usize) -> Result<String, Error> {
    let details = payload.get("details").and_then(Value::as_str).unwrap_or_default();
    let reply = run(context, details).await?;
    read_reply(context, reply, move |reply| table(reply, most)).await?
}
