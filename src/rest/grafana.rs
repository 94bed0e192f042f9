//! The little a Grafana JSON data source needs from a master (reference/rest 11).

use crate::{
    command::{self, ledger::query::policies_of_type},
    node::secret,
    policy::ListedPolicy,
    render,
    reply::{Code, Error, Reply, Rows},
    rest::{
        agent::Agent,
        command::authorized,
        execute::CommandContext,
        headers::RequestHeaders,
        request::{self, Request, RequestHead, keep_if},
        request_body,
        rest_reply::RestReply,
        state::{AppState, with_state},
    },
    runtime::limits,
};
use bytes::Buf;
use futures_util::Stream;
use hyper::Method;
use serde_json::{Map, Value, json};
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
        Ok(json) => RestReply::typed("application/json", render::value(&json)),
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
async fn tables(context: &CommandContext<'_>) -> Result<Value, Error> {
    let names: BTreeSet<String> = of_type(context, "table", table_name).await?.into_iter().collect();
    Ok(if names.is_empty() { json!(["Error: No table connected"]) } else { json!(names) })
}

fn table_name(table: &Value) -> Option<String> {
    let text = |key: &str| table.get(key)?.as_str();
    Some(format!("{}.{}", text("dbms")?, text("name")?))
}

/// Returns what a function makes of the bodies of the policies of a type, which is one word.
async fn of_type<T: Send + 'static>(
    context: &CommandContext<'_>,
    kind: &str,
    make: impl Fn(&Value) -> Option<T> + Send + 'static,
) -> Result<Vec<T>, Error> {
    let reply = policies_of_type(kind)?.run(context.node, &mut context.session()).await?;
    let kind = kind.to_owned();
    let made = move |reply: Reply| {
        let Reply::Policies(policies) = reply else { return Vec::new() };
        policies.iter().filter_map(ListedPolicy::value).filter_map(|policy| make(policy.get(&kind)?)).collect()
    };
    read_reply(context, reply, made).await
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

async fn query(context: &CommandContext<'_>, body: &[u8]) -> Result<Value, Error> {
    let wrong = |what: &str| Error::with(Code::JSON, format!("Grafana query: {what}"));
    let json: Value = serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    let targets = json.get("targets").and_then(Value::as_array).ok_or_else(|| wrong("no targets"))?;
    let mut answers = Vec::new();
    for one in targets {
        answers.push(target(context, one).await);
    }
    // A panel that this node cannot fill leaves the others of the request alone; when there is nothing else its reason is the reply.
    if !answers.is_empty() && answers.iter().all(Result::is_err) {
        return answers.into_iter().collect();
    }
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(|error| reason(&error))).collect())
}

/// Answers one target of a request.
async fn target(context: &CommandContext<'_>, target: &Value) -> Result<Value, Error> {
    let payload = target.get("payload").cloned().unwrap_or_default();
    let payload = payload.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(payload);
    match payload.get("type").and_then(Value::as_str) {
        Some("map") => map(context, &payload).await,
        Some("info") => info(context, &payload).await,
        kind => {
            let kind = kind.map_or_else(String::new, |kind| format!(" of type '{kind}'"));
            let detail = format!(
                "Grafana query: a query{kind} needs data, which operators have; a master answers the types map and info"
            );
            Err(Error::with(Code::JSON, detail))
        }
    }
}

/// The table that tells why a panel is empty.
fn reason(error: &Error) -> Value {
    let message = error.detail.as_deref().unwrap_or_else(|| error.code.text());
    json!({"columns": [{"text": "Error", "type": "string"}], "rows": [[message]], "type": "table"})
}

/// Places of the policies of each named type.
async fn map(context: &CommandContext<'_>, payload: &Value) -> Result<Value, Error> {
    let empty = Vec::new();
    let list = |key: &str| payload.get(key).and_then(Value::as_array).unwrap_or(&empty);
    let mut places = Vec::new();
    for (number, member) in list("member").iter().enumerate() {
        let kind = member.as_str().unwrap_or_default();
        let metric = list("metric").get(number).cloned().unwrap_or_else(|| json!(0));
        let attribute = list("attribute").get(number).and_then(Value::as_str).unwrap_or("name").to_owned();
        if kind.is_empty() || !kind.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(Error::with(Code::JSON, "Grafana query: 'member' lists policy types"));
        }
        places.extend(of_type(context, kind, move |body| place(body, &attribute, &metric)).await?);
    }
    Ok(Value::Array(places))
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

/// What a command answers as a table: one row per object, one for a single object, or the text.
async fn info(context: &CommandContext<'_>, payload: &Value) -> Result<Value, Error> {
    let details = payload.get("details").and_then(Value::as_str).unwrap_or_default();
    let reply = run(context, details).await?;
    read_reply(context, reply, table).await
}

fn table(reply: Reply) -> Value {
    let rows: Vec<Value> = rows(reply).into_iter().map(body).collect();
    let mut titles: Vec<&str> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
        if !titles.contains(&key.as_str()) {
            titles.push(key);
        }
    }
    let columns: Vec<Value> = titles.iter().map(|title| json!({"text": title, "type": "string"})).collect();
    let cells = |row: &Value| titles.iter().map(|title| cell(row.get(title))).collect::<Value>();
    let rows: Vec<Value> = rows.iter().map(cells).collect();
    json!({"columns": columns, "rows": rows, "type": "table"})
}

/// Returns the rows of a reply.
fn rows(reply: Reply) -> Vec<Value> {
    match reply {
        Reply::Policies(policies) => policies.into_iter().filter_map(ListedPolicy::into_value).collect(),
        Reply::Objects(rows) | Reply::Value(Value::Array(rows)) => rows,
        Reply::Value(one @ Value::Object(_)) => vec![one],
        Reply::Rows(Rows { columns, rows, .. }) => {
            let object = |row: Vec<Value>| Value::Object(columns.iter().cloned().zip(row).collect::<Map<_, _>>());
            rows.into_iter().map(object).collect()
        }
        other => vec![json!({"result": render::text(&other)})],
    }
}

/// Takes a policy's body out of its type.
fn body(row: Value) -> Value {
    match row {
        Value::Object(mut policy) if policy.len() == 1 && policy.values().all(Value::is_object) => {
            policy.values_mut().next().map(Value::take).unwrap_or_default()
        }
        other => other,
    }
}

/// Writes a value as the text that a column of type `string` holds.
fn cell(value: Option<&Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!(""),
        Some(Value::Bool(true)) => json!("True"),
        Some(Value::Bool(false)) => json!("False"),
        Some(Value::String(text)) => json!(text),
        Some(other) => json!(render::value(other)),
    }
}
