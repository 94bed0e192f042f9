//! The help of commands as data.

use crate::{
    command::{engine::Entry, help::links::links},
    reply::{HelpPage, Links},
};
use serde_json::{Value, json};

/// Returns the page of one command.
pub(super) fn page(entry: &Entry, links: Links) -> HelpPage {
    let help = &entry.help;
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    HelpPage {
        usage: help.usage.to_owned(),
        explanation: help.text.lines().map(str::to_owned).collect(),
        examples: texts(help.examples),
        index: texts(help.index),
        links,
    }
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

/// Returns the usages of commands in alphabetical order.
pub(super) fn usages<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<String> {
    let mut usages: Vec<&str> = entries.map(|entry| entry.help.usage).collect();
    // Clients would take a list that begins with a bracket for JSON.
    usages.sort_unstable_by_key(|usage| (usage.starts_with('['), *usage));
    usages.dedup();
    usages.into_iter().map(str::to_owned).collect()
}
