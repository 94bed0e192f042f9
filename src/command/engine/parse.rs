//! From the text of a command to its typed form, without running it.

use crate::{
    command::engine::{Catalog, Command, Line, PromptAct, Selection},
    node::{Node, Session, SessionScope},
    reply::Error,
    script::{self, Form, Scope, Word},
};
use std::sync::atomic::{AtomicBool, Ordering};

/// Reads the text of one command; nothing when it is a value, a reference or an empty line (reference/command-language 4).
///
/// The words, the entry and its parser are those of [`run`](crate::command::run); the caller's rights are not
/// asked, and nothing is executed: what benchmarks measure and fuzzing feeds.
///
/// # Errors
/// When the text cannot be cut into words, names no command, or the command's words are wrong.
pub fn parse(catalog: &'static Catalog, text: &str, scope: &dyn Scope) -> Result<Option<Box<dyn Command>>, Error> {
    let words = script::words(text)?;
    match Form::of(&words) {
        Form::Nothing | Form::Reference(_) | Form::Concatenation(_) => Ok(None),
        Form::Assignment { key, words } => with_entry(catalog, words, Some(&key.text), scope),
        Form::Command(words) => match with_entry(catalog, words, None, scope)? {
            None => Err(catalog.unknown(words)),
            command => Ok(command),
        },
    }
}

/// Finds the entry that words begin with and parses the line with it.
fn with_entry(
    catalog: &'static Catalog,
    words: &[Word],
    assigned: Option<&str>,
    scope: &dyn Scope,
) -> Result<Option<Box<dyn Command>>, Error> {
    let before = if assigned.is_some() { 2 } else { 0 };
    let Some((entry, named)) = catalog.find(words, before)? else { return Ok(None) };
    (entry.parse)(&Line { words, named, assigned, scope, catalog }).map(Some)
}

impl Selection<'_> {
    /// Tells whether the answer depends on this text and the policies alone, so that it stays the same until one of them
    /// changes. A text that refers to a variable is none of these: the variable may change.
    #[must_use]
    pub fn reads_policies_alone(&self) -> bool {
        let Some((entry, named)) = self.found else { return false };
        let scope = References::default();
        let line = Line { words: self.words(), named, assigned: None, scope: &scope, catalog: self.catalog };
        // What stands behind an `&` is warned about each time.
        self.ignored().is_none()
            && (entry.parse)(&line).is_ok_and(|command| command.reads_policies_alone())
            && !scope.asked.into_inner()
    }

    /// Returns what somebody has to be asked for, unseen, before the command runs. Only commands that may open secrets ask; what is
    /// wrong with the words is told when it runs.
    #[must_use]
    pub fn question(&self, node: &Node, session: &Session) -> Option<&'static str> {
        let (entry, named) = self.found.filter(|(entry, _)| entry.opens_secrets)?;
        let scope = SessionScope::with_secrets(node, session);
        let line = Line { words: self.words(), named, assigned: None, scope: &scope, catalog: self.catalog };
        (entry.parse)(&line).ok()?.question()
    }

    /// Returns what a prompt does itself instead of running the text; nothing for every other text.
    ///
    /// # Errors
    /// What is wrong with the words of a command that only a prompt carries out.
    pub fn prompt_act(&self, scope: &dyn Scope) -> Result<Option<PromptAct>, Error> {
        let Some((entry, named)) = self.found.filter(|(entry, _)| entry.traits.at_prompt) else { return Ok(None) };
        let line = Line { words: self.words(), named, assigned: None, scope, catalog: self.catalog };
        Ok((entry.parse)(&line)?.prompt_act())
    }
}

/// A scope without values that takes note of being asked for one.
#[derive(Debug, Default)]
struct References {
    asked: AtomicBool,
}

impl Scope for References {
    fn variable(&self, _name: &str) -> Option<String> {
        self.asked.store(true, Ordering::Relaxed);
        None
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.variable(name)
    }
}

#[cfg(test)]
mod tests {
    use crate::command::select;

    #[test]
    fn only_answers_of_the_policies_alone_may_be_kept() {
        for listing in [
            "blockchain get *",
            "blockchain get operator",
            "blockchain get (operator, master)",
            "blockchain get operator where ip = 10.0.0.1",
            "blockchain get operator where name = \"a name\" and dbms = b",
        ] {
            assert!(select(listing).reads_policies_alone(), "{listing}");
        }
        for other in [
            "blockchain get",
            "blockchain get !t",
            "blockchain get a where b = !c",
            "blockchain get a where b = \"!c\"",
            "blockchain get a where b = $C",
            "blockchain get a & get status",
            "blockchain get a where b = c as of 2026-11-21T07:00:00Z",
            "blockchain get a bring.ip_port",
            "x = blockchain get a",
            "get status",
        ] {
            assert!(!select(other).reads_policies_alone(), "{other}");
        }
    }
}
