//! The files that pages load.

use crate::console::{answer::PageAnswer, assets, page_error::ConsoleError, page_request::ConsoleRequest};

/// Answers with a file of the program.
///
/// # Errors
/// There is none with the name.
pub async fn file(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    assets::answer(request.head, &request.id).map(PageAnswer::Written)
}
