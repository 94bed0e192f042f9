//! Builds whole views: from the rows of the table and from the lines of the local file.

use crate::ledger::{
    entry::{Entry, Place, Position},
    error::Error,
    facts::Facts,
    store::{Row, Store},
    view::View,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use tokio::sync::mpsc;

/// Parts of the table that are read ahead of the view.
const CHUNKS_AHEAD: usize = 4;

/// One line of a ledger file that is a policy with an id.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// Its id.
    pub(super) id: String,
    /// What else is known of it.
    pub(super) facts: Facts,
}

/// The lines of a ledger file.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// Policies, in order; of a repeated id the first.
    pub(super) policies: Vec<Line>,
    /// Ids that `deleted` lines name and that no later line has.
    pub(super) deleted: Vec<String>,
    /// Number of the first line that is no policy, from 1.
    pub(super) unreadable: Option<usize>,
}

impl Lines {
    /// Reads the lines of a file. Blank lines, `\r\n` and a missing last line end are accepted (reference/ledger 4.1).
    pub(super) fn read(text: &str) -> Self {
        let mut lines = Self::default();
        let mut seen = HashSet::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let Some(facts) = Facts::read_lenient(line) else {
                lines.unreadable = lines.unreadable.or(Some(number + 1));
                continue;
            };
            let Some(id) = facts.id.clone() else { continue };
            if facts.kind == "deleted" {
                seen.remove(&id);
                lines.policies.retain(|earlier| earlier.id != id);
                lines.deleted.push(id);
            } else if seen.insert(id.clone()) {
                lines.deleted.retain(|deleted| *deleted != id);
                lines.policies.push(Line { text: line.to_owned(), id, facts });
            }
        }
        lines
    }
}

/// Returns the entry of a row. Line ends in its text would tear the export, so they become blanks.
pub(super) fn entry(row: Row) -> Entry {
    entry_of(row).0
}

fn entry_of(row: Row) -> (Entry, Option<Facts>) {
    let facts = Facts::read_lenient(&row.text);
    let text = if row.text.contains(['\n', '\r']) { row.text.replace(['\n', '\r'], " ") } else { row.text };
    if facts.is_none() {
        tracing::warn!(policy.id = %row.id, "a row of the ledger is no policy; it is neither listed nor exported");
    }
    let at = Position { date: row.date.into(), sequence: row.sequence, place: Place::Table };
    (Entry::new(text.into(), row.id.into(), row.host.into(), at, facts.as_ref()), facts)
}

/// Returns the view of a whole table and its version; the view grows on a thread of its own while the table is read.
///
/// # Errors
/// The reason, when the database or the thread did not end well: an empty view must never stand for a ledger.
pub(super) async fn of_table(store: &dyn Store) -> Result<(View, i64), Error> {
    let (rows, mut read) = mpsc::channel::<Vec<Row>>(CHUNKS_AHEAD);
    let build = tokio::task::spawn_blocking(move || {
        let (mut view, mut names) = (View::default(), Names::default());
        while let Some(rows) = read.blocking_recv() {
            for row in rows {
                let (mut entry, facts) = entry_of(row);
                names.share(&mut entry);
                view.insert_known(Arc::new(entry), facts.as_ref());
            }
        }
        view
    });
    let version = store.load(rows).await?;
    let view = build.await;
    let view = view.map_err(|error| Error::Unavailable(format!("the ledger could not be read: {error}")))?;
    Ok((view, version))
}

/// Types and hosts that many policies have in common, each kept once.
#[derive(Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn share(&mut self, entry: &mut Entry) {
        entry.kind = self.shared(&entry.kind);
        entry.host = self.shared(&entry.host);
    }

    fn shared(&mut self, name: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        self.0.insert(Arc::clone(name));
        Arc::clone(name)
    }
}

/// Adds the lines that the table does not have: those only this node knows and that were not dropped since, or all of
/// them while the ledger is guarded.
pub(super) fn with_lines(mut view: View, lines: &Lines, drops: &HashMap<String, String>, all: bool) -> View {
    for (number, line) in (1..).zip(&lines.policies) {
        let date = line.facts.date.as_ref();
        let dropped = drops.get(&line.id).is_some_and(|time| date.is_none_or(|date| date <= time));
        let wanted = all || (line.facts.local && !dropped);
        if wanted && view.by_id(&line.id).is_none() {
            add_line(&mut view, line, number);
        }
    }
    view
}

/// Adds one line of a file to a view.
pub(super) fn add_line(view: &mut View, line: &Line, number: i64) {
    let at = Position { date: Arc::from(""), sequence: number, place: Place::File };
    let entry = Entry::new(line.text.as_str().into(), line.id.as_str().into(), Arc::from(""), at, Some(&line.facts));
    view.insert_known(Arc::new(entry), Some(&line.facts));
}
