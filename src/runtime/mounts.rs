//! What is mounted in the file system of this process.

use std::path::{Path, PathBuf};

/// Tells whether a path is a mount point; no where the system does not say.
#[must_use]
pub fn is_at(path: &Path) -> bool {
    let path = real(path);
    points().contains(&path)
}

/// Tells whether a path is a mount point or one lies below it; no where the system does not say.
#[must_use]
pub fn is_at_or_below(path: &Path) -> bool {
    let path = real(path);
    points().iter().any(|point| point.starts_with(&path))
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn points() -> Vec<PathBuf> {
    let mounts = procfs::process::Process::myself().and_then(|own| own.mountinfo());
    mounts.map(|mounts| mounts.into_iter().map(|mount| mount.mount_point).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_own_file_system_is_a_mount_and_a_directory_is_none() {
        assert!(is_at(Path::new("/proc")) && is_at_or_below(Path::new("/")));
        let directory = tempfile::tempdir().unwrap();
        assert!(!is_at(directory.path()) && !is_at_or_below(directory.path()));
    }
}
