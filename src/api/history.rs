//! The changes of a policy.

use crate::{
    api::{
        answers::document,
        call::ApiCall,
        documents::{ChangeDocument, ChangesDocument},
        policies::{LARGE, written_apart},
        problem::Problem,
    },
    command::ledger::documents,
    ledger::HistoryRow,
    policy::Policy,
    rest::rest_reply::RestReply,
};

/// Answers with the changes of a policy, oldest first.
///
/// # Errors
/// Nothing is known of the id; the database is away.
pub async fn changes(call: &ApiCall<'_>) -> Result<RestReply, Problem> {
    let rows = documents::history(call.context.node, &call.session, &call.id).await;
    let rows = rows.map_err(|error| call.problem(&error))?;
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let bytes: usize = rows.iter().map(|row| length(&row.before) + length(&row.after)).sum();
    let write = move || document(&ChangesDocument { changes: rows.into_iter().map(change).collect() });
    if bytes < LARGE { Ok(write()) } else { written_apart(call, write).await }
}

fn change(row: HistoryRow) -> ChangeDocument {
    let policy = |text: Option<String>| Some(Policy::parse(&text?).ok()?.to_value());
    ChangeDocument {
        time: row.time,
        who: row.who,
        action: row.action.as_str().to_owned(),
        kind: row.kind,
        before: policy(row.before),
        after: policy(row.after),
    }
}
