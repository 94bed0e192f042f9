//! Where the backups of a node are, and how they are called.

use super::work_directories;
use crate::config::Config;
use std::path::{Path, PathBuf};

/// Place of backups below the folder of the node's data, where nobody names another.
const PLACE: &str = "data/bkup";
/// How the names of backups end.
const ENDS: [&str; 2] = [".jsonl", ".jsonl.gz"];

/// Returns the directory for backups.
#[must_use]
pub fn backup_directory(config: &Config) -> PathBuf {
    let usual = || work_directories::folder(&config.paths.anylog_path).join(PLACE);
    config.ledger.backup_dir.clone().unwrap_or_else(usual)
}

/// Returns what the names of this node's backups begin with.
#[must_use]
pub fn backup_prefix(config: &Config) -> String {
    let name = config.identity.node_name.as_deref().unwrap_or_default();
    let safe = |sign: char| if sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_') { sign } else { '-' };
    let name: String = name.chars().take(64).map(safe).collect();
    if name.is_empty() { "anylog-master".to_owned() } else { name }
}

/// Tells whether the name of a file is one of a backup: nothing else may be overwritten by one.
#[must_use]
pub fn is_backup_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    ENDS.iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_known_by_its_name() {
        for name in ["a.jsonl", "/x/a.jsonl.gz"] {
            assert!(is_backup_name(Path::new(name)), "{name}");
        }
        for name in ["a.json", "blockchain.json", ".jsonl", "a.gz", "/", ".."] {
            assert!(!is_backup_name(Path::new(name)), "{name}");
        }
    }
}
