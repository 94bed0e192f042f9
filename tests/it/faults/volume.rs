//! A small file system of the test that runs full.

use crate::support::skipped;
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A file system in memory; it goes with the test.
pub struct Volume {
    path: PathBuf,
    _directory: tempfile::TempDir,
}

impl Volume {
    /// Mounts one of so many megabytes; nothing where this machine does not let the test do so.
    pub fn of(megabytes: u32) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("volume");
        fs::create_dir(&path).unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&path).output();
        if !mounted.as_ref().is_ok_and(|output| output.status.success()) {
            skipped(format_args!("this machine does not let the test mount a file system: {mounted:?}"));
            return None;
        }
        Some(Self { path, _directory: directory })
    }

    /// Returns where it is mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes all of its room.
    pub fn fill(&self) {
        let mut ballast = fs::File::create(self.ballast()).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Gives the room back.
    pub fn make_room(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}
