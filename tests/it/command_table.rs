//! The command table and its help hold together: every row explains itself with commands that select this row.

use anylog_master::{
    command::{CATALOG, Entry, Line, Parsed},
    reply::Code,
    script::{Scope, words},
};

/// Knows every variable, with a value of the kind that its name tells.
struct Everything;

impl Scope for Everything {
    fn variable(&self, name: &str) -> Option<String> {
        let value = match name {
            name if name.ends_with("port") || name.ends_with("threads") || name.contains("counter") => "32048",
            name if name.ends_with("ip") => "10.0.0.1",
            name if name.ends_with("conn") || name.ends_with("node") => "10.0.0.1:32048",
            name if name.contains("policy") || name.contains("json") || name.contains("list") => {
                "{\"table\": {\"name\": \"n\", \"dbms\": \"d\", \"id\": \"1\"}}"
            }
            name if name.ends_with("time") => "30 seconds",
            name if name.ends_with("private_key") => "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
            "key" | "contract" => "0xc824da01F79297eA4aD022436b2C3d3a867627fB",
            _ => "value",
        };
        Some(value.to_owned())
    }

    fn environment(&self, name: &str) -> Option<String> {
        self.variable(&name.to_lowercase())
    }
}

fn entries() -> impl Iterator<Item = &'static Entry> {
    CATALOG.entries()
}

/// Parses an example; returns the row that its words select and what the row makes of it.
fn parsed(example: &str) -> (&'static str, Parsed) {
    let mut all = words(example.trim_matches(['<', '>'])).expect(example);
    let assigned =
        (all.get(1).is_some_and(|word| word.text == "=")).then(|| all.drain(..2).next().expect("a key").text);
    let texts: Vec<&str> = all.iter().map(|word| word.text.as_str()).collect();
    let entry = entries()
        .filter(|entry| texts.starts_with(&entry.words.split(' ').collect::<Vec<_>>()))
        .max_by_key(|entry| entry.words.len())
        .unwrap_or_else(|| panic!("no row for '{example}'"));
    assert!(texts.len() >= entry.min_words, "'{example}' has too few words");
    let line = Line {
        words: &all,
        named: entry.words.split(' ').count(),
        assigned: assigned.as_deref(),
        scope: &Everything,
        catalog: &CATALOG,
    };
    (entry.words, (entry.parse)(&line))
}

#[test]
fn every_row_explains_itself() {
    for entry in entries() {
        let help = &entry.help;
        assert!(!help.usage.is_empty() && help.text.len() > 10, "'{}' says nothing", entry.words);
        // A web client of the network takes a text with this sign for a table. The one that has it all the same was recorded.
        let is_plain = |text: &&str| !text.contains('|') || *text == "job [operation] [job id|'all']";
        assert!([help.usage, help.text].iter().all(is_plain), "'{}'", entry.words);
        assert!(!help.examples.is_empty() && !help.index.is_empty(), "'{}' has no example or index", entry.words);
    }
}

#[test]
fn every_example_is_a_command_of_its_row() {
    let mut wrong = Vec::new();
    for entry in entries() {
        for example in entry.help.examples {
            let (words, outcome) = parsed(example);
            if words != entry.words && !example.contains(entry.words) {
                wrong.push(format!("'{example}' of '{}' selects '{words}'", entry.words));
            }
            if let Err(error) = outcome
                && ![Code::NOT_SUPPORTED, Code::BLOCKCHAIN_UNKNOWN].contains(&error.code)
            {
                wrong.push(format!("'{example}': {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_rows_have_the_same_words() {
    let mut words: Vec<&str> = entries().map(|entry| entry.words).collect();
    words.sort_unstable();
    let twice: Vec<&[&str]> = words.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// Returns the tables of `docs/commands.md`: one per first word, in alphabetical order.
fn documented() -> String {
    let mut rows: Vec<(&str, String)> = entries()
        .map(|entry| {
            let flat = |text: &str| text.replace('|', "\\|").replace('\n', " ");
            let first = entry.words.split(' ').next().unwrap();
            let is_shared = entries().filter(|other| other.help.usage == entry.help.usage).count() > 1;
            let usage = if is_shared { entry.words } else { entry.help.usage };
            (first, format!("| `{}` | {} |\n", flat(usage), flat(entry.help.text)))
        })
        .collect();
    rows.sort();
    rows.dedup();
    let mut text = String::new();
    for family in rows.chunk_by(|one, other| one.0 == other.0) {
        text += &format!("\n## `{}`\n\n| command | what it does |\n|---|---|\n", family[0].0);
        text.extend(family.iter().map(|(_, row)| row.as_str()));
    }
    text
}

/// `UPDATE_DOCS=1 cargo test --test it command_table` writes the document anew.
#[test]
fn the_document_lists_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");
    let document = std::fs::read_to_string(path).unwrap();
    let head = document.split("\n## ").next().unwrap();
    let wanted = format!("{head}{}", documented());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
        return;
    }
    let different = document.lines().zip(wanted.lines()).find(|(is, wanted)| is != wanted);
    assert!(document == wanted, "run with UPDATE_DOCS=1; first difference: {different:#?}");
}
