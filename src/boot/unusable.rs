//! Paths that this user cannot use, and the one command that mends all.

use crate::runtime::user::{SHARED_GROUP, User};
use std::{
    collections::BTreeMap,
    fmt,
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The user of the image. A platform that runs the image as another user of the shared group chose that one itself and may
/// choose another next time, so files are given to the group there.
const IMAGE_USER: u32 = 65532;

/// Paths that cannot be used, each once, with the reason.
#[derive(Debug)]
pub struct Unusable {
    user: User,
    paths: BTreeMap<PathBuf, UnusableCause>,
}

/// Why a path cannot be used.
#[derive(Debug)]
pub enum UnusableCause {
    /// The rights of the path do not let this user in.
    Rights {
        /// User that owns it.
        owner: u32,
        /// Its group.
        group: u32,
        /// Its mode.
        mode: u32,
    },
    /// It is mounted for reading alone.
    ReadOnly,
    /// A file is where a directory belongs.
    File,
    /// A directory is where a file belongs.
    Directory,
    /// A link leads to what is not there.
    DeadLink(PathBuf),
    /// It is not there, and this user cannot make it.
    Missing(io::Error),
    /// Several machines use the file system, of the named kind, and a database file is to lie there.
    Network(&'static str),
    /// What else the system said.
    Other(io::Error),
}

/// What mends a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    Own,
    OpenToOwner,
    OpenToGroup,
    MoveAway,
    Make,
    None,
}

impl Unusable {
    /// Creates an empty list for a user.
    #[must_use]
    pub const fn new(user: User) -> Self {
        Self { user, paths: BTreeMap::new() }
    }

    /// Adds a path; the first reason counts.
    pub fn add(&mut self, path: PathBuf, cause: UnusableCause) {
        self.paths.entry(path).or_insert(cause);
    }

    /// Adds a path with what the system said about it.
    pub fn add_error(&mut self, path: PathBuf, error: io::Error) {
        let facts = path.symlink_metadata();
        let target = std::fs::read_link(&path).ok().filter(|_| !path.exists());
        let cause = match (error.kind(), facts) {
            (ErrorKind::AlreadyExists | ErrorKind::NotFound, Ok(_)) if target.is_some() => {
                UnusableCause::DeadLink(target.unwrap_or_default())
            }
            (ErrorKind::ReadOnlyFilesystem, _) => UnusableCause::ReadOnly,
            (ErrorKind::NotADirectory | ErrorKind::AlreadyExists, _) => UnusableCause::File,
            (ErrorKind::IsADirectory, _) => UnusableCause::Directory,
            (ErrorKind::PermissionDenied, Ok(facts)) => {
                UnusableCause::Rights { owner: facts.uid(), group: facts.gid(), mode: facts.mode() & 0o7777 }
            }
            _ => UnusableCause::Other(error),
        };
        self.add(path, cause);
    }

    /// Returns an error unless the list is empty.
    ///
    /// # Errors
    /// The list.
    pub fn into_result(self) -> Result<(), Self> {
        if self.paths.is_empty() { Ok(()) } else { Err(self) }
    }

    fn remedy(&self, cause: &UnusableCause) -> Remedy {
        match cause {
            UnusableCause::Rights { owner, .. } if *owner == self.user.id => Remedy::OpenToOwner,
            UnusableCause::Rights { group, .. } if self.is_one_of_many() && self.user.is_in(*group) => {
                Remedy::OpenToGroup
            }
            UnusableCause::Rights { .. } => Remedy::Own,
            UnusableCause::File | UnusableCause::Directory => Remedy::MoveAway,
            UnusableCause::Missing(error) if error.kind() == ErrorKind::PermissionDenied => Remedy::Make,
            UnusableCause::ReadOnly
            | UnusableCause::DeadLink(_)
            | UnusableCause::Missing(_)
            | UnusableCause::Network(_)
            | UnusableCause::Other(_) => Remedy::None,
        }
    }

    /// Tells whether the platform may run the next start as another user of the same group.
    const fn is_one_of_many(&self) -> bool {
        self.user.group == SHARED_GROUP && self.user.id != IMAGE_USER && self.user.id != 0
    }

    /// Returns the command that mends everything that a command can mend.
    fn command(&self) -> Option<String> {
        let paths = |wanted: Remedy| {
            let found = self.paths.iter().filter(|(_, cause)| self.remedy(cause) == wanted);
            found.map(|(path, _)| path.as_path()).collect::<Vec<_>>()
        };
        let owner = format!("{}:{}", self.user.id, self.user.group);
        let moves = paths(Remedy::MoveAway).into_iter().map(|path| format!("mv {0} {0}.old", quoted(path)));
        let missing = roots(&paths(Remedy::Make));
        let makes = (!missing.is_empty()).then(|| format!("mkdir -p {missing} && chown {owner} {missing}"));
        let changes = [
            (Remedy::Own, format!("chown -R {owner}")),
            (Remedy::OpenToGroup, "chmod -R g+rwX".to_owned()),
            (Remedy::OpenToOwner, "chmod -R u+rwX".to_owned()),
        ];
        let changes = changes.into_iter().map(|(remedy, words)| (words, roots(&paths(remedy))));
        let changes = changes.filter(|(_, paths)| !paths.is_empty()).map(|(words, paths)| format!("{words} {paths}"));
        let all: Vec<_> = moves.chain(makes).chain(changes).collect();
        (!all.is_empty()).then(|| all.join(" && "))
    }
}

/// Returns paths as words of a shell, without those that lie below another one.
fn roots(paths: &[&Path]) -> String {
    let is_covered = |path: &Path| paths.iter().any(|other| *other != path && path.starts_with(other));
    let words = paths.iter().filter(|path| !is_covered(path)).map(|path| quoted(path));
    words.collect::<Vec<_>>().join(" ")
}

/// Writes a path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
    if is_plain { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the node runs as user {} with group {} and cannot use", self.user.id, self.user.group)?;
        for (path, cause) in &self.paths {
            write!(f, "\n  {}: {cause}", path.display())?;
        }
        if self.paths.values().any(|cause| matches!(cause, UnusableCause::ReadOnly)) {
            f.write_str(
                "\nmount what is read-only for writing (without :ro or readOnly), or a volume of its own there",
            )?;
        }
        match self.command() {
            Some(command) => write!(f, "\nrun this as root where these paths are: {command}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unusable {}

impl fmt::Display for UnusableCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rights { owner, group, mode } => {
                write!(f, "it belongs to user {owner} and group {group}, with mode {mode:04o}")
            }
            Self::ReadOnly => f.write_str("it is mounted read-only"),
            Self::File => f.write_str("a file is where a directory belongs"),
            Self::Directory => f.write_str("a directory is where a file belongs"),
            Self::DeadLink(target) => {
                write!(f, "it is a link to {}, which is not there: make that, or remove the link", target.display())
            }
            Self::Network(kind) => write!(
                f,
                "it lies on {kind}, which several machines use: put the volume on a disk of this machine, or use DB_TYPE=psql"
            ),
            Self::Missing(error) => write!(f, "it is not there and cannot be made: {error}"),
            Self::Other(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOTS: UnusableCause = UnusableCause::Rights { owner: 0, group: 0, mode: 0o755 };

    fn listed(id: u32, group: u32, all: impl IntoIterator<Item = (&'static str, UnusableCause)>) -> Unusable {
        let mut list = Unusable::new(User { id, group, groups: vec![group] });
        all.into_iter().for_each(|(path, cause)| list.add(path.into(), cause));
        list
    }

    #[test]
    fn one_command_mends_all_paths() {
        let volumes = || [("/app/EdgeLake/data", ROOTS), ("/app/EdgeLake/data/dbms/x", ROOTS), ("/app/a b", ROOTS)];
        let command = |id, group| listed(id, group, volumes()).command().unwrap();
        assert_eq!(command(65532, 65532), "chown -R 65532:65532 /app/EdgeLake/data '/app/a b'");
        assert_eq!(command(65532, 0), "chown -R 65532:0 /app/EdgeLake/data '/app/a b'");
        assert_eq!(command(1_000_650_000, 0), "chmod -R g+rwX /app/EdgeLake/data '/app/a b'");
        let own = UnusableCause::Rights { owner: 5, group: 5, mode: 0o555 };
        let mixed = listed(5, 5, [("/v/own", own), ("/v/data", UnusableCause::File), ("/v/root", ROOTS)]);
        let all = "mv /v/data /v/data.old && chown -R 5:5 /v/root && chmod -R u+rwX /v/own";
        assert_eq!(mixed.command().unwrap(), all);
        let missing = UnusableCause::Missing(ErrorKind::PermissionDenied.into());
        let list = listed(5, 5, [("/srv/node", missing)]);
        assert_eq!(list.command().unwrap(), "mkdir -p /srv/node && chown 5:5 /srv/node");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told_as_one() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("data");
        std::os::unix::fs::symlink("/nowhere/at/all", &link).unwrap();
        let error = std::fs::create_dir_all(&link).unwrap_err();
        let mut list = Unusable::new(User { id: 5, group: 5, groups: vec![5] });
        list.add_error(link, error);
        let text = list.to_string();
        assert!(text.contains("a link to /nowhere/at/all, which is not there") && !text.contains("mv "), "{text}");
    }

    #[test]
    fn a_read_only_volume_is_told_to_nobody_to_own() {
        let text = listed(65532, 0, [("/app/EdgeLake/data", UnusableCause::ReadOnly)]).to_string();
        assert!(text.contains("without :ro") && !text.contains("chown") && !text.contains("as root"), "{text}");
        let both = listed(65532, 0, [("/a", UnusableCause::ReadOnly), ("/b", ROOTS)]).to_string();
        assert!(both.contains("without :ro") && both.ends_with("chown -R 65532:0 /b"), "{both}");
    }
}
