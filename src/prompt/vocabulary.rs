//! What the Tab key offers: commands, `!keys` and policy types.

use crate::{command::{Behind, CATALOG}, node::Node};

/// Words that may be completed at one moment.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// Commands of the node, in their own words.
    pub commands: Vec<String>,
    /// Keys of the dictionary.
    pub keys: Vec<String>,
    /// Types of the policies in the ledger.
    pub types: Vec<String>,
}

impl Vocabulary {
    /// Returns what a node knows at this moment.
    #[must_use]
    pub fn of_node(node: &Node) -> Self {
        let keys = node.dictionary.variables().into_iter().map(|(key, _)| key).collect();
        let types = node.ledger.view().types().map(|kind| kind.to_string()).collect();
        Self { commands: commands(), keys, types }
    }

    /// Returns the offset from which the line is replaced, and what may stand there.
    ///
    /// `at` is the cursor's offset in bytes.
    #[must_use]
    pub fn complete(&self, line: &str, at: usize) -> (usize, Vec<String>) {
        let typed = line.get(..at).unwrap_or(line);
        let start = typed.rfind([' ', '\t', '=', '(', ',', '<', '&']).map_or(0, |blank| blank + 1);
        let word = typed.get(start..).unwrap_or_default();
        let found = match word.strip_prefix('!') {
            Some(key) => with_prefix(&self.keys, key).map(|key| format!("!{key}")).collect(),
            None => self.next_words(command_part(typed.get(..start).unwrap_or_default()), word),
        };
        (start, found)
    }

    fn next_words(&self, before: &str, word: &str) -> Vec<String> {
        let before: Vec<&str> = before.split_whitespace().collect();
        let before = before.strip_prefix(&["help"]).unwrap_or(&before);
        if takes_policy_type(&before.join(" ")) {
            return with_prefix(&self.types, word).cloned().collect();
        }
        let mut found: Vec<String> =
            self.commands.iter().filter_map(|command| next_word(command, before, word)).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// Returns the words of every command of the catalog.
#[must_use]
pub fn commands() -> Vec<String> {
    CATALOG.entries().map(|entry| entry.words.to_owned()).collect()
}

/// Tells whether a type of policy follows these words.
fn takes_policy_type(words: &str) -> bool {
    CATALOG.entries().any(|entry| entry.traits.behind == Behind::PolicyType && entry.words == words)
}

/// Returns what stands behind the last `&`, `<` and a leading `key =`.
fn command_part(typed: &str) -> &str {
    let from = typed.rfind(['&', '<']).map_or(0, |sign| sign + 1);
    let part = typed.get(from..).unwrap_or_default();
    match part.split_once('=') {
        Some((key, rest)) if key.split_whitespace().count() == 1 => rest,
        _ => part,
    }
}

/// Returns the word of a command behind the typed ones, if it begins as typed.
fn next_word(command: &str, before: &[&str], word: &str) -> Option<String> {
    let mut words = command.split(' ');
    let same = before.iter().all(|typed| words.next() == Some(typed));
    words.next().filter(|next| same && next.starts_with(word)).map(str::to_owned)
}

fn with_prefix<'a>(list: &'a [String], prefix: &'a str) -> impl Iterator<Item = &'a String> {
    list.iter().filter(move |entry| entry.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(line: &str) -> (usize, Vec<String>) {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let vocabulary = Vocabulary {
            commands: owned(&["get status", "get processes", "get scheduler", "blockchain get", "run scheduler"]),
            keys: owned(&["node_name", "node_type", "ip"]),
            types: owned(&["master", "operator"]),
        };
        vocabulary.complete(line, line.len())
    }

    #[test]
    fn command_is_completed_word_by_word() {
        assert_eq!(offered("ge"), (0, vec!["get".to_owned()]));
        assert_eq!(offered("get s"), (4, vec!["scheduler".to_owned(), "status".to_owned()]));
        assert_eq!(offered("x = get p"), (8, vec!["processes".to_owned()]));
        assert_eq!(offered("print a & run "), (14, vec!["scheduler".to_owned()]));
        assert_eq!(offered("help get st"), (9, vec!["status".to_owned()]));
    }

    #[test]
    fn key_is_completed_anywhere() {
        assert_eq!(offered("print !node_"), (6, vec!["!node_name".to_owned(), "!node_type".to_owned()]));
        assert_eq!(offered("x =!i"), (3, vec!["!ip".to_owned()]));
    }

    #[test]
    fn policy_type_follows_blockchain_get() {
        assert_eq!(offered("blockchain get o"), (15, vec!["operator".to_owned()]));
    }
}
