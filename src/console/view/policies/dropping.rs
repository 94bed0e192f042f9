//! A policy is dropped: first what goes with it and what would still name it, then the drop of what was seen.

use super::{
    addresses, audience,
    one::{asked, title},
    writing::field,
};
use crate::{
    command::ledger::documents::{self, PolicyRecord, RelationReach, Relations, Seen},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest},
};
use askama::Template;

#[derive(Template)]
#[template(path = "policy_drop.html")]
struct PolicyDrop<'a> {
    csrf: &'a str,
    id: &'a str,
    tab: &'static str,
    name: String,
    seen: String,
    record: &'a PolicyRecord,
    relations: Relations,
    audience: String,
    may_write: bool,
}

/// Shows what a drop would do; nothing is changed.
///
/// # Errors
/// The policy is not there, or who asks may not drop it.
pub async fn preview_drop(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let id = asked(&request)?;
    let (node, session) = (request.node(), &request.session);
    let record = documents::one(node, session, id, None).await?;
    documents::try_remove(node, session, id, Seen::OneOf(vec![record.tag()])).await?;
    let template = PolicyDrop {
        csrf: request.csrf(),
        id,
        tab: "dropping",
        name: title(&record),
        seen: record.tag(),
        relations: documents::relations(node, session, id, RelationReach::Everything).await?,
        record: &record,
        audience: audience::in_words(&request),
        may_write: true,
    };
    PageAnswer::page("Drop a policy", &template)
}

/// Drops a policy, if it is still what was seen.
///
/// # Errors
/// It is not there, or was changed meanwhile.
pub async fn drop_policy(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let (id, seen) = (field(&request, "id")?, field(&request, "seen")?);
    documents::remove(request.node(), &request.session, id, Seen::OneOf(vec![seen.to_owned()])).await?;
    Ok(PageAnswer::Redirect(addresses::history(id)))
}
