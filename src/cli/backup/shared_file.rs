//! A file in the directory for backups, which the node that runs and this program share.

use crate::cli::exit::ExitFailure;
use std::{
    fs::{self, File},
    io,
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
    /// Chooses a name in the directory that nobody else has; the file is not made yet.
    ///
    /// # Errors
    /// The directory cannot be made, or the machine has no random numbers.
    pub fn new(directory: &Path, is_packed: bool) -> Result<Self, ExitFailure> {
        let failed = |error| ExitFailure::System { what: "directory for backups (BACKUP_DIR)", error };
        fs::create_dir_all(directory).map_err(failed)?;
        let number = getrandom::u64().map_err(|error| failed(io::Error::other(error)))?;
        let name = format!("exchange-{number:016x}.jsonl{}", if is_packed { ".gz" } else { "" });
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
        let copied = File::create_new(&shared.path).and_then(|mut file| {
            io::copy(source, &mut file)?;
            file.sync_all()
        });
        match copied {
            Ok(()) => Ok(shared),
            Err(error) => Err(ExitFailure::System { what: "copy of the backup for the node", error }),
        }
    }
}

impl Drop for SharedFile {
    fn drop(&mut self) {
        // It may never have been made.
        let _ = fs::remove_file(&self.path);
    }
}
