//! Builds whole views: from the rows of the table and from the lines of the local file.

use crate::{
    ledger::{
        error::Error,
        file::lines::{DELETED, FileLines, add_line},
        history::tombstones::Tombstones,
        store::{outage::Outage, row::LedgerRow, store::Store},
        view::{
            builder::{ViewBuilder, ViewPart},
            entry::{LedgerEntry, Location, Position},
            fields::PolicyFields,
            view::View,
        },
    },
    policy::{Policy, date, rules::Structure},
    runtime::limits,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Parts of the table that are read ahead of the view.
const PARTS_AHEAD: usize = 4;
/// Threads that make parts of the view: with the one that reads they keep two cores busy.
const THREADS: usize = 2;

/// Returns the entry of a row. Line ends in its text would tear the export, so they become blanks.
pub fn entry_from_row(row: LedgerRow) -> LedgerEntry {
    let (entry, _) = entry_and_fields(row);
    if let Some(fault) = &entry.fault {
        tracing::warn!(policy.id = %entry.id, %fault, "{FAULTY}");
    }
    entry
}

/// What the log says of rows with which something is wrong.
const FAULTY: &str = "the ledger table has a row with a fault; 'get policy errors' tells all of them";

fn entry_and_fields(row: LedgerRow) -> (LedgerEntry, Option<PolicyFields>) {
    let fields = PolicyFields::read_lenient(&row.text);
    let fault = fault(&row, fields.as_ref());
    let text = if row.text.contains(['\n', '\r']) { row.text.replace(['\n', '\r'], " ") } else { row.text };
    let at = Position { date: row.date.into(), sequence: row.sequence, location: Location::Table };
    let mut entry = LedgerEntry::new(text.into(), row.id.into(), row.host.into(), at, fields.as_ref());
    entry.fault = fault.map(String::into_boxed_str);
    // Among the lines of a ledger file it would mark a deletion.
    entry.valid = entry.valid && *entry.kind != *DELETED;
    (entry, fields)
}

/// Says why members refuse the whole ledger for one policy, if they do (reference/ledger 3.6).
fn refused_by_members(text: &str, fields: &PolicyFields) -> Option<String> {
    let is_tested = matches!(fields.kind.as_str(), "operator" | "table");
    let policy = is_tested.then(|| Policy::parse(text).ok()).flatten()?;
    let reason = Structure::default().add(&policy).err()?;
    Some(format!("members refuse a ledger with it: {reason}"))
}

/// Says what is wrong with a row that somebody else wrote, if anything is.
fn fault(row: &LedgerRow, fields: Option<&PolicyFields>) -> Option<String> {
    if row.fault.is_some() {
        return row.fault.clone();
    }
    let Some(fields) = fields else {
        let reason = Policy::parse(&row.text).err().map(|error| error.to_string()).unwrap_or_default();
        return Some(format!("its text is no policy, so it is neither listed nor exported: {reason}"));
    };
    match &fields.id {
        None => Some("its policy has no id, so members leave it out".to_owned()),
        Some(id) if *id != row.id => Some(format!("its policy has another id: '{id}'")),
        Some(id) if id.len() > limits::POLICY_NAME => Some(format!("its id has {} bytes", id.len())),
        Some(_) if row.text.len() > limits::POLICY => Some(format!("its text has {} bytes", row.text.len())),
        Some(_) if !date::is_moment(&row.date) => Some(format!("its date '{}' is no moment of the calendar", row.date)),
        Some(_) if fields.kind == DELETED => {
            Some("its type marks a deletion, so it is neither listed nor exported".to_owned())
        }
        Some(_) => refused_by_members(&row.text, fields),
    }
}

/// Returns the view of a whole table and its version; the parts of the view are made on threads of their own while the table is
/// read. What an earlier view knows already is shared with it.
///
/// # Errors
/// The reason, when the database or a thread did not end well: an empty view must never stand for a ledger.
pub async fn table_view(store: &dyn Store, earlier: View) -> Result<(View, i64), Error> {
    let (rows, read) = mpsc::channel::<Vec<LedgerRow>>(PARTS_AHEAD);
    let (builder, read) = (ViewBuilder::default(), Arc::new(Mutex::new(ReadParts { rows: read, count: 0 })));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (builder, read, earlier) = (builder.clone(), Arc::clone(&read), earlier.clone());
            tokio::task::spawn_blocking(move || parts(&builder, &read, &earlier))
        })
        .collect();
    let version = store.load(rows).await?;
    let failed = |error| Outage::LoadFailed(Arc::new(error));
    let mut numbered = BTreeMap::new();
    for thread in threads {
        numbered.extend(thread.await.map_err(failed)?);
    }
    let view = tokio::task::spawn_blocking(move || builder.finish(numbered.into_values().collect()));
    let view = view.await.map_err(failed)?;
    if let Some(first) = view.faulty().next() {
        let (rows, id, fault) = (view.faulty().len(), &first.id, first.fault.as_deref());
        tracing::warn!(rows, policy.id = %id, fault, "{FAULTY}");
    }
    Ok((view, version))
}

/// The parts of the table as they come from the database.
struct ReadParts {
    rows: mpsc::Receiver<Vec<LedgerRow>>,
    /// Parts so far.
    count: usize,
}

impl ReadParts {
    /// Waits for the next part, and returns it with its number.
    fn next(&mut self) -> Option<(usize, Vec<LedgerRow>)> {
        let rows = self.rows.blocking_recv()?;
        self.count += 1;
        Some((self.count, rows))
    }
}

/// Makes parts of the view as long as some come.
fn parts(builder: &ViewBuilder, read: &Mutex<ReadParts>, earlier: &View) -> Vec<(usize, ViewPart)> {
    let (mut parts, mut names) = (Vec::new(), SharedNames::default());
    let next = || read.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some((number, rows)) = next() {
        let mut part = ViewPart::default();
        for row in rows {
            let (mut entry, fields) = entry_and_fields(row);
            names.share(&mut entry);
            if let Some(there) = earlier.by_id(&entry.id) {
                entry.share(there);
            }
            builder.add(&mut part, entry, fields.as_ref());
        }
        parts.push((number, part));
    }
    parts
}

/// Types and hosts that many policies have in common, each kept once.
#[derive(Default)]
struct SharedNames(HashSet<Arc<str>>);

impl SharedNames {
    fn share(&mut self, entry: &mut LedgerEntry) {
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

/// Which lines of the local file a view shows beside the rows of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownLines {
    /// All that the table does not have.
    All,
    /// Those of them that only this node knows, or that no source has got from it yet, and that were not deleted since.
    LocalOnly,
}

/// Adds lines that the table does not have to its view; `untold` are the policies that the source was sent and has not got yet.
pub fn with_lines(
    mut view: View,
    lines: &FileLines,
    untold: &HashMap<String, u32>,
    tombstones: &Tombstones,
    shown: ShownLines,
) -> View {
    for (number, line) in (1..).zip(&lines.policies) {
        let is_own = line.fields.local || untold.contains_key(&line.id);
        let deleted = || tombstones.covers(&line.id, line.fields.date.as_deref());
        let wanted = shown == ShownLines::All || (is_own && !deleted());
        if wanted && view.by_id(&line.id).is_none() {
            add_line(&mut view, line, number);
        }
    }
    view
}
