//! `check-script`: looks through scripts without running them.

use crate::{
    cli::{arguments::CheckScriptOptions, exit::ExitFailure, output::print},
    command,
    runtime::limits,
    script::check::check,
};
use std::{fs, path::Path};

/// Deepest directory that is looked through.
const DEPTH: usize = 16;

/// Prints what is found in the scripts, each with its place.
///
/// # Errors
/// When a file cannot be read, or something was found.
pub fn run(options: &CheckScriptOptions) -> Result<(), ExitFailure> {
    let mut files = Vec::new();
    for path in &options.files {
        collect(path, 0, &mut files)?;
    }
    if files.is_empty() {
        return Err(ExitFailure::Usage("no scripts: name files, or directories with .al files".to_owned()));
    }
    let findings = check(&files, &command::KnownCommands(&command::CATALOG));
    print(&findings.iter().map(|finding| format!("{finding}\n")).collect::<String>())?;
    if findings.is_empty() {
        return Ok(());
    }
    let (found, read) = (counted(findings.len(), "finding"), counted(files.len(), "script"));
    Err(ExitFailure::Failed(format!("{found} in {read}")))
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Reads a file, or the `.al` files of a directory in the order of their names.
fn collect(path: &Path, depth: usize, files: &mut Vec<(String, String)>) -> Result<(), ExitFailure> {
    let failed = |error| ExitFailure::Usage(format!("{}: {error}", path.display()));
    if !path.is_dir() {
        let size = fs::metadata(path).map_err(failed)?.len();
        if size > limits::SCRIPT_BYTES {
            return Err(ExitFailure::Usage(format!("{}: {size} bytes are too many for a script", path.display())));
        }
        let bytes = fs::read(path).map_err(failed)?;
        files.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
        return Ok(());
    }
    if depth > DEPTH {
        return Ok(());
    }
    let entries: Result<Vec<_>, _> = fs::read_dir(path).map_err(failed)?.collect();
    let mut paths: Vec<_> = entries.map_err(failed)?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() || path.extension().is_some_and(|end| end == "al") {
            collect(&path, depth + 1, files)?;
        }
    }
    Ok(())
}
