//! The standard output of commands that print and end, and what they tell beside it on the standard error.

use crate::cli::exit::ExitFailure;
use std::io::{self, Write};

/// Prints a text. Whoever reads may have seen enough and be gone, as `head` is; that is no failure.
///
/// # Errors
/// When the text cannot be written for another reason, such as a full disk.
pub fn print(text: &str) -> Result<(), ExitFailure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(ExitFailure::System { what: "output", error }),
        _ => Ok(()),
    }
}

/// Tells a line on the standard error. Where it cannot be written, as on a full disk, the exit code still says what came of it all.
pub fn tell(line: &str) {
    let _unwritten = io::stderr().write_all(format!("{line}\n").as_bytes());
}
