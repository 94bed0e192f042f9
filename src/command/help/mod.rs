//! `help`: what the node can do, from the same table that runs it (reference/command-language 12.8).

mod links;
mod page;
mod suggest;

use super::lookup::entries;
use super::{Command, Entry, Error, Help, Line, Reply, Session};
use page::{object, page, see, usages};
use std::collections::BTreeSet;

/// Requests for help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manual {
    /// `help`.
    All,
    /// `help WORDS`.
    Words(String),
    /// `help WORDS where format = mcp`: for programs.
    Object(String),
    /// `help index [beginning of a word]`.
    Index(String),
}

impl Manual {
    pub(super) fn execute(self, session: &Session) -> Reply {
        let text = match self {
            Self::All => usages(entries()),
            Self::Words(words) => about(&words) + &documentation(&words, session),
            Self::Object(words) => {
                return found(&words)
                    .map_or_else(|| Reply::Text(unrecognized(&words)), |entry| Reply::Value(object(entry)));
            }
            Self::Index(word) => index(&word),
        };
        let found = !text.starts_with("Unrecognized");
        Reply::Text(if found && !session.origin.is_remote() { format!("\r\n{text}") } else { text })
    }
}

/// Returns the line that clients over the network find below a page.
fn documentation(words: &str, session: &Session) -> String {
    let link = links::links(words).next().filter(|_| session.origin.is_remote());
    link.map(|link| format!("Documentation: {link}\r\n")).unwrap_or_default()
}

/// Returns the command with exactly these words.
fn found(words: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.words == words)
}

/// Shows the page of a command, or the usage of every command that begins with the words.
fn about(words: &str) -> String {
    let members = || entries().filter(|entry| begins(entry.words, words));
    match found(words) {
        Some(entry) if members().count() == 0 => page(entry),
        Some(entry) => usages(members().chain([entry])),
        None if members().count() > 0 => usages(members()) + &see(words),
        None => unrecognized(words),
    }
}

/// Tells whether a name is the words and more.
fn begins(name: &str, words: &str) -> bool {
    name.strip_prefix(words).is_some_and(|rest| rest.starts_with(' '))
}

fn unrecognized(words: &str) -> String {
    format!("Unrecognized command\r\n\r\n{}", suggest::suggestions(words))
}

/// Lists the words of the index; with the beginning of a word also the commands found by it.
fn index(beginning: &str) -> String {
    let all: BTreeSet<&str> = entries().flat_map(|entry| entry.help.index.iter().copied()).collect();
    let words = all.into_iter().filter(|word| word.starts_with(beginning));
    if beginning.is_empty() {
        return words.map(|word| format!("{word}\r\n")).collect();
    }
    words
        .map(|word| {
            let mut usages: Vec<&str> =
                entries().filter(|entry| entry.help.index.contains(&word)).map(|entry| entry.help.usage).collect();
            usages.sort_unstable();
            usages.dedup();
            let lines: String = usages.into_iter().map(|usage| format!("\t{usage}\r\n")).collect();
            format!("{word}\r\n{lines}")
        })
        .collect()
}

fn parse(line: &Line<'_>) -> Result<Command, Error> {
    let words: Vec<&str> = line.arguments().iter().map(|word| word.text.as_str()).collect();
    let manual = match words.as_slice() {
        [] => Manual::All,
        ["index"] => Manual::Index(String::new()),
        ["index", rest @ ..] => Manual::Index(rest.join(" ")),
        [command @ .., "where", "format", "=", "mcp" | "json"] => Manual::Object(command.join(" ")),
        command => Manual::Words(command.join(" ")),
    };
    Ok(Command::Manual(manual))
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::read(
    "help",
    parse,
    Help {
        usage: "help [COMMAND / index [beginning of a word]]",
        text: "Lists every command, the commands of a family, or the page of one command.\nThe index lists words by which commands are found.",
        examples: &["help", "help get", "help get status", "help index", "help index block"],
        index: &["help", "helper"],
    },
)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_four_sections() {
        assert_eq!(
            about("get hostname"),
            "Usage:\r\n\tget hostname\r\n\nExplanation:\r\n\tTells the name of the machine.\r\n\nExamples:\r\n\tget hostname\r\n\
             \thostname = get hostname\r\n\nIndex:\r\n\t['node info']\r\n"
        );
    }

    #[test]
    fn families_list_their_members() {
        let members = about("reset");
        assert!(members.contains("reset echo queue [where size = 1..100]\r\n"), "{members}");
        assert!(!members.contains("get status"));
        assert!(about("nosuch").starts_with("Unrecognized command\r\n\r\n"));
    }

    #[test]
    fn the_index_finds_commands() {
        assert!(index("").contains("\r\nnode info\r\n"));
        assert!(index("node i").starts_with("node info\r\n\t"));
        assert_eq!(index("zzz"), "");
    }
}
