//! `export`: the policies of a running node as files that `apply` reads.

mod names;

use crate::{
    cli::{
        apply::files::FoundFiles,
        arguments::ExportOptions,
        block_on::block_on,
        client::{client, told_apart},
        exit::ExitFailure,
        output::{print, tell},
    },
    command::EXPORT,
    policy::{Policy, json},
    runtime::user,
};
use names::FileNames;
use serde_json::Value;
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Files that the note about those of no policy names.
const NAMED: usize = 5;

/// Writes the policies.
///
/// # Errors
/// A node that is away (75) or refuses (1), and files that cannot be written.
pub fn run(options: &ExportOptions) -> Result<(), ExitFailure> {
    user::restrict_new_files();
    let client = client(&options.remote)?;
    let answer = block_on(client.run(EXPORT, None))?.map_err(|error| told_apart(&error))?;
    let mut policies = read(&answer)?;
    if !options.types.is_empty() {
        policies.retain(|policy| options.types.iter().any(|kind| kind == policy.kind()));
    }
    let to = &options.to;
    if to.as_os_str() == "-" {
        return print(&list(&policies));
    }
    let is_file = to.is_file() || to.extension().is_some_and(|ending| ending == "json");
    if is_file && !to.is_dir() {
        replace(to, &list(&policies)).map_err(|error| unwritten(to, &error))?;
        return print(&format!("{} policies in {}\n", policies.len(), to.display()));
    }
    let written = directory(to, &policies)?;
    tell_others(to, &written);
    print(&format!("{} policies in {}\n", policies.len(), to.display()))
}

fn read(answer: &str) -> Result<Vec<Policy>, ExitFailure> {
    let other = || ExitFailure::Failed("the node answered something else than policies".to_owned());
    let Ok(Value::Array(values)) = json::parse(answer) else { return Err(other()) };
    values.into_iter().map(|value| Policy::from_value(value).map_err(|_| other())).collect()
}

/// Writes policies as a list with one on each line.
fn list(policies: &[Policy]) -> String {
    let lines: Vec<String> = policies.iter().map(|policy| policy.to_value().to_string()).collect();
    if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
}

/// Writes a file for each policy, `DIR/TYPE/NAME.json`.
fn directory(root: &Path, policies: &[Policy]) -> Result<HashSet<PathBuf>, ExitFailure> {
    let mut names = FileNames::default();
    let mut written = HashSet::with_capacity(policies.len());
    for policy in policies {
        let (kind, name) = names.of(policy);
        let folder = root.join(kind);
        let path = folder.join(name);
        let text = serde_json::to_string_pretty(&policy.to_value()).unwrap_or_default() + "\n";
        own_folder(&folder).and_then(|()| replace(&path, &text)).map_err(|error| unwritten(&path, &error))?;
        written.insert(path);
    }
    Ok(written)
}

/// Makes a folder; one that leads elsewhere is not taken.
fn own_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let is_link = fs::symlink_metadata(folder)?.is_symlink();
    if is_link { Err(io::Error::other("the directory is a link: remove it")) } else { Ok(()) }
}

/// Puts a text into a file, whole or not at all.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let fresh = path.with_file_name(format!(".{name}.new"));
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(&fresh)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        // Nothing is left behind; the first error counts.
        let _there_or_not = fs::remove_file(&fresh);
    }
    written
}

fn unwritten(path: &Path, error: &io::Error) -> ExitFailure {
    ExitFailure::Failed(format!("{}: {error}", path.display()))
}

/// Says which files of the directory hold other policies: `apply` would bring back what was dropped from the ledger.
fn tell_others(root: &Path, written: &HashSet<PathBuf>) {
    let mut found = FoundFiles::default();
    found.add(root);
    let others: Vec<String> =
        found.files.iter().filter(|file| !written.contains(*file)).map(|file| file.display().to_string()).collect();
    if !others.is_empty() {
        let named = others.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if others.len() > NAMED { ", …" } else { "" };
        tell(&format!("anylog-master: {} files are not of this export: {named}{more}", others.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_gets_a_file_for_each_policy_and_no_link_is_followed() {
        let home = tempfile::tempdir().unwrap();
        let policy = |text: &str| Policy::parse(text).unwrap();
        let policies =
            [policy(r#"{"a": {"name": "x", "id": "1"}}"#), policy(r#"{"../b": {"name": "../y", "id": "2"}}"#)];
        let root = home.path().join("p");
        let written = directory(&root, &policies).unwrap();
        assert!(written.len() == 2 && written.iter().all(|path| path.canonicalize().unwrap().starts_with(&root)));
        assert_eq!(directory(&root, &policies).unwrap(), written, "again, over the same files");
        let read = fs::read_to_string(root.join("a/x.json")).unwrap();
        assert_eq!(policy(&read), policies[0]);
        fs::remove_dir_all(root.join("a")).unwrap();
        std::os::unix::fs::symlink(home.path(), root.join("a")).unwrap();
        assert!(directory(&root, &policies).is_err());
        assert_eq!(list(&[]), "[]\n");
    }
}
