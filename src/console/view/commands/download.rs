//! All of an answer as a file: the question is asked once more, so that the node keeps no answers of anybody.

use super::run::{may_run_again, reply_of};
use crate::{
    command,
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, shown::ReplyFile},
    runtime::clock,
};
use bytes::Bytes;
use hyper::StatusCode;
use std::sync::Arc;

/// Answers with a file.
///
/// # Errors
/// The command changes something, or fails; its answer has no such form.
pub async fn download(mut request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let text = request.form.filled("command").unwrap_or_default().to_owned();
    let file = request.form.filled("as").and_then(ReplyFile::named);
    let file = file.ok_or_else(|| ConsoleError::bad_form("a file is csv, json or txt"))?;
    let selection = command::select(&text);
    let entry = selection.entry().filter(|_| may_run_again(&selection));
    let Some(entry) = entry else {
        let detail = "only the answers of commands that change nothing can be downloaded: they are asked once more";
        return Err(ConsoleError::new(StatusCode::BAD_REQUEST, "This command does not run for a file", detail));
    };
    let console = Arc::clone(&request.session.output);
    let reply = reply_of(&mut request, &selection, console).await?;
    let (queries, caller) = (&request.node().queries, request.context.caller.ip());
    // A file has all of it, and may be long: it is written apart from what serves other callers, and counted until it is gone.
    let written = queries.apart(Some(caller), move || file.write(reply)).await?;
    let written = written.ok_or_else(|| {
        let detail = format!("the answer of '{}' has no rows: take it as JSON or as text", entry.words);
        ConsoleError::new(StatusCode::BAD_REQUEST, "The answer is no table", detail)
    })?;
    let body = queries.counted(caller, Bytes::from(written))?;
    let time = clock::now().strftime("%Y%m%d-%H%M%S").to_string();
    let name = format!("{}-{time}.{}", entry.words.replace(' ', "-"), file.as_str());
    Ok(PageAnswer::Download { name, kind: file.kind(), body })
}
