//! `blockchain import …`: the policies of another node come into the ledger, in parts and as one transaction
//! (`anylog-master import` sends them).

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Help, Line, Parse, Parsed, Traits, parsed},
        ledger::{caller, this_node},
    },
    ledger::{Change, ImportMode, ImportPlan, ImportRow, SetAside},
    node::{Node, Session},
    reply::{Code, Error, Reply},
    runtime::limits,
    script::resolve,
};
use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A step of an import.
#[derive(Clone, PartialEq, Eq)]
enum Import {
    /// More policies of it.
    Stage {
        /// The name of the import, which its sender chose.
        name: String,
        /// The policies: a JSON list, or its bytes in the base 64 of URLs.
        rows: String,
    },
    /// All are there: the ledger changes, or it is told what would change.
    Finish {
        /// The name.
        name: String,
        /// What becomes of the policies that are there.
        mode: ImportMode,
        /// True when nothing may be set aside.
        strict: bool,
        /// True when nothing changes.
        preview: bool,
    },
    /// It is given up.
    Discard {
        /// The name.
        name: String,
    },
}

/// Policies are not shown, because there may be many, and what stands in their place may be anything.
impl std::fmt::Debug for Import {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stage { rows, .. } => write!(out, "Stage({} bytes)", rows.len()),
            Self::Finish { mode, strict, preview, .. } => write!(out, "Finish({mode:?}, {strict}, {preview})"),
            Self::Discard { .. } => out.write_str("Discard"),
        }
    }
}

/// The words of the command that keeps a part of an import; its name and the policies follow.
pub const IMPORT_STAGE: &str = "blockchain import stage";
/// The words of the command that ends an import; its name and how it is done follow.
pub const IMPORT_FINISH: &str = "blockchain import finish";
/// The words of the command that gives an import up; its name follows.
pub const IMPORT_DISCARD: &str = "blockchain import discard";
const FINISH: &str = "write: blockchain import finish NAME [merge / replace] [strict] [preview]";

/// The commands of this file.
pub const ENTRIES: &[Entry] = &[
    entry(
        IMPORT_STAGE,
        stage,
        "blockchain import stage [name] [policies]",
        "Keeps policies of another node until the import of that name is finished; anylog-master import sends them so. Each is {\"place\": …, \"host\": …, \"date\": …, \"text\": …}, all of them a JSON list, or that list in the base 64 of URLs.",
        &["blockchain import stage a1 !policies"],
    ),
    entry(
        IMPORT_FINISH,
        finish,
        "blockchain import finish [name] [merge / replace] [strict] [preview]",
        "Brings the policies of an import into the ledger, as one transaction, with the ids, dates and publishers that they have. The ledger has to be empty but for the policy of this node, unless its policies stay (merge) or become what the import says (replace). With strict nothing comes when one of them cannot come; preview only tells what would change.",
        &["blockchain import finish a1", "blockchain import finish a1 merge preview"],
    ),
    entry(
        IMPORT_DISCARD,
        discard,
        "blockchain import discard [name]",
        "Forgets the policies of an import that was not finished.",
        &["blockchain import discard a1"],
    ),
];

const fn entry(
    words: &'static str,
    parse: Parse,
    usage: &'static str,
    text: &'static str,
    examples: &'static [&'static str],
) -> Entry {
    let help = Help { usage, text, examples, index: &["blockchain", "metadata"] };
    let traits = Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange);
    Entry::change(words, parse, help).with(traits).not_for_peers()
}

fn stage(line: &Line<'_>) -> Parsed {
    let [name, rows] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain import stage NAME !policies"));
    };
    let (name, rows) = (resolve(name, line.scope).into_text(), resolve(rows, line.scope).into_text());
    parsed(Import::Stage { name, rows })
}

fn finish(line: &Line<'_>) -> Parsed {
    let [name, words @ ..] = line.arguments() else { return Err(Error::with(Code::STRUCTURE, FINISH)) };
    let (mut mode, mut strict, mut preview) = (ImportMode::Empty, false, false);
    for word in words {
        match word {
            _ if word.is("merge") && mode == ImportMode::Empty => mode = ImportMode::Merge,
            _ if word.is("replace") && mode == ImportMode::Empty => mode = ImportMode::Replace,
            _ if word.is("strict") => strict = true,
            _ if word.is("preview") => preview = true,
            _ => return Err(Error::with(Code::STRUCTURE, FINISH)),
        }
    }
    parsed(Import::Finish { name: resolve(name, line.scope).into_text(), mode, strict, preview })
}

fn discard(line: &Line<'_>) -> Parsed {
    let [name] = line.arguments() else {
        return Err(Error::with(Code::STRUCTURE, "write: blockchain import discard NAME"));
    };
    parsed(Import::Discard { name: resolve(name, line.scope).into_text() })
}

#[async_trait]
impl Command for Import {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        match *self {
            Self::Stage { name, rows } => {
                let most = node.ledger.quota().saturating_add(limits::LEDGER_RESERVE);
                let staged = node.staged_import.add(&name, policies(&rows)?, most)?;
                Ok(Reply::Count(staged))
            }
            Self::Discard { name } => node.staged_import.take(&name).map(|_| Reply::Empty).ok_or_else(unknown),
            Self::Finish { name, mode, strict, preview } => {
                let rows = node.staged_import.take(&name).ok_or_else(unknown)?;
                let plan = plan(node, rows, mode).await?;
                check(node, mode, strict, &plan)?;
                let mut told = told(&plan, preview);
                if !preview && !plan.steps.is_empty() {
                    carry_out(node, session, plan).await?;
                    let held = node.ledger.check_whole().err().map(|error| error.to_string());
                    told.insert("held_back".to_owned(), json!(held));
                }
                Ok(Reply::Value(Value::Object(told)))
            }
        }
    }
}

fn unknown() -> Error {
    Error::with(Code::WRONG_VALUE, "no import of that name is under way: it ended, or another one took its place")
}

/// Reads the policies of a part. Errors do not repeat what they were about.
fn policies(text: &str) -> Result<Vec<ImportRow>, Error> {
    let wrong = |reason: String| Error::with(Code::JSON, format!("the policies are no list of rows: {reason}"));
    if text.starts_with('[') {
        return serde_json::from_str(text).map_err(|error| wrong(place_of(&error)));
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong("neither JSON nor base 64".to_owned()))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(place_of(&error)))
}

fn place_of(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// Plans an import where no other command waits for it.
async fn plan(node: &Arc<Node>, rows: Vec<ImportRow>, mode: ImportMode) -> Result<ImportPlan, Error> {
    let (node, host) = (Arc::clone(node), this_node::own_host(node));
    let work = move || {
        let view = node.ledger.view();
        ImportPlan::new(&view, rows, mode, &host, |policy| node.is_own_policy(policy))
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::stopping("the import is not planned"))
}

/// Refuses what nobody asked for.
fn check(node: &Node, mode: ImportMode, strict: bool, plan: &ImportPlan) -> Result<(), Error> {
    let there = ImportPlan::rows_of_others(&node.ledger.view(), |policy| node.is_own_policy(policy));
    if mode == ImportMode::Empty && there > 0 {
        let detail = format!(
            "the ledger has {there} policies already, nothing is imported: say merge (they stay, what is missing comes) or \
             replace (they become what the source says)"
        );
        return Err(Error::with(Code::BLOCKCHAIN_FAILED, detail));
    }
    match plan.set_aside.first() {
        Some(SetAside { place, reason }) if strict => {
            let count = plan.set_aside.len();
            let detail =
                format!("{count} policies cannot come, nothing is imported because of 'strict': {place}: {reason}");
            Err(Error::with(Code::POLICY_STRUCTURE, detail))
        }
        _ => Ok(()),
    }
}

/// Changes the ledger.
async fn carry_out(node: &Node, session: &Session, plan: ImportPlan) -> Result<(), Error> {
    let who = caller::author(session).who;
    let ImportPlan { added, replaced, removed, steps, .. } = plan;
    tracing::warn!(who, added, replaced, removed, "policies of another node are imported");
    caller::write(node, session, Change::Undo { steps }).await?;
    Ok(())
}

/// Returns what an import does, or would do.
fn told(plan: &ImportPlan, preview: bool) -> Map<String, Value> {
    let named = |all: &[SetAside]| json!({"count": all.len(), "first": all.get(..limits::IMPORT_NAMED).unwrap_or(all)});
    let told = [
        ("preview", json!(preview)),
        ("added", json!(plan.added)),
        ("replaced", json!(plan.replaced)),
        ("removed", json!(plan.removed)),
        ("same", json!(plan.same)),
        ("kept", json!(plan.kept)),
        ("set_aside", named(&plan.set_aside)),
        ("objections", named(&plan.objections)),
    ];
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_come_as_json_or_in_base_64_and_errors_do_not_repeat_them() {
        let json = r#"[{"place": "line 1", "host": null, "date": null, "text": "{}"}]"#;
        let plain = policies(json).unwrap();
        assert_eq!(policies(&BASE64_URL_SAFE_NO_PAD.encode(json)).unwrap(), plain);
        for wrong in ["hunter2!", "hunter2", "[{\"hunter2\": 1}]", ""] {
            let error = policies(wrong).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
