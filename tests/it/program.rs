//! The program as a process of its own: started, asked over REST, killed.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// Longest wait for something that has to come.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running program.
pub struct Program {
    child: Child,
    log: mpsc::Receiver<Value>,
    /// Events of the log until the node was ready, that one included.
    pub told: Vec<Value>,
    /// Where its REST server listens.
    pub rest: SocketAddr,
    /// Where its TCP server listens.
    pub tcp: SocketAddr,
}

/// Returns a command that starts the program in a directory, with an environment of its own.
pub fn command(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anylog-master"));
    command.current_dir(directory).env_clear().args(arguments).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Has another program start a prepared one, which it gets behind its own arguments.
pub fn through(starter: &[&str], program: &Command) -> Command {
    let mut command = Command::new(starter[0]);
    command.args(&starter[1..]).arg(program.get_program()).args(program.get_args()).env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(program.get_current_dir().unwrap_or(Path::new("/")));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Returns the command that starts the embedded node on free ports.
pub fn embedded(directory: &Path, variables: &[(&str, &str)]) -> Command {
    let ports = [("ANYLOG_SERVER_PORT", "0"), ("ANYLOG_REST_PORT", "0"), ("INTERNAL_IP", "127.0.0.1"), ("AUTH", "off")];
    let variables: Vec<_> = ports.into_iter().chain(variables.iter().copied()).collect();
    command(directory, &["run", "--embedded"], &variables)
}

/// Runs the program to its end and returns its exit code and what it wrote to standard error.
pub fn finish(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = command(directory, arguments, variables).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Program {
    /// Starts the embedded node on free ports and waits until it is ready.
    pub fn embedded(directory: &Path, variables: &[(&str, &str)]) -> Self {
        Self::start(embedded(directory, variables))
    }

    /// Starts a prepared command and waits until the node is ready.
    pub fn start(command: Command) -> Self {
        Self::start_until(command, "ready")
    }

    /// Starts a prepared command and waits until the node says that it is not ready.
    pub fn start_unready(command: Command) -> Self {
        Self::start_until(command, "boot finished, the node is not ready")
    }

    /// Starts a prepared command whose standard input is a pipe, and returns that as well when the node is ready.
    pub fn start_with_input(mut command: Command) -> (Self, ChildStdin) {
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        (Self::of(child, "ready"), input)
    }

    fn start_until(mut command: Command, message: &str) -> Self {
        Self::of(command.spawn().unwrap(), message)
    }

    fn of(mut child: Child, message: &str) -> Self {
        let stderr = child.stderr.take().unwrap();
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut program = Self { child, log, told: Vec::new(), rest: nowhere, tcp: nowhere };
        let ready = program.event(message);
        program.rest = loopback(&ready["rest"]);
        program.tcp = loopback(&ready["tcp"]);
        program.told.push(ready);
        program
    }

    /// Waits for the event of the log with a message.
    pub fn event(&mut self, message: &str) -> Value {
        self.event_of(|event| event["message"] == message)
    }

    /// Waits for an event of the log.
    pub fn event_of(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Vec::new();
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(event) if is_it(&event) => {
                    self.told.append(&mut seen);
                    return event;
                }
                Ok(event) => seen.push(event),
                Err(_) => panic!("the event does not come; the log says {seen:#?}"),
            }
        }
    }

    /// Returns the events of the log that came meanwhile and that nobody waited for.
    #[allow(dead_code, reason = "it is for benchmarks")]
    pub fn log_so_far(&self) -> Vec<Value> {
        self.log.try_iter().collect()
    }

    /// Returns the number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the events of the log that nobody waited for, up to the end of the program.
    pub fn rest_of_the_log(&self) -> Vec<Value> {
        self.log.iter().collect()
    }

    /// Tells whether the log said a text before the node was ready.
    pub fn was_told(&self, text: &str) -> bool {
        self.told.iter().any(|event| event["message"].as_str().is_some_and(|message| message.contains(text)))
    }

    /// Returns what the log told members to write.
    pub fn join(&self) -> &str {
        self.told.last().unwrap()["join"].as_str().unwrap()
    }

    /// Asks over REST and returns the status and the body.
    pub fn ask(&self, method: &str, command: &str) -> (u16, String) {
        self.try_ask(method, command).unwrap()
    }

    /// Makes a change over REST; an error is the whole answer.
    pub fn change(&self, command: &str) -> Result<(), String> {
        let answer = try_whole(self.rest, "POST", command).unwrap();
        if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(answer) }
    }

    /// Returns the body of a question.
    pub fn get(&self, command: &str) -> String {
        let (status, body) = self.ask("GET", command);
        assert_eq!(status, 200, "{command}: {body}");
        body
    }

    /// Asks over REST; an error when the node goes away meanwhile.
    pub fn try_ask(&self, method: &str, command: &str) -> std::io::Result<(u16, String)> {
        try_ask(self.rest, method, command)
    }

    /// Returns the whole answer to a GET of a path.
    pub fn page(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.rest).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Returns the most memory that the program has had, in megabytes.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// Returns the memory that the program has now, in kilobytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end and returns how it ended and how long it took.
    pub fn wait(&mut self) -> (ExitStatus, Duration) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, started.elapsed());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the program does not end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a REST server.
pub fn try_ask(rest: SocketAddr, method: &str, command: &str) -> std::io::Result<(u16, String)> {
    let answer = try_whole(rest, method, command)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or(std::io::ErrorKind::InvalidData)?;
    Ok((status, body.to_owned()))
}

/// Asks a REST server and returns the whole answer: the head has the detail of an error.
fn try_whole(rest: SocketAddr, method: &str, command: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(rest)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} / HTTP/1.1\r\nHost: x\r\nUser-Agent: AnyLog/1.23\r\ncommand: {command}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Reads an address of the log and turns "all addresses" into loopback.
fn loopback(value: &Value) -> SocketAddr {
    let address: SocketAddr = value.as_str().unwrap().parse().unwrap();
    SocketAddr::from(([127, 0, 0, 1], address.port()))
}
