//! The ledger as members pull it compressed: a gzip file of parts, of which the next version compresses those that changed.

use crate::ledger::{
    file::export::{Export, ExportPart},
    view::entry::LedgerEntry,
};
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::{
    collections::HashMap,
    io::{self, Read as _, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

/// An export as a gzip file.
#[derive(Debug, Default)]
pub struct PackedExport {
    /// MD5 of the export.
    pub md5: String,
    parts: Vec<PackedPart>,
    bytes: usize,
}

/// A gzip file of one part of an export; files behind each other are one file.
#[derive(Clone, Debug)]
struct PackedPart {
    /// What it holds.
    rows: Arc<[Arc<LedgerEntry>]>,
    file: Arc<[u8]>,
}

impl PackedExport {
    /// Returns the number of bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes
    }

    /// Tells whether there is not a byte.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Returns the bytes, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + Send + '_ {
        self.parts.iter().map(|part| &*part.file)
    }

    /// Returns a copy of the bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.pieces().flatten().copied().collect()
    }
}

/// Makes the gzip files of the versions of the ledger, each from the parts of the last one.
#[derive(Default)]
pub struct Packer(Mutex<Arc<PackedExport>>);

impl Packer {
    /// Returns the file that was made last.
    #[must_use]
    pub fn last(&self) -> Arc<PackedExport> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns an export as a gzip file. That takes long enough for a thread of its own.
    ///
    /// # Errors
    /// None in practice: memory takes everything that is written.
    pub fn pack(&self, export: &Export) -> io::Result<Arc<PackedExport>> {
        let last = self.last();
        let first_row = |rows: &[Arc<LedgerEntry>]| rows.first().map(Arc::as_ptr);
        let known: HashMap<_, _> = last.parts.iter().map(|part| (first_row(&part.rows), part)).collect();
        let mut packed = PackedExport { md5: export.md5.clone(), ..PackedExport::default() };
        for part in export.parts() {
            let same = known.get(&first_row(part.rows())).filter(|known| holds(known, part));
            let part = match same {
                Some(known) => PackedPart::clone(known),
                None => PackedPart { rows: Arc::clone(part.rows()), file: compressed(part)?.into() },
            };
            packed.bytes += part.file.len();
            packed.parts.push(part);
        }
        let packed = Arc::new(packed);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&packed);
        Ok(packed)
    }
}

/// Tells whether a file holds the rows of a part. A row never changes.
fn holds(known: &PackedPart, part: &ExportPart) -> bool {
    let rows = |rows: &[Arc<LedgerEntry>]| rows.iter().map(Arc::as_ptr).collect::<Vec<_>>();
    Arc::ptr_eq(&known.rows, part.rows()) || rows(&known.rows) == rows(part.rows())
}

fn compressed(part: &ExportPart) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    part.pieces().try_for_each(|piece| encoder.write_all(piece))?;
    encoder.finish()
}

/// Returns what a gzip file holds.
///
/// # Errors
/// When it is no gzip file, or holds more than `most` bytes.
pub fn unpacked(file: &[u8], most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(file).take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(io::Error::other(format!("it unpacks to more than {most} bytes")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::view::{
        entry::{Location, Position},
        fields::PolicyFields,
        view::View,
    };

    /// Policies as a network has them: the same keys, other names, addresses and ids.
    fn ledger(numbers: impl Iterator<Item = usize>) -> View {
        let mut view = View::default();
        for number in numbers {
            let id = crate::policy::id::hash(&number.to_be_bytes());
            let cluster = crate::policy::id::hash(&(number / 50).to_be_bytes());
            let text = format!(
                "{{\"operator\": {{\"name\": \"operator-{number}\", \"company\": \"New Company\", \"ip\": \"10.1.{}.{}\", \
                 \"port\": 32148, \"rest_port\": 32149, \"cluster\": \"{cluster}\", \"member\": {}, \"loc\": \
                 \"37.77,-122.41\", \"country\": \"US\", \"city\": \"San Francisco\", \"id\": \"{id}\", \"date\": \
                 \"2026-01-01T00:00:{:02}.{:06}Z\", \"ledger\": \"global\"}}}}",
                number / 256,
                number % 256,
                number % 999,
                number % 60,
                number * 97 % 1_000_000
            );
            let sequence = i64::try_from(number).unwrap();
            let at = Position { date: "2026".into(), sequence, location: Location::Table };
            let fields = PolicyFields::read(&text);
            view.insert(Arc::new(LedgerEntry::new(text.into(), id.into(), "h".into(), at, fields.as_ref())));
        }
        view
    }

    #[test]
    fn ten_thousand_policies_are_eight_times_fewer_bytes() {
        let export = Export::build(&ledger(0..10_000), None);
        let packed = Packer::default().pack(&export).unwrap();
        println!("{} bytes become {}", export.len(), packed.len());
        assert!(packed.len() * 8 <= export.len(), "{} of {}", packed.len(), export.len());
        let file = packed.to_vec();
        assert_eq!(file.len(), packed.len());
        assert_eq!(unpacked(&file, export.len()).unwrap(), export.to_vec());
        assert!(unpacked(&file, export.len() - 1).is_err(), "a limit holds");
        assert!(unpacked(b"no gzip", 100).is_err());
    }

    #[test]
    fn a_file_that_goes_on_from_another_is_the_same() {
        let packer = Packer::default();
        let mut view = ledger(0..3000);
        let mut last = Export::build(&view, None);
        packer.pack(&last).unwrap();
        for number in [2999, 5, 1500, 700, 2] {
            view.advance();
            view.remove(&crate::policy::id::hash(&usize::to_be_bytes(number)));
            last = Export::build(&view, Some(&last));
            let packed = packer.pack(&last).unwrap();
            assert_eq!(packed.md5, last.md5);
            assert_eq!(packed.to_vec(), Packer::default().pack(&last).unwrap().to_vec());
            assert_eq!(unpacked(&packed.to_vec(), last.len()).unwrap(), last.to_vec());
        }
    }
}
