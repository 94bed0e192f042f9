//! A policy is added, or gets a new text: first what the members would get, then the change that was seen.

use super::{
    addresses,
    attribute_rows::AttributeRows,
    audience, carried,
    folded_json::JsonLine,
    one::{asked, body},
    past,
};
use crate::{
    command::ledger::documents::{self, PolicyRecord, Seen},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest},
    node::caller_address,
    policy::Policy,
};
use askama::Template;
use hyper::StatusCode;
use serde_json::{Map, Value};

/// The form in which somebody writes a policy.
#[derive(Template)]
#[template(path = "policy_form.html")]
struct PolicyForm<'a> {
    csrf: &'a str,
    /// The id of the policy that gets a new text; nothing for a new policy.
    id: Option<&'a str>,
    tab: &'static str,
    /// The entity tag of the text that is there.
    seen: &'a str,
    text: &'a str,
    problem: Option<String>,
    may_write: bool,
}

/// What a change would do.
#[derive(Template)]
#[template(path = "policy_preview.html")]
struct PolicyPreview<'a> {
    csrf: &'a str,
    id: Option<&'a str>,
    tab: &'static str,
    seen: &'a str,
    record: &'a PolicyRecord,
    lines: Vec<JsonLine>,
    rows: AttributeRows,
    audience: String,
    carried: String,
    may_write: bool,
}

/// Shows an empty form, or one with a text of the history.
///
/// # Errors
/// The history has no such change.
pub async fn new_form(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let policy = match past_policy(&request).await? {
        Some(policy) => policy,
        None => {
            let kind = request.query.filled("type").unwrap_or("type");
            Policy::new(kind, Map::from_iter([("name".to_owned(), Value::from(""))]))
        }
    };
    form(&request, None, "", &written(&policy), None)
}

/// Shows the form with the text of a policy.
///
/// # Errors
/// It is not there.
pub async fn edit_form(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let id = asked(&request)?;
    let record = documents::one(request.node(), &request.session, id, None).await?;
    let policy = match past_policy(&request).await? {
        Some(policy) => policy,
        None => read(&record.text)?,
    };
    form(&request, Some(id), &record.tag(), &written(&policy), None)
}

/// Returns the policy of the history that the URL names, if it names one.
async fn past_policy(request: &ConsoleRequest<'_>) -> Result<Option<Policy>, ConsoleError> {
    let (Some(place), Some(id)) = (request.query.number("change"), request.query.text("id")) else { return Ok(None) };
    past::policy_after(request.node(), &request.session, id, place).await.map(Some)
}

/// Shows what members would get of a new policy; nothing is changed.
///
/// # Errors
/// The template fails; what is wrong with the policy stands in the form again.
pub async fn preview_add(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let text = request.form.text("text").unwrap_or_default();
    let policy = match read_typed(&request, text).await {
        Ok(policy) => policy,
        Err(error) => return form(&request, None, "", text, Some(&error)),
    };
    match documents::add(request.node(), &request.session, vec![policy], true).await.map_err(ConsoleError::from) {
        Ok(records) => match records.as_slice() {
            [record] => preview(&request, None, "", record).await,
            _ => Err(ConsoleError::bad_form("it is not one policy")),
        },
        Err(error) => form(&request, None, "", text, Some(&error)),
    }
}

/// Shows what members would get instead of a policy; nothing is changed.
///
/// # Errors
/// As [`preview_add`].
pub async fn preview_replace(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let (id, seen) = (field(&request, "id")?, field(&request, "seen")?);
    let text = request.form.text("text").unwrap_or_default();
    let policy = match read_typed(&request, text).await {
        Ok(policy) => policy,
        Err(error) => return form(&request, Some(id), seen, text, Some(&error)),
    };
    let tried = (id, Seen::OneOf(vec![seen.to_owned()]));
    match documents::replace(request.node(), &request.session, tried, policy, true).await {
        Ok(record) => preview(&request, Some(id), seen, &record).await,
        Err(error) => form(&request, Some(id), seen, text, Some(&error.into())),
    }
}

/// Adds the policy that was shown; what was written stands in the form again when it is refused.
///
/// # Errors
/// What was shown is not in the form.
pub async fn add(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let policy = carried_policy(&request).await?;
    let text = written(&policy);
    let added = match documents::add(request.node(), &request.session, vec![policy], false).await {
        Ok(added) => added,
        Err(error) => return form(&request, None, "", &text, Some(&error.into())),
    };
    let id = added.into_iter().next().map(|record| record.id).unwrap_or_default();
    Ok(PageAnswer::Redirect(addresses::changed(&id, "added")))
}

/// Gives a policy the text that was shown, if it is still what was seen.
///
/// # Errors
/// As [`add`].
pub async fn replace(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let (id, seen) = (field(&request, "id")?, Seen::OneOf(vec![field(&request, "seen")?.to_owned()]));
    let policy = carried_policy(&request).await?;
    let (tag, text) = (field(&request, "seen")?, written(&policy));
    match documents::replace(request.node(), &request.session, (id, seen), policy, false).await {
        Ok(_) => Ok(PageAnswer::Redirect(addresses::changed(id, "replaced"))),
        Err(error) => form(&request, Some(id), tag, &text, Some(&error.into())),
    }
}

/// Returns a field without which a form means nothing.
///
/// # Errors
/// It is not there.
pub fn field<'a>(request: &'a ConsoleRequest<'_>, name: &str) -> Result<&'a str, ConsoleError> {
    let missing = || ConsoleError::bad_form(format!("the field '{name}' is missing: go back and begin again"));
    request.form.text(name).ok_or_else(missing)
}

fn form(
    request: &ConsoleRequest<'_>,
    id: Option<&str>,
    seen: &str,
    text: &str,
    problem: Option<&ConsoleError>,
) -> Result<PageAnswer, ConsoleError> {
    let told = problem.map(ToString::to_string);
    let template = PolicyForm { csrf: request.csrf(), id, tab: "edit", seen, text, problem: told, may_write: true };
    let mut answer = PageAnswer::page(if id.is_some() { "Replace a policy" } else { "New policy" }, &template)?;
    if let (PageAnswer::Page(content), Some(problem)) = (&mut answer, problem) {
        content.status = match problem.status() {
            StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
            status => status,
        };
    }
    Ok(answer)
}

async fn preview(
    request: &ConsoleRequest<'_>,
    id: Option<&str>,
    seen: &str,
    record: &PolicyRecord,
) -> Result<PageAnswer, ConsoleError> {
    let there = id.and_then(|id| request.node().ledger.view().by_id(id).cloned());
    let text = std::sync::Arc::clone(&record.text);
    // Megabytes are not compared and packed where other callers are served.
    let work = move || -> Result<(AttributeRows, String), ConsoleError> {
        let new = read(&text)?;
        let old = there.and_then(|entry| read(&entry.text).ok());
        let rows = old.map_or_else(|| AttributeRows::whole(&new, true), |old| AttributeRows::between(&old, &new));
        Ok((rows, carried::pack(&text)?))
    };
    let (rows, carried) = request.node().queries.apart(caller_address(&request.session), work).await??;
    let template = PolicyPreview {
        csrf: request.csrf(),
        id,
        tab: "edit",
        seen,
        record,
        lines: body(&record.value),
        rows,
        audience: audience::in_words(request),
        carried,
        may_write: true,
    };
    PageAnswer::page("What members will get", &template)
}

/// Reads what somebody typed.
async fn read_typed(request: &ConsoleRequest<'_>, text: &str) -> Result<Policy, ConsoleError> {
    let text = text.to_owned();
    request.node().queries.apart(caller_address(&request.session), move || read(&text)).await?
}

async fn carried_policy(request: &ConsoleRequest<'_>) -> Result<Policy, ConsoleError> {
    let (packed, most) = (field(request, "carried")?.to_owned(), request.state.body_limit);
    let read = move || carried::unpack(&packed, most).and_then(|text| read(&text));
    request.node().queries.apart(caller_address(&request.session), read).await?
}

fn read(text: &str) -> Result<Policy, ConsoleError> {
    let wrong = |error: crate::policy::Error| {
        ConsoleError::new(StatusCode::UNPROCESSABLE_ENTITY, "This is no policy", error.to_string())
    };
    Policy::parse(text).map_err(wrong)
}

/// Writes a policy for people who change it: without the note where it is known, which is the ledger's.
fn written(policy: &Policy) -> String {
    let mut policy = policy.clone();
    policy.remove("ledger");
    serde_json::to_string_pretty(&policy.to_value()).unwrap_or_default()
}
