//! `check-config --fix`: the env file written anew beside the old one, so that everybody reads it alike.

use crate::{
    cli::{
        exit::ExitFailure,
        output::{print, tell},
    },
    config::{CleanFile, Config, Sources, clean_file},
};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

/// Writes `FILE.fixed` and says what is different; nothing is written when the file is clean already.
///
/// # Errors
/// When there is no env file, the new one is there already, or cannot be written.
pub fn run(sources: &Sources, config: &Config) -> Result<(), ExitFailure> {
    let nothing = || ExitFailure::Usage("there is no env file to write anew; name one with --env-file".to_owned());
    let file = sources.file.as_ref().ok_or_else(nothing)?;
    let CleanFile { text, left } = clean_file(sources, config.settings()).ok_or_else(nothing)?;
    for left in &left {
        tell(&format!("note: {left}"));
    }
    let old = &**file.path;
    let (shown, anew) = (old.display(), beside(old));
    let before = fs::read(old).map_err(|error| ExitFailure::System { what: "env file", error })?;
    if before == text.as_bytes() {
        return print(&match left.is_empty() {
            true => format!("{shown} is read alike by all; nothing was written\n"),
            false => format!("{shown} cannot be written better than it is but for the above; nothing was written\n"),
        });
    }
    match write(old, &anew, &text) {
        Ok(()) => print(&format!("wrote {0}; look at it, then: mv {0} {shown}\n", anew.display())),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(ExitFailure::Usage(format!("{} is there already; move it away first", anew.display())))
        }
        Err(error) => Err(ExitFailure::Usage(format!("{} cannot be written: {error}", anew.display()))),
    }
}

/// Returns the name of the new file.
fn beside(old: &Path) -> PathBuf {
    let mut name = old.as_os_str().to_owned();
    name.push(".fixed");
    name.into()
}

/// Writes the new file with the mode and the owner of the old one. Until it is whole it has another name, and it takes the
/// place of no file.
fn write(old: &Path, anew: &Path, text: &str) -> io::Result<()> {
    let mut name = anew.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let part = PathBuf::from(name);
    let done = fill(old, &part, text).and_then(|()| Ok(renameat_with(CWD, &part, CWD, anew, RenameFlags::NOREPLACE)?));
    if done.is_err() {
        // What is left of it holds secrets; that it cannot be removed either is no better news than the first.
        let _removed = fs::remove_file(&part);
    }
    done
}

fn fill(old: &Path, part: &Path, text: &str) -> io::Result<()> {
    let like = fs::metadata(old)?;
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
    file.write_all(text.as_bytes())?;
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        chown(part, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(Permissions::from_mode(like.mode() & 0o7777))?;
    file.sync_all()
}
