//! `help`: what the node can do, from the same table that runs it (reference/command-language 12.8).

mod links;
mod page;
mod suggest;

use crate::command::engine::Parsed;
use crate::command::engine::Traits;
use crate::command::engine::parsed;
use crate::node::Node;
use async_trait::async_trait;
use std::sync::Arc;

use crate::{
    command::engine::{Catalog, Command, Entry, Help, Line},
    node::Session,
    reply::{Error, Reply},
};
use page::{object, page, see, usages};
use std::collections::BTreeSet;

/// A request for help about the commands of a catalog.
#[derive(Debug)]
pub struct Manual {
    catalog: &'static Catalog,
    topic: Topic,
}

/// What help is asked for.
#[derive(Debug)]
enum Topic {
    /// `help`.
    All,
    /// `help WORDS`.
    Words(String),
    /// `help WORDS where format = mcp`: for programs.
    Object(String),
    /// `help index [beginning of a word]`.
    Index(String),
}

#[async_trait]
impl Command for Manual {
    async fn run(self: Box<Self>, _node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let catalog = self.catalog;
        let text = match self.topic {
            Topic::All => usages(catalog.entries()),
            Topic::Words(words) => about(catalog, &words) + &documentation(&words, session),
            Topic::Object(words) => {
                return Ok(found(catalog, &words)
                    .map_or_else(|| Reply::Text(unrecognized(catalog, &words)), |entry| Reply::Value(object(entry))));
            }
            Topic::Index(word) => index(catalog, &word),
        };
        let found = !text.starts_with("Unrecognized");
        Ok(Reply::Text(if found && !session.origin.is_remote() { format!("\r\n{text}") } else { text }))
    }
}

/// Returns the line that clients over the network find below a page.
fn documentation(words: &str, session: &Session) -> String {
    let link = links::links(words).next().filter(|_| session.origin.is_remote());
    link.map(|link| format!("Documentation: {link}\r\n")).unwrap_or_default()
}

/// Returns the command with exactly these words.
fn found(catalog: &Catalog, words: &str) -> Option<&'static Entry> {
    catalog.entries().find(|entry| entry.words == words)
}

/// Shows the page of a command, or the usage of every command that begins with the words.
fn about(catalog: &Catalog, words: &str) -> String {
    let members = || catalog.entries().filter(|entry| begins(entry.words, words));
    match found(catalog, words) {
        Some(entry) if members().count() == 0 => page(entry),
        Some(entry) => usages(members().chain([entry])),
        None if members().count() > 0 => usages(members()) + &see(words),
        None => unrecognized(catalog, words),
    }
}

/// Tells whether a name is the words and more.
fn begins(name: &str, words: &str) -> bool {
    name.strip_prefix(words).is_some_and(|rest| rest.starts_with(' '))
}

fn unrecognized(catalog: &Catalog, words: &str) -> String {
    format!("Unrecognized command\r\n\r\n{}", suggest::suggestions(catalog, words))
}

/// Lists the words of the index; with the beginning of a word also the commands found by it.
fn index(catalog: &Catalog, beginning: &str) -> String {
    let all: BTreeSet<&str> = catalog.entries().flat_map(|entry| entry.help.index.iter().copied()).collect();
    let words = all.into_iter().filter(|word| word.starts_with(beginning));
    if beginning.is_empty() {
        return words.map(|word| format!("{word}\r\n")).collect();
    }
    words
        .map(|word| {
            let mut usages: Vec<&str> = catalog
                .entries()
                .filter(|entry| entry.help.index.contains(&word))
                .map(|entry| entry.help.usage)
                .collect();
            usages.sort_unstable();
            usages.dedup();
            let lines: String = usages.into_iter().map(|usage| format!("\t{usage}\r\n")).collect();
            format!("{word}\r\n{lines}")
        })
        .collect()
}

fn parse(line: &Line<'_>) -> Parsed {
    let words: Vec<&str> = line.arguments().iter().map(|word| word.text.as_str()).collect();
    let topic = match words.as_slice() {
        [] => Topic::All,
        ["index"] => Topic::Index(String::new()),
        ["index", rest @ ..] => Topic::Index(rest.join(" ")),
        [command @ .., "where", "format", "=", "mcp" | "json"] => Topic::Object(command.join(" ")),
        command => Topic::Words(command.join(" ")),
    };
    parsed(Manual { catalog: line.catalog, topic })
}

/// The commands of this family, file by file.
pub const ENTRIES: &[&[Entry]] = &[HELP];

const HELP: &[Entry] = &[Entry::read(
    "help",
    parse,
    Help {
        usage: "help [COMMAND / index [beginning of a word]]",
        text: "Lists every command, the commands of a family, or the page of one command.\nThe index lists words by which commands are found.",
        examples: &["help", "help get", "help get status", "help index", "help index block"],
        index: &["help", "helper"],
    },
)
    .with(Traits::QUESTION.staying())];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::CATALOG;

    #[test]
    fn a_page_has_four_sections() {
        assert_eq!(
            about(&CATALOG, "get hostname"),
            "Usage:\r\n\tget hostname\r\n\nExplanation:\r\n\tTells the name of the machine.\r\n\nExamples:\r\n\tget hostname\r\n\
             \thostname = get hostname\r\n\nIndex:\r\n\t['node info']\r\n"
        );
    }

    #[test]
    fn families_list_their_members() {
        let members = about(&CATALOG, "reset");
        assert!(members.contains("reset echo queue [where size = 1..100]\r\n"), "{members}");
        assert!(!members.contains("get status"));
        assert!(about(&CATALOG, "nosuch").starts_with("Unrecognized command\r\n\r\n"));
    }

    #[test]
    fn the_index_finds_commands() {
        assert!(index(&CATALOG, "").contains("\r\nnode info\r\n"));
        assert!(index(&CATALOG, "node i").starts_with("node info\r\n\t"));
        assert_eq!(index(&CATALOG, "zzz"), "");
    }
}
