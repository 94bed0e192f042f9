//! A pooler of its own before a server of a test, gone when dropped.

use super::postgres::{Postgres, as_owner, give, port};
use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

/// A running pooler; it knows the user `admin` of the server.
pub struct PgBouncer {
    process: Child,
    _directory: tempfile::TempDir,
    /// Port on 127.0.0.1.
    pub port: u16,
}

impl PgBouncer {
    /// Starts a pooler with a mode (`session`, `transaction`, `statement`) and further lines of its configuration.
    pub fn start(server: &Postgres, mode: &str, lines: &str) -> Self {
        let directory = tempfile::Builder::new().prefix("ledger-pgbouncer").tempdir().unwrap();
        let (path, port) = (directory.path(), port::free());
        let configuration = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = {mode}\n{lines}\n",
            server.port,
            path.join("users").display()
        );
        fs::write(path.join("pgbouncer.ini"), configuration).unwrap();
        fs::write(path.join("users"), "\"admin\" \"elpw\"\n").unwrap();
        give(path);
        let mut command = as_owner(Path::new("/usr/sbin/pgbouncer"));
        command.arg("-q").arg(path.join("pgbouncer.ini")).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("pgbouncer of Debian's package");
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(20), "pgbouncer does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { process, _directory: directory, port }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
