//! Files that may be packed: what they are called says it when they are written, their first bytes when they are read.

use crate::backup::error::BackupError;
use flate2::{Compression, bufread::MultiGzDecoder, write::GzEncoder};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

/// Bytes that are read or written together.
const BUFFER: usize = 256 * 1024;
/// How a gzip file begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Takes the bytes of a file and packs them when its name says so.
pub enum PackedWriter<W: Write> {
    /// As they are.
    Plain(BufWriter<W>),
    /// Packed.
    Gzip(GzEncoder<BufWriter<W>>),
}

impl<W: Write> PackedWriter<W> {
    /// Writes for a name; one that ends with `.gz` is packed. The lowest level leaves a sixth of a ledger and is the fastest.
    pub fn new(out: W, name: &Path) -> Self {
        let out = BufWriter::with_capacity(BUFFER, out);
        if name.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")) {
            return Self::Gzip(GzEncoder::new(out, Compression::fast()));
        }
        Self::Plain(out)
    }

    /// Writes what is left and returns what took it.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(self) -> io::Result<W> {
        let out = match self {
            Self::Plain(out) => out,
            Self::Gzip(out) => out.finish()?,
        };
        out.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl<W: Write> Write for PackedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(out) => out.flush(),
        }
    }
}

/// Opens a file, packed or not, for reading.
///
/// # Errors
/// When it is none, or cannot be read.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, BackupError> {
    let failed = |error| BackupError::file(path, error);
    // A pipe would hold up whoever opens it.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(BackupError::NoFile(path.to_owned()));
    }
    unpacked(File::open(path).map_err(failed)?).map_err(failed)
}

/// Reads bytes that may be packed.
///
/// # Errors
/// What the system says.
pub fn unpacked(source: impl io::Read + 'static) -> io::Result<Box<dyn BufRead>> {
    let mut source = BufReader::with_capacity(BUFFER, source);
    if source.fill_buf()?.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(source))));
    }
    Ok(Box::new(source))
}
