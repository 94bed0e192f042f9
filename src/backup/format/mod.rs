//! The format of a backup: JSON lines that a person can read, sealed so that damage anywhere is found.
//!
//! 1. `{"backup": …}`: the manifest: version of the format, program, time, kind of the database, number of its last change.
//! 2. `{"policy": …}`, `{"change": …}`, `{"row": …}`, `{"tombstone": …}`: in this order, the rows of each kind in their own.
//! 3. `{"seal": …}`: how many there are of each kind, and the SHA-256 of all bytes before this line.

mod line;
mod reader;
mod sealed_writer;

pub use line::{FORMAT, Manifest, Seal};
pub use reader::{LineFault, WrongBackupLine, read};
pub use sealed_writer::SealedWriter;
