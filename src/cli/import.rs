//! `import`: the policies of another node's ledger come into the running node, in parts and as one transaction.

use crate::{
    cli::{
        arguments::ImportOptions,
        block_on::block_on,
        client,
        exit::ExitFailure,
        import_source::{self, FoundSource},
        output::print,
    },
    command::{IMPORT_DISCARD, IMPORT_FINISH, IMPORT_STAGE},
    ledger::{ImportRow, SetAside, SourcePolicies},
    prompt::{Client, ClientError},
    render,
    runtime::{clock, limits},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::fmt::Write as _;

/// Imports, and prints what came of it.
///
/// # Errors
/// The source cannot be read, the node does not answer or refuses, or `--strict` forbids what is wrong with the source;
/// nothing is changed then.
pub fn run(options: &ImportOptions) -> Result<(), ExitFailure> {
    let client = client::client(&options.remote)?;
    block_on(import(options, &client))?
}

async fn import(options: &ImportOptions, client: &Client) -> Result<(), ExitFailure> {
    let FoundSource { description, rows } = import_source::read(options).await?;
    let places = rows.len();
    let source = SourcePolicies::read(rows, &clock::policy_date());
    let read = source_told(&description, places, &source);
    if let Some(SetAside { place, reason }) = source.set_aside.first().filter(|_| options.strict) {
        let text = format!("{read}nothing is imported because of --strict: {place}: {reason}");
        return Err(ExitFailure::Failed(render::visible(&text).into_owned()));
    }
    let outcome = send(options, client, &source.rows).await.map_err(failure)?;
    let text = format!("{read}{}", told(&outcome, &source.set_aside));
    print(&render::visible(&text))
}

/// Hands the policies over to the node and returns what it says.
async fn send(options: &ImportOptions, client: &Client, rows: &[ImportRow]) -> Result<Outcome, ClientError> {
    let random = getrandom::u64().map_err(|error| unusable(&error.to_string()))?;
    let name = format!("i{random:016x}");
    let sent = async {
        for part in parts(rows) {
            let list = serde_json::to_vec(part).map_err(|error| unusable(&error.to_string()))?;
            let variable = format!("policies = {}\n", BASE64_URL_SAFE_NO_PAD.encode(list));
            client.run_with(&format!("{IMPORT_STAGE} {name} !policies"), variable).await?;
        }
        let mut finish = format!("{IMPORT_FINISH} {name}");
        for (wanted, word) in [
            (options.merge, " merge"),
            (options.replace, " replace"),
            (options.strict, " strict"),
            (options.dry_run, " preview"),
        ] {
            finish.push_str(if wanted { word } else { "" });
        }
        let answer = client.run(&finish, None).await?;
        serde_json::from_str(&answer).map_err(|error| unusable(&error.to_string()))
    };
    let outcome = sent.await;
    if outcome.is_err() {
        // A node that cannot be reached forgets it by itself.
        let _forgotten = client.run(&format!("{IMPORT_DISCARD} {name}"), None).await;
    }
    outcome
}

/// Cuts policies into parts that one request carries; there is at least one, so that an empty source is told as one.
fn parts(rows: &[ImportRow]) -> Vec<&[ImportRow]> {
    let mut parts = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        bytes += row.bytes();
        if bytes > limits::IMPORT_PART {
            parts.extend(rows.get(from..=at));
            (from, bytes) = (at + 1, 0);
        }
    }
    if from < rows.len() || parts.is_empty() {
        parts.extend(rows.get(from..));
    }
    parts
}

fn unusable(reason: &str) -> ClientError {
    ClientError::Refused { code: 0, text: "the import cannot be sent".to_owned(), detail: Some(reason.to_owned()) }
}

fn failure(error: ClientError) -> ExitFailure {
    match error {
        ClientError::NoAnswer { .. } => ExitFailure::Absent(format!("{error}; the node has to run for an import")),
        error => ExitFailure::Failed(error.to_string()),
    }
}

/// What the node says of an import.
#[derive(Debug, Deserialize)]
struct Outcome {
    preview: bool,
    added: usize,
    replaced: usize,
    removed: usize,
    same: usize,
    kept: usize,
    set_aside: Named,
    objections: Named,
    /// Why members do not get the ledger yet, when it lost much.
    held_back: Option<String>,
}

/// How many there are, and the first of them.
#[derive(Debug, Deserialize)]
struct Named {
    count: usize,
    first: Vec<SetAside>,
}

fn source_told(description: &str, places: usize, source: &SourcePolicies) -> String {
    let SourcePolicies { rows, set_aside, repeated, deleted } = source;
    let policies = rows.len();
    let mut text = format!("{description}: {places} found, {policies} policies");
    for (count, what) in [
        (*repeated, "with an id that came before"),
        (*deleted, "marked as deleted"),
        (set_aside.len(), "that cannot be read"),
    ] {
        if count > 0 {
            let _in_memory = write!(text, ", {count} {what}");
        }
    }
    text.push('\n');
    text
}

fn told(outcome: &Outcome, unreadable: &[SetAside]) -> String {
    let Outcome { preview, added, replaced, removed, same, kept, set_aside, objections, held_back } = outcome;
    let head = if *preview { "would be done, nothing is changed" } else { "done" };
    let mut text = format!("{head}: {added} added, {replaced} replaced, {removed} removed");
    for (count, what) in [(same, "were there"), (kept, "were there with another text, which stays")] {
        if *count > 0 {
            let _in_memory = write!(text, ", {count} {what}");
        }
    }
    text.push('\n');
    list(&mut text, "set aside", unreadable.len() + set_aside.count, unreadable.iter().chain(&set_aside.first));
    list(&mut text, "imported, but members or the rules of its type object", objections.count, objections.first.iter());
    if let Some(reason) = held_back {
        let _in_memory = writeln!(text, "members do not get it yet: {reason}");
    }
    text
}

fn list<'a>(text: &mut String, title: &str, count: usize, all: impl Iterator<Item = &'a SetAside>) {
    if count == 0 {
        return;
    }
    let _in_memory = writeln!(text, "{title}: {count}");
    let mut named = 0;
    for SetAside { place, reason } in all.take(limits::IMPORT_NAMED) {
        named += 1;
        let _in_memory = writeln!(text, "  {place}: {reason}");
    }
    if count > named {
        let _in_memory = writeln!(text, "  and {} more", count - named);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(size: usize) -> ImportRow {
        ImportRow { place: String::new(), host: None, date: None, text: "x".repeat(size) }
    }

    #[test]
    fn parts_hold_every_policy_once_and_there_is_always_one() {
        assert_eq!(parts(&[]).len(), 1);
        let rows: Vec<_> = (0..100).map(|_| row(50_000)).collect();
        let cut = parts(&rows);
        assert_eq!(cut.iter().map(|part| part.len()).sum::<usize>(), 100);
        let bytes = |part: &&[ImportRow]| part.iter().map(ImportRow::bytes).sum::<usize>();
        assert!(cut.len() > 3 && cut.iter().all(|part| bytes(part) < limits::IMPORT_PART + 60_000));
        assert_eq!(parts(&rows[..1]).len(), 1);
    }

    #[test]
    fn the_first_of_what_is_set_aside_are_named() {
        let aside: Vec<_> =
            (1..=12).map(|n| SetAside { place: format!("line {n}"), reason: "is none".to_owned() }).collect();
        let none = || Named { count: 0, first: Vec::new() };
        let outcome = Outcome {
            preview: true,
            added: 3,
            replaced: 0,
            removed: 0,
            same: 1,
            kept: 0,
            set_aside: none(),
            objections: none(),
            held_back: None,
        };
        let text = told(&outcome, &aside);
        assert!(text.starts_with("would be done, nothing is changed: 3 added, 0 replaced, 0 removed, 1 were there\n"));
        assert!(text.contains("set aside: 12\n  line 1: is none\n") && text.ends_with("  and 2 more\n"), "{text}");
    }
}
