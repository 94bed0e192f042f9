//! The text of a ledger file, line by line (reference/ledger 4.1).

use crate::ledger::view::{
    entry::{LedgerEntry, Location, Position},
    fields::PolicyFields,
    order::InLedgerOrder,
    view::View,
};
use std::{
    collections::HashSet,
    io::{self, BufRead},
    iter::Peekable,
    sync::Arc,
};

/// One line of a ledger file that is a policy with an id.
#[derive(Clone, Debug)]
pub struct FileLine {
    /// The text, without its line end.
    pub text: String,
    /// The id of the policy.
    pub id: String,
    /// The other fields of the policy.
    pub fields: PolicyFields,
}

/// The lines of a ledger file.
#[derive(Clone, Debug, Default)]
pub struct FileLines {
    /// Policies, in order; of a repeated id the first.
    pub policies: Vec<FileLine>,
    /// Ids that `deleted` lines name and that no later line has.
    pub deleted: Vec<String>,
    /// Number of the first line that is no policy, from 1.
    pub unreadable: Option<usize>,
}

impl FileLines {
    /// Reads the lines of a file. Blank lines, `\r\n` and a missing last line end are accepted.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut reader = Reader::default();
        for line in text.lines() {
            let _ = reader.add(line, None);
        }
        reader.lines
    }
}

/// What a ledger file has beside the rows of the table.
#[derive(Clone, Debug, Default)]
pub struct LinesBeside {
    /// The lines whose policies the table does not have.
    pub lines: FileLines,
    /// Number of the policies of other lines, without those that only this node knows.
    pub known: usize,
}

impl LinesBeside {
    /// Reads the lines of a file like [`FileLines::read`], and keeps those that the rows of a view do not have. Mostly the file
    /// is the export of the rows: as long as a line is the text of the row that is next, it is not read but compared.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(mut file: impl BufRead, view: &View) -> io::Result<Self> {
        let mut reader = Reader::default();
        let mut known = HashSet::new();
        let mut next = rows_from(view, None);
        let mut read = Vec::new();
        while read_line(&mut file, &mut read)? {
            let line = read.strip_suffix(b"\r").unwrap_or(&read);
            if let Some(row) = next.next_if(|row| row.text.as_bytes() == line && is_surely_global(&row.text)) {
                known.insert(row.sequence);
                reader.pass(&row.id);
                continue;
            }
            let line = String::from_utf8_lossy(line);
            let row = |id: &str| view.by_id(id).filter(|row| row.location == Location::Table);
            match reader.add(&line, Some(&|id: &str| row(id).is_some())) {
                Added::Kept => {}
                Added::Passed { id, local } => {
                    let Some(row) = row(&id) else { continue };
                    if !local {
                        known.insert(row.sequence);
                    }
                    next = rows_from(view, Some(row));
                }
                Added::Deleted(id) => drop(row(&id).map(|row| known.remove(&row.sequence))),
            }
        }
        Ok(Self { lines: reader.lines, known: known.len() })
    }

    /// Returns what a view that was shown has beside the rows of another one. It stands for a file that cannot be read: a copy of
    /// what was shown, with what only this node knows.
    #[must_use]
    pub fn of_view(shown: &View, view: &View) -> Self {
        let mut beside = Self::default();
        for entry in shown.iter() {
            if view.by_id(&entry.id).is_some_and(|row| row.location == Location::Table) {
                beside.known += usize::from(!entry.local);
            } else if let Some(fields) = PolicyFields::read_lenient(&entry.text) {
                let (text, id) = (entry.text.to_string(), entry.id.to_string());
                beside.lines.policies.push(FileLine { text, id, fields });
            }
        }
        beside
    }
}

/// A view of a ledger file alone.
#[derive(Debug, Default)]
pub struct FileView {
    /// The policies of the lines.
    pub view: View,
    /// Ids that `deleted` lines name and that no later line has.
    pub deleted: Vec<String>,
    /// Number of the first line that is no policy, from 1.
    pub unreadable: Option<usize>,
}

impl FileView {
    /// Reads the lines of a file like [`FileLines::read`], each into the view at once.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(file: impl BufRead) -> io::Result<Self> {
        let (mut view, mut reader) = (View::default(), Reader::default());
        for (number, line) in (1..).zip(file.split(b'\n')) {
            let line = line?;
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line));
            match reader.add(&line, Some(&|id: &str| view.by_id(id).is_some())) {
                Added::Deleted(id) => drop(view.remove(&id)),
                Added::Kept | Added::Passed { .. } => {}
            }
            if let Some(line) = reader.take() {
                add_line(&mut view, &line, number);
            }
        }
        let FileLines { deleted, unreadable, .. } = reader.lines;
        Ok(Self { view, deleted, unreadable })
    }
}

/// Adds one line of a file to a view.
pub fn add_line(view: &mut View, line: &FileLine, number: i64) {
    let at = Position { date: Arc::from(""), sequence: number, location: Location::File };
    let (text, id) = (line.text.as_str().into(), line.id.as_str().into());
    let entry = LedgerEntry::new(text, id, Arc::from(""), at, Some(&line.fields));
    view.insert_with_fields(Arc::new(entry), Some(&line.fields));
}

/// Reads the next line, without its line end, into memory that is used again; false at the end.
fn read_line(file: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let there = file.read_until(b'\n', line)? > 0;
    line.pop_if(|last| *last == b'\n');
    Ok(there)
}

/// The rows of a view in their order.
type Rows<'v> = Peekable<Box<dyn Iterator<Item = &'v Arc<LedgerEntry>> + 'v>>;

/// Returns the rows behind one, or all.
fn rows_from<'v>(view: &'v View, last: Option<&Arc<LedgerEntry>>) -> Rows<'v> {
    let start = last.cloned().map(InLedgerOrder);
    let rows = view.entries_from(start.as_ref()).skip(usize::from(start.is_some()));
    let rows: Box<dyn Iterator<Item = _>> = Box::new(rows.filter(|row| row.valid && row.location == Location::Table));
    rows.peekable()
}

/// Tells whether a text says that everybody knows the policy, or nothing of that; false when only a reader can tell.
fn is_surely_global(text: &str) -> bool {
    !text.contains('\\') && (text.ends_with("\"ledger\": \"global\"}}") || !text.contains("\"ledger\""))
}

/// Reads one line after the other.
#[derive(Default)]
struct Reader {
    lines: FileLines,
    /// Ids of the lines that are kept.
    seen: HashSet<String>,
    /// Lines so far.
    number: usize,
}

/// What became of a line.
enum Added {
    /// It is among the lines, or there is nothing to keep of it.
    Kept,
    /// Its policy is one of those that are not kept. Only this node knows it, or others too.
    Passed { id: String, local: bool },
    /// It marks the policy with this id as deleted.
    Deleted(String),
}

impl Reader {
    /// Adds a line, unless somebody knows its id.
    fn add(&mut self, line: &str, is_known: Option<&dyn Fn(&str) -> bool>) -> Added {
        self.number += 1;
        if line.trim().is_empty() {
            return Added::Kept;
        }
        let Some(fields) = PolicyFields::read_lenient(line) else {
            self.lines.unreadable = self.lines.unreadable.or(Some(self.number));
            return Added::Kept;
        };
        let Some(id) = fields.id.clone() else { return Added::Kept };
        if fields.kind == DELETED {
            if self.seen.remove(&id) {
                self.lines.policies.retain(|earlier| earlier.id != id);
            }
            self.lines.deleted.push(id.clone());
            return Added::Deleted(id);
        }
        if is_known.is_some_and(|is_known| is_known(&id)) {
            self.lines.deleted.retain(|deleted| *deleted != id);
            return Added::Passed { id, local: fields.local };
        }
        if self.seen.insert(id.clone()) {
            self.lines.deleted.retain(|deleted| *deleted != id);
            self.lines.policies.push(FileLine { text: line.to_owned(), id, fields });
        }
        Added::Kept
    }

    /// Takes the line that was added last out of the lines.
    fn take(&mut self) -> Option<FileLine> {
        let line = self.lines.policies.pop()?;
        self.seen.remove(&line.id);
        Some(line)
    }

    /// Passes over a line whose policy is known.
    fn pass(&mut self, id: &str) {
        self.number += 1;
        self.lines.deleted.retain(|deleted| *deleted != id);
    }
}

/// The type of a line that marks a policy as deleted.
pub const DELETED: &str = "deleted";

/// Whether the source of the local copy knows of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionScope {
    /// This node alone knows of it.
    Local,
    /// The source is being told.
    Global,
}

/// Returns the line that marks a policy as deleted, with its line end (reference/ledger 9.1).
#[must_use]
pub fn deleted_line(id: &str, scope: DeletionScope) -> String {
    let id = serde_json::Value::from(id);
    let ledger = match scope {
        DeletionScope::Local => "local",
        DeletionScope::Global => "global",
    };
    format!("{{\"{DELETED}\": {{ \"id\" : {id}, \"ledger\" : \"{ledger}\" }}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn policy(id: u8, variant: u8) -> String {
        let ledger = ["", r#", "ledger": "global""#, r#", "ledger": "local""#][usize::from(variant % 3)];
        format!(r#"{{"device": {{"id": "{id}", "n": {}{ledger}}}}}"#, variant / 3)
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => (0..12_u8, 0..6_u8).prop_map(|(id, variant)| policy(id, variant)),
            1 => (0..12_u8).prop_map(|id| deleted_line(&id.to_string(), DeletionScope::Local).trim().to_owned()),
            1 => "[ {]?",
        ]
    }

    proptest! {
        #[test]
        fn what_the_table_has_is_left_out(
            rows in proptest::collection::vec((0..12_u8, 0..6_u8), 0..10),
            changed in proptest::collection::vec((0..12_usize, line()), 0..6),
            line_end in "\n|\r\n",
        ) {
            let mut view = View::default();
            for (sequence, (id, variant)) in (1..).zip(rows) {
                let text = policy(id, variant);
                let at = Position { date: "d".into(), sequence, location: Location::Table };
                let fields = PolicyFields::read(&text);
                view.insert(Arc::new(LedgerEntry::new(text.into(), id.to_string().into(), "h".into(), at, fields.as_ref())));
            }
            let mut lines: Vec<String> = view.iter().map(|row| row.text.to_string()).collect();
            for (at, line) in changed {
                let at = at.min(lines.len());
                lines.insert(at, line);
            }
            let text = lines.join(&line_end);
            let all = FileLines::read(&text);
            let beside = LinesBeside::read(text.as_bytes(), &view).unwrap();
            let kept = |lines: &FileLines| {
                let lacking = lines.policies.iter().filter(|line| view.by_id(&line.id).is_none());
                lacking.map(|line| line.text.clone()).collect::<Vec<_>>()
            };
            prop_assert_eq!(kept(&beside.lines), kept(&all));
            prop_assert_eq!(beside.lines.policies.len(), kept(&all).len());
            prop_assert_eq!(&beside.lines.deleted, &all.deleted);
            prop_assert_eq!(beside.lines.unreadable, all.unreadable);
            let alone = FileView::read(text.as_bytes()).unwrap();
            let texts: Vec<_> = alone.view.iter().map(|line| line.text.to_string()).collect();
            prop_assert_eq!(texts, all.policies.iter().map(|line| line.text.clone()).collect::<Vec<_>>());
            prop_assert_eq!((alone.deleted, alone.unreadable), (all.deleted, all.unreadable));
        }
    }

    #[test]
    fn policies_of_the_table_are_counted_once() {
        let mut view = View::default();
        for (sequence, id) in (1..).zip(["a", "b", "c"]) {
            let text = format!(r#"{{"device": {{"id": "{id}"}}}}"#);
            let at = Position { date: "d".into(), sequence, location: Location::Table };
            let fields = PolicyFields::read(&text);
            view.insert(Arc::new(LedgerEntry::new(text.into(), id.into(), "h".into(), at, fields.as_ref())));
        }
        let lines = [
            r#"{"device": {"id": "a"}}"#,
            r#"{"device": {"id": "a"}}"#,
            r#"{"device": {"id": "c", "n": 1}}"#,
            r#"{"device": {"id": "b", "ledger": "local"}}"#,
            r#"{"device": {"id": "new"}}"#,
            r#"{"deleted": {"id": "a"}}"#,
        ];
        let beside = LinesBeside::read(lines.join("\n").as_bytes(), &view).unwrap();
        assert_eq!((beside.known, beside.lines.policies.len()), (1, 1), "'c' is known, 'new' is not, 'a' was deleted");
        assert_eq!(beside.lines.deleted, ["a"]);
    }
}
