//! Commands of contract platforms, which this node does not have (reference/ledger 12).

use crate::{
    command::engine::{Entry, Exchange, Help, Line, Parse, Parsed, Traits},
    node::platforms,
    reply::{Code, Error},
};

const fn platform(words: &'static str, parse: Parse, usage: &'static str, example: &'static [&'static str]) -> Entry {
    let text = "Belongs to contract platforms. This node keeps its ledger in a database and answers with an error.";
    Entry::change(words, parse, Help { usage, text, examples: example, index: &["blockchain"] })
        .with(Traits::CHANGE.over_tcp(Exchange::LedgerChange))
        .not_for_peers()
}

/// Makes a command one whose result can be assigned.
const fn with_result(entry: Entry) -> Entry {
    Entry { assigns: true, ..entry }
}

pub const ENTRIES: &[Entry] = &[
    platform(
        "blockchain connect",
        connect,
        "blockchain connect to [platform] where provider = [url]",
        &["blockchain connect to optimism where provider = https://x"],
    ),
    platform(
        "blockchain create account",
        create_account,
        "blockchain create account [platform]",
        &["blockchain create account optimism"],
    ),
    platform(
        "blockchain set account info",
        chosen_with_more,
        "blockchain set account info where platform = [platform] and private_key = [key] and public_key = [key]",
        &["blockchain set account info where platform = optimism and public_key = !key"],
    ),
    with_result(platform(
        "blockchain deploy contract",
        chosen_with_more,
        "blockchain deploy contract where platform = [platform] and public_key = [key]",
        &["contract = blockchain deploy contract where platform = optimism and public_key = !key"],
    )),
    platform(
        "blockchain checkout",
        checkout,
        "blockchain checkout from [platform]",
        &["blockchain checkout from optimism"],
    ),
    platform(
        "blockchain commit",
        commit,
        "blockchain commit to [platform] [policy]",
        &["blockchain commit to optimism !policy"],
    ),
    platform(
        "blockchain update to",
        update,
        "blockchain update to [platform] [id] [policy]",
        &["blockchain update to optimism 5 !policy"],
    ),
    with_result(
        platform(
            "blockchain state",
            chosen,
            "blockchain state where platform = [platform]",
            &["transactions = blockchain state where platform = optimism"],
        )
        .with(Traits::CHANGE.over_tcp(Exchange::LedgerEcho)),
    ),
    platform(
        "set relay",
        chosen_with_more,
        "set relay where platform = [platform] and status = [on/off]",
        &["set relay where platform = optimism and status = on"],
    )
    .with(Traits::CHANGE),
];

fn connect(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [to, name, by, _, ..] if to.is("to") && by.is("where") => Err(platforms::not_connected(&name.text)),
        _ => Err(form("blockchain connect to PLATFORM where provider = URL")),
    }
}

fn create_account(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [name] => Err(platforms::not_connected(&name.text)),
        _ => Err(form("blockchain create account PLATFORM")),
    }
}

fn checkout(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [from, name] if from.is("from") => Err(platforms::not_connected(&name.text)),
        [from, name, to, _] if from.is("from") && to.is("to") => Err(platforms::not_connected(&name.text)),
        _ => Err(form("blockchain checkout from PLATFORM [to FILE]")),
    }
}

fn commit(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [to, name, _] if to.is("to") => Err(platforms::not_connected(&name.text)),
        _ => Err(form("blockchain commit to PLATFORM POLICY")),
    }
}

fn update(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [name, _, _] => Err(platforms::not_connected(&name.text)),
        _ => Err(form("blockchain update to PLATFORM ID POLICY")),
    }
}

fn chosen(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [by, key, sign, name] if by.is("where") && key.is("platform") && sign.is("=") => {
            Err(platforms::not_connected(&name.text))
        }
        _ => Err(form("where platform = PLATFORM")),
    }
}

fn chosen_with_more(line: &Line<'_>) -> Parsed {
    match line.arguments() {
        [by, key, sign, name, and, _, _, _, ..]
            if by.is("where") && key.is("platform") && sign.is("=") && and.is("and") =>
        {
            Err(platforms::not_connected(&name.text))
        }
        _ => Err(form("where platform = PLATFORM and KEY = VALUE")),
    }
}

/// Returns the refusal of a line of another form; the platform is not even looked for.
fn form(expected: &str) -> Error {
    Error::with(Code::STRUCTURE, format!("write: {expected}; this node is connected to no platform"))
}
