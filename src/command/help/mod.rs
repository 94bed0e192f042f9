//! `help`: what the node can do, from the same catalog that runs it (reference/command-language 12.8).

mod links;
mod page;
mod suggest;

use crate::{
    command::engine::{Behind, Catalog, Command, Entry, Help, Line, Parsed, Traits, parsed},
    node::{Node, Session},
    reply::{Error, HelpAnswer, Links, Reply},
};
use async_trait::async_trait;
use std::{collections::BTreeSet, sync::Arc};

/// A request for help about the commands of a catalog.
#[derive(Debug)]
pub struct Manual {
    catalog: &'static Catalog,
    topic: Topic,
}

/// What help is asked for.
#[derive(Debug)]
enum Topic {
    /// `help`: the commands that this node carries out.
    All,
    /// `help not offered`: the commands that belong to other nodes.
    NotOffered,
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
        let answer = match self.topic {
            Topic::All => usages(catalog, Entry::is_offered),
            Topic::NotOffered => usages(catalog, |entry| !entry.is_offered()),
            Topic::Words(words) => about(catalog, &words, session.origin.is_remote()),
            Topic::Object(words) => match entry_named(catalog, &words) {
                Some(entry) => return Ok(Reply::Value(page::object(entry))),
                None => unrecognized(catalog, &words),
            },
            Topic::Index(beginning) => HelpAnswer::Index(index(catalog, &beginning)),
        };
        Ok(Reply::Help(answer))
    }
}

/// Lists the usages of some commands.
fn usages(catalog: &Catalog, which: impl Fn(&Entry) -> bool) -> HelpAnswer {
    let entries = catalog.entries().filter(|entry| which(entry));
    HelpAnswer::Usages { usages: page::usages(entries), links: Links::default() }
}

/// Returns the page of a command, or the usage of every command that begins with the words.
fn about(catalog: &Catalog, words: &str, for_program: bool) -> HelpAnswer {
    let mut links = Links { all: links::links(words).collect(), documentation: None };
    if for_program {
        links.documentation = links.all.first().cloned();
    }
    let members = || catalog.entries().filter(|entry| is_member(entry.words, words) && !is_other_spelling(entry));
    match entry_named(catalog, words) {
        Some(entry) if members().count() == 0 => HelpAnswer::Page(page::page(entry, links)),
        Some(entry) => {
            // The command is listed among those that begin with its words, and a list has no links of its own.
            let links = Links { all: Vec::new(), ..links };
            HelpAnswer::Usages { usages: page::usages(members().chain([entry])), links }
        }
        None if members().count() > 0 => HelpAnswer::Usages { usages: page::usages(members()), links },
        None => unrecognized(catalog, words),
    }
}

/// Returns the command with exactly these words.
fn entry_named(catalog: &Catalog, words: &str) -> Option<&'static Entry> {
    catalog.entries().find(|entry| entry.words == words)
}

/// Tells whether a name begins with the words and goes on behind them.
fn is_member(name: &str, words: &str) -> bool {
    name.strip_prefix(words).is_some_and(|rest| rest.starts_with(' '))
}

/// Tells whether an entry is another spelling of a command, whose usage it has: `blockchain get platforms` is `get platforms`.
fn is_other_spelling(entry: &Entry) -> bool {
    entry.help.usage.split(' ').next() != entry.words.split(' ').next()
}

fn unrecognized(catalog: &Catalog, words: &str) -> HelpAnswer {
    HelpAnswer::Unrecognized(suggest::suggestions(catalog, words))
}

/// Returns the words of the index; with the beginning of a word also the usages of the commands found by it.
fn index(catalog: &Catalog, beginning: &str) -> Vec<(String, Vec<String>)> {
    let all: BTreeSet<&str> = catalog.entries().flat_map(|entry| entry.help.index.iter().copied()).collect();
    let words = all.into_iter().filter(|word| word.starts_with(beginning));
    let usages = |word: &str| match beginning {
        "" => Vec::new(),
        _ => usages_by_index(catalog, word),
    };
    words.map(|word| (word.to_owned(), usages(word))).collect()
}

/// Returns the usages of the commands that are found by a word of the index.
fn usages_by_index(catalog: &Catalog, word: &str) -> Vec<String> {
    let entries = catalog.entries().filter(|entry| entry.help.index.contains(&word));
    let usages: BTreeSet<&str> = entries.map(|entry| entry.help.usage).collect();
    usages.into_iter().map(str::to_owned).collect()
}

fn parse(line: &Line<'_>) -> Parsed {
    let words: Vec<&str> = line.arguments().iter().map(|word| word.text.as_str()).collect();
    let topic = match words.as_slice() {
        [] => Topic::All,
        ["not", "offered"] => Topic::NotOffered,
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
        usage: "help [COMMAND / index [beginning of a word] / not offered]",
        text: "Lists the commands of this node, the commands of a family, or the page of one command.\nThe index lists words by which commands are found; 'not offered' lists the commands that belong to other nodes.",
        examples: &["help", "help not offered", "help get", "help get status", "help index", "help index block"],
        index: &["help", "helper"],
    },
)
.with(Traits::QUESTION.staying().before(Behind::Command))];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::CATALOG;

    fn usages(words: &str) -> Vec<String> {
        match about(&CATALOG, words, false) {
            HelpAnswer::Usages { usages, .. } => usages,
            other => panic!("{words}: {other:?}"),
        }
    }

    #[test]
    fn one_command_has_a_page() {
        let HelpAnswer::Page(page) = about(&CATALOG, "get hostname", false) else { panic!("no page") };
        assert_eq!(
            (page.usage.as_str(), page.explanation),
            ("get hostname", vec!["Tells the name of the machine.".to_owned()])
        );
        assert_eq!((page.examples.len(), page.index), (2, vec!["node info".to_owned()]));
        assert_eq!(page.links, Links::default());
    }

    #[test]
    fn programs_are_told_where_the_documentation_is() {
        let links = |for_program| match about(&CATALOG, "blockchain get", for_program) {
            HelpAnswer::Page(page) => page.links,
            other => panic!("{other:?}"),
        };
        assert_eq!((links(false).all.len(), links(false).documentation), (2, None));
        assert_eq!(links(true).documentation.as_ref(), links(true).all.first());
    }

    #[test]
    fn the_list_leaves_out_what_belongs_to_other_nodes() {
        let listed = |which: fn(&Entry) -> bool| match super::usages(&CATALOG, which) {
            HelpAnswer::Usages { usages, .. } => usages,
            other => panic!("{other:?}"),
        };
        let (offered, others) = (listed(Entry::is_offered), listed(|entry| !entry.is_offered()));
        assert!(offered.contains(&"get hostname".to_owned()) && !offered.contains(&"backup table".to_owned()));
        assert!(others.contains(&"backup table".to_owned()) && others.len() > 20, "{others:?}");
    }

    #[test]
    fn families_list_their_members() {
        let members = usages("reset");
        assert!(members.contains(&"reset echo queue [where size = 1..100]".to_owned()), "{members:?}");
        assert!(!members.concat().contains("get status"));
        assert!(matches!(about(&CATALOG, "nosuch", false), HelpAnswer::Unrecognized(_)));
    }

    #[test]
    fn the_index_finds_commands() {
        assert!(index(&CATALOG, "").contains(&("node info".to_owned(), Vec::new())));
        let found = index(&CATALOG, "node i");
        assert!(matches!(found.as_slice(), [(word, usages)] if word == "node info" && !usages.is_empty()));
        assert!(index(&CATALOG, "zzz").is_empty());
    }
}
