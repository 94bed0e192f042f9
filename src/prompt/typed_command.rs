//! Where a typed command runs: here, or on the node that the prompt is assigned to
//! (reference/command-language 15).

use crate::command;

/// A typed command, split into its assignment and the command behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedCommand<'a> {
    /// Key of the form `key = …`.
    pub key: Option<&'a str>,
    /// The command, or the value of a plain assignment.
    pub command: &'a str,
    /// A leading dot: run it here.
    pub dot: bool,
}

impl<'a> TypedCommand<'a> {
    /// Splits the text of one command.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let text = text.trim();
        let (key, rest) = assignment(text).map_or((None, text), |(key, rest)| (Some(key), rest));
        match rest.strip_prefix('.') {
            Some(here) if here.is_empty() || here.starts_with([' ', '\t']) => {
                Self { key, command: here.trim_start(), dot: true }
            }
            _ => Self { key, command: rest, dot: false },
        }
    }

    /// Returns the text to run, with the assigned destination when there is one; nothing for a lone dot.
    #[must_use]
    pub fn text(&self, destination: Option<&str>) -> Option<String> {
        if self.dot && self.command.is_empty() {
            return None;
        }
        let key = self.key.map(|key| format!("{key} = ")).unwrap_or_default();
        let client = match destination {
            Some(node) if !self.stays_here() => format!("run client ({node}) "),
            _ => String::new(),
        };
        Some(format!("{key}{client}{}", self.command))
    }

    /// Tells whether the command runs here even while the prompt is assigned to another node.
    #[must_use]
    pub fn stays_here(&self) -> bool {
        let is_one_word = self.command.split_whitespace().nth(1).is_none();
        self.dot || is_one_word || command::select(self.command).traits().stays
    }
}

/// Splits `key = rest`; the sign may touch its neighbours.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.split_once('=')?;
    let key = key.trim_end();
    let is_word = !key.is_empty() && !key.contains([' ', '\t', '"', '\'', '!', '<', '>', '(', '{']);
    let is_value = !rest.trim().is_empty() && !rest.trim_start().starts_with('#');
    (is_word && !rest.starts_with('=') && is_value).then(|| (key, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(typed: &str, destination: Option<&str>) -> Option<String> {
        TypedCommand::new(typed).text(destination)
    }

    const NODE: Option<&str> = Some("10.0.0.1:32048");

    #[test]
    fn command_goes_to_the_assigned_node() {
        assert_eq!(text("get status", NODE).as_deref(), Some("run client (10.0.0.1:32048) get status"));
        assert_eq!(text("x = get status", NODE).as_deref(), Some("x = run client (10.0.0.1:32048) get status"));
        assert_eq!(text("get status", None).as_deref(), Some("get status"));
    }

    #[test]
    fn some_commands_stay_here() {
        for here in
            ["help get status", "wait 5", "blockchain insert where policy = !p", "seed from !x", "run client .", "!x"]
        {
            assert_eq!(text(here, NODE).as_deref(), Some(here));
        }
        assert_eq!(text("a = 5", NODE).as_deref(), Some("a = 5"));
    }

    #[test]
    fn dot_runs_here() {
        assert_eq!(text(". get status", NODE).as_deref(), Some("get status"));
        assert_eq!(text("a = . get status", None).as_deref(), Some("a = get status"));
        assert_eq!(text(".", None), None);
    }

    #[test]
    fn comparison_is_no_assignment() {
        assert_eq!(TypedCommand::new("a == b").key, None);
        assert_eq!(TypedCommand::new("if !a == b").key, None);
        assert_eq!(TypedCommand::new("a =").key, None);
        assert_eq!(TypedCommand::new("a = # b").key, None);
        assert_eq!(TypedCommand::new("a=b").key, Some("a"));
        assert_eq!(TypedCommand::new("set a = b").key, None);
        assert_eq!(TypedCommand::new("connect dbms x where type = sqlite").key, None);
    }
}
