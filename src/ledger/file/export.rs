//! The ledger as members pull it: one line per row, and its MD5.

use crate::ledger::view::{
    entry::{LedgerEntry, Location},
    order::InLedgerOrder,
    view::View,
};
use md5::{Digest, Md5};
use std::sync::Arc;

/// Bytes from which on a part ends at the next row that may be the last of one.
const SMALL_PART: usize = 128 * 1024;
/// Bytes from which on a part ends at any row.
const LARGE_PART: usize = 512 * 1024;
/// Every so many numbers a row may be the last one of a part: where a part ends does not depend on the rows before it, so that
/// the parts behind a change stay as they are.
const ENDS_EVERY: i64 = 256;

/// The ledger of one version, shared by everybody who sends it (reference/ledger 4.4, 8.3). The lines are the texts of the view;
/// nothing is copied.
#[derive(Debug, Default)]
pub struct Export {
    /// Lower case hex MD5 of the bytes: the version of the metadata (reference/ledger 4.2).
    pub md5: String,
    parts: Vec<Arc<ExportPart>>,
    bytes: usize,
    generation: u64,
}

/// Some rows that follow each other.
pub struct ExportPart {
    /// The rows, of which there is at least one.
    rows: Arc<[Arc<LedgerEntry>]>,
    bytes: usize,
    /// The hash of everything up to the end of this part.
    hash: Md5,
}

impl Export {
    /// Returns the number of the view that this is the export of.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Tells whether it is that of a ledger without policies.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Returns the number of bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        if self.is_empty() { EMPTY.len() } else { self.bytes }
    }

    /// Returns the bytes, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + Send + '_ {
        let empty = self.is_empty().then_some(EMPTY);
        empty.into_iter().chain(self.parts.iter().flat_map(|part| part.pieces()))
    }

    /// Returns a copy of the bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        self.pieces().for_each(|piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Returns the parts, in order.
    pub(super) fn parts(&self) -> &[Arc<ExportPart>] {
        &self.parts
    }

    /// Builds the export of a view, going on from an earlier one as far as the two agree.
    #[must_use]
    pub fn build(view: &View, previous: Option<&Self>) -> Self {
        let mut builder = Builder::resume(view, previous);
        let start = builder.last().cloned();
        let known = usize::from(start.is_some());
        let rows = view.entries_from(start.as_ref()).skip(known).take_while(|entry| entry.location == Location::Table);
        rows.filter(|entry| entry.valid).for_each(|entry| builder.add(entry));
        builder.finish(view.generation())
    }
}

/// The bytes of a ledger without policies.
const EMPTY: &[u8] = b"\n";

impl ExportPart {
    /// Returns the bytes, piece by piece.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> + Send + '_ {
        self.rows.iter().flat_map(|entry| [entry.text.as_bytes(), b"\n"])
    }

    /// Returns the rows.
    pub(super) const fn rows(&self) -> &Arc<[Arc<LedgerEntry>]> {
        &self.rows
    }

    /// Tells whether no row is ever added to it.
    fn is_whole(&self) -> bool {
        self.rows.last().is_some_and(|last| ends_part(self.bytes, last))
    }

    fn is_before(&self, changed: &InLedgerOrder) -> bool {
        self.rows.last().is_some_and(|last| last.compare(&changed.0).is_lt())
    }
}

impl std::fmt::Debug for ExportPart {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ExportPart")
            .field("rows", &self.rows.len())
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// Tells whether a part of so many bytes ends with a row.
fn ends_part(bytes: usize, last: &LedgerEntry) -> bool {
    bytes >= LARGE_PART || (bytes >= SMALL_PART && last.sequence % ENDS_EVERY == 0)
}

#[derive(Default)]
struct Builder {
    parts: Vec<Arc<ExportPart>>,
    /// The rows of the part that is being built, and its bytes.
    rows: Vec<Arc<LedgerEntry>>,
    part_bytes: usize,
    bytes: usize,
    hash: Md5,
    /// The last row so far.
    last: Option<InLedgerOrder>,
}

impl Builder {
    /// Begins with what a view has in common with an earlier export.
    fn resume(view: &View, previous: Option<&Export>) -> Self {
        let Some(previous) = previous else { return Self::default() };
        let Ok(changed) = view.changed_since(previous.generation) else { return Self::default() };
        let is_same = |part: &&Arc<ExportPart>| changed.as_ref().is_none_or(|changed| part.is_before(changed));
        let parts: Vec<_> = previous.parts.iter().take_while(is_same).cloned().collect();
        let Some(end) = parts.last().cloned() else { return Self::default() };
        let mut builder = Self {
            bytes: parts.iter().map(|part| part.bytes).sum(),
            hash: end.hash.clone(),
            last: end.rows.last().cloned().map(InLedgerOrder),
            parts,
            ..Self::default()
        };
        if !end.is_whole() {
            builder.parts.pop();
            builder.rows.extend_from_slice(&end.rows);
            builder.part_bytes = end.bytes;
        }
        builder
    }

    const fn last(&self) -> Option<&InLedgerOrder> {
        self.last.as_ref()
    }

    fn add(&mut self, entry: &Arc<LedgerEntry>) {
        self.hash.update(entry.text.as_bytes());
        self.hash.update(b"\n");
        let bytes = entry.text.len() + 1;
        self.part_bytes += bytes;
        self.bytes += bytes;
        self.rows.push(Arc::clone(entry));
        if ends_part(self.part_bytes, entry) {
            self.end_part();
        }
    }

    fn end_part(&mut self) {
        let (rows, bytes) = (std::mem::take(&mut self.rows).into(), std::mem::take(&mut self.part_bytes));
        self.parts.push(Arc::new(ExportPart { rows, bytes, hash: self.hash.clone() }));
    }

    fn finish(mut self, generation: u64) -> Export {
        if !self.rows.is_empty() {
            self.end_part();
        }
        if self.parts.is_empty() {
            self.hash.update(EMPTY);
        }
        let md5 = hex::encode(self.hash.finalize());
        Export { md5, parts: self.parts, bytes: self.bytes, generation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{
        entry::{LedgerEntry, Position},
        fields::PolicyFields,
    };
    use proptest::prelude::*;

    fn row(number: i64, second: u8) -> Arc<LedgerEntry> {
        let pad = "x".repeat(3000);
        let text = format!(r#"{{"device": {{"name": "d{number}", "id": "id{number}", "pad": "{pad}"}}}}"#);
        let date = format!("2026-01-01T00:00:{second:02}").into();
        let at = Position { date, sequence: number, location: Location::Table };
        let fields = PolicyFields::read(&text);
        Arc::new(LedgerEntry::new(text.into(), format!("id{number}").into(), "h".into(), at, fields.as_ref()))
    }

    fn whole(view: &View) -> Export {
        Export::build(view, None)
    }

    /// Writes the rows one after the other, as a member expects them.
    fn expected(view: &View) -> Vec<u8> {
        let lines: String = view.iter().map(|entry| format!("{}\n", entry.text)).collect();
        if lines.is_empty() { EMPTY.to_vec() } else { lines.into_bytes() }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_export_that_goes_on_from_another_is_the_same(
            steps in proptest::collection::vec((any::<bool>(), 0..400_i64, 0..60_u8, any::<bool>()), 1..600),
        ) {
            let mut view = View::default();
            let mut last = whole(&view);
            for (adds, number, second, exports) in steps {
                view.advance();
                if adds {
                    view.insert(row(number, second));
                } else {
                    view.remove(&format!("id{number}"));
                }
                if exports {
                    last = Export::build(&view, Some(&last));
                }
            }
            let (fresh, resumed) = (whole(&view), Export::build(&view, Some(&last)));
            let bytes = expected(&view);
            for export in [&fresh, &resumed] {
                prop_assert!(export.to_vec() == bytes);
                prop_assert_eq!(export.len(), bytes.len());
                prop_assert_eq!(&export.md5, &crate::policy::id::hash(&bytes));
            }
        }
    }

    #[test]
    fn parts_behind_a_change_stay_as_they_are() {
        let mut view = View::default();
        (0..2000).for_each(|number| view.insert(row(number, 0)));
        let before = whole(&view);
        view.advance();
        view.remove("id10");
        let after = Export::build(&view, Some(&before));
        assert!(before.parts().len() > 8);
        let same = |(one, other): &(&Arc<ExportPart>, &Arc<ExportPart>)| {
            one.rows.iter().map(Arc::as_ptr).eq(other.rows.iter().map(Arc::as_ptr))
        };
        let kept = before.parts().iter().zip(after.parts()).filter(same).count();
        assert!(kept + 2 >= before.parts().len(), "{kept} of {}", before.parts().len());
    }

    #[test]
    fn an_empty_ledger_is_one_line_end() {
        let export = whole(&View::default());
        assert_eq!((export.to_vec(), export.len(), export.is_empty()), (b"\n".to_vec(), 1, true));
        assert_eq!(export.md5, crate::policy::id::hash(b"\n"));
        assert!(PolicyFields::read("\n").is_none());
    }
}
