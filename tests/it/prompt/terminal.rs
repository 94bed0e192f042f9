//! A program on a terminal of its own, made by `script`; keys go in, what the screen shows comes out.

use crate::program::PATIENCE;
use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc,
    time::Instant,
};

/// What the editor tells the terminal when it begins to read a line. Keys before that are not its own: Ctrl-C then
/// interrupts the program and drops what was typed.
const READS: &str = "\x1b[?2004h";

/// A running program with its terminal.
pub struct Terminal {
    shell: Child,
    keys: ChildStdin,
    screen: mpsc::Receiver<Vec<u8>>,
    /// Everything that was shown since the last key.
    pub shown: String,
    /// True when the last keys ended a line.
    ended: bool,
    pid: std::path::PathBuf,
}

impl Terminal {
    /// Starts the program on a terminal that somebody looks at; nothing when this machine has no `script`.
    pub fn start(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Option<Self> {
        let log = format!("2>>'{}'", directory.join("log").display());
        Self::on("stty rows 24 cols 80", &log, directory, arguments, variables)
    }

    /// As [`Terminal::start`], and the terminal itself shows keys that come while no line is read.
    pub fn echoing(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Option<Self> {
        let log = format!("2>>'{}'", directory.join("log").display());
        Self::on("stty rows 24 cols 80 echo echoctl", &log, directory, arguments, variables)
    }

    /// As [`Terminal::start`], with the log on the terminal.
    pub fn with_log(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Option<Self> {
        Self::on("stty rows 24 cols 200", "", directory, arguments, variables)
    }

    /// As [`Terminal::with_log`], but nobody looks at the terminal: an engine made it for a container.
    pub fn of_an_engine(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Option<Self> {
        Self::on("stty rows 0 cols 0", "", directory, arguments, variables)
    }

    fn on(size: &str, log: &str, directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Option<Self> {
        let pid = directory.join("pid");
        let line = format!(
            "{size}; echo $$ >'{}'; exec '{}' {} {log}",
            pid.display(),
            env!("CARGO_BIN_EXE_anylog-master"),
            arguments.join(" "),
        );
        let mut command = Command::new("script");
        command.args(["-q", "-e", "-f", "-c", &line, "/dev/null"]).current_dir(directory).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("TERM", "xterm").env("SHELL", "/bin/sh");
        command.envs(variables.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut shell = match command.spawn() {
            Ok(shell) => shell,
            Err(error) => {
                crate::support::skipped(format_args!("no terminal without 'script' of Debian's bsdutils: {error}"));
                return None;
            }
        };
        let (keys, mut output) = (shell.stdin.take().unwrap(), shell.stdout.take().unwrap());
        let (sender, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Some(Self { shell, keys, screen, shown: String::new(), ended: false, pid })
    }

    /// Presses keys, behind the end of a line as soon as the next one is read, and forgets what was shown before.
    pub fn press(&mut self, keys: &str) {
        if self.ended {
            self.until(READS);
        }
        self.ended = keys.ends_with(['\r', '\x03']);
        self.shown.clear();
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).unwrap();
    }

    /// Presses keys while no line is read: the prompt rests.
    pub fn wake(&mut self, keys: &str) {
        self.ended = false;
        self.press(keys);
    }

    /// Waits until the screen has shown a text since the last key.
    pub fn until(&mut self, text: &str) -> &str {
        let started = Instant::now();
        while !self.shown.contains(text) {
            let rest = PATIENCE.saturating_sub(started.elapsed());
            match self.screen.recv_timeout(rest) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{text:?} was never shown: {:?}", self.shown),
            }
        }
        &self.shown
    }

    /// Types a line and waits until the screen shows a text.
    pub fn line(&mut self, line: &str, text: &str) -> &str {
        self.press(&format!("{line}\r"));
        self.until(text)
    }

    /// Ends the node by its own command and waits for the end of the program.
    pub fn exit(mut self, command: &str) {
        self.press(&format!("{command}\r"));
        self.ends();
    }

    /// Ends the node by a signal, as an engine does, and returns what it showed from then on.
    pub fn stop(mut self) -> String {
        self.shown.clear();
        rustix::process::kill_process(self.program().unwrap(), rustix::process::Signal::TERM).unwrap();
        self.ends();
        while let Ok(bytes) = self.screen.recv_timeout(PATIENCE) {
            self.shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        std::mem::take(&mut self.shown)
    }

    /// Returns the process of the program.
    fn program(&self) -> Option<rustix::process::Pid> {
        let program = std::fs::read_to_string(&self.pid).ok().and_then(|text| text.trim().parse().ok());
        program.and_then(rustix::process::Pid::from_raw)
    }

    /// Waits for the end of the program.
    fn ends(&mut self) {
        let started = Instant::now();
        while self.shell.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "the program does not end: {:?}", self.shown);
            if let Ok(bytes) = self.screen.recv_timeout(std::time::Duration::from_millis(20)) {
                self.shown.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(program) = self.program() {
            let _gone = rustix::process::kill_process(program, rustix::process::Signal::KILL);
        }
        let _gone = self.shell.kill();
        let _status = self.shell.wait();
    }
}
