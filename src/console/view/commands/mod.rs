//! The prompt in the page: a line with completion and history, the help of its command beside, and the answers below, each as what
//! it is.

mod download;
mod page_output;
mod run;
mod suggestions;

pub use download::download;
pub use suggestions::suggest;

use crate::console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest};
use askama::Template;
use run::CommandResult;

/// The scripts of the page.
const SCRIPTS: &[&str] = &["tables.js", "commands.js"];

#[derive(Template)]
#[template(path = "commands/page.html")]
struct CommandsPage<'a> {
    csrf: &'a str,
    typed: &'a str,
    result: Option<CommandResult>,
    door: &'static str,
}

/// Shows the prompt.
///
/// # Errors
/// The template fails.
pub async fn show(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let typed = request.query.text("command").unwrap_or_default();
    page(&request, typed, None)
}

/// Runs a command.
///
/// # Errors
/// The template fails; what the command says about itself is part of the page.
pub async fn run_typed(mut request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let Some(text) = request.form.filled("command").map(str::to_owned) else {
        return Err(ConsoleError::bad_form("no command was typed"));
    };
    let secret = request.form.text("secret").filter(|secret| !secret.is_empty()).map(str::to_owned);
    let result = run::run(&mut request, &text, secret.as_deref()).await;
    if request.is_partial() {
        return PageAnswer::partial(&result);
    }
    page(&request, "", Some(result))
}

fn page(request: &ConsoleRequest<'_>, typed: &str, result: Option<CommandResult>) -> Result<PageAnswer, ConsoleError> {
    let template = CommandsPage { csrf: request.csrf(), typed, result, door: request.session.door().name() };
    Ok(PageAnswer::page("Commands", &template)?.with_scripts(SCRIPTS))
}
