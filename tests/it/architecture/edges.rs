//! Edges read the entries of the catalog: none keeps words of commands of its own.

use super::own_sources;
use anylog_master::command::CATALOG;

/// Rooms that stand between callers and commands.
const EDGES: [&str; 6] = ["console", "api", "rest", "peer", "prompt", "cli"];

/// Literals that look like commands and are none, or that a wire format itself names: the file, the literal, the reason.
const NAMED: &[(&str, &str, &str)] = &[
    ("api/events/event.rs", "reset", "the name of an event that tells its reader to read the policies again"),
    ("console/view/policies/type_tree.rs", "query", "a type of policies in the tree of types"),
    ("console/view/policies/type_tree.rs", "config", "a type of policies in the tree of types"),
    ("console/view/policies/type_tree.rs", "bucket", "a type of policies in the tree of types"),
    ("peer/wire.rs", "print", "the wire format names the command of a reply that is shown"),
    ("peer/wire.rs", "echo", "the wire format names the command of a reply that is a line"),
    ("peer/wire.rs", "get status", "what a node is asked before it is answered at the address that its policy names"),
    ("peer/wire.rs", "get version", "what a member is asked to find out which program it is"),
    ("peer/wire.rs", "event get_blockchain ", "the wire format names the request of a member for the ledger"),
    ("peer/wire.rs", "blockchain", "the wire format gives tabs another meaning in these commands"),
    ("peer/wire.rs", "event ", "the wire format gives tabs another meaning in these commands"),
    ("peer/wire.rs", "file get ", "the wire format gives tabs another meaning in these commands"),
    ("prompt/pasted_branch.rs", "if", "the form of a pasted branch, which becomes lines of the language"),
    ("prompt/pasted_branch.rs", "do", "the lines that a pasted branch becomes"),
    ("prompt/pasted_branch.rs", "else", "the lines that a pasted branch becomes"),
    ("prompt/remote_prompt.rs", "get node name", "what the prompt itself asks the node that it is connected to"),
    ("prompt/remote_prompt.rs", "test echo queue", "what the prompt itself asks the node that it is connected to"),
    ("prompt/prompt_loop.rs", "exit", "the word that ends a prompt; it is no command of the node there"),
    (
        "prompt/remote_prompt.rs",
        "run client ",
        "the assignment of a prompt to another node (reference/command-language 15)",
    ),
    ("prompt/tab.rs", "get completions", "what the prompt itself asks the node that it is connected to"),
    ("cli/apply/files.rs", "json", "an ending of files that hold policies"),
    ("console/shown/reply_file.rs", "json", "the ending of a file, and the word that a form has for it"),
    ("cli/export/mod.rs", "json", "the ending of files that hold policies"),
    ("rest/grafana.rs", "info", "a kind of query in the format of the Grafana connector"),
    ("rest/json_fields.rs", "sql", "a key of a JSON body (reference/rest 2)"),
    ("rest/parse.rs", "get metrics", "the path /metrics stands for this command"),
    ("rest/parse.rs", "get metrics where format = openmetrics", "the path /metrics stands for this command"),
    ("rest/parse.rs", "get status", "a request of curl without a command stands for this one (reference/rest 2)"),
    ("rest/parse.rs", "sql", "a key of a JSON body (reference/rest 2)"),
    ("rest/rest_reply.rs", "json", "a content type that other nodes send"),
    ("rest/state.rs", "rest", "the beginning of the names of threads in the logs"),
    ("rest/verb.rs", "get", "the name of a method in the JSON of an error"),
];

/// Tells whether a literal names a command: all the words of a name of at least two, or a name of one word alone.
fn names_a_command(literal: &str) -> bool {
    let literal = literal.trim();
    CATALOG.entries().any(|entry| {
        let several = entry.words.contains(' ');
        let first = entry.words.split(' ').next().unwrap_or_default();
        literal == entry.words
            || literal == first
            || (several && literal.strip_prefix(entry.words).is_some_and(|rest| rest.starts_with(' ')))
    })
}

#[test]
fn edges_keep_no_words_of_commands() {
    let mut found = Vec::new();
    for source in own_sources().iter().filter(|source| EDGES.contains(&source.room())) {
        for literal in source.literals() {
            let is_named = NAMED.iter().any(|(file, named, _)| *file == source.path && *named == literal);
            if names_a_command(&literal) && !is_named {
                found.push(format!("{}: {literal:?}", source.path));
            }
        }
    }
    assert!(found.is_empty(), "words of commands at the edges:\n{}", found.join("\n"));
}

#[test]
fn planted_words_are_found() {
    assert!(names_a_command("blockchain get") && names_a_command("get") && names_a_command("get status "));
    assert!(names_a_command("blockchain insert where policy = x"));
    assert!(!names_a_command("content-type") && !names_a_command("getting") && !names_a_command(""));
}

#[test]
fn every_exception_is_needed_and_has_a_reason() {
    let sources = own_sources();
    for (file, literal, reason) in NAMED {
        let source = sources.iter().find(|source| source.path == *file);
        let is_there = source.is_some_and(|source| source.literals().iter().any(|found| found == literal));
        assert!(is_there && reason.len() > 20, "{file}: {literal:?}");
    }
}
