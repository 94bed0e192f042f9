//! What may stand at the cursor of the line, and the help of its command, as data for the script of the page.

use crate::{
    command::{self, CATALOG, Completion, Entry, may_run},
    console::{answer::PageAnswer, page_error::ConsoleError, page_request::ConsoleRequest, response},
};
use hyper::StatusCode;
use serde::Serialize;

/// Bytes of a line that is completed; a longer one is no longer typed by hand.
const LONGEST: usize = 16 * 1024;

/// The answer.
#[derive(Debug, Default, Serialize)]
struct Suggestions {
    /// Where the word begins that a candidate replaces, in bytes of the line.
    from: usize,
    /// Where it ends.
    to: usize,
    candidates: Vec<Suggestion>,
    /// True when there are more.
    more: bool,
    help: Option<CommandHelp>,
}

#[derive(Debug, Serialize)]
struct Suggestion {
    text: String,
    kind: &'static str,
    about: Option<String>,
}

/// What the entry of a command says about itself.
#[derive(Debug, Serialize)]
struct CommandHelp {
    words: &'static str,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
    /// What it needs the right to.
    needs: &'static str,
    /// Why this caller may not run it.
    refused: Option<String>,
}

/// Tells what may stand at the cursor.
///
/// # Errors
/// The answer cannot be written.
pub async fn suggest(request: ConsoleRequest<'_>) -> Result<PageAnswer, ConsoleError> {
    let line = request.form.text("line").unwrap_or_default();
    let suggestions = if line.len() > LONGEST { Suggestions::default() } else { of_line(&request, line) };
    let body = serde_json::to_vec(&suggestions)
        .map_err(|error| ConsoleError::new(StatusCode::INTERNAL_SERVER_ERROR, "The node failed", error.to_string()))?;
    Ok(PageAnswer::Written(response::of(StatusCode::OK, "application/json", body)))
}

fn of_line(request: &ConsoleRequest<'_>, line: &str) -> Suggestions {
    let at = request.form.number("at").unwrap_or(line.len());
    let Completion { from, to, candidates, more } = command::complete(line, at, request.node(), &request.session);
    let candidates =
        candidates.into_iter().map(|one| Suggestion { text: one.text, kind: one.kind.name(), about: one.about });
    let help = entry_of(line).map(|entry| CommandHelp {
        words: entry.words,
        usage: entry.help.usage,
        text: entry.help.text,
        examples: entry.help.examples,
        needs: entry.access.name(),
        refused: may_run(entry, request.node(), &request.session).err().map(|error| error.to_string()),
    });
    Suggestions { from, to, candidates: candidates.collect(), more, help }
}

/// Returns the command whose name the last command of a line begins with, also while the line is too short for it.
fn entry_of(line: &str) -> Option<&'static Entry> {
    let last = line.rsplit(['&', '<']).next().unwrap_or_default();
    let mut words: Vec<&str> = last.split_whitespace().collect();
    if let [_, "=", ..] = words.as_slice() {
        words.drain(..2);
    }
    let begins = |entry: &&Entry| {
        let mut typed = words.iter();
        entry.words.split(' ').all(|word| typed.next() == Some(&word))
    };
    CATALOG.entries().filter(begins).max_by_key(|entry| entry.words.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_that_of_the_command_that_is_typed() {
        let words = |line| entry_of(line).map(|entry| entry.words);
        assert_eq!(words("get status where"), Some("get status"));
        assert_eq!(words("x = get status"), Some("get status"));
        assert_eq!(words("print a & blockchain get operator"), Some("blockchain get"));
        assert_eq!(words("get members status"), Some("get members status"));
        assert_eq!((words("get"), words(""), words("nothing")), (Some("get"), None, None));
    }
}
