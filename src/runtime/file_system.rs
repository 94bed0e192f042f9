//! Which kind of file system a path lies on, as far as a database file has to know it.

use std::{io, path::Path};

/// What a database file may expect of its file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// A disk of this machine: locks and shared memory work.
    Local,
    /// One that programs or other systems serve to this machine, with the name of its kind: memory may not be shared in it.
    Served(&'static str),
    /// One that several machines use at the same time, with the name of its kind: their locks cannot be relied on.
    Network(&'static str),
}

/// The numbers by which the kernel names kinds of file systems (`statfs(2)`), of those that several machines use.
const NETWORK: [(u64, &str); 15] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x564c, "NCP"),
    (0xaad7_aaea, "PanFS"),
];
/// Of those that are served to this machine.
const SERVED: [(u64, &str); 4] = [
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x786f_4256, "shared folder of VirtualBox"),
    (0xbaca_cbad, "shared folder of VMware"),
];
/// Programs behind FUSE that put a network behind it, as the mount table names them behind `fuse.`.
const NETWORK_PROGRAMS: [&str; 12] = [
    "sshfs",
    "glusterfs",
    "s3fs",
    "rclone",
    "ceph",
    "ceph-fuse",
    "juicefs",
    "goofys",
    "gcsfuse",
    "mfs",
    "davfs",
    "moosefs",
];

/// Tells on which kind of file system a path lies that exists.
///
/// # Errors
/// What the system said.
pub fn of(path: &Path) -> io::Result<FileSystem> {
    let number = u64::try_from(rustix::fs::statfs(path)?.f_type).unwrap_or_default() & 0xffff_ffff;
    Ok(match known(number) {
        FileSystem::Served("FUSE") => by_program(&program(path)),
        kind => kind,
    })
}

fn known(number: u64) -> FileSystem {
    let name =
        |kinds: &[(u64, &'static str)]| kinds.iter().find_map(|(known, name)| (*known == number).then_some(*name));
    match (name(&NETWORK), name(&SERVED)) {
        (Some(name), _) => FileSystem::Network(name),
        (None, Some(name)) => FileSystem::Served(name),
        (None, None) => FileSystem::Local,
    }
}

/// Tells what a FUSE file system is by its type in the mount table.
fn by_program(kind: &str) -> FileSystem {
    let program = kind.strip_prefix("fuse.").unwrap_or_default();
    let found = NETWORK_PROGRAMS.iter().find(|known| **known == program);
    found.map_or(FileSystem::Served("FUSE"), |name| FileSystem::Network(name))
}

/// Returns the type of the mount in which a path lies, the longest one; nothing where the system does not say.
fn program(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mounts = procfs::process::Process::myself().and_then(|own| own.mountinfo());
    let mounts = mounts.into_iter().flatten().filter(|mount| path.starts_with(&mount.mount_point));
    mounts.max_by_key(|mount| mount.mount_point.as_os_str().len()).map(|mount| mount.fs_type).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_numbers() {
        assert_eq!(known(0x6969), FileSystem::Network("NFS"));
        assert_eq!(known(0xff53_4d42), FileSystem::Network("CIFS"));
        assert_eq!(known(0x0102_1997), FileSystem::Served("9p"));
        assert_eq!(known(0xef53), FileSystem::Local, "ext4");
        assert_eq!(by_program("fuse.sshfs"), FileSystem::Network("sshfs"));
        assert_eq!(by_program("fuse"), FileSystem::Served("FUSE"));
    }

    #[test]
    fn a_directory_of_this_machine_is_local() {
        assert_eq!(of(tempfile::tempdir().unwrap().path()).unwrap(), FileSystem::Local);
    }
}
