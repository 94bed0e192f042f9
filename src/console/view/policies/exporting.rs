//! Policies as files: all that a search finds, and one as it is stored.

use super::{one::asked, search::PolicySearch};
use crate::{
    command::ledger::documents::{self, ExportForm},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, response},
};
use hyper::StatusCode;

/// Answers with a file of what a search finds: a policy on each line, or one list with `as=list`.
///
/// # Errors
/// The budget of queries is used up; too much is on its way already.
pub async fn export(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let search = PolicySearch::of(&request.query);
    let (form, ending, kind) = match request.query.text("as") {
        Some("list") => (ExportForm::List, ".json", "application/json"),
        _ => (ExportForm::Lines, ".jsonl", "application/x-ndjson"),
    };
    let (node, session) = (request.node(), &request.session);
    let exported = documents::export(node, session, search.filter(), form).await?;
    let body = node.queries.counted(request.context.caller.ip(), exported.text.into())?;
    let name = match &search.kind {
        Some(kind) => format!("policies-{kind}{ending}"),
        None => format!("policies{ending}"),
    };
    Ok(PageAnswer::Download { name, kind, body })
}

/// Answers with a policy as it is stored.
///
/// # Errors
/// It is not there; too much is on its way already.
pub async fn raw(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let id = asked(&request)?;
    let record = documents::one(request.node(), &request.session, id, None).await?;
    let text = record.text.to_string();
    let body = request.node().queries.counted(request.context.caller.ip(), text.into())?;
    Ok(PageAnswer::Written(response::of(StatusCode::OK, "application/json", body)))
}
