//! Who gets a change, and when, in words.

use crate::{command::Access, console::page_request::ConsoleRequest};

/// Says what becomes of a change at the members.
#[must_use]
pub fn in_words(request: &ConsoleRequest<'_>) -> String {
    let node = request.node();
    if let Err(reason) = node.ledger.may_deliver()
        && !node.ledger.view().is_empty()
    {
        return format!("The members keep the copy that they have for now: {reason}.");
    }
    let after = "they get the whole ledger as soon as it is written, or with their next question";
    match node.survey_members().all() {
        _ if !request.may(Access::ReadInside) => format!("Members see it after that: {after}."),
        0 => "No member asked for the ledger lately; whoever asks gets it.".to_owned(),
        1 => format!("One member asks for the ledger; {after}."),
        count => format!("{count} members ask for the ledger; {after}."),
    }
}
