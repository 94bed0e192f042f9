//! The ledger as members pull it compressed: a gzip file of parts, of which the next version compresses those that changed.

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::{
    io::{self, Read as _, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

/// Bytes of the ledger in one part of the file.
const PART_BYTES: usize = 256 * 1024;

/// Makes the gzip files of the versions of the ledger, each from the parts of the last one.
#[derive(Default)]
pub struct Packer(Mutex<PackedParts>);

/// The parts of the last file.
#[derive(Default)]
struct PackedParts {
    /// What they hold.
    of: Arc<[u8]>,
    /// A gzip file for each [`PART_BYTES`] of it, and one for the rest.
    files: Vec<Vec<u8>>,
}

impl Packer {
    /// Returns the bytes as a gzip file. That takes long enough for a thread of its own.
    ///
    /// # Errors
    /// None in practice: memory takes everything that is written.
    pub fn pack(&self, bytes: &Arc<[u8]>) -> io::Result<Arc<[u8]>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known =
            last.of.chunks(PART_BYTES).zip(bytes.chunks(PART_BYTES)).take_while(|(old, new)| old == new).count();
        last.files.truncate(known);
        let start = last.files.len().saturating_mul(PART_BYTES);
        for part in bytes.get(start..).unwrap_or_default().chunks(PART_BYTES) {
            match compressed(part) {
                Ok(file) => last.files.push(file),
                Err(error) => {
                    *last = PackedParts::default();
                    return Err(error);
                }
            }
        }
        last.of = Arc::clone(bytes);
        Ok(last.files.concat().into())
    }
}

fn compressed(part: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(part.len() / 8), Compression::best());
    encoder.write_all(part)?;
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

    /// Policies as a network has them: the same keys, other names, addresses and ids.
    fn ledger(policies: usize) -> Vec<u8> {
        let line = |number: usize| {
            let id = crate::policy::id::hash(&number.to_be_bytes());
            let cluster = crate::policy::id::hash(&(number / 50).to_be_bytes());
            format!(
                "{{\"operator\": {{\"name\": \"operator-{number}\", \"company\": \"New Company\", \"ip\": \"10.1.{}.{}\", \
                 \"port\": 32148, \"rest_port\": 32149, \"cluster\": \"{cluster}\", \"member\": {}, \"loc\": \
                 \"37.77,-122.41\", \"country\": \"US\", \"city\": \"San Francisco\", \"id\": \"{id}\", \"date\": \
                 \"2026-01-01T00:00:{:02}.{:06}Z\", \"ledger\": \"global\"}}}}\n",
                number / 256,
                number % 256,
                number % 999,
                number % 60,
                number * 97 % 1_000_000
            )
        };
        (0..policies).map(line).collect::<String>().into_bytes()
    }

    #[test]
    fn ten_thousand_policies_are_eight_times_fewer_bytes() {
        let bytes: Arc<[u8]> = ledger(10_000).into();
        let file = Packer::default().pack(&bytes).unwrap();
        println!("{} bytes become {}", bytes.len(), file.len());
        assert!(file.len() * 8 <= bytes.len(), "{} of {}", file.len(), bytes.len());
        assert_eq!(unpacked(&file, bytes.len()).unwrap(), *bytes);
        assert!(unpacked(&file, bytes.len() - 1).is_err(), "a limit holds");
        assert!(unpacked(b"no gzip", 100).is_err());
    }

    #[test]
    fn a_file_that_goes_on_from_another_is_the_same() {
        let all = ledger(3000);
        let line =
            |at: usize| all.iter().skip(at).position(|byte| *byte == b'\n').map_or(all.len(), |end| at + end + 1);
        let packer = Packer::default();
        let versions = [&all[..line(300_000)], &all[..line(700_000)], &all[line(2000)..], &all[..line(100_000)], b"\n"];
        for version in versions {
            let bytes: Arc<[u8]> = version.into();
            let file = packer.pack(&bytes).unwrap();
            assert_eq!(file, Packer::default().pack(&bytes).unwrap());
            assert_eq!(unpacked(&file, bytes.len()).unwrap(), version);
        }
    }
}
