//! A file in the directory for backups, which the node that runs and this program share.

use crate::{backup::EXCHANGE, cli::exit::ExitFailure};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt as _, fchown, lchown},
    path::{Path, PathBuf},
};

/// A file that this program lends to the node, or the node to it; it is removed at the end.
pub struct SharedFile {
    /// Its name, which needs no quotes in a command.
    pub name: String,
    /// Its path.
    pub path: PathBuf,
}

impl SharedFile {
    /// Chooses a name in the directory that nobody else has; nothing is made yet. The node makes the directory when it writes: made
    /// by the user of this program, which may be root, it would be closed to the node from then on.
    ///
    /// # Errors
    /// The machine has no random numbers.
    pub fn new(directory: &Path, is_packed: bool) -> Result<Self, ExitFailure> {
        let number = getrandom::u64();
        let number = number.map_err(|error| ExitFailure::System {
            what: "name of the file that the node and this program share",
            error: io::Error::other(error),
        })?;
        let name = format!("{EXCHANGE}{number:016x}.jsonl{}", if is_packed { ".gz" } else { "" });
        let path = directory.join(&name);
        Ok(Self { name, path })
    }

    /// Lends the node a copy of what can be read.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn of(directory: &Path, source: &mut dyn io::Read) -> Result<Self, ExitFailure> {
        // Packed or not, its first bytes tell whoever reads it.
        let shared = Self::new(directory, false)?;
        let failed = |error| ExitFailure::System { what: "directory for backups (BACKUP_DIR)", error };
        make_directory(directory).map_err(failed)?;
        let owner = directory.metadata().map_err(failed)?;
        let copied = File::create_new(&shared.path).and_then(|mut file| {
            // The node may be another user than root, and it is the only one who may read the file then. Others than root cannot
            // give files away, and are the user of the node where this works at all.
            let _ = fchown(&file, Some(owner.uid()), Some(owner.gid()));
            io::copy(source, &mut file)?;
            file.sync_all()
        });
        match copied {
            Ok(()) => Ok(shared),
            Err(error) => Err(ExitFailure::System { what: "copy of the backup for the node", error }),
        }
    }
}

/// Makes the directory, if it is not there, for whoever has the one above it.
fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    if let Some(above) = directory.parent().and_then(|above| above.metadata().ok()) {
        let _ = lchown(directory, Some(above.uid()), Some(above.gid()));
    }
    Ok(())
}

impl Drop for SharedFile {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = fs::remove_file(&self.path);
    }
}
