//! A PostgreSQL server of its own for one test: temporary directory, free port, gone when dropped.

use std::{
    fs, io,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

#[path = "port.rs"]
pub mod port;

/// A running server; user `admin`, password `elpw`.
pub struct Postgres {
    directory: tempfile::TempDir,
    /// Port on 127.0.0.1.
    pub port: u16,
}

impl Postgres {
    /// Starts a server on a fresh data directory.
    pub fn start() -> Self {
        Self::start_in(scratch("ledger-pg"))
    }

    /// Starts a server whose commits wait for a disk.
    #[allow(dead_code, reason = "it is for benchmarks")]
    pub fn start_on_disk() -> Self {
        Self::start_in(tempfile::Builder::new().prefix("ledger-pg").tempdir().unwrap())
    }

    fn start_in(directory: tempfile::TempDir) -> Self {
        copy_tree(template(), &directory.path().join("data")).unwrap();
        if let Some(owner) = owner() {
            own_tree(directory.path(), owner).unwrap();
        }
        let server = Self { directory, port: port::free() };
        server.run_start("");
        server
    }

    /// Starts a standby that follows this server.
    pub fn standby(&self) -> Self {
        let directory = scratch("ledger-pg");
        if let Some(owner) = owner() {
            own_tree(directory.path(), owner).unwrap();
        }
        let standby = Self { directory, port: port::free() };
        let from = format!("host=127.0.0.1 port={} user=admin password=elpw", self.port);
        let mut copy = as_owner(&tool("pg_basebackup"));
        copy.args(["-d", &from, "-D", &standby.path("data"), "-X", "stream", "-c", "fast", "-R"]);
        assert!(copy.stdout(Stdio::null()).status().unwrap().success(), "pg_basebackup");
        standby.run_start("");
        standby
    }

    /// Makes a standby a server that takes changes.
    pub fn promote(&self) {
        self.control(&["promote", "-w", "-t", "30"]);
    }

    /// Returns the directory in which the server has its socket.
    pub fn sockets(&self) -> &Path {
        self.directory.path()
    }

    /// Puts a file into the data of the server that nobody else may read.
    pub fn put_file(&self, name: &str, text: &str) {
        let path = self.path(&format!("data/{name}"));
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        if let Some(owner) = owner() {
            own_tree(Path::new(&path), owner).unwrap();
        }
    }

    /// Starts the server after [`Postgres::stop`], with further server options.
    pub fn run_start(&self, options: &str) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{}' {options}",
            self.port,
            self.directory.path().display()
        );
        self.control(&["start", "-w", "-t", "30", "-l", &self.path("log"), "-o", &options]);
    }

    /// Stops the server at once, as a crash does.
    pub fn stop(&self) {
        self.control(&["stop", "-w", "-m", "immediate"]);
    }

    /// Stops every process of the server where it is (`STOP`), or lets them go on (`CONT`).
    pub fn signal(&self, signal: &str) {
        let pid_file = fs::read_to_string(self.path("data/postmaster.pid")).unwrap_or_default();
        let Some(main) = pid_file.lines().next().and_then(|pid| pid.trim().parse().ok()) else { return };
        let parent = |pid: u32| -> Option<u32> {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            stat.rsplit(") ").next()?.split(' ').nth(1)?.parse().ok()
        };
        let all = fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_string_lossy().parse().ok());
        let ours = all.filter(|pid| *pid == main || parent(*pid) == Some(main)).map(|pid: u32| pid.to_string());
        // A process that ends meanwhile needs no signal.
        let _ = Command::new("kill").arg(format!("-{signal}")).args(ours).stderr(Stdio::null()).status();
    }

    /// Runs SQL as the administrator.
    pub fn sql(&self, database: &str, sql: &str) {
        self.ask(database, sql);
    }

    /// Runs SQL as the administrator and returns what it finds.
    pub fn ask(&self, database: &str, sql: &str) -> String {
        let done = as_owner(&tool("psql"))
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.port.to_string(),
                "-U",
                "admin",
                "-d",
                database,
                "-v",
                "ON_ERROR_STOP=1",
            ])
            .args(["-q", "-A", "-t", "-c", sql])
            .env("PGPASSWORD", "elpw")
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(done.status.success(), "{sql}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    fn control(&self, arguments: &[&str]) {
        let mut command = as_owner(&tool("pg_ctl"));
        command.args(["-D", &self.path("data")]).args(arguments).stdout(Stdio::null());
        assert!(command.status().unwrap().success(), "pg_ctl {arguments:?}: {}", self.log());
    }

    /// Returns what the server said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.signal("CONT");
        let mut command = as_owner(&tool("pg_ctl"));
        command.args(["-D", &self.path("data"), "stop", "-m", "immediate"]).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
}

/// Bytes that have to be free in memory for the servers of all tests that run at the same time.
const ROOM: u64 = 2 << 30;

/// Returns a directory for a server: in memory where there is room, because a server has a thousand files, and making and
/// removing them on a disk takes longer than most tests. No test takes the power away, so nothing is lost that has to stay.
fn scratch(prefix: &str) -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let has_room = rustix::fs::statvfs(memory).is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) >= ROOM);
    let place = if has_room { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix(prefix).tempdir_in(place).unwrap()
}

/// Returns a data directory that was initialised once for all tests of this build.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let scratch = scratch("ledger-initdb");
        let (data, password) = (scratch.path().join("data"), scratch.path().join("password"));
        fs::write(&password, "elpw").unwrap();
        if let Some(owner) = owner() {
            own_tree(scratch.path(), owner).unwrap();
        }
        let done = as_owner(&tool("initdb"))
            .args(["-U", "admin", "-A", "scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C", "--pwfile"])
            .arg(&password)
            .arg("-D")
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "initdb");
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("initdb-{}", std::process::id()));
        copy_tree(&data, &kept).unwrap();
        kept
    })
}

/// Returns where a program of the newest server is.
pub fn tool(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|found| found.flatten().map(|entry| entry.path().join("bin").join(name)).collect())
        .unwrap_or_default();
    versions.retain(|path| path.exists());
    versions.sort();
    versions.pop().unwrap_or_else(|| PathBuf::from(name))
}

/// PostgreSQL refuses to run as root; it then runs as the user of its package.
fn owner() -> Option<(u32, u32)> {
    let root = fs::metadata("/proc/self").map(|meta| std::os::unix::fs::MetadataExt::uid(&meta)).unwrap_or(1) == 0;
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line = users
        .lines()
        .find(|line| line.starts_with("postgres:"))
        .or_else(|| users.lines().find(|l| l.starts_with("nobody:")));
    let mut fields = line?.split(':').skip(2).map(|field| field.parse().unwrap());
    root.then(|| (fields.next().unwrap(), fields.next().unwrap()))
}

/// Returns a program that runs as the user of the servers.
pub fn as_owner(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").env("HOME", "/");
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

/// Gives a directory and all in it to the user of the servers.
pub fn give(path: &Path) {
    if let Some(owner) = owner() {
        own_tree(path, owner).unwrap();
    }
}

fn own_tree(path: &Path, owner: (u32, u32)) -> io::Result<()> {
    chown(path, Some(owner.0), Some(owner.1))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            own_tree(&entry?.path(), owner)?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
