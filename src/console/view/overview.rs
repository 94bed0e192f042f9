//! What the node is and how it is.

use crate::console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest};
use askama::Template;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    policies: usize,
}

/// Shows the node at a glance.
///
/// # Errors
/// The template fails.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let template = Overview { policies: request.node().ledger.view().len() };
    PageAnswer::page("Overview", &template)
}
