//! The state of the node: members, services, boot and health.

use crate::{
    api::{
        answers::document,
        call::ApiCall,
        documents::{BootDocument, CheckDocument, HealthDocument, MembersDocument, ProcessesDocument},
        problem::{Problem, ProblemKind},
    },
    command::{Built, boot_steps, member_book, process_list},
    node::health::Report,
    reply::Reply,
    rest::rest_reply::RestReply,
};
use serde_json::Value;

/// Answers with the nodes that ask for the ledger.
///
/// # Errors
/// The caller may not read it.
pub async fn members(call: &mut ApiCall<'_>) -> Result<RestReply, Problem> {
    Ok(document(&MembersDocument { members: value(call, member_book()).await? }))
}

/// Answers with the services of the node.
///
/// # Errors
/// The caller may not read it.
pub async fn processes(call: &mut ApiCall<'_>) -> Result<RestReply, Problem> {
    Ok(document(&ProcessesDocument { processes: value(call, process_list()).await? }))
}

/// Answers with what the boot did.
///
/// # Errors
/// The caller may not read it.
pub async fn boot(call: &mut ApiCall<'_>) -> Result<RestReply, Problem> {
    Ok(document(&BootDocument { steps: value(call, boot_steps()).await? }))
}

/// Answers with the checks of the node.
pub fn health(call: &ApiCall<'_>) -> RestReply {
    document(&health_document(&call.context.node.health_report()))
}

/// Writes a report.
#[must_use]
pub fn health_document(report: &Report) -> HealthDocument {
    let checks = report.checks.iter().map(|check| CheckDocument {
        name: check.name.as_str().to_owned(),
        status: check.status.as_str().to_owned(),
        since: check.since.to_string(),
        detail: check.detail.clone(),
    });
    HealthDocument { status: report.overall().as_str().to_owned(), ready: report.is_ready(), checks: checks.collect() }
}

/// Runs a question whose answer is a value.
async fn value(call: &mut ApiCall<'_>, question: Built) -> Result<Value, Problem> {
    let reply = question.run(call.context.node, &mut call.session).await;
    match reply.map_err(|error| call.problem(&error))? {
        Reply::Value(value) => Ok(value),
        _ => Err(Problem::new(ProblemKind::Internal, "the answer has another form than this interface knows")),
    }
}
