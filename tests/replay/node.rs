//! The node under test: the built program in its scratch directory, driven through pipes and REST.

use super::masks;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Home of the node inside the namespace.
pub const HOME: &str = "/app";

const BOOT: Duration = Duration::from_secs(40);
const STEP: Duration = Duration::from_millis(4);

/// Silence that ends an answer nobody knows beforehand.
const QUIET: Duration = Duration::from_millis(30);

/// Time that a known answer gets to become complete.
const SLACK: Duration = Duration::from_millis(2500);

#[derive(Default)]
struct Heard {
    text: Vec<u8>,
    ended: bool,
}

/// A running node.
pub struct Node {
    child: Child,
    input: Option<ChildStdin>,
    heard: Arc<Mutex<Heard>>,
    rest: u16,
}

/// One REST answer.
pub struct Answer {
    pub status: u64,
    pub content_type: String,
    pub body: String,
}

impl Node {
    /// Starts the program in an emptied home and waits until it answers.
    pub fn start(document: &Value) -> Self {
        clear(Path::new(HOME));
        let init: Vec<String> = lines(&document["node"]["init.al"]);
        put("init.al", &init);
        let mut environment = document["env"].clone();
        for (key, value) in [("ANYLOG_PATH", HOME), ("EDGELAKE_HOME", HOME)] {
            if environment.get(key).is_none() {
                environment[key] = value.into();
            }
        }
        let mut node = Self::process("init.al", &environment);
        node.rest = if init.join(" ").contains("32149") { 32149 } else { 32049 };
        node.wait_for_rest();
        node.until(None, Duration::from_secs(1), Duration::from_secs(10));
        node
    }

    /// Starts the program with a script in the home as it is.
    pub fn process(script: &str, environment: &Value) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anylog-master"));
        command.args(["process", script]).current_dir(HOME).env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default()).env("HOME", "/root").env("LANG", "C.UTF-8");
        // The recorded nodes write their prompt whoever is there.
        command.env("CONSOLE_OUTPUT", "always");
        for (key, value) in environment.as_object().into_iter().flatten() {
            command.env(key, value.as_str().unwrap_or_default());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let heard = Arc::<Mutex<Heard>>::default();
        listen(child.stdout.take().unwrap(), Arc::clone(&heard));
        let input = child.stdin.take();
        Self { child, input, heard, rest: 32049 }
    }

    /// Waits until the console shows a text and then rests for a while; false when it never comes.
    pub fn shows(&mut self, text: &str, quiet: Duration) -> bool {
        let end = Instant::now() + BOOT;
        while !self.text().contains(text) {
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(STEP);
        }
        self.until(None, quiet, Duration::from_secs(10))
    }

    fn wait_for_rest(&mut self) {
        let end = Instant::now() + BOOT;
        while self.dictionary().is_none() {
            assert!(Instant::now() < end && self.is_alive(), "no REST answer at the start; console: {:?}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Tells whether the program still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Forgets what was heard.
    pub fn forget(&self) {
        self.heard.lock().unwrap().text.clear();
    }

    /// Returns what was heard since the last command, with changing text named.
    pub fn text(&self) -> String {
        masks::masked(&String::from_utf8_lossy(&self.heard.lock().unwrap().text))
    }

    /// Types a line and waits for the prompt; with a test of the text also for that, for a while.
    pub fn type_line(&mut self, line: &str, wanted: Option<&dyn Fn(&str) -> bool>) -> bool {
        self.forget();
        let Some(input) = self.input.as_mut() else { return false };
        let line = if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") };
        if input.write_all(line.as_bytes()).and_then(|()| input.flush()).is_err() {
            return false;
        }
        let quiet = if wanted.is_some() { QUIET } else { QUIET * 2 };
        self.until(wanted, quiet, Duration::from_secs(20))
    }

    /// Waits a moment for what the console still says of a case that is not compared, so that the next one does not begin with it.
    pub fn rests(&mut self) {
        self.until(None, QUIET, Duration::from_millis(500));
    }

    fn until(&mut self, wanted: Option<&dyn Fn(&str) -> bool>, quiet: Duration, limit: Duration) -> bool {
        let start = Instant::now();
        let (mut last, mut length) = (start, usize::MAX);
        loop {
            let (now_length, ended) = {
                let heard = self.heard.lock().unwrap();
                (heard.text.len(), heard.ended)
            };
            let now = Instant::now();
            if now_length != length {
                (length, last) = (now_length, now);
            } else if now - last > quiet {
                let text = self.text();
                let satisfied = wanted.is_none_or(|wanted| wanted(&text)) || now - last > SLACK;
                if satisfied && masks::ends_with_prompt(&text) {
                    return true;
                }
                if ended {
                    return false;
                }
            }
            if now - start > limit {
                return false;
            }
            std::thread::sleep(STEP);
        }
    }

    /// Sends one request and reads the whole answer.
    pub fn http(&self, method: &str, command: Option<&str>, more: &Value, body: Option<&str>) -> Option<Answer> {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        headers.insert("Host".into(), format!("127.0.0.1:{}", self.rest));
        headers.insert("User-Agent".into(), "AnyLog/1.23".into());
        headers.insert("Connection".into(), "close".into());
        if let Some(command) = command {
            headers.insert("command".into(), command.into());
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            headers.insert(name.clone(), value.as_str().unwrap_or_default().into());
        }
        if body.is_some() || method == "POST" {
            headers.insert("Content-Length".into(), body.unwrap_or_default().len().to_string());
        }
        let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let mut stream = TcpStream::connect(("127.0.0.1", self.rest)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(40))).ok()?;
        let request = format!("{method} / HTTP/1.1\r\n{head}\r\n{}", body.unwrap_or_default());
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        parse(&String::from_utf8_lossy(&answer))
    }

    /// Returns the node's variables.
    pub fn dictionary(&self) -> Option<BTreeMap<String, String>> {
        let answer = self.http("GET", Some("get dictionary where format = json"), &Value::Null, None)?;
        serde_json::from_str(&answer.body).ok()
    }

    /// Returns the texts of the error log, oldest first.
    pub fn errors(&self) -> Vec<String> {
        let answer = self.http("GET", Some("get error log where format = json"), &Value::Null, None);
        let entries: Value = answer.and_then(|a| serde_json::from_str(&a.body).ok()).unwrap_or_default();
        let texts = entries.as_array().into_iter().flatten();
        texts.map(|e| masks::masked(e["Text"].as_str().unwrap_or_default())).collect()
    }

    /// Ends the node.
    pub fn stop(mut self) {
        if let Some(mut input) = self.input.take() {
            let _ended = input.write_all(b"exit node\n");
        }
        let end = Instant::now() + Duration::from_secs(8);
        while self.is_alive() && Instant::now() < end {
            std::thread::sleep(STEP);
        }
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Writes a file below the home.
pub fn put(name: &str, lines: &[String]) {
    let path = Path::new(HOME).join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).unwrap();
    }
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Returns a list of texts.
pub fn lines(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}

/// Empties the home.
pub fn clear(home: &Path) {
    for entry in fs::read_dir(home).unwrap().flatten() {
        let path = entry.path();
        let _gone = if path.is_dir() && !path.is_symlink() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

fn listen(mut output: impl Read + Send + 'static, heard: Arc<Mutex<Heard>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 65536];
        while let Ok(read @ 1..) = output.read(&mut buffer) {
            heard.lock().unwrap().text.extend_from_slice(&buffer[..read]);
        }
        heard.lock().unwrap().ended = true;
    });
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim().to_owned()).next().unwrap_or_default()
    };
    let content_type = header("content-type").split(';').next().unwrap_or_default().trim().to_owned();
    let chunked = header("transfer-encoding").eq_ignore_ascii_case("chunked");
    let body = if chunked { joined_chunks(body) } else { body.to_owned() };
    Some(Answer { status, content_type, body })
}

fn joined_chunks(body: &str) -> String {
    let (mut out, mut rest) = (String::new(), body);
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size @ 1..) = usize::from_str_radix(size, 16) else { break };
        out.push_str(after.get(..size).unwrap_or_default());
        rest = after.get(size + 2..).unwrap_or_default();
    }
    out
}
