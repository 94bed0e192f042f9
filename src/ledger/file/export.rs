//! The ledger as members pull it: one line per row, and its MD5.

use crate::ledger::view::{entry::Location, order::InLedgerOrder, view::View};
use md5::{Digest, Md5};
use std::sync::Arc;

/// Bytes between two checkpoints, from which a later export can go on.
const CHECKPOINT_BYTES: usize = 256 * 1024;

/// The bytes of one version, shared by everybody who sends them (reference/ledger 4.4, 8.3).
#[derive(Clone)]
pub struct Export {
    /// One line per row; an empty ledger is one line feed.
    pub bytes: Arc<[u8]>,
    /// Lower case hex MD5 of the bytes: the version of the metadata (reference/ledger 4.2).
    pub md5: String,
    generation: u64,
    checkpoints: Vec<Checkpoint>,
}

/// A line boundary with the hash of everything before it.
#[derive(Clone)]
struct Checkpoint {
    offset: usize,
    last: InLedgerOrder,
    hash: Md5,
}

impl Export {
    /// Returns the number of the view that this is the export of.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Tells whether it is that of a ledger without policies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// Builds the export of a view, going on from an earlier one as far as the two agree.
    #[must_use]
    pub fn build(view: &View, previous: Option<&Self>) -> Self {
        let mut builder = Builder::resume(view, previous);
        let start = builder.checkpoints.last().map(|point| point.last.clone());
        let known = usize::from(start.is_some());
        let rows = view.entries_from(start.as_ref()).skip(known).take_while(|entry| entry.location == Location::Table);
        for entry in rows.filter(|entry| entry.valid) {
            builder.line(InLedgerOrder(Arc::clone(entry)));
        }
        builder.finish(view.generation())
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Export").field("bytes", &self.bytes.len()).field("md5", &self.md5).finish_non_exhaustive()
    }
}

struct Builder {
    bytes: Vec<u8>,
    hash: Md5,
    hashed: usize,
    checkpoints: Vec<Checkpoint>,
    last: Option<InLedgerOrder>,
}

impl Builder {
    fn resume(view: &View, previous: Option<&Export>) -> Self {
        let empty = Self { bytes: Vec::new(), hash: Md5::new(), hashed: 0, checkpoints: Vec::new(), last: None };
        let Some(previous) = previous else { return empty };
        let Ok(changed) = view.changed_since(previous.generation) else { return empty };
        let kept = previous
            .checkpoints
            .iter()
            .take_while(|point| changed.as_ref().is_none_or(|changed| point.last < *changed))
            .cloned()
            .collect::<Vec<_>>();
        let Some(point) = kept.last().cloned() else { return empty };
        let mut bytes = Vec::with_capacity(previous.bytes.len() + CHECKPOINT_BYTES);
        bytes.extend_from_slice(previous.bytes.get(..point.offset).unwrap_or_default());
        Self { bytes, hash: point.hash, hashed: point.offset, checkpoints: kept, last: Some(point.last) }
    }

    fn line(&mut self, entry: InLedgerOrder) {
        self.bytes.extend_from_slice(entry.0.text.as_bytes());
        self.bytes.push(b'\n');
        self.last = Some(entry);
        if self.bytes.len() - self.hashed >= CHECKPOINT_BYTES {
            self.mark();
        }
    }

    fn mark(&mut self) {
        self.hash.update(self.bytes.get(self.hashed..).unwrap_or_default());
        self.hashed = self.bytes.len();
        if let Some(last) = self.last.clone() {
            self.checkpoints.push(Checkpoint { offset: self.hashed, last, hash: self.hash.clone() });
        }
    }

    fn finish(mut self, generation: u64) -> Export {
        if self.bytes.is_empty() {
            self.bytes.push(b'\n');
            self.last = None;
        }
        if self.hashed < self.bytes.len() {
            self.mark();
        }
        let md5 = hex::encode(self.hash.finalize());
        Export { bytes: self.bytes.into(), md5, generation, checkpoints: self.checkpoints }
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
            prop_assert_eq!(&fresh.md5, &resumed.md5);
            prop_assert!(fresh.bytes == resumed.bytes);
            prop_assert_eq!(fresh.md5, crate::policy::id::hash(&fresh.bytes));
        }
    }

    #[test]
    fn an_empty_ledger_is_one_line_end() {
        assert_eq!(&*whole(&View::default()).bytes, b"\n");
        assert!(PolicyFields::read("\n").is_none());
    }
}
