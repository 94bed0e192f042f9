//! The little a Grafana JSON data source needs from a master (reference/rest 11).

use crate::{
    command, render,
    reply::{Code, Error, Reply},
    rest::{
        answer::Answer,
        call::Context,
        method::{self, Verb},
        request::Request,
    },
};
use hyper::Method;
use serde_json::{Value, json};

/// Lists `dbms.table` of every table policy.
const TABLES: &str = "blockchain get table bring.unique ['table']['dbms'] \".\" ['table']['name'] separator = ,";

/// Answers the connector: `OK` to its test, lists to `/search`, maps and policies to `/query`.
pub async fn answer(context: &Context<'_>, request: &Request<'_>) -> Answer {
    if *request.method() == Method::GET {
        return Answer::typed("text/html; charset=UTF-8", "OK");
    }
    let path = request.path();
    let outcome = if path.starts_with("/search") || path.starts_with("/metrics") {
        tables(context).await
    } else {
        query(context, &request.body).await
    };
    match outcome {
        Ok(json) => Answer::typed("application/json", render::value(&json)),
        Err(error) => failed(&error),
    }
}

/// The connector reads the reason from a reply that succeeded.
fn failed(error: &Error) -> Answer {
    let message = error.detail.clone().unwrap_or_else(|| error.code.text().to_owned());
    let body = render::value(&json!({"message": message, "status": error.code.text()}));
    Answer { failure: Some(message), ..Answer::typed("application/json", body) }
}

async fn tables(context: &Context<'_>) -> Result<Value, Error> {
    let text = run(context, TABLES).await.map(|reply| render::text(&reply))?;
    let mut names: Vec<&str> = text.split(',').map(str::trim).filter(|name| name.contains('.')).collect();
    names.sort_unstable();
    Ok(if names.is_empty() { json!(["Error: No table connected"]) } else { json!(names) })
}

async fn run(context: &Context<'_>, text: &str) -> Result<Reply, Error> {
    if !method::allows(Verb::Get, text) {
        return Err(Error::with(Code::WRONG_METHOD, format!("the connector may only read: '{text}'")));
    }
    command::run(context.node, &mut context.session(), text).await
}

async fn query(context: &Context<'_>, body: &[u8]) -> Result<Value, Error> {
    let wrong = |what: &str| Error::with(Code::JSON, format!("Grafana query: {what}"));
    let json: Value = serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    let targets = json.get("targets").and_then(Value::as_array).ok_or_else(|| wrong("no targets"))?;
    let mut replies = Vec::new();
    for target in targets {
        let payload = target.get("payload").cloned().unwrap_or_default();
        let payload = payload.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(payload);
        let reply = match payload.get("type").and_then(Value::as_str) {
            Some("map") => map(context, &payload).await?,
            Some("info") => info(context, &payload).await?,
            other => return Err(wrong(&format!("type {other:?} needs data, a master answers map and info"))),
        };
        replies.push(reply);
    }
    Ok(Value::Array(replies))
}

/// Places of the policies of each named type.
async fn map(context: &Context<'_>, payload: &Value) -> Result<Value, Error> {
    let empty = Vec::new();
    let list = |key: &str| payload.get(key).and_then(Value::as_array).unwrap_or(&empty);
    let mut places = Vec::new();
    for (number, member) in list("member").iter().enumerate() {
        let kind = member.as_str().unwrap_or_default();
        let metric = list("metric").get(number).cloned().unwrap_or_else(|| json!(0));
        let attribute = list("attribute").get(number).and_then(Value::as_str).unwrap_or("name");
        if kind.is_empty() || !kind.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            return Err(Error::with(Code::JSON, "Grafana query: 'member' lists policy types"));
        }
        if let Reply::Policies(policies) = run(context, &format!("blockchain get {kind}")).await? {
            let bodies = policies.iter().filter_map(|policy| policy.get(kind));
            places.extend(bodies.filter_map(|body| place(body, attribute, &metric)));
        }
    }
    Ok(Value::Array(places))
}

fn place(body: &Value, attribute: &str, metric: &Value) -> Option<Value> {
    let (latitude, longitude) = body.get("loc")?.as_str()?.split_once(',')?;
    let name = body.get(attribute).cloned().unwrap_or_default();
    Some(json!({"hostname": name, "latitude": latitude.trim(), "longitude": longitude.trim(), "metric": metric}))
}

/// What a command answers as a table: one row per object, one for a single object, or the text.
async fn info(context: &Context<'_>, payload: &Value) -> Result<Value, Error> {
    let details = payload.get("details").and_then(Value::as_str).unwrap_or_default();
    let text = render::text(&run(context, details).await?);
    let rows: Vec<Value> = match serde_json::from_str(&text) {
        Ok(Value::Array(rows)) => rows,
        Ok(Value::Object(one)) => vec![Value::Object(one)],
        _ => vec![json!({"result": text})],
    };
    let rows: Vec<Value> = rows.into_iter().map(body).collect();
    let mut titles: Vec<&str> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
        if !titles.contains(&key.as_str()) {
            titles.push(key);
        }
    }
    let columns: Vec<Value> = titles.iter().map(|title| json!({"text": title, "type": "string"})).collect();
    let cells = |row: &Value| titles.iter().map(|title| cell(row.get(title))).collect::<Value>();
    let rows: Vec<Value> = rows.iter().map(cells).collect();
    Ok(json!({"columns": columns, "rows": rows, "type": "table"}))
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
