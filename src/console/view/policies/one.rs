//! One policy: what it says, what the rules say of it, and what it has to do with others.

use super::{
    addresses,
    folded_json::{JsonLine, folded},
    relation_picture::RelationPicture,
};
use crate::{
    command::{
        Access,
        ledger::documents::{self, PolicyRecord, RelationReach, Relations, Validation},
    },
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, words::short},
};
use askama::Template;
use serde_json::Value;

/// Characters of a title.
const TITLE: usize = 100;

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPageTemplate<'a> {
    id: &'a str,
    tab: &'static str,
    record: &'a PolicyRecord,
    name: String,
    lines: Vec<JsonLine>,
    validation: Validation,
    relations: Relations,
    picture: RelationPicture,
    may_write: bool,
    done: Option<&'static str>,
}

/// Shows a policy.
///
/// # Errors
/// It is not there.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let id = asked(&request)?;
    let (node, session) = (request.node(), &request.session);
    let record = documents::one(node, session, id, None).await?;
    let validation = documents::validation(node, session, id).await?;
    let relations = documents::relations(node, session, id, RelationReach::Indexed).await?;
    let name = title(&record);
    let template = PolicyPageTemplate {
        id,
        tab: "policy",
        lines: body(&record.value),
        name: name.clone(),
        validation,
        picture: RelationPicture::of_policy(&relations),
        relations,
        may_write: request.may(Access::Publish),
        done: request.query.text("done").and_then(done),
        record: &record,
    };
    PageAnswer::page(name, &template)
}

/// Leads from the short address of a policy, as `/v1` has it, to its page.
///
/// # Errors
/// None.
pub async fn lead_to_one(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    Ok(PageAnswer::Redirect(addresses::one(&request.id)))
}

/// Returns the id that is asked for.
///
/// # Errors
/// The URL has none.
pub fn asked<'a>(request: &'a ConsoleRequest<'_>) -> Result<&'a str, ConsoleError> {
    request.query.text("id").ok_or_else(|| ConsoleError::not_found("the address of the page has no id of a policy"))
}

/// Returns the lines of a policy, its type as the key of all of it.
#[must_use]
pub fn body(value: &Value) -> Vec<JsonLine> {
    let lines = value.as_object().into_iter().flatten().flat_map(|(kind, body)| folded(kind, body));
    lines.collect()
}

/// Returns how a page names a policy: by its type and its name, else by its id.
#[must_use]
pub fn title(record: &PolicyRecord) -> String {
    let name = record.value.get(&record.kind).and_then(|body| body.get("name")).and_then(Value::as_str);
    let name = name.filter(|name| !name.is_empty()).unwrap_or(&record.id);
    short(&format!("{} {name}", record.kind), TITLE)
}

/// Says what was done; a URL chooses among these words and writes none.
fn done(how: &str) -> Option<&'static str> {
    match how {
        "added" => Some("The policy was added."),
        "replaced" => Some("The policy was replaced."),
        _ => None,
    }
}
