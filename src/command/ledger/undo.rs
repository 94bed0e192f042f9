//! `blockchain undo`: the ledger becomes what it was before some changes.

use crate::{
    command::{
        engine::{Command, Entry, Exchange, Help, Line, Parsed, Traits, parsed},
        ledger::{as_of, caller, this_node},
    },
    ledger::{self, Change, HistorySelection, PastChange, UndoEffect, UndoneChange, View, undo},
    node::{Node, Session},
    reply::{Code, Error, Notice, Reply, Table},
    runtime::clock,
    script::resolve,
};
use anylog_values::TimeSpan;
use async_trait::async_trait;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

/// Changes that one command looks at.
const MOST_CHANGES: usize = 20_000;
/// Policies that go into one transaction.
const STEPS_TOGETHER: usize = 256;
const USAGE: &str = "write: blockchain undo [N / since TIME / by SENDER] [plan FINGERPRINT] [confirm]";

/// Changes to undo.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Undo {
    which: HistorySelection,
    /// Fingerprint of the preview that somebody looked at; nothing when whatever is undone now will do.
    expected: Option<String>,
    confirmed: bool,
}

/// Rows of the command table.
pub const ENTRIES: &[Entry] = &[Entry::change(
    "blockchain undo",
    parse,
    Help {
        usage: "blockchain undo [number / since time / by sender] [plan fingerprint] [confirm]",
        text: "Makes policies what they were before the last changes, the changes since a time (2026-11-21T07:00:00Z, or 10m for the last ten minutes), or those of one sender as get policy history names it. Dropped policies come back with their id and date, replaced ones get their old text, added ones are removed. What somebody else did to a policy stays. Without 'confirm' it only shows what it would do, with a fingerprint: behind 'plan' nothing is undone when something else would be by now.",
        examples: &[
            "blockchain undo",
            "blockchain undo 21 confirm",
            "blockchain undo since 2026-11-21T07:00:00Z",
            "blockchain undo by 10.0.0.7 confirm",
        ],
        index: &["blockchain", "metadata"],
    },
)
.with(Traits::CHANGE.answering(true).over_tcp(Exchange::LedgerChange))
.not_for_peers()];

fn parse(line: &Line<'_>) -> Parsed {
    let (words, confirmed) = match line.arguments() {
        [words @ .., last] if last.is("confirm") => (words, true),
        words => (words, false),
    };
    let (words, expected) = match words {
        [words @ .., word, plan] if word.is("plan") => (words, Some(resolve(plan, line.scope).into_text())),
        words => (words, None),
    };
    let which = match words {
        [] => HistorySelection::Last(1),
        [word, value] if word.is("since") => HistorySelection::Since(start(&resolve(value, line.scope).into_text())?),
        [word, value] if word.is("by") => HistorySelection::SinceFirstBy(resolve(value, line.scope).into_text()),
        [count] => {
            let count = resolve(count, line.scope).into_text().parse();
            HistorySelection::Last(count.map_err(|_| Error::with(Code::STRUCTURE, USAGE))?)
        }
        _ => return Err(Error::with(Code::STRUCTURE, USAGE)),
    };
    parsed(Undo { which, expected, confirmed })
}

/// Reads the time from which on changes are undone: a moment, or how long ago it was.
fn start(text: &str) -> Result<String, Error> {
    match TimeSpan::with_unit(text) {
        Ok(span) => {
            let span = SignedDuration::try_from(span.duration()).unwrap_or(SignedDuration::MAX);
            let moment = clock::now().checked_sub(span).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            Ok(moment.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
        }
        Err(_) => as_of::policy_date(text),
    }
}

#[async_trait]
impl Command for Undo {
    async fn run(self: Box<Self>, node: &Arc<Node>, session: &mut Session) -> Result<Reply, Error> {
        let view = current_view(node).await?;
        let changes = node.ledger.past_changes(&self.which, MOST_CHANGES + 1).await?;
        if changes.len() > MOST_CHANGES {
            let detail = format!("more than {MOST_CHANGES} changes: name a later time");
            return Err(Error::with(Code::WRONG_VALUE, detail));
        }
        let undone = undo::undone(&view, changes, |change| self.is_undone(change));
        if undone.is_empty() {
            return Err(Error::with(Code::POLICY_NOT_AVAILABLE, "the history has no such change"));
        }
        let plan = undo::fingerprint(&undone);
        if self.expected.as_ref().is_some_and(|expected| *expected != plan) {
            let what = "something else would be undone than what was shown".to_owned();
            return Err(ledger::Error::PlanOutdated(what).into());
        }
        if self.confirmed {
            return confirm(node, session, &undone).await;
        }
        let line = format!("Nothing is changed yet: add 'plan {plan} confirm' to undo this, or 'confirm' alone");
        session.output.notice(&Notice::Line(line));
        Ok(preview(&undone, &plan))
    }
}

/// Returns the policies as they are before the history is asked. What is changed between the two is another text than the one
/// that was seen, so that it is left alone; looked at the other way round it would be taken for what is undone.
async fn current_view(node: &Node) -> Result<Arc<View>, ledger::Error> {
    match node.ledger.catch_up().await {
        Ok(()) => Ok(node.ledger.view()),
        // What a table held that was dropped here is in the history, and comes back from it. Where somebody else dropped it, the rows
        // are still shown, and look as if there were nothing to undo.
        Err(ledger::Error::NoTable) if !node.ledger.view().has_rows() => Ok(node.ledger.view()),
        Err(error) => Err(error),
    }
}

impl Undo {
    fn is_undone(&self, change: &PastChange) -> bool {
        match &self.which {
            HistorySelection::Last(_) | HistorySelection::Since(_) => true,
            HistorySelection::SinceFirstBy(sender) => change
                .who
                .strip_prefix(sender.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ','])),
        }
    }
}

/// Undoes the changes, some policies at a time. What others change meanwhile is left alone, as the steps say.
async fn confirm(node: &Node, session: &Session, undone: &[UndoneChange]) -> Result<Reply, Error> {
    let steps = undo::steps(undone, &this_node::own_host(node));
    let author = caller::author(session);
    tracing::warn!(who = author.who, policies = steps.len(), "changes of the ledger are undone");
    let mut done = 0;
    for steps in steps.chunks(STEPS_TOGETHER) {
        let written = caller::write(node, session, Change::Undo { steps: steps.to_vec() }).await?;
        done += written.entries.len();
    }
    let (left, meanwhile) = (undone.len().saturating_sub(steps.len()), steps.len().saturating_sub(done));
    Ok(Reply::Text(told(done, left, meanwhile)))
}

/// Says how many policies were undone, how many are left alone as the preview said, and how many because they are others now.
fn told(done: usize, left: usize, meanwhile: usize) -> String {
    let left = if left > 0 { format!(", {left} are left alone") } else { String::new() };
    let meanwhile = match meanwhile {
        0 => String::new(),
        count => format!(", {count} were changed meanwhile and are left alone: look at the preview again"),
    };
    format!("Policies that are what they were before: {done}{left}{meanwhile}")
}

fn preview(undone: &[UndoneChange], plan: &str) -> Reply {
    let titles = ["Time", "Who", "Change", "Type", "Id", "Undo"].map(str::to_owned).to_vec();
    let facts = vec![("Plan".to_owned(), json!(plan))];
    Reply::Table(Table { facts, titles, rows: undone.iter().map(row).collect(), ..Table::default() })
}

fn row(undone: &UndoneChange) -> Vec<Value> {
    let effect = match &undone.effect {
        UndoEffect::Returns => "comes back".to_owned(),
        UndoEffect::Reverts => "gets its old text".to_owned(),
        UndoEffect::Removed => "is removed".to_owned(),
        UndoEffect::Nothing => "is as it was".to_owned(),
        UndoEffect::ChangedLaterBy(who) => format!("left alone: changed later by {who}"),
        UndoEffect::TakenByType(kind) => format!("left alone: a policy of type '{kind}' has the id"),
        UndoEffect::NoPolicy => "left alone: it was no policy".to_owned(),
    };
    let effect = match (&undone.left_by, undone.effect.is_change()) {
        (Some(other), true) => format!("{effect}, as {other} left it: what came before that stays"),
        _ => effect,
    };
    let PastChange { time, who, action, kind, id, .. } = &undone.change;
    vec![json!(time), json!(who), json!(action.as_str()), json!(kind), json!(id), json!(effect)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_alone_is_told() {
        assert_eq!(told(3, 0, 0), "Policies that are what they were before: 3");
        assert_eq!(told(3, 1, 0), "Policies that are what they were before: 3, 1 are left alone");
        let meanwhile = ": 0, 1 are left alone, 2 were changed meanwhile and are left alone: look at the preview again";
        assert!(told(0, 1, 2).ends_with(meanwhile));
    }
}
