//! A PostgreSQL of its own for the database cases: 127.0.0.1:5432, user admin, password elpw.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A running server; dropping it stops it.
pub struct Postgres {
    tools: PathBuf,
    data: TempDir,
}

/// Starts a server as the system's user `postgres`.
pub fn start() -> Result<Postgres, String> {
    let tools = tools().ok_or("no PostgreSQL server programs below /usr/lib/postgresql; install postgresql")?;
    let data = tempfile::tempdir().map_err(|e| e.to_string())?;
    fs::set_permissions(data.path(), fs::Permissions::from_mode(0o777)).map_err(|e| e.to_string())?;
    fs::write(data.path().join("password"), "elpw\n").map_err(|e| e.to_string())?;
    let server = Postgres { tools, data };
    let (home, password) = (server.home(), server.data.path().join("password"));
    let password = format!("--pwfile={}", password.display());
    server.run("initdb", &["-D", &home, "-U", "admin", "-A", "scram-sha-256", &password, "-E", "UTF8", "-N"])?;
    let sockets = format!(
        "-c listen_addresses=127.0.0.1 -c port=5432 -c unix_socket_directories={}",
        server.data.path().display()
    );
    server.run("pg_ctl", &["-D", &home, "-w", "-l", &format!("{home}.log"), "-o", &sockets, "start"])?;
    Ok(server)
}

impl Postgres {
    fn home(&self) -> String {
        self.data.path().join("data").display().to_string()
    }

    fn run(&self, tool: &str, arguments: &[&str]) -> Result<(), String> {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(self.tools.join(tool)).args(arguments).current_dir("/");
        command.stdout(std::process::Stdio::null());
        let status = command.status().map_err(|e| format!("{tool}: {e}"))?;
        if status.success() { Ok(()) } else { Err(format!("{tool} ended with {status}")) }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _stopped = self.run("pg_ctl", &["-D", &self.home(), "-m", "immediate", "stop"]);
    }
}

fn tools() -> Option<PathBuf> {
    let versions = fs::read_dir(Path::new("/usr/lib/postgresql")).ok()?;
    let mut found: Vec<PathBuf> =
        versions.flatten().map(|v| v.path().join("bin")).filter(|p| p.join("initdb").exists()).collect();
    found.sort();
    found.pop()
}
