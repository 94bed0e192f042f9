//! Volumes as people have them: of other users, used before by root, read-only, at the places of the commercial product.
//!
//! These tests become other users, so they need root; elsewhere they are skipped.

use crate::{
    program::{Program, command},
    support::port::free,
};
use serde_json::Value;
use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The user of the image.
const IMAGE: u32 = 65532;
/// A user that a platform chose.
const CHOSEN: u32 = 1_000_650_000;

/// A root directory for a node in a directory that every user may enter.
struct Home {
    _directory: TempDir,
    root: PathBuf,
    ports: [String; 2],
}

impl Home {
    /// Makes the root for a user; nothing where the test is not root.
    fn of(user: u32, group: u32) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            crate::support::skipped("only root can start the program as another user");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let root = directory.path().join("app");
        fs::create_dir(&root).unwrap();
        chown(&root, Some(user), Some(group)).unwrap();
        Some(Self { _directory: directory, root, ports: [free().to_string(), free().to_string()] })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.join("EdgeLake").join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let path = self.root.to_str().unwrap();
        let variables = [
            ("ANYLOG_PATH", path),
            ("DB_TYPE", "sqlite"),
            ("AUTH", "off"),
            ("INTERNAL_IP", "127.0.0.1"),
            ("ANYLOG_SERVER_PORT", &self.ports[0]),
            ("ANYLOG_REST_PORT", &self.ports[1]),
        ];
        command(Path::new("/"), words, &variables)
    }

    fn start(&self, user: u32, group: u32) -> Program {
        let mut command = self.command(&["run"]);
        command.uid(user).gid(group);
        Program::start(command)
    }

    /// Starts the program where it cannot start; returns what it says.
    fn refused(&self, user: u32, group: u32) -> String {
        let mut command = self.command(&["run"]);
        command.uid(user).gid(group);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{text}");
        text
    }
}

/// Runs the command that a message ends with.
fn mend(text: &str) {
    let (_, command) = text.trim_end().rsplit_once("as root where these paths are: ").unwrap();
    assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
}

/// Returns the policies of masters once they are in the local copy as well.
fn masters(program: &Program) -> Value {
    assert_eq!(program.ask("POST", "run blockchain sync").0, 200);
    serde_json::from_str(&program.get("blockchain get master")).unwrap()
}

#[test]
fn volumes_that_belong_to_root_are_named_together_with_the_one_command_that_mends_them() {
    for (user, group, words) in
        [(IMAGE, IMAGE, "chown -R 65532:65532 "), (IMAGE, 0, "chown -R 65532:0 "), (CHOSEN, 0, "chmod -R g+rwX ")]
    {
        let Some(home) = Home::of(user, group) else { return };
        for volume in ["anylog", "blockchain", "data"] {
            fs::create_dir_all(home.at(volume)).unwrap();
        }
        let text = home.refused(user, group);
        for volume in ["anylog", "blockchain", "data"] {
            let told = format!("{}: it belongs to user 0 and group 0, with mode 0755", home.at(volume).display());
            assert!(text.contains(&told), "{text}");
        }
        assert!(text.contains(&format!("user {user} with group {group}")) && text.contains(words), "{text}");
        mend(&text);
        home.start(user, group);
    }
}

/// A relative path is looked at from where the program was started, and named whole.
#[test]
fn a_relative_root_that_cannot_be_made_is_named_with_its_whole_path() {
    let Some(home) = Home::of(0, 0) else { return };
    let mut command = home.command(&["run"]);
    command.env("ANYLOG_PATH", "here").current_dir(&home.root).uid(IMAGE).gid(IMAGE);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let path = home.root.join("here").display().to_string();
    assert_eq!(output.status.code(), Some(64), "{text}");
    assert!(text.contains(&format!("  {path}: it is not there and cannot be made")), "{text}");
    mend(&text);
    assert!(home.root.join("here").is_dir());
}

#[test]
fn files_of_a_node_that_ran_as_root_are_named_and_used_again() {
    let Some(home) = Home::of(IMAGE, IMAGE) else { return };
    let before = masters(&home.start(0, 0));
    // As the images of the network leave them: the directories may be anybody's, the files are root's.
    for directory in fs::read_dir(home.at("data")).unwrap().flatten() {
        chown(directory.path(), Some(IMAGE), Some(IMAGE)).unwrap();
    }
    for directory in ["", "anylog", "blockchain", "data"] {
        chown(home.at(directory), Some(IMAGE), Some(IMAGE)).unwrap();
    }
    let text = home.refused(IMAGE, IMAGE);
    for file in ["blockchain/blockchain.json", "data/dbms/blockchain.dbms"] {
        assert!(text.contains(&format!("{}: it belongs to user 0", home.at(file).display())), "{text}");
    }
    mend(&text);
    assert_eq!(masters(&home.start(IMAGE, IMAGE)), before);
}

#[test]
fn another_user_of_the_shared_group_goes_on_with_the_files() {
    let Some(home) = Home::of(IMAGE, 0) else { return };
    fs::set_permissions(&home.root, fs::Permissions::from_mode(0o775)).unwrap();
    let before = masters(&home.start(IMAGE, 0));
    for (path, mode) in [
        ("blockchain", 0o770),
        ("data/dbms", 0o770),
        ("blockchain/blockchain.json", 0o660),
        ("data/dbms/blockchain.dbms", 0o660),
    ] {
        assert_eq!(fs::metadata(home.at(path)).unwrap().mode() & 0o777, mode, "{path}");
    }
    assert_eq!(masters(&home.start(CHOSEN, 0)), before);
}

/// Runs the program as the user of the image among mounts of its own; nothing where this machine lets nobody mount.
fn among_mounts(home: &Home, mounts: &str) -> Option<Command> {
    let may = Command::new("unshare").args(["--mount", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        crate::support::skipped("this machine does not let the test mount anything");
        return None;
    }
    let program = home.command(&["run"]);
    let script = format!("set -e; {mounts}; exec setpriv --reuid {IMAGE} --regid 0 --clear-groups \"$0\" run");
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script]).arg(program.get_program()).current_dir("/").env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped());
    Some(command)
}

#[test]
fn a_read_only_volume_is_named_without_a_command_that_cannot_help() {
    let Some(home) = Home::of(IMAGE, 0) else { return };
    let data = home.at("data");
    fs::create_dir_all(&data).unwrap();
    for directory in [home.at(""), data.clone()] {
        chown(directory, Some(IMAGE), Some(0)).unwrap();
    }
    let mounts = format!("mount -t tmpfs -o ro,mode=0777 none '{}'", data.display());
    let Some(mut command) = among_mounts(&home, &mounts) else { return };
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64), "{text}");
    assert!(text.contains(&format!("{}: it is mounted read-only", data.display())), "{text}");
    assert!(text.contains("without :ro") && !text.contains("chown") && !text.contains("chmod"), "{text}");
}

#[test]
fn volumes_below_a_read_only_root_are_enough_also_at_the_places_of_the_product() {
    for folder in ["EdgeLake", "AnyLog-Network"] {
        let Some(home) = Home::of(0, 0) else { return };
        let mut mounts = Vec::new();
        for volume in ["anylog", "blockchain", "data"] {
            let path = home.root.join(folder).join(volume);
            fs::create_dir_all(&path).unwrap();
            mounts.push(format!("mount -t tmpfs -o mode=0775,uid={IMAGE},gid=0 none '{}'", path.display()));
        }
        let Some(command) = among_mounts(&home, &mounts.join("; ")) else { return };
        let program = Program::start(command);
        let file = home.root.join(folder).join("blockchain/blockchain.json");
        assert_eq!(program.get("get !blockchain_file"), file.display().to_string());
        assert_eq!(masters(&program).as_array().unwrap().len(), 1);
    }
}

/// A directory that a program serves over FUSE; it is unmounted with the test.
struct Served(PathBuf);

impl Served {
    /// Serves a directory of a home again, as a program of this name would; nothing where this machine cannot.
    fn at(path: PathBuf, program: &str) -> Option<Self> {
        let name = format!("subtype={program}");
        fs::create_dir_all(&path).unwrap();
        let behind = path.with_extension("behind");
        fs::create_dir_all(&behind).unwrap();
        // The directory of this process may be gone: another test works in one of its own.
        let output = Command::new("bindfs").current_dir("/").args(["-o", &name]).arg(&behind).arg(&path).output();
        if !output.as_ref().is_ok_and(|output| output.status.success()) {
            crate::support::skipped(format_args!("bindfs serves no directory here: {output:?}"));
            return None;
        }
        Some(Self(path))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_sqlite_ledger_is_refused_where_several_machines_write_and_slower_on_other_served_directories() {
    let Some(home) = Home::of(0, 0) else { return };
    let Some(served) = Served::at(home.at("data/dbms"), "sshfs") else { return };
    let text = home.refused(0, 0);
    assert!(text.contains("data/dbms: it lies on sshfs, which several machines use"), "{text}");
    assert!(text.contains("DB_TYPE=psql") && !text.contains("chown"), "{text}");
    drop(served);

    let Some(_served) = Served::at(home.at("data/dbms"), "bindfs") else { return };
    let program = home.start(0, 0);
    assert!(program.was_told("the ledger lies on FUSE"), "{:#?}", program.told);
    assert_eq!(masters(&program).as_array().unwrap().len(), 1);
    let rows = program.get("sql blockchain \"select count(*) from ledger\"");
    assert!(rows.contains('1'), "{rows}");
    assert!(!home.at("data/dbms/blockchain.dbms-wal").exists());
    drop(program);
    assert_eq!(masters(&home.start(0, 0)).as_array().unwrap().len(), 1);
}
