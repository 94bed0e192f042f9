//! Calls of the system that a running node makes, seen and let fail from outside: strace stops the node at them, so that the program that
//! people run is tested, with its libraries, as it is.

use crate::support::skipped;
use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// What the system says where a process may not watch another one.
const REFUSED: [&str; 3] = ["Operation not permitted", "Permission denied", "Function not implemented"];

/// A strace that watches a process; the process goes on when it ends.
pub struct Watch(Child);

impl Watch {
    /// Begins to watch a process with options of strace, whose report goes into a file. Nothing where this machine cannot.
    ///
    /// # Panics
    /// When strace does not understand its options.
    pub fn begin(process: u32, options: &[&str], report: &Path) -> Option<Self> {
        let mut command = Command::new("strace");
        command.args(["-f", "-p", &process.to_string(), "-o"]).arg(report).args(options).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                skipped(format_args!("strace is not here: {error}"));
                return None;
            }
        };
        // It says so when it has all threads of the process.
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut before = Vec::new();
        loop {
            match said.next() {
                Some(line) if line.contains("attached") => break,
                Some(line) => before.push(line),
                None => {
                    let _ = child.wait();
                    let before = before.join("; ");
                    assert!(REFUSED.iter().any(|refused| before.contains(refused)), "strace {options:?}: {before}");
                    skipped(format_args!("strace may not watch the node: {before}"));
                    return None;
                }
            }
        }
        std::thread::spawn(move || said.for_each(drop));
        Some(Self(child))
    }

    /// Ends it; the report is whole then.
    pub fn end(self) {
        drop(self);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

/// Tells whether a call failed because strace let it.
pub fn has_failed(report: &Path) -> bool {
    let file = File::open(report).map(BufReader::new);
    file.is_ok_and(|file| file.lines().map_while(Result::ok).any(|line| line.contains("(INJECTED)")))
}
