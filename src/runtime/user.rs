//! The user and the groups of this process, and who else may use the files that it makes.

use rustix::{fs::Mode, process};

/// The group that a container runs with under whatever user, where the platform chooses the user (OpenShift).
pub const SHARED_GROUP: u32 = 0;

/// Who the process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub id: u32,
    /// Number of the group that new files get.
    pub group: u32,
    /// The other groups.
    pub groups: Vec<u32>,
}

impl User {
    /// Returns the user of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let groups = process::getgroups().unwrap_or_default();
        Self {
            id: process::geteuid().as_raw(),
            group: process::getegid().as_raw(),
            groups: groups.into_iter().map(process::Gid::as_raw).collect(),
        }
    }

    /// Tells whether the user belongs to a group.
    #[must_use]
    pub fn is_in(&self, group: u32) -> bool {
        self.group == group || self.groups.contains(&group)
    }
}

/// Keeps new files from everybody outside the group. A process of the shared group leaves them to the whole group: the next
/// start on the same volume may have another user.
pub fn restrict_new_files() {
    let mut mask = process::umask(Mode::RWXO) | Mode::RWXO;
    if shares_files() {
        mask -= Mode::RWXG;
    }
    process::umask(mask);
}

/// Returns the mode of a file that nobody but the user reads; where the next start may have another user, the group reads it.
#[must_use]
pub fn private_mode() -> u32 {
    if shares_files() { 0o640 } else { 0o600 }
}

/// Tells whether another user of the shared group may go on with the files of this process.
fn shares_files() -> bool {
    process::getegid().as_raw() == SHARED_GROUP && !process::geteuid().is_root()
}
