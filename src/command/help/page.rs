//! Pages of help in the known layout (reference/rest 10, "help").

use crate::command::{engine::Entry, help::links::links};
use serde_json::{Value, json};

/// Renders the page of one command: usage, explanation, examples and index.
#[must_use]
pub(super) fn page(entry: &Entry) -> String {
    let help = &entry.help;
    let index: Vec<String> = help.index.iter().map(|word| format!("'{word}'")).collect();
    let examples: Vec<&str> = help.examples.to_vec();
    [
        section("Usage", &[help.usage]),
        section("Explanation", &help.text.lines().collect::<Vec<_>>()),
        section("Examples", &examples),
        section("Index", &[&format!("[{}]", index.join(", "))]),
    ]
    .join("\n")
        + &see(entry.words)
}

/// Names the pages of the network's documentation that explain a command.
pub(super) fn see(words: &str) -> String {
    links(words).map(|link| format!("\r\nLink: {link}\r\n")).collect()
}

fn section(title: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("\t{line}\r\n")).collect();
    format!("{title}:\r\n{lines}")
}

/// Returns the page as one object for programs.
pub(super) fn object(entry: &Entry) -> Value {
    let help = &entry.help;
    json!({"command": {
        "usage": help.usage,
        "explanations": help.text,
        "examples": help.examples.join("\n"),
        "documentation": links(entry.words).next().unwrap_or_default(),
    }})
}

/// Lists the usage of commands, one line each, in alphabetical order.
pub(super) fn usages<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let mut usages: Vec<&str> = entries.map(|entry| entry.help.usage).collect();
    // A list that begins with a bracket would be taken for JSON.
    usages.sort_unstable_by_key(|usage| (usage.starts_with('['), *usage));
    usages.dedup();
    usages.into_iter().map(|usage| format!("{usage}\r\n")).collect()
}
